//! What theory says of juries, and real runs show: how often groups are right, what weights, correlated errors, liars
//! and thresholds make of it, how many votes it takes to be sure, and what it costs in messages.
//!
//! Every value is that of an independent calculation, and every run within four standard errors of it.

use std::cell::RefCell;
use std::rc::Rc;
use synod::protocol::common::opinion::{Opinions, Poll};
use synod::protocol::common::profile::{PastRecord, Profile, Traits};
use synod::protocol::hierarchical::{self, Health, Hierarchical, Mode, Shape, Tree};
use synod::protocol::vote::expertise::{Memory, Scale};
use synod::protocol::vote::weighted::{
    Config, DecisionRule, Observation, Outcome, Schedule, Source, Weighted,
};
use synod::sim::network::ConstantDelay;
use synod::sim::{
    Duration, Event, EventTime, Flow, Limits, NodeId, Observer, Protocol, Setup, Simulation, Streams, Time,
};
use synod::testing::assert_share;

/// A group of this size, right this often.
fn group(group: u32, size: u32, competence_ppm: u32) -> Vec<Profile> {
    // 100 tasks by Laplace's rule.
    let record = PastRecord::Tasks { correct: competence_ppm / 10_000 - 1, total: 98 };
    let member = Profile::of(Traits { competence_ppm, record, ..Traits::default() });
    (0..size).map(|place| Profile { group, place, ..member.clone() }).collect()
}

/// What is asked of a jury.
#[derive(Clone)]
struct Jury {
    agents: Vec<Profile>,
    decision_rule: DecisionRule,
    source: Source,
    options: u64,
    sessions: u64,
}

fn jury(agents: Vec<Profile>, decision_rule: DecisionRule) -> Jury {
    Jury { agents, decision_rule, source: Source::Equal, options: 2, sessions: 1_500 }
}

/// What came of its sessions.
#[derive(Default)]
struct Findings {
    right: u64,
    votes: Vec<f64>,
}

struct Clerk {
    polls: Rc<[Poll]>,
    findings: Rc<RefCell<Findings>>,
}

impl Clerk {
    fn note(&mut self, claim: &Observation) -> Flow {
        if let Observation::Closed { session, outcome, votes, .. } = claim {
            let mut findings = self.findings.borrow_mut();
            let truth = self.polls[*session as usize].truth;
            findings.right += u64::from(*outcome == Outcome::Decided(truth));
            findings.votes.push(f64::from(*votes));
        }
        Flow::Continue
    }
}

impl Observer<Weighted> for Clerk {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Flow {
        match event {
            Event::Observed { observation, .. } => self.note(observation),
            _ => Flow::Continue,
        }
    }
}

impl Observer<Hierarchical> for Clerk {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Hierarchical>) -> Flow {
        match event {
            Event::Observed { observation: hierarchical::Observation::FlatVote(claim), .. } => {
                self.note(claim)
            }
            _ => Flow::Continue,
        }
    }
}

/// What a jury decides by, and on what.
fn config(jury: &Jury) -> Config {
    let streams = Streams::new(11);
    let opinions = Opinions::new(&streams, &jury.agents, jury.options);
    let polls: Rc<[Poll]> = (0..jury.sessions).map(|session| opinions.poll(session)).collect();
    let deadline = Duration::from_secs(1);
    let schedule =
        Schedule { sessions: jury.sessions, first: Duration::ZERO, every: deadline.saturating_mul(2) };
    let config = Config {
        decision_rule: jury.decision_rule,
        schedule,
        ..Config::new(jury.agents.clone(), polls, jury.options)
    };
    config.weighed(jury.source, None)
}

/// Lets a jury decide.
fn hold(jury: Jury) -> Findings {
    let config = config(&jury);
    run::<Weighted>(jury, Rc::clone(&config.polls), config)
}

/// Lets a jury decide in clusters of five, each of which has one voice among five.
fn hold_delegated(jury: Jury) -> Findings {
    let vote = config(&jury);
    let polls = Rc::clone(&vote.polls);
    let order = (0..jury.agents.len() as u32).map(NodeId).collect();
    let shape = Shape { branching: 5, max_levels: None };
    let tree = Tree::new(order, shape, |_| Health { is_healthy: true, score: 0 });
    let config = hierarchical::Config { mode: Mode::Delegated, ..hierarchical::Config::new(vote, tree) };
    run::<Hierarchical>(jury, polls, config)
}

