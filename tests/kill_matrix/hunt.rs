//! Mutation testing: a protocol's own scenarios, each under every fault model that it claims to tolerate, with every
//! mutant of the protocol or none.

use std::fs;
use std::path::{Path, PathBuf};
use synod::harness::{Outcome, Prepared};
use synod::protocol::{pbft, raft};
use synod::scenario::Document;

/// A protocol under mutation testing.
pub(crate) struct MutationTarget {
    /// Its name in scenarios, and that of its folders under `scenarios/mutation_run/` and `reports/kill_matrix/`.
    pub(crate) protocol: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// Its mutants, in the order of the table.
    pub(crate) mutants: Vec<Mutant>,
    /// The stages on which an attack is played in turn: a scenario and a number of agents.
    pub(crate) stages: &'static [(&'static str, u32)],
    /// Folders of fault models.
    folders: &'static [&'static str],
    /// Fault models there that it does not claim to bear, or that no stage can have.
    left_out: &'static [&'static str],
}

/// A known bug, by its name, and the oracle that must catch it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) oracle: &'static str,
}

/// The name of the column in which no fault model is picked.
pub(crate) const NO_ATTACK: &str = "none";

/// Every protocol with a matrix.
pub(crate) fn targets() -> Vec<MutationTarget> {
    vec![
        MutationTarget {
            protocol: "pbft",
            title: "PBFT",
            mutants: pbft::Bug::ALL
                .iter()
                .map(|bug| Mutant { name: bug.name(), oracle: bug.oracle() })
                .collect(),
            stages: &[
                ("calm_log", 4),
                ("rough_log", 4),
                ("calm_session", 4),
                ("rough_session", 5),
                ("calm_log", 5),
                ("rough_log", 5),
                ("rough_session", 4),
                ("rough_log", 7),
            ],
            folders: &["byzantine", "crash", "network", "partition", "timing"],
            left_out: &["byzantine/19_over_threshold", "crash/region"],
        },
        MutationTarget {
            protocol: "raft",
            title: "Raft",
            mutants: raft::Bug::ALL
                .iter()
                .map(|bug| Mutant { name: bug.name(), oracle: bug.oracle() })
                .collect(),
            stages: &[
                ("calm", 3),
                ("rough", 3),
                ("readers", 3),
                ("members", 5),
                ("bare", 3),
                ("stale", 3),
                ("rough", 5),
                ("removal", 3),
                ("calm", 5),
                ("readers", 5),
            ],
            folders: &["crash", "network", "partition", "timing"],
            // Who forgets what it promised is Byzantine, and Raft bears none.
            left_out: &["crash/region", "crash/restart_without_storage"],
        },
    ]
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl MutationTarget {
    /// Every fault model that it claims to tolerate, by its path under `fault_models/` without the ending, and none.
    pub(crate) fn attacks(&self) -> Vec<String> {
        let mut found = vec![NO_ATTACK.to_owned()];
        for folder in self.folders {
            let mut names: Vec<String> = fs::read_dir(root().join("fault_models").join(folder))
                .expect("fault models are in folders")
                .map(|entry| entry.expect("a folder lists its entries").path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
                .filter_map(|path| Some(format!("{folder}/{}", path.file_stem()?.to_str()?)))
                .filter(|name| !self.left_out.contains(&name.as_str()))
                .collect();
            names.sort();
            found.extend(names);
        }
        found
    }

    /// Where what was found is kept.
    pub(crate) fn report(&self) -> PathBuf {
        root().join("reports/kill_matrix").join(self.protocol)
    }

    /// A mutant, or the true protocol, under an attack.
    ///
    /// # Panics
    /// If the attack fits no stage.
    pub(crate) fn mutation_run(&self, mutant: Option<Mutant>, attack: &str) -> MutationRun {
        let prepare = |&(scenario, agents): &(&str, u32)| self.prepare(mutant, attack, scenario, agents);
        let stages: Vec<_> = self.stages.iter().map(prepare).collect();
        assert!(stages.iter().any(Option::is_some), "{attack} fits no stage of {}", self.title);
        MutationRun { stages }
    }

    fn prepare(
        &self,
        mutant: Option<Mutant>,
        attack: &str,
        scenario: &str,
        agents: u32,
    ) -> Option<Box<dyn Prepared>> {
        let folder = root().join("scenarios/hunt").join(self.protocol);
        let mut document =
            Document::load(&folder.join(scenario).with_extension("yaml")).expect("it is there");
        let mut set = |assignment: &str| document.set(assignment).expect("it can be set");
        set(&format!("agents={agents}"));
        if let Some(mutant) = mutant {
            set(&format!("protocol.{}.bug={}", self.protocol, mutant.name));
        }
        if attack != NO_ATTACK {
            let model = Path::new("../../../fault_models").join(attack).with_extension("yaml");
            set(&format!("faults=[{{model: {{file: {}{}}}}}]", model.display(), fitted(attack)));
        }
        document.prepare(&synod::standard()).ok()
    }
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

/// A mutant, or the true protocol, under an attack on every stage; a seed plays the stage that is its turn.
pub(crate) struct MutationRun {
    /// `None` where the attack makes no sense on the stage.
    stages: Vec<Option<Box<dyn Prepared>>>,
}

/// What killed a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    pub(crate) oracle: String,
    pub(crate) stage: usize,
}

impl MutationRun {
    /// The stage of `seed`: those that the attack does not fit are passed over.
    fn stage(&self, seed: u64) -> usize {
        let mut stage = seed as usize % self.stages.len();
        while self.stages[stage].is_none() {
            stage = (stage + 1) % self.stages.len();
        }
        stage
    }

    /// What an oracle, or an assertion of the protocol's own, has against the run with `seed`.
    pub(crate) fn play(&self, seed: u64) -> Option<Kill> {
        let stage = self.stage(seed);
        let scenario = self.stages[stage].as_ref().expect("the stage fits");
        // A mutant may break its own assertions, which gives it away as well: by `no_panic`.
        let oracle = violated(&scenario.run(seed, None).expect("the scenario runs"))?;
        Some(Kill { oracle, stage })
    }
}

fn violated(outcome: &Outcome) -> Option<String> {
    outcome.violations.first().map(|violation| violation.oracle.to_owned())
}
