//! Pauses against protocols that go by clocks and leaders.

use std::path::Path;
use synod::harness::Prepared;
use synod::scenario::Document;

fn scenario(name: &str, setting: Option<&str>) -> Box<dyn Prepared> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
    let mut document = Document::load(&path).unwrap();
    setting.into_iter().for_each(|setting| document.set(setting).unwrap());
    document.prepare(&synod::standard()).unwrap()
}

#[test]
fn a_leader_that_slept_through_its_lease_answers_no_read_by_it() {
    let raft = scenario("raft/paused_leader", None);
    for seed in 0..60 {
        let outcome = raft.run(seed, None).unwrap();
        assert!(outcome.verdict.passed() && outcome.violations.is_empty(), "seed {seed}");
        assert!(outcome.metrics["raft.lease_reads"].value() > 0.0);
    }
}

#[test]
fn a_primary_that_stands_still_is_replaced_and_catches_up() {
    let pbft = scenario("pbft/paused_primary", Some("workload.requests.total=200"));
    for seed in 0..5 {
        let outcome = pbft.run(seed, None).unwrap();
        assert!(outcome.violations.is_empty() && outcome.metrics["undecided"].value() == 0.0, "seed {seed}");
        assert!(outcome.faults[0].effect.delayed > 0);
    }
}
