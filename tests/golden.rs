//! The digests of known runs, all in one place. A digest that changes says that the same scenario and seed no longer
//! do the same: CONTRIBUTING.md says when that may be. CI compares them in debug and in release builds.

use std::path::Path;
use synod::campaign::Registry;
use synod::scenario::Document;

const GOLDEN: &[(&str, u64, &str)] = &[
    ("quickstart", 1, "bff7bc4be3d43177a0a94973e25ccfea"),
    ("quickstart", 2, "753070f2b0c890f8a6d31e134ed80427"),
    ("pbft/fault_free_4", 1, "bd63cb33bb35b0abb403f7a9aeb88a96"),
    ("pbft/fault_free_100", 1, "fb0390992b20e7202c4540353d12f645"),
    ("pbft/constant_delay", 1, "e57d0cd631fcef9408ba8854c00a84bf"),
    ("pbft/constant_delay_client", 1, "069023e943ac53eeb98f07993aaf4b41"),
    ("pbft/silent_primary", 1, "2350fa42b0a0bf50167ab8ef2a36cdfc"),
    ("pbft/crash_restart", 1, "ca6c3261dd3266b5284e99d9a37ba614"),
    ("pbft/loss_5_percent", 1, "facdbc5095fd700782e35610bb9bccef"),
    ("pbft/partition_heals", 1, "b6d7b4fc85b35cdd3c35f173b62d42fd"),
    ("pbft/wan_five_regions", 1, "3e20939545ccfce632b734a48807126e"),
    ("pbft/open_loop", 1, "29246f887f1f4fc22622adac7dad16db"),
    ("pbft/queueing", 1, "926dcb7deeee2abb17e72fad25226089"),
    ("pbft/authenticators", 1, "85dd7303c8b26fc2bae6743f1743c8db"),
    ("pbft/ed25519", 1, "63236cd5e38df657245833efaa5d429a"),
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
