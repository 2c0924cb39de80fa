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
    ("pbft/constant_delay_client", 1, "e9527c0d52a4d88c1526fdb9b8c20c5d"),
    ("pbft/silent_primary", 1, "b8eae20be24ebf1b577d1746413b0637"),
    ("pbft/crash_restart", 1, "62ae1546a2cb57a511267b3a3bff7bfb"),
    ("pbft/loss_5_percent", 1, "61a6745692318c3e618a01d845701579"),
    ("pbft/partition_heals", 1, "239a779feda0dfb1914cb2f186036ed2"),
    ("pbft/wan_five_regions", 1, "bacd822cbff2c98fbe218170ef68ce46"),
    ("pbft/open_loop", 1, "e39f3fe374d646cdb066960901ca9733"),
    ("pbft/queueing", 1, "88164c620463252f15052e74440d26ab"),
    ("pbft/authenticators", 1, "aad5b99bb3bd66db8ba12915a972aa14"),
    ("pbft/ed25519", 1, "7addccef94daedb86b766d6abec02ecd"),
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
