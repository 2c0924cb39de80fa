//! What theory says of refinement: how fast agents come together, what it costs in messages, and how near numbers are
//! in the end. All of it exactly.

use super::{objections, prepare, run};
use std::cell::RefCell;
use std::rc::Rc;
use synod::protocol::common::opinion::Poll;
use synod::protocol::common::profile::Profile;
use synod::protocol::iterative::{
    Config, Domain, Iterative, Observation, Outcome, Scale, Success, Thresholds,
};
use synod::sim::network::ConstantDelay;
use synod::sim::{Duration, Event, EventTime, Flow, Limits, Observer, Setup, Simulation, Streams, Time};

const RANGE: i64 = 1_000_000_000;

/// What a session came to.
#[derive(Default)]
struct Findings {
    /// Round by round.
    dispersions: Vec<u32>,
    outcome: Option<(u32, Outcome)>,
}

struct Clerk(Rc<RefCell<Findings>>);

impl Observer<Iterative> for Clerk {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Flow {
        let mut findings = self.0.borrow_mut();
        match event {
            Event::Observed { observation: Observation::Selected { measures, .. }, .. } => {
                findings.dispersions.push(measures.dispersion_ppm);
            }
            Event::Observed { observation: Observation::Closed { round, outcome, .. }, .. } => {
                findings.outcome = Some((*round, *outcome));
            }
            _ => {}
        }
        Flow::Continue
    }
}

/// Two agents at the ends of the range, of whom one goes the part `pull_ppm` of the way to the other in every round,
/// until a tenth of it is left.
fn approach(pull_ppm: u32) -> Findings {
    let streams = Streams::new(3);
    let domain = Domain::Number { low: 0, high: RANGE, scale: Scale::Linear };
    let poll = Poll { truth: 0, opinions: vec![Some(0), Some(RANGE as u64)] };
    let thresholds = Thresholds {
        dispersion_ppm: 100_000,
        drift_ppm: 1_000_000,
        approval_ppm: 1_000_000,
        approves_ppm: 0,
    };
    let config = Config {
        pull_ppm,
        thresholds,
        stable_rounds: 1,
        rounds_max: 200,
        ..Config::new(domain, vec![Profile::default(); 2], vec![poll], &streams)
    };
    let config = config.apart();
    let mut setup = Setup::<Iterative>::new(config, 2, streams, ConstantDelay(Duration::from_millis(5)));
    setup.limits = Limits { horizon: Time::ZERO + Duration::from_secs(100), ..Limits::default() };
    let findings = Rc::new(RefCell::new(Findings::default()));
    let mut run = Simulation::new(setup, Clerk(Rc::clone(&findings)));
    run.run();
    drop(run);
    Rc::into_inner(findings).expect("the run is over").into_inner()
}

#[test]
fn what_is_left_of_the_way_is_a_power_of_what_a_round_leaves() {
    for pull_ppm in [100_000, 226_000, 369_500, 500_000, 900_000] {
        let left = 1.0 - f64::from(pull_ppm) / 1e6;
        let findings = approach(pull_ppm);
        for (revisions, &found) in findings.dispersions.iter().enumerate() {
            let expected = 1e6 * libm::pow(left, revisions as f64);
            assert!(
                (f64::from(found) - expected).abs() <= 1.0,
                "{pull_ppm}, {revisions}: {found}, {expected}"
            );
        }
        let revisions = (libm::log(0.1) / libm::log(left)).ceil() as u32;
        let converged = Outcome::Decided(Success::Converged);
        assert_eq!(findings.outcome, Some((revisions.max(1) + 1, converged)), "{pull_ppm}");
    }
}

#[test]
fn ninety_percent_of_the_way_take_five_rounds_at_369_and_nine_at_226_thousandths() {
    let rounds = |pull_ppm| approach(pull_ppm).outcome.expect("it ended").0 - 1;
    // .369 and .226 are rounded to three digits.
    assert_eq!([369_500, 368_500].map(rounds), [5, 6]);
    assert_eq!([226_500, 225_500].map(rounds), [9, 10]);
}

#[test]
fn a_round_costs_three_messages_an_agent_and_its_reviews() {
    for (agents, faulty) in [(3, 0), (8, 2), (12, 2), (20, 2), (50, 3)] {
        let scenario = prepare(&format!(
            "
name: cost
agents: {agents}
groups: [{{name: agents, count: {agents}, competence: 60%}}]
network: {{latency: {{constant: 10ms}}}}
protocol: {{iterative: {{faulty: {faulty}}}}}
workload: {{}}
stop: quiescent
horizon: 10m
"
        ));
        let outcome = run(&*scenario, 1);
        assert_eq!(objections(&outcome), [""; 0]);
        let figure = |name: &str| outcome.metrics[name].value() as u64;
        let (others, reviewers) = (agents - 1, (agents - 1).min(3 * faulty + 1));
        // Call, proposal and what is to be reviewed; at the end the result. The coordinator tells itself nothing.
        assert_eq!(figure("messages.sent"), others * ((3 + reviewers) * figure("rounds") + 1), "{agents}");
        assert_eq!(figure("messages.kind.review"), others * reviewers * figure("rounds"), "{agents}");
    }
}

#[test]
fn numbers_are_as_near_as_they_have_to_be_after_the_rounds_that_theory_gives() {
    // The range is 10,000 and the tolerance 10: c = 2 takes 10 rounds, c = 8 takes 4.
    for (agents, faulty, rounds) in [(4, 1, 10), (7, 2, 10), (10, 3, 10), (10, 1, 4)] {
        for strength in ["0%", "50%", "100%"] {
            let liars: Vec<u64> = (agents - faulty..agents).collect();
            let scenario = prepare(&format!(
                "
name: agreement
agents: {agents}
groups: [{{name: agents, count: {agents}, competence: 0%}}]
network: {{latency: {{uniform: {{min: 1ms, max: 90ms}}}}}}
protocol: {{iterative: {{faulty: {faulty}, propose: 100ms, method: {{agreement: {{tolerance: 10}}}}}}}}
workload: {{value: {{number: {{low: 0, high: 10000}}}}, sessions: 5}}
faults: [{{insider: {{agents: {liars:?}, attack: tolerance_drift, strength: {strength}}}}}]
stop: quiescent
horizon: 10m
"
            ));
            for seed in 0..10 {
                let outcome = run(&*scenario, seed);
                assert_eq!(objections(&outcome), [""; 0], "{agents}, {faulty}, {strength}, {seed}");
                assert_eq!(outcome.metrics["rounds"].value(), f64::from(rounds));
                let contraction = outcome.oracles.iter().find(|oracle| oracle.name == "contraction");
                let judged = (agents - faulty) * 5 * rounds as u64;
                assert_eq!(
                    contraction.map(|oracle| oracle.checked),
                    Some(judged),
                    "{agents}, {faulty}, {seed}"
                );
            }
        }
    }
}