fn run<P: Protocol>(jury: Jury, polls: Rc<[Poll]>, config: P::Config) -> Findings
where
    Clerk: Observer<P>,
{
    let nodes = jury.agents.len();
    let delay = ConstantDelay(Duration::from_millis(5));
    let mut setup = Setup::<P>::new(config, nodes, Streams::new(11), delay);
    let horizon = Time::ZERO + Duration::from_secs(2 * (jury.sessions + 1));
    setup.limits = Limits { horizon, ..Limits::default() };
    let findings = Rc::new(RefCell::new(Findings::default()));
    let mut run = Simulation::new(setup, Clerk { polls, findings: Rc::clone(&findings) });
    let end = run.run();
    assert_eq!(
        end.tally.sent(),
        3 * (nodes as u64 - 1) * jury.sessions,
        "3(n - 1) messages, session for session"
    );
    assert_eq!(end.tally.upkeep(), 0);
    drop(run);
    let findings = Rc::into_inner(findings).expect("the run is over").into_inner();
    assert_eq!(findings.votes.len() as u64, jury.sessions);
    findings
}

/// Holds how often `jury` is right against `expected`, which is rounded to `digits`.
fn check(what: &str, jury: Jury, expected: f64, digits: i32) {
    check_found(what, &hold(jury), expected, digits);
}

/// Holds how often sessions came to what is right against `expected`, which is rounded to `digits`.
fn check_found(what: &str, findings: &Findings, expected: f64, digits: i32) {
    let sessions = findings.votes.len() as f64;
    let found = findings.right as f64 / sessions;
    let error = (expected * (1.0 - expected) / sessions).sqrt();
    let rounding = 0.5 * libm::pow(10.0, f64::from(-digits));
    assert!(
        (found - expected).abs() <= 4.0 * error + rounding,
        "{what}: {found}, and theory says {expected}"
    );
}

#[test]
fn the_more_the_better() {
    let sizes = [3, 5, 7, 9, 11, 15, 25, 51];
    let table = [
        (510_000, [0.51500, 0.51875, 0.52187, 0.52460, 0.52705, 0.53139, 0.54023, 0.55707]),
        (600_000, [0.64800, 0.68256, 0.71021, 0.73343, 0.75350, 0.78690, 0.84623, 0.92647]),
        (700_000, [0.78400, 0.83692, 0.87396, 0.90119, 0.92178, 0.94999, 0.98253, 0.99864]),
        (800_000, [0.89600, 0.94208, 0.96666, 0.98042, 0.98835, 0.99576, 0.99963, 1.0000]),
    ];
    for (competence, row) in table {
        for (size, expected) in sizes.into_iter().zip(row) {
            let what = format!("{size} voters of {competence} ppm");
            check(&what, jury(group(0, size, competence), DecisionRule::Majority), expected, 4);
        }
    }
    for (size, expected) in
        [(3, 0.97200), (5, 0.99144), (7, 0.99727), (9, 0.99911), (11, 0.99970), (15, 0.99997)]
    {
        check(
            &format!("{size} voters of 90%"),
            jury(group(0, size, 900_000), DecisionRule::Majority),
            expected,
            5,
        );
    }
}

#[test]
fn the_best_weights_are_log_odds() {
    let log_odds =
        Source::Earned { scale: Scale::LogOdds { floor: 10_000_000 }, memory: Memory::WHOLE, learns: false };
    let legacy = Source::Earned { scale: Scale::Legacy, memory: Memory::WHOLE, learns: false };
    let cases = [
        ((1, 900_000), (2, 600_000), [0.79200, 0.9, 0.90000, 0.90000]),
        ((2, 900_000), (3, 600_000), [0.87696, 0.9, 0.92664, 0.92664]),
        ((1, 950_000), (4, 700_000), [0.90307, 0.95, 0.95431, 0.90307]),
    ];
    for ((experts, high), (others, low), [equal, best, odds, scaled]) in cases {
        let mut agents = group(0, experts, high);
        agents.extend(group(1, others, low));
        for (name, agents, source, expected) in [
            ("simple majority", agents.clone(), Source::Equal, equal),
            ("the best alone", agents[..1].to_vec(), Source::Equal, best),
            ("log-odds", agents.clone(), log_odds, odds),
            ("the legacy scale", agents.clone(), legacy, scaled),
        ] {
            let jury = Jury { source, sessions: 4_000, ..jury(agents, DecisionRule::Plurality) };
            check(&format!("{experts} of {high} and {others} of {low}: {name}"), jury, expected, 5);
        }
    }
}

