//! Whatever faults are laid over whatever scenario: they are refused, or the run ends as runs do.

use super::draw::{Stage, fault};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use synod::scenario::Document;

/// Every scenario of at most so many agents.
const AGENTS: u32 = 13;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("suites") {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

fn load(path: &Path) -> Document {
    let mut document = Document::load(path).unwrap();
    document.set("limits.events=20000").unwrap();
    document
}

/// The scenarios that are small, each with what its insiders can do.
fn stages() -> Vec<(PathBuf, Stage)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
    let registry = synod::standard();
    let small = found.into_iter().filter_map(|path| {
        let prepared = load(&path).prepare(&registry).unwrap();
        let attacks: &[synod::sim::Attack] = match prepared.protocol() {
            "pbft" => <synod::protocol::pbft::Pbft as synod::sim::Protocol>::ATTACKS,
            _ => &[],
        };
        let attacks = attacks.iter().map(|attack| attack.name).collect();
        let stage = Stage { agents: prepared.agents(), millis: 1_000, attacks };
        (stage.agents <= AGENTS).then_some((path, stage))
    });
    small.collect()
}

/// Lays so many draws of one to four faults over small scenarios.
fn lay_over(cases: u32, seed: u64) {
    let config =
        Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let registry = synod::standard();
    let stages = stages();
    assert!(stages.len() > 40, "{} small scenarios", stages.len());
    let drawn = (proptest::sample::select(stages), any::<bool>()).prop_flat_map(|((path, stage), more)| {
        (Just(path), proptest::collection::vec(fault(&stage), 1..=4), Just(more))
    });
    let sound = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&drawn, |(path, faults, more)| {
        let faults = faults.join(", ");
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let mut document = load(&path);
            document.set(&format!("faults=[{faults}]")).unwrap();
            document.set(&format!("allow_unsafe={more}")).unwrap();
            let Ok(prepared) = document.prepare(&registry) else { return false };
            // Another seed may strike others than its own does, which is refused too.
            prepared.run(prepared.seed() + 1, None).is_ok_and(|outcome| outcome.end.events > 0)
        }));
        match attempt {
            Ok(ran) => sound.set(sound.get() + u32::from(ran)),
            Err(_) => prop_assert!(false, "{} under [{faults}]", path.display()),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(sound.get() > cases / 4, "{} of {cases} ran", sound.get());
}

#[test]
fn any_faults_over_any_scenario_are_refused_or_run() {
    lay_over(300, 5);
}

#[test]
#[ignore = "takes minutes"]
fn many_more_faults_over_any_scenario_are_refused_or_run() {
    lay_over(5_000, 6);
}

/// Returns why `faults` are refused over four replicas.
fn refused(faults: &str) -> String {
    let mut document = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/pbft/fault_free_4.yaml"));
    document.set(&format!("faults=[{faults}]")).unwrap();
    document.prepare(&synod::standard()).err().unwrap_or_else(|| panic!("{faults} is sound")).to_string()
}

#[test]
fn what_can_be_had_once_at_a_time_is_had_once_at_a_time() {
    let twins = refused("{twins: {agents: 1, until: 1ms}}, {twins: {agents: 1, from: 5ms}}");
    assert!(twins.contains("while \"twins-1\" does, of which it can suffer one at a time"), "{twins}");
    assert!(twins.contains("twins are there for the whole run"), "{twins}");
    let model = "{model: {file: ../../fault_models/byzantine/03_equivocation.yaml}}";
    let named = "{model: {file: ../../fault_models/byzantine/03_equivocation.yaml, name: again}}";
    assert!(refused(&format!("{model}, {named}")).contains("one at a time"));
    for kind in ["pause: {", "crash: {", "slow: {by: 1ms, ", "clock: {ahead: 1ms, "] {
        let one = format!("{{{kind}agents: [0], from: 1ms, until: 9ms}}}}");
        let other = format!("{{{kind}agents: [0, 1], from: 5ms, until: 12ms}}}}");
        assert!(refused(&format!("{one}, {other}")).contains("strikes agent 0 while"), "{kind}");
    }
}
