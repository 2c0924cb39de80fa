//! The digests of known runs, all in one place. A digest that changes says that the same scenario and seed no longer
//! do the same: CONTRIBUTING.md says when that may be. CI compares them in debug and in release builds.

use std::path::Path;
use synod::scenario::Document;

const GOLDEN: &[(&str, u64, &str)] = &[
    ("quickstart", 1, "0ac4472ab4d4c2d70a1c7809dbf15f0e"),
    ("quickstart", 2, "02365c0dcf8fce85c23106c2dd911c78"),
    ("pbft/fault_free_4", 1, "7a92fa9d09fb59c069e5ebaa4e3a1331"),
    ("pbft/fault_free_100", 1, "261a7d77429cc869579d26cb3c78cca3"),
    ("pbft/constant_delay", 1, "eeaa75f2522c3c69fd558a016f283f41"),
    ("pbft/constant_delay_client", 1, "c4724b7a50d1bd1c48d9513ca41dc3d1"),
    ("pbft/silent_primary", 1, "9578659c71e3c4f5b5ffd27fdb818c6f"),
    ("pbft/crash_restart", 1, "cb6829751efae09bdabd8120b12648fd"),
    ("pbft/loss_5_percent", 1, "9f54e99ae6acb1853b3da9ef1ef2f1ab"),
    ("pbft/partition_heals", 1, "8c8755383426b325185e26c7975e2fdd"),
    ("pbft/wan_five_regions", 1, "3781f0f60ab2ef7bfe274762595c1572"),
    ("pbft/open_loop", 1, "7df8a3f0a4d3e359d436e1378013c938"),
    ("pbft/queueing", 1, "9c405d4d7e2caeefa69d8c2bef1e4457"),
    ("pbft/authenticators", 1, "dddc9b63b2a92884268db24873f12403"),
    ("pbft/ed25519", 1, "f3c88ab62da805d5253bd2c63af354b8"),
    ("raft/fault_free_5", 1, "4868cba9cdcc37a4532e2b55f09b79f5"),
    ("raft/leader_crash", 1, "c969ca57e4641aff970e806d1b794d74"),
    ("raft/rolling_restarts", 1, "f717c1e4fb657a2c2be1eb032f7b8ec6"),
    ("raft/membership_under_fire", 1, "aac9a01be2d398b4c445c4776b9b8a83"),
    ("raft/lease_beyond_drift", 1, "4e6d238a9e12d04f8044a51635bf4618"),
    ("raft/partition_intermittent", 1, "8bccfcd70d19aec4119d8ebb35254d99"),
    ("hierarchical/fault_free_26", 1, "c1646b9423424f916b1520e40cd6516b"),
    ("hierarchical/representative_crash", 1, "71543ffc8c718d51b0e8338b0ed8d0f7"),
    ("hierarchical/root_crash", 1, "4705b95311f936dbda039e13e4bf5c46"),
    ("hierarchical/attack_invalid_signatures", 1, "97cb064b25d368b57e628da20692e239"),
    ("hierarchical/attack_omission", 1, "793c7f04eac420e4a83e384616f409c7"),
    ("hierarchical/delegated", 1, "ef22c72bae791dbb722e851f409132b1"),
    ("simple/fault_free_5", 1, "8e2d8fe465f3a1ea140dd40419c93a53"),
    ("weighted/fault_free_50", 1, "3babfcd7f4856d84a084d1bcde9a6ba0"),
    ("weighted/learning", 1, "54d0ea7a52319e3d6b3f320e8338f012"),
    ("iterative/fault_free_12", 1, "edc477c1f9e786efe4f4fd65253c083f"),
    ("iterative/value_text", 1, "1dedc2d1232026bc5a92e25f589b853d"),
    ("iterative/attack_feedback_bombing", 1, "ae18b5f7333b7a5fb9ffe10cabeb48ac"),
    ("iterative/agreement_10", 1, "6ae6bd0d4885f272eea63fa581523f54"),
    ("iterative/coordinator_replaced", 1, "25e5b4065996322d6cfde0a51ff64c4e"),
    ("iterative/coordinator_swarm", 1, "2eab7033c7b7e92e254a9d3c8f14155c"),
    ("iterative/crashes_and_loss", 1, "8015b4785fef313546a3364b4365195c"),
    ("sessions/pbft_13", 1, "3e75b1df04a87e738c9639a794e88618"),
    ("sessions/staggered_votes", 1, "1d73cbad9b50ce8d59f36a9d71501720"),
    ("pipeline/three_kinds", 1, "e5697e6cfa59c5dd916c9b759d7c6639"),
    ("pipeline/lossy", 1, "16178e3054971b0d2efeaa259fbc5665"),
    ("adaptive/torn", 1, "de670c263382b207f92254229308ab31"),
    ("adaptive/swarm", 1, "26f2e09472eca0b9f1f79b0ce421fa4a"),
    ("distributed/fault_free_200", 1, "af35c2cf6e1076ae7ffecc47e3eeab99"),
    ("distributed/crashes_100", 1, "d8ac7a267a95a592dc1509d42238c7c1"),
    ("documents/hierarchical_consensus", 1, "3a262f13ccf8291d56db942b289b38c8"),
    ("documents/adaptive_failures", 1, "457b2b3442c134653a07e8074f2c38e8"),
];

fn digest(name: &str, seed: u64) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
    let document = Document::load(&path).unwrap();
    let outcome = document.prepare(&synod::standard()).unwrap().run(seed, None).unwrap();
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

#[test]
fn wide_event_references_change_nothing() {
    for &(name, seed, _) in GOLDEN {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
        let prepared = Document::load(&path).unwrap().prepare(&synod::standard()).unwrap();
        let (narrow, wide) = (prepared.run(seed, None).unwrap(), prepared.run_wide(seed).unwrap());
        assert_eq!(
            (wide.end.digest, wide.end.events, wide.end.tally.delivered),
            (narrow.end.digest, narrow.end.events, narrow.end.tally.delivered),
            "{name}"
        );
    }
}

/// Default names of faults key random streams: under another name the same fault is another draw of chance.
#[test]
fn a_faults_name_keys_its_chances() {
    let digest = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/pbft/fault_free_4.yaml");
        let mut document = Document::load(&path).unwrap();
        document
            .set(&format!("faults=[{{bad_signature: {{agents: [3], chance: 50%, name: {name}}}}}]"))
            .unwrap();
        document.prepare(&synod::standard()).unwrap().run(1, None).unwrap().end.digest
    };
    assert_eq!(digest("bad_signature-1"), digest("bad_signature-1"));
    assert_ne!(digest("bad_signature-1"), digest("garble-1"));
}