#[test]
fn errors_that_go_together_are_worth_fewer_voters() {
    let rhos = [0, 100_000, 200_000, 500_000];
    for (size, row) in [(13, [0.9376, 0.8448, 0.7926, 0.7238]), (25, [0.9825, 0.8678, 0.8038, 0.7256])] {
        for (correlation_ppm, expected) in rhos.into_iter().zip(row) {
            let agents = group(0, size, 700_000);
            let traits = Rc::new(Traits { correlation_ppm, ..Traits::clone(&agents[0].traits) });
            let alike = |agent| Profile { traits: Rc::clone(&traits), ..agent };
            let agents = agents.into_iter().map(alike).collect();
            check(
                &format!("{size} voters, rho {correlation_ppm} ppm"),
                jury(agents, DecisionRule::Majority),
                expected,
                4,
            );
        }
    }
}

#[test]
fn liars_are_outvoted_as_far_as_the_others_are_right() {
    for (size, liars, competence, expected) in [
        (7, 2, 900_000, 0.91854),
        (10, 3, 900_000, 0.85031),
        (13, 4, 900_000, 0.94703),
        (25, 8, 800_000, 0.75822),
    ] {
        let mut agents = group(0, size - liars, competence);
        let liar = Profile::of(Traits { competence_ppm: 0, ..Traits::default() });
        agents.extend((0..liars).map(|place| Profile { group: 1, place, ..liar.clone() }));
        check(&format!("{liars} liars of {size}"), jury(agents, DecisionRule::Majority), expected, 5);
    }
}

#[test]
fn thresholds_cost_consensus() {
    for (size, share_ppm, competence, expected) in [
        (5, 800_000, 900_000, 0.91854),
        (25, 700_000, 800_000, 0.89088),
        (25, 800_000, 800_000, 0.61669),
        (50, 800_000, 800_000, 0.58356),
        (50, 800_000, 900_000, 0.99065),
        (50, 950_000, 900_000, 0.11173),
        (50, 700_000, 700_000, 0.56918),
    ] {
        let what = format!("{size} voters of {competence} ppm, threshold {share_ppm} ppm");
        check(&what, jury(group(0, size, competence), DecisionRule::OfTotal { share_ppm }), expected, 5);
    }
}

#[test]
fn a_majority_of_majorities_is_right_less_often_than_one_of_all() {
    for (competence, expected) in [(600_000, 0.81309), (700_000, 0.96655), (800_000, 0.99822)] {
        let findings = hold_delegated(jury(group(0, 25, competence), DecisionRule::Majority));
        check_found(&format!("five clusters of five voters of {competence} ppm"), &findings, expected, 5);
    }
    let twice = DecisionRule::OfTotal { share_ppm: 700_000 };
    let findings = hold_delegated(jury(group(0, 25, 800_000), twice));
    check_found("seven tenths of clusters of seven tenths", &findings, 0.6060, 4);
}

/// Holds the mean number of votes that it takes against `expected`.
fn check_votes(what: &str, findings: &Findings, expected: f64) {
    let sessions = findings.votes.len() as f64;
    let mean = findings.votes.iter().sum::<f64>() / sessions;
    let variance =
        findings.votes.iter().map(|votes| (votes - mean) * (votes - mean)).sum::<f64>() / (sessions - 1.0);
    let error = (variance / sessions).sqrt();
    assert!(
        (mean - expected).abs() <= 4.0 * error + 5e-5,
        "{what}: {mean} votes, and theory says {expected}"
    );
}

#[test]
fn a_majority_is_sure_before_all_have_voted() {
    for (size, competence, expected) in [
        (5, 500_000, 4.1250),
        (5, 800_000, 3.6336),
        (15, 500_000, 12.8579),
        (15, 800_000, 9.9890),
        (25, 800_000, 16.2490),
    ] {
        let jury = Jury { sessions: 3_000, ..jury(group(0, size, competence), DecisionRule::Majority) };
        check_votes(&format!("{size} voters of {competence} ppm"), &hold(jury), expected);
    }
}

#[test]
fn a_threshold_is_reached_or_lost_before_all_have_voted() {
    for (size, share_ppm, competence, votes, accepted) in [
        (25, 700_000, 700_000, 21.7771, Some(0.51185)),
        (25, 700_000, 900_000, 19.9914, None),
        (50, 800_000, 900_000, 44.3829, None),
    ] {
        // Who is wrong is so in a way of its own, so that a single option can reach the threshold.
        let jury =
            Jury { options: 1_000, ..jury(group(0, size, competence), DecisionRule::OfTotal { share_ppm }) };
        let sessions = jury.sessions;
        let findings = hold(jury);
        check_votes(&format!("{size} voters of {competence} ppm"), &findings, votes);
        if let Some(accepted) = accepted {
            assert_share("the threshold is reached", findings.right, sessions, accepted, 4.0);
        }
    }
}
