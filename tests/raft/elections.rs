//! Raft's elections and commits take as long as theory says, within four standard errors over fixed seeds.
//!
//! Candidates are real ones: pre-vote is off, since whoever loses a pre-vote raises no term.

use synod::log::Machine;
use synod::net::{Fabric, Law, Link, Topology};
use synod::protocol::common::kv::Store;
use synod::protocol::raft::{Config, Observation, Raft};
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::{
    Damage, Duration, Event, EventTime, Flow, Limits, NodeId, Observer, Setup, Simulation, Streams, Time,
};
use synod::testing::assert_mean;

/// E.
const TIMEOUT: Duration = Duration::from_millis(1_000);

/// When replicas stand, when somebody is elected, and when a leader appends and commits.
#[derive(Default)]
struct Timeline {
    stood: Vec<Time>,
    elected: Option<(Time, u64)>,
    appended: Option<Time>,
    committed: Option<Time>,
    /// Ends the run at the first commit rather than at the first election.
    awaits_commit: bool,
}

impl Observer<Raft> for Timeline {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Raft>) -> Flow {
        let Event::Observed { observation, .. } = *event else { return Flow::Continue };
        match *observation {
            Observation::Campaigned { .. } => self.stood.push(moment.at),
            Observation::Elected { term, .. } => {
                self.elected = Some((moment.at, term));
                if !self.awaits_commit {
                    return Flow::Done;
                }
            }
            Observation::Appended { .. } if self.elected.is_some() => {
                self.appended.get_or_insert(moment.at);
            }
            Observation::Committed { .. } => {
                self.committed = Some(moment.at);
                return Flow::Done;
            }
            _ => {}
        }
        Flow::Continue
    }
}

/// A run of `n` replicas over links of `law`, in which nobody asks for anything. If `is_orphaned`, one of them is down
/// and the others have just started, as when a leader has crashed that all have just heard, and it ends with an
/// election; otherwise it ends with a commit.
fn run(n: u32, law: Law, seed: u64, is_orphaned: bool) -> Timeline {
    let config = Config {
        election_timeout: TIMEOUT,
        heartbeat_interval: Duration::from_millis(100),
        pre_vote: false,
        ..Config::new(n, Machine::new(Store::default()), None)
    };
    let (streams, nodes) = (Streams::new(seed), config.nodes());
    let layout = Topology::FullMesh.build(nodes as u32, &streams).expect("a mesh of any size");
    let network = Fabric::new(layout, vec![Link::new(law)], &streams);
    let mut setup = Setup::<Raft>::new(config, nodes, streams, network);
    if is_orphaned {
        let crash = Intervention::Crash {
            id: 0,
            node: NodeId(n - 1).into(),
            damage: Damage::None,
            in_flight: InFlight::Deliver,
        };
        setup.interventions.push((Time::ZERO, crash));
    }
    setup.limits = Limits { horizon: Time::ZERO + Duration::from_secs(60), ..Limits::default() };
    let mut run = Simulation::new(setup, Timeline { awaits_commit: !is_orphaned, ..Timeline::default() });
    run.run();
    run.into_observer()
}

/// In units of `unit`.
fn ratio(span: Duration, unit: Duration) -> f64 {
    span.as_nanos() as f64 / unit.as_nanos() as f64
}

fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let ways = (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product::<f64>();
    let power = |base: f64, times: u32| (0..times).map(|_| base).product::<f64>();
    ways * power(p, k) * power(1.0 - p, n - k)
}

/// `hits` of `runs` are as likely as `p`. The tolerance is four standard errors of a binomial, and four hits where
/// next to none are due.
fn assert_share(what: &str, hits: u32, runs: u32, p: f64) {
    let (share, runs) = (f64::from(hits) / f64::from(runs), f64::from(runs));
    let tolerance = 4.0 * (p * (1.0 - p) / runs).sqrt() + 4.0 / runs;
    assert!((share - p).abs() < tolerance, "{what}: {share:.4}, not {p:.4} within {tolerance:.4}");
}

/// The least of n − 1 draws from [E, 2E) is E(1 + 1/n) on average.
#[test]
fn the_first_timeout_comes_when_theory_says() {
    for n in [3, 5, 7, 9] {
        let first = |seed| {
            ratio(
                run(n, Law::constant(Duration::from_millis(1)), seed, true).stood[0].since(Time::ZERO),
                TIMEOUT,
            )
        };
        assert_mean(&format!("n = {n}, in E"), (0..4_000).map(first), 1.0 + 1.0 / f64::from(n), 4.0);
    }
}

/// All logs are equal and every message takes ℓ. The gap between the two earliest of n − 1 draws is below ℓ with
/// 1 − (1 − ℓ/E)^(n − 1). A vote is split if so many stand before they hear of the first that too few are left for a
/// majority: with P(Bin(n − 1, ℓ/E) ≥ ⌊(n − 1)/2⌋).
#[test]
fn votes_split_as_often_as_theory_says() {
    const RUNS: u32 = 4_000;
    for n in [3, 5, 9] {
        for share in [0.02, 0.05, 0.1, 0.2] {
            let delay = Duration::from_nanos((share * TIMEOUT.as_nanos() as f64) as u64);
            let outcomes: Vec<Timeline> =
                (0..u64::from(RUNS)).map(|seed| run(n, Law::constant(delay), seed, true)).collect();
            let is_split = |timeline: &&Timeline| timeline.elected.is_none_or(|(_, term)| term > 1);
            let is_close = |timeline: &&Timeline| {
                timeline.stood.get(1).is_some_and(|second| second.since(timeline.stood[0]) < delay)
            };
            let close = outcomes.iter().filter(is_close).count() as u32;
            assert_share(
                &format!("n = {n}, l = {share} E, close"),
                close,
                RUNS,
                1.0 - binomial(n - 1, 0, share),
            );
            let split = outcomes.iter().filter(is_split).count() as u32;
            let theory = (((n - 1) / 2)..n).map(|k| binomial(n - 1, k, share)).sum();
            assert_share(&format!("n = {n}, l = {share} E, split"), split, RUNS, theory);
        }
    }
}

/// A leader has committed its first entry when the (n/2)-th of n − 1 acknowledgements is in, each an Exp(1) there and
/// an Exp(1) back.
#[test]
fn a_commit_takes_what_theory_says() {
    let unit = Duration::from_millis(5);
    for (n, theory) in [(3, 1.2500), (5, 1.4378), (9, 1.5508)] {
        let law = Law::exponential(unit, Duration::ZERO).expect("a mean");
        let latency = |seed| {
            let timeline = run(n, law.clone(), seed, false);
            let (appended, committed) = timeline.appended.zip(timeline.committed).expect("it commits");
            ratio(committed.since(appended), unit)
        };
        assert_mean(&format!("n = {n}"), (0..6_000).map(latency), theory, 4.0);
    }
}
