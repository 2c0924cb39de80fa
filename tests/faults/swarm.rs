//! Swarms: within their budget, the same again once resolved, and borne by PBFT.

use std::collections::BTreeSet;
use std::path::Path;
use synod::fault::{Fault, Plan};
use synod::harness::{Harness, Scenario, Vocabulary};
use synod::protocol::pbft::harness::{PbftHarness, PbftParams, PbftWorkload};
use synod::scenario::{Document, to_yaml};
use synod::sim::{Duration, NodeId, Protocol, Time};
use synod::units::Span;

type File = Scenario<PbftParams, PbftWorkload>;

fn text(agents: u32, swarm: &str) -> String {
    format!(
        "name: swarm\nagents: {agents}\nnetwork: {{latency: {{uniform: {{min: 1ms, max: 8ms}}}}}}\n\
         protocol: {{pbft: {{timeout: 300ms, timeout_max: 1s, checkpoint_interval: 4}}}}\n\
         workload: {{requests: {{total: 30, clients: 2, arrival: {{open: 5/s}}}}}}\n\
         horizon: 60s\nstabilize_at: 8s\nlimits: {{events: 20000000}}\nswarm: {swarm}\n"
    )
}

fn file(agents: u32, swarm: &str) -> File {
    let vocabulary = Vocabulary { metrics: &[], oracles: PbftHarness::ORACLES, marks: &[] };
    let tree = Document::parse("swarm.yaml", &text(agents, swarm)).unwrap().complete().unwrap();
    let mut file: File = Scenario::read(&tree, PbftHarness::NAME, &vocabulary).unwrap();
    file.world.fill_in_attacks(<PbftHarness as Harness>::Protocol::ATTACKS);
    file
}

fn plan(file: &File, seed: u64) -> Plan {
    file.world.plan(seed, PbftHarness::tolerance(file))
}

