//! The digests of known runs, all in one place. A digest that changes says that the same scenario and seed no longer
//! do the same: CONTRIBUTING.md says when that may be. CI compares them in debug and in release builds.

use std::path::Path;
use synod::scenario::Document;

const GOLDEN: &[(&str, u64, &str)] = &[
    ("quickstart", 1, "bb314bd06a14efab5a86635ea965bf6c"),
    ("quickstart", 2, "bcad87a64b76df75936db66dbcd33e70"),
    ("pbft/fault_free_4", 1, "c2633f15922818c3c0e814d04d6d6096"),
    ("pbft/fault_free_100", 1, "e90a956e4eea7e75160b7a75495ecc8b"),
    ("pbft/constant_delay", 1, "dffb364dc2ab03bf270cbafc6aa83beb"),
    ("pbft/constant_delay_client", 1, "55a058cfd13b3aa3dadf994b0e08b724"),
    ("pbft/silent_primary", 1, "948ccd4bcf7ac87696f4582a01a7330e"),
    ("pbft/crash_restart", 1, "dc34be3927c75b534fd510842ae67954"),
    ("pbft/loss_5_percent", 1, "3c6c1221dc97a692f9fec4d34d791a3e"),
    ("pbft/partition_heals", 1, "9c4d18447104524b5c56fc183b849e6a"),
    ("pbft/wan_five_regions", 1, "56da3340c9db91f712b22fb85766094d"),
    ("pbft/open_loop", 1, "0bc6ab9d502fcca2e596887fb4801a50"),
    ("pbft/queueing", 1, "5cfb1bfaae2f6ad508af9485a5f63e51"),
    ("pbft/authenticators", 1, "2f96d473a155262698d42d32d60b8b1f"),
    ("pbft/ed25519", 1, "0bb09fff105d8392caa677945ab8db31"),
    ("raft/fault_free_5", 1, "6313f4e44191eaba57c01b54e2f029f1"),
    ("raft/leader_crash", 1, "0219802bbd122d2507c62f9be1af705a"),
    ("raft/rolling_restarts", 1, "e13571cbf9fae3e93023337544834868"),
    ("raft/membership_under_fire", 1, "cd6fd38512ef29a2c23fa52f56617d4d"),
    ("raft/lease_beyond_drift", 1, "8bf1c349e893260b28d634e8ee48ab77"),
    ("raft/partition_intermittent", 1, "45f2f1290971a6900b7a0375508af3a2"),
    ("hierarchical/fault_free_26", 1, "4d820e770d278b0d6d0733c374f1eff3"),
    ("hierarchical/representative_crash", 1, "2d73e237f65590817768cd0e90136a2b"),
    ("hierarchical/root_crash", 1, "c938be74117895e6591e20d6d5862eb1"),
    ("hierarchical/attack_invalid_signatures", 1, "1e983a1c8608733272b25d1946ff0ee2"),
    ("hierarchical/attack_omission", 1, "b923df938b571d49ec172d15446aecc5"),
    ("hierarchical/delegated", 1, "f817ef4315da5c2b141cd83dbb4b48e9"),
    ("simple/fault_free_5", 1, "fddb2ae177469ac74f072795411c77e4"),
    ("weighted/fault_free_50", 1, "d9cb7f4101804353186436b90daff4b6"),
    ("weighted/learning", 1, "b2edb5e252d6c140d1024fc152708974"),
    ("iterative/fault_free_12", 1, "d615031316693a3a5ff05b4aac82e361"),
    ("iterative/value_text", 1, "c6217cd52168a2db3725189899620e1c"),
    ("iterative/attack_feedback_bombing", 1, "65e0272f2fb9039ed3b2fdabba0bcdfa"),
    ("iterative/agreement_10", 1, "162fce256bcac19ac8afc22d04c7b145"),
    ("iterative/coordinator_replaced", 1, "5692ea75723cecf72b308ec5a43cfe09"),
    ("iterative/coordinator_swarm", 1, "5cd3bda5032ef3c3f7e446730a59c5f2"),
    ("iterative/crashes_and_loss", 1, "5992a16fb7c788104ff981365d87d384"),
    ("sessions/pbft_13", 1, "bb6c71469ddfcef62de6ac1b13c27556"),
    ("sessions/staggered_votes", 1, "4cd749cc002c057684eac86c1e609191"),
    ("pipeline/three_kinds", 1, "c3ec634559de2a2eb06e915d0f3c9166"),
    ("pipeline/lossy", 1, "d5441d2592e94efe8f90d4ace51ecdf1"),
    ("adaptive/torn", 1, "caaa72167ac7280a4a0e772b318b2acf"),
    ("adaptive/swarm", 1, "012a582ef425e2c4e7367b73f8243165"),
    ("distributed/fault_free_200", 1, "524cd0b51122206e6bd8d8bededb3992"),
    ("distributed/crashes_100", 1, "809b197951385652c02d8955cfbfab22"),
    ("auction/second_price_s1", 1, "231b18b8de58bfd9dfae795940087f4a"),
    ("auction/auctioneer_crash", 1, "eebb635cf218176de90eaa4d20c72000"),
    ("documents/hierarchical_consensus", 1, "57268708099290ac17c004f5694dafbb"),
    ("documents/adaptive_failures", 1, "931f02d5c329e89c59546aab74c0cc1e"),
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
