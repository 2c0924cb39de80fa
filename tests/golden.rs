//! The digests of known runs, all in one place. A digest that changes says that the same scenario and seed no longer
//! do the same: CONTRIBUTING.md says when that may be. CI compares them in debug and in release builds.

use std::path::Path;
use synod::campaign::Registry;
use synod::scenario::Document;

const GOLDEN: &[(&str, u64, &str)] = &[
    ("quickstart", 1, ""),
    ("quickstart", 2, ""),
    ("pbft/fault_free_4", 1, ""),
    ("pbft/fault_free_100", 1, ""),
    ("pbft/constant_delay", 1, ""),
    ("pbft/constant_delay_client", 1, ""),
    ("pbft/silent_primary", 1, ""),
    ("pbft/crash_restart", 1, ""),
    ("pbft/loss_5_percent", 1, ""),
    ("pbft/partition_heals", 1, ""),
    ("pbft/wan_five_regions", 1, ""),
    ("pbft/open_loop", 1, ""),
    ("pbft/queueing", 1, ""),
    ("pbft/authenticators", 1, ""),
    ("pbft/ed25519", 1, ""),
];

fn digest(name: &str, seed: u64) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
    let document = Document::load(&path).unwrap();
    let outcome = Registry::standard().prepare(document).unwrap().run(seed, None).unwrap();
    assert!(outcome.verdict.passed(), "{name}, seed {seed}");
    outcome.end.digest.to_string()
}

#[test]
fn known_runs_have_the_digests_that_they_had() {
    let now: Vec<_> = GOLDEN.iter().map(|&(name, seed, _)| (name, seed, digest(name, seed))).collect();
    let changed = now.iter().zip(GOLDEN).filter(|((.., digest), (.., golden))| digest != golden);
    let lines: Vec<_> =
        changed.map(|((name, seed, digest), _)| format!("    (\"{name}\", {seed}, \"{digest}\"),")).collect();
    assert!(lines.is_empty(), "these runs have changed; now they are\n{}", lines.join("\n"));
}
