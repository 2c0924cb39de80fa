//! Where mutants are hunted: scenarios, each under every fault model, with every mutant of PBFT or none.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use synod::campaign::{Outcome, Prepared, Registry};
use synod::protocol::pbft::Bug;
use synod::scenario::Document;

/// The stages on which an attack is played in turn: a scenario under `scenarios/hunt/` and a number of agents.
pub(crate) const STAGES: [(&str, u32); 8] = [
    ("calm_log", 4),
    ("rough_log", 4),
    ("calm_session", 4),
    ("rough_session", 5),
    ("calm_log", 5),
    ("rough_log", 5),
    ("rough_session", 4),
    ("rough_log", 7),
];

/// The name of the column in which no fault model is picked.
pub(crate) const NO_ATTACK: &str = "none";

/// Not to be borne, and in need of regions.
const LEFT_OUT: [&str; 2] = ["byzantine/19_over_threshold", "crash/region"];

/// Every fault model that PBFT claims to bear, by its path under `fault_models/` without the ending, and none.
pub(crate) fn attacks() -> Vec<String> {
    let mut found = vec![NO_ATTACK.to_owned()];
    for folder in ["byzantine", "crash", "network", "partition", "timing"] {
        let mut names: Vec<String> = fs::read_dir(root().join("fault_models").join(folder))
            .expect("fault models are in folders")
            .map(|entry| entry.expect("a folder lists its entries").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .filter_map(|path| Some(format!("{folder}/{}", path.file_stem()?.to_str()?)))
            .filter(|name| !LEFT_OUT.contains(&name.as_str()))
            .collect();
        names.sort();
        found.extend(names);
    }
    found
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A mutant, or the true protocol, under an attack on every stage; a seed plays the stage that is its turn.
pub(crate) struct Hunt {
    /// `None` where the attack makes no sense on the stage.
    stages: Vec<Option<Box<dyn Prepared>>>,
}

/// What gave a mutant away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    pub(crate) oracle: String,
    pub(crate) stage: usize,
}

impl Hunt {
    /// # Panics
    /// If the attack fits no stage.
    pub(crate) fn new(bug: Option<Bug>, attack: &str) -> Hunt {
        let stages: Vec<_> =
            STAGES.iter().map(|&(scenario, agents)| prepare(bug, attack, scenario, agents)).collect();
        assert!(stages.iter().any(Option::is_some), "{attack} fits no stage");
        Hunt { stages }
    }

    /// The stage of `seed`: those that the attack does not fit are passed over.
    fn stage(&self, seed: u64) -> usize {
        let mut stage = seed as usize % STAGES.len();
        while self.stages[stage].is_none() {
            stage = (stage + 1) % STAGES.len();
        }
        stage
    }

    /// What an oracle, or an assertion of the protocol's own, has against the run with `seed`.
    pub(crate) fn play(&self, seed: u64) -> Option<Kill> {
        let stage = self.stage(seed);
        let scenario = self.stages[stage].as_ref().expect("the stage fits");
        // A mutant may break its own assertions, which gives it away as well.
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| scenario.run(seed, None)));
        let oracle = match outcome {
            Err(_) => "assertion".to_owned(),
            Ok(outcome) => violated(&outcome.expect("the scenario runs"))?,
        };
        Some(Kill { oracle, stage })
    }
}

fn violated(outcome: &Outcome) -> Option<String> {
    outcome.violations.first().map(|violation| violation.oracle.to_owned())
}

fn prepare(bug: Option<Bug>, attack: &str, scenario: &str, agents: u32) -> Option<Box<dyn Prepared>> {
    let folder = root().join("scenarios/hunt");
    let mut document = Document::load(&folder.join(scenario).with_extension("yaml")).expect("it is there");
    let mut set = |assignment: &str| document.set(assignment).expect("it can be set");
    set(&format!("agents={agents}"));
    if let Some(bug) = bug {
        set(&format!("protocol.pbft.bug={}", bug.name()));
    }
    if attack != NO_ATTACK {
        let model = Path::new("../../fault_models").join(attack).with_extension("yaml");
        set(&format!("faults=[{{model: {{file: {}{}}}}}]", model.display(), fitted(attack)));
    }
    Registry::standard().prepare(document).ok()
}

/// What is to be different: the stages are short, so faults of the environment come early and go early.
fn fitted(attack: &str) -> &'static str {
    match attack {
        name if name.starts_with("byzantine/") => "",
        "crash/stop" => ", from: 100ms",
        "crash/rolling_restarts" => ", agents: 3, from: 100ms, until: 300ms, stagger: 250ms",
        _ => ", from: 100ms, until: 1500ms",
    }
}
