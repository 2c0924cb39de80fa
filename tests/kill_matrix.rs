//! What the kill matrix found stays found: every recorded seed still gives its mutant away, and the true protocol bears
//! every attack. `cargo bench --bench kill_matrix` makes the matrix anew.

mod hunt;

use hunt::{Hunt, STAGES, attacks};
use std::panic;
use synod::protocol::pbft::Bug;

/// Runs of the true protocol, spread over all attacks.
const TRUE_RUNS: u64 = 2_000;

#[test]
fn every_recorded_seed_still_kills_its_mutant() {
    let path = hunt::root().join("reports/kill_matrix/kills.csv");
    let mut kills = csv::Reader::from_path(path).expect("the matrix is committed");
    panic::set_hook(Box::new(|_| {}));
    let mut wrong = Vec::new();
    let mut count = 0;
    for kill in kills.records() {
        let kill = kill.expect("the file is whole");
        let [mutant, attack, scenario, agents, seed, oracle] = [0, 1, 2, 3, 4, 5].map(|column| &kill[column]);
        let bug = Bug::ALL.iter().copied().find(|bug| bug.name() == mutant).expect("the mutant exists");
        let seed: u64 = seed.parse().expect("a seed");
        count += 1;
        match Hunt::new(Some(bug), attack).play(seed) {
            Some(found) if found.oracle == oracle => {
                assert_eq!((scenario, agents.parse()), (STAGES[found.stage].0, Ok(STAGES[found.stage].1)));
            }
            found => wrong.push(format!("{mutant} under {attack}, seed {seed}: {found:?}, not {oracle}")),
        }
    }
    drop(panic::take_hook());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 30, "{count} mutants are caught by fault models");
}

/// Where it once did not bear one: replicas that restarted did not wait for what had been proposed before.
const ONCE_BROKEN: [(&str, u64); 2] = [("byzantine/02_crash", 1371), ("crash/stop", 1371)];

#[test]
fn the_true_protocol_bears_every_attack() {
    for (attack, seed) in ONCE_BROKEN {
        assert_eq!(Hunt::new(None, attack).play(seed), None, "{attack}, seed {seed}");
    }
    let attacks = attacks();
    let each = TRUE_RUNS.div_ceil(attacks.len() as u64);
    let mut wrong = Vec::new();
    for attack in &attacks {
        let hunt = Hunt::new(None, attack);
        // Seeds that the matrix has not played.
        let seeds = 1_000_000..1_000_000 + each;
        wrong.extend(seeds.filter_map(|seed| Some(format!("{attack}, seed {seed}: {:?}", hunt.play(seed)?))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