#[test]
fn plans_stay_within_the_budget() {
    let mut kinds = BTreeSet::new();
    for (agents, f) in [(4, 1), (7, 2)] {
        let file = file(agents, "{faults: 6, from: 1s}");
        let (mut full, mut empty) = (0, 0);
        for seed in 0..1_000 {
            let plan = plan(&file, seed);
            kinds.extend(plan.faults.iter().map(Fault::kind));
            assert!(plan.faults.len() <= 6);
            let mut faulty: BTreeSet<NodeId> = plan.corrupted();
            faulty.extend(plan.broken_for_good());
            assert!(faulty.len() <= f, "seed {seed}: {plan:?}");
            full += u32::from(faulty.len() == f);
            empty += u32::from(faulty.is_empty());
            for fault in &plan.faults {
                assert!(fault.from().0 >= Duration::from_secs(1), "seed {seed}: {fault:?}");
                let lasts = fault.until().is_none_or(|until| until.0 > Duration::from_secs(8));
                let may_last = fault.is_byzantine() || fault.name() == "swarm-crash-for-good";
                assert!(!lasts || may_last, "seed {seed}: {fault:?}");
            }
            let names: BTreeSet<&str> = plan.faults.iter().map(Fault::name).collect();
            assert_eq!(names.len(), plan.faults.len());
            assert!(plan.conflict().is_none(), "seed {seed}: {plan:?}");
        }
        assert!(full > 300 && empty > 100, "{full} full, {empty} empty");
    }
    let known = Fault::KINDS.iter().copied().filter(|&kind| kind != "insider");
    assert!(known.into_iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn waves_are_over_halfway_to_the_next_and_only_the_first_corrupts() {
    let file = file(7, "{every: 1s, faults: 100}");
    let mut waves = BTreeSet::new();
    for seed in 0..200 {
        for fault in plan(&file, seed).faults {
            let number = fault.name().split('-').nth(1).expect("swarm-NUMBER-KIND");
            let wave: u64 = number.parse().expect("a wave has a number");
            waves.insert(wave);
            let (begin, end) = (1_000 * (wave - 1), 1_000 * (wave - 1) + 500);
            let millis = |span: Span| span.0.as_nanos() / 1_000_000;
            assert!((begin..end).contains(&millis(fault.from())), "{} begins in its wave", fault.name());
            let stays = fault.is_byzantine() || fault.until().is_none();
            assert!(!stays || wave == 1, "{} stays", fault.name());
            if let Some(until) = fault.until().filter(|_| !fault.is_byzantine()) {
                assert!(millis(until) <= end, "{} is over when its wave is", fault.name());
            }
        }
    }
    assert_eq!(waves, (1..=8).collect(), "all is over at 8 s");
}

#[test]
fn each_kind_is_in_or_out_by_a_fair_coin_of_its_own() {
    let all = file(7, "{faults: 100, kinds: [loss, ring, partition, slow]}");
    let alone = file(7, "{faults: 100, kinds: [ring]}");
    let of = |plan: &Plan, kind: &str| plan.faults.iter().find(|fault| fault.kind() == kind).cloned();
    let mut count = 0;
    for seed in 0..1_000 {
        let (with, without) = (plan(&all, seed), plan(&alone, seed));
        assert_eq!(of(&with, "ring"), of(&without, "ring"), "other kinds shift nothing");
        count += u32::from(of(&with, "loss").is_some());
    }
    assert!((440..560).contains(&count), "{count} of 1000");
}

#[test]
fn a_resolved_swarm_makes_the_same_run() {
    let registry = synod::standard();
    let scenario = Document::parse("swarm.yaml", &text(4, "{}")).unwrap().prepare(&registry).unwrap();
    let file = file(4, "{}");
    for seed in [3, 8, 21, 34] {
        let world = file.world.resolved(seed, PbftHarness::tolerance(&file));
        assert!(world.swarm.is_none() && world.seed == seed);
        let resolved = File { world, ..file.clone() };
        assert_eq!(plan(&resolved, seed), plan(&file, seed));
        assert_eq!(resolved.world.resolved(seed, PbftHarness::tolerance(&file)), resolved.world);
        let tree = resolved.to_tree(PbftHarness::NAME, &resolved.world);
        let again = Document::parse("resolved.yaml", &to_yaml(&tree).unwrap()).unwrap();
        let again = again.prepare(&registry).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let digest = |outcome: synod::harness::Outcome| outcome.end.digest;
        assert_eq!(
            digest(again.run(seed, None).unwrap()),
            digest(scenario.run(seed, None).unwrap()),
            "seed {seed}"
        );
    }
}

#[test]
fn a_swarm_over_a_short_run_strikes() {
    let quickstart = |swarm: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.yaml");
        let mut document = Document::load(&path).unwrap();
        document.set(&format!("swarm={swarm}")).unwrap();
        document.prepare(&synod::standard()).unwrap()
    };
    let prepared = quickstart("{}");
    let quiet = quickstart("{kinds: [loss], until: 1ms}").run(0, None).unwrap();
    // What it measured is written down, and taken from there.
    let config = to_yaml(&prepared.config()).unwrap();
    let span = config.lines().find_map(|line| line.trim().strip_prefix("span: ")).expect("it is written");
    let span: Span = span.parse().unwrap();
    assert!(span.0 > Duration::ZERO && span.0 < Duration::from_secs(2), "{span}");
    assert!(quiet.end.at > Time::ZERO);
    assert_eq!(to_yaml(&quickstart(&format!("{{span: {span}}}")).config()).unwrap(), config);
    assert!(to_yaml(&quickstart("{span: 7s}").config()).unwrap().contains("span: 7s"));
    let mut struck = 0;
    for seed in 0..40 {
        let outcome = prepared.run(seed, None).unwrap();
        struck += u32::from(outcome.faults.iter().any(|fault| fault.effect.total() > 0));
        for fault in &outcome.faults {
            let lasts = fault.until.is_none_or(|until| until > Time::ZERO + span.0.saturating_mul(2));
            let may_last = ["crash", "silent", "twins"].contains(&fault.kind) || fault.until.is_none();
            assert!(fault.from <= Time::ZERO + span.0.saturating_mul(2), "{}", fault.name);
            assert!(!lasts || may_last, "{}", fault.name);
        }
    }
    assert!(struck > 30, "{struck} of 40");
}

/// Every oracle is content, all is decided, and what is demanded of liveness is demanded often enough to mean
/// something.
fn bears(agents: u32, seeds: std::ops::Range<u64>) {
    let document = Document::parse("swarm.yaml", &text(agents, "{}")).unwrap();
    let scenario = document.prepare(&synod::standard()).unwrap();
    let (mut live, runs) = (0, seeds.end - seeds.start);
    let mut failures = Vec::new();
    for seed in seeds {
        let outcome = scenario.run(seed, None).unwrap();
        if !outcome.violations.is_empty() || !outcome.verdict.passed() {
            let faults: Vec<&str> = outcome.faults.iter().map(|fault| fault.name.as_str()).collect();
            failures.push(format!(
                "seed {seed}, ended {} at {}: {:?} {faults:?}",
                outcome.ended(),
                outcome.end.at,
                outcome.violations.first()
            ));
        }
        live +=
            u64::from(outcome.oracles.iter().any(|report| report.name == "liveness" && report.checked > 0));
        assert!(outcome.end.at > Time::ZERO);
    }
    assert!(failures.is_empty(), "{} of {runs}:\n{}", failures.len(), failures.join("\n"));
    assert!(live * 2 > runs, "liveness was demanded in {live} of {runs}");
}

#[test]
fn four_replicas_bear_five_hundred_swarms() {
    bears(4, 0..500);
}

#[test]
fn seven_replicas_bear_five_hundred_swarms() {
    bears(7, 0..500);
}

/// Asserts that counts differ by chance alone: each is within four standard errors of its share.
fn assert_alike(what: &str, counts: &[u32]) {
    let (all, share) = (f64::from(counts.iter().sum::<u32>()), 1.0 / counts.len() as f64);
    let error = (all * share * (1.0 - share)).sqrt();
    assert!(
        counts.iter().all(|&count| (f64::from(count) - all * share).abs() < 4.0 * error),
        "{what}: {counts:?}"
    );
}

#[test]
fn a_swarm_strikes_anybody_alike() {
    let file = file(4, "{faults: 6, from: 1s}");
    let [mut corrupted, mut crashed] = [[0; 4]; 2];
    for seed in 0..2_000 {
        let plan = plan(&file, seed);
        plan.corrupted().iter().for_each(|agent| corrupted[agent.index()] += 1);
        plan.broken_for_good().iter().for_each(|agent| crashed[agent.index()] += 1);
    }
    assert_alike("corrupted", &corrupted);
    assert_alike("crashed for good", &crashed);
}

#[test]
fn an_adaptive_adversary_chooses_between_any_two_behaviours() {
    let file = file(4, "{faults: 100, kinds: [adaptive]}");
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..3_000 {
        for fault in plan(&file, seed).faults {
            let Fault::Adaptive(adaptive) = fault else { panic!("no other kind is in the swarm: {fault:?}") };
            let [first, second] = [0, 1].map(|place| adaptive.choices[place].kind());
            assert_ne!(first, second);
            *counts.entry((first, second)).or_insert(0) += 1;
        }
    }
    // Each of four may come first, and each of the three others second.
    assert_eq!(counts.len(), 12, "{counts:?}");
    assert_alike("pairs", &counts.into_values().collect::<Vec<u32>>());
}
