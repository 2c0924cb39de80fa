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
    ("pbft/constant_delay_client", 1, "d0daa50130945bd3740e6ec1efa7244e"),
    ("pbft/silent_primary", 1, "ffce802131c49b0d0c0a025fc2c9389c"),
    ("pbft/crash_restart", 1, "de71b4943a629735267194789e11e538"),
    ("pbft/loss_5_percent", 1, "058ed082e9bd85b66c8d4b2adb734713"),
    ("pbft/partition_heals", 1, "f0eacf3cf5be1e91fdd4ccbe31825de9"),
    ("pbft/wan_five_regions", 1, "b207496721d1e308861678a08de05bfc"),
    ("pbft/open_loop", 1, "772d0c928a65aae2611042af97152c70"),
    ("pbft/queueing", 1, "e95c0c5429e917fe6c3b9437cc598d1e"),
    ("pbft/authenticators", 1, "ac2c480c37a74daae727815a72d4196f"),
    ("pbft/ed25519", 1, "f726574916ad14bbbd126ecd60b0f7c5"),
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
