//! The digests of known runs, all in one place. A digest that changes says that the same scenario and seed no longer
//! do the same: CONTRIBUTING.md says when that may be. CI compares them in debug and in release builds.

use std::path::Path;
use synod::campaign::Registry;
use synod::scenario::Document;

const GOLDEN: &[(&str, u64, &str)] = &[
    ("quickstart", 1, "a1ab2b5bda9824086e4facb21157fd2f"),
    ("quickstart", 2, "d8d364090711e83f1e62db8450d20530"),
    ("pbft/fault_free_4", 1, "50427cb85b9340878703ce9058e0fae8"),
    ("pbft/fault_free_100", 1, "2b325dfed387c6fec42d8c17001f3b33"),
    ("pbft/constant_delay", 1, "386cc7eb3e9c0121e5fcbdb883826e7d"),
    ("pbft/constant_delay_client", 1, "9cd04d0a0e5bba948b64b2681c4d2e4f"),
    ("pbft/silent_primary", 1, "b8eae20be24ebf1b577d1746413b0637"),
    ("pbft/crash_restart", 1, "28ed5fed69d2fa71b2888c7a40549926"),
    ("pbft/loss_5_percent", 1, "8a3a09debbf7804bf468df516ea4e484"),
    ("pbft/partition_heals", 1, "e2b59364eaa66088a9f0e0ac778d766b"),
    ("pbft/wan_five_regions", 1, "dcdabc7162daa208c51385f6d7a75108"),
    ("pbft/open_loop", 1, "ce99f8cf66c3d82f5107258e92ecda92"),
    ("pbft/queueing", 1, "84816bb9ed8962e0ddbe127368bd0de9"),
    ("pbft/authenticators", 1, "7ea1767fdee647224a2ad02da8cec8ff"),
    ("pbft/ed25519", 1, "f9eeba50acbeaaa250c037ea950be6ac"),
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
