//! A fault of effect 0 has done nothing: the run is the same without it.

use super::draw::{Stage, fault};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::path::Path;
use synod::harness::Prepared;
use synod::scenario::Document;

/// Small scenarios, with how long a run of each takes in ms.
const STAGES: [(&str, u64); 6] = [
    ("quickstart", 300),
    ("pbft/constant_delay_client", 200),
    ("raft/fault_free_3", 1_000),
    ("simple/fault_free_5", 100),
    ("iterative/fault_free_12", 300),
    ("hierarchical/fault_free_26", 100),
];

fn scenario(name: &str, faults: &str) -> Option<Box<dyn Prepared>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
    let mut document = Document::load(&path).unwrap();
    document.set("allow_unsafe=true").unwrap();
    document.set("expect={}").unwrap();
    document.set("limits.events=60000").unwrap();
    document.set(&format!("faults=[{faults}]")).unwrap();
    document.prepare(&synod::standard()).ok()
}

/// What went into the digest, but for the marks of faults: crashes, restarts, cuts and their healing, slowness, clocks,
/// pauses and their end.
fn transcript(prepared: &dyn Prepared) -> Vec<[u64; 3]> {
    const MARKS: [u64; 8] = [6, 7, 8, 9, 14, 15, 17, 18];
    let mut run = prepared.steps(prepared.seed()).unwrap();
    let mut transcript = Vec::new();
    loop {
        let step = run.step();
        transcript.extend(step.transcript.into_iter().filter(|[_, what, _]| !MARKS.contains(&(what >> 56))));
        if step.ending.is_some() {
            return transcript;
        }
    }
}

#[test]
fn a_fault_that_did_nothing_changes_nothing() {
    let config =
        Config { cases: 400, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..Config::default() };
    let plain: Vec<Vec<[u64; 3]>> =
        STAGES.iter().map(|(name, _)| transcript(&*scenario(name, "").unwrap())).collect();
    let drawn = (0..STAGES.len()).prop_flat_map(|place| {
        let (name, millis) = STAGES[place];
        let agents = scenario(name, "").unwrap().agents();
        // Twice as long as the run, so that some faults come too late.
        (Just(place), fault(&Stage { agents, millis: 2 * millis, attacks: Vec::new() }))
    });
    let idle = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&drawn, |(place, fault)| {
        let Some(prepared) = scenario(STAGES[place].0, &fault) else { return Ok(()) };
        let outcome = prepared.run(prepared.seed(), None).unwrap();
        if outcome.faults.iter().any(|fault| fault.effect.total() > 0) {
            return Ok(());
        }
        idle.set(idle.get() + 1);
        let with = transcript(&*prepared);
        let differs = with.iter().zip(&plain[place]).position(|(one, two)| one != two);
        prop_assert_eq!(differs, None, "{} under {}", STAGES[place].0, fault);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(idle.get() > 40, "{} did nothing", idle.get());
}

#[test]
fn a_crash_counts_what_it_destroys() {
    let crash = "{crash: {agents: [0], from: 1ms, until: 2ms}}";
    let outcome = scenario("pbft/constant_delay", crash).unwrap().run(1, None).unwrap();
    let effect = outcome.faults[0].effect;
    assert!(effect.destroyed > 0 && effect.total() == effect.destroyed + effect.dropped, "{effect:?}");
    assert_eq!(outcome.idle_faults().count(), 0);
}
