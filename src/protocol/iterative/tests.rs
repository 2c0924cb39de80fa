//! Single steps of one node among puppets: what it is told, and what it does then.

use super::state::Role;
use super::*;
use std::cell::RefCell;
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::{Profile, Traits};
use synod_sim::{Message as _, NodeId, Signed, Streams, Time};
use synod_testing::ms;
use synod_testing::stage::{Played, Stage};

/// Five agents of which two may crash, for half a second.
fn config(failover: bool) -> Config {
    let domain = Domain::Number { low: 0, high: 100, scale: Scale::Linear };
    let agents = vec![Profile::of(Traits { competence_ppm: 900_000, ..Traits::default() }); 5];
    let poll = Poll { truth: 50, opinions: vec![Some(50); 5] };
    let config = Config {
        faulty: 2,
        lies: false,
        failover: failover.then_some(ms(300)),
        deadline: ms(500),
        ..Config::new(domain, agents, [poll], &Streams::new(1))
    };
    config.apart()
}

fn stage(config: Config, subject: u32) -> Stage<Iterative> {
    Stage::new(config, 5, subject)
}

/// When `kind` was sent to whom, and whether again.
fn sent(played: &Played<Iterative>, kind: &str) -> Vec<(u64, Vec<u32>, bool)> {
    let of_kind = played.sent.iter().filter(|sent| Message::KINDS[sent.message.kind()].name == kind);
    let line = |at: Time| at.since(Time::ZERO).as_nanos() / 1_000_000;
    of_kind.map(|sent| (line(sent.at), sent.to.iter().map(|node| node.0).collect(), sent.resend)).collect()
}

// ---- Handing a session over ----

#[test]
fn a_result_counts_once_a_majority_has_accepted_it() {
    let accepted = |stage: Stage<Iterative>, at, from| stage.say(at, from, Message::Accepted(0, 0));
    // Time is up at 500 ms. The coordinator accepts its own result, and two more of five make a majority.
    let one = accepted(stage(config(true), 0), 510, 1);
    let one = accepted(accepted(one, 520, 1), 530, 1);
    assert_eq!(sent(&one.play(590), "result"), []);
    let two = accepted(accepted(stage(config(true), 0), 510, 1), 520, 4);
    assert_eq!(sent(&two.play(590), "result"), [(521, vec![1, 2, 3, 4], false)]);
}

#[test]
fn the_closing_step_is_repeated_to_those_who_have_not_accepted_it() {
    let stage = stage(config(true), 0).say(510, 2, Message::Accepted(0, 0));
    let played = stage.play(750);
    let all = || vec![1, 2, 3, 4];
    // The call, the result, and what was repeated: a heartbeat is a third of the failover timeout.
    let missing = || vec![1, 3, 4];
    let steps = sent(&played, "step");
    // A heartbeat is due at the very moment at which time is up.
    assert_eq!(
        steps,
        [
            (0, all(), false),
            (500, all(), false),
            (500, all(), true),
            (600, missing(), true),
            (700, missing(), true)
        ]
    );
    // Until then heartbeats tell that it leads.
    assert_eq!(sent(&played, "leading"), [100, 200, 300, 400].map(|at| (at, all(), false)));
}

#[test]
fn what_was_concluded_before_a_crash_stays_concluded() {
    let played = stage(config(false), 0).crash(600, 650).play(700);
    assert_eq!(sent(&played, "result"), [(500, vec![1, 2, 3, 4], false)]);
    let closed = played
        .claimed(|claim| if let Observation::Closed { outcome, .. } = claim { Some(*outcome) } else { None });
    assert_eq!(closed, [Outcome::Aborted(AbortReason::Deadline)]);
    // And what was open is aborted.
    let played = stage(config(false), 0).crash(300, 350).play(700);
    assert_eq!(sent(&played, "result"), [(350, vec![1, 2, 3, 4], false)]);
}

#[test]
fn results_and_what_came_in_are_counted_as_retained() {
    let retained = |until| {
        let played = stage(config(false), 0).play(until);
        let Role::Refining { coordinator: Some(coordinator), .. } = &played.node().role else {
            panic!("it coordinates")
        };
        let own = coordinator.sessions.get(&0).map(|session| session.proposals[&NodeId(0)].size());
        (coordinator.retained_bytes(), own)
    };
    let (open, own) = retained(400);
    assert_eq!(Some(open), own, "its own proposal");
    assert_eq!(retained(700), (32, None), "one result");
}

// ---- Agents ----

/// Agent 1 is handed these proposals of agents 2 and 3 for review.
fn handed(change: fn(u32, Signed<Proposal>) -> Signed<Proposal>) -> Played<Iterative> {
    let proposals: Rc<RefCell<Vec<Signed<Proposal>>>> = Rc::default();
    let mut stage = stage(config(false), 1);
    for agent in [2, 3] {
        let proposals = Rc::clone(&proposals);
        stage = stage.cue(10 + u64::from(agent), agent, move |ctx| {
            let value = Rc::new(Value::Number(40));
            let proposal = ctx.sign(Proposal { session: 0, round: 1, value, confidence_ppm: 900_000 });
            proposals.borrow_mut().push(change(agent, proposal));
        });
    }
    let stage = stage.cue(20, 0, move |ctx| {
        let proposals = proposals.borrow().clone();
        ctx.send(NodeId(1), Message::Gathered(Rc::new(Gathered { session: 0, round: 1, proposals })));
    });
    stage.play(40)
}

fn reviewed(played: &Played<Iterative>) -> Vec<u32> {
    played.said(|message| if let Message::Review(review) = message { Some(review.proposer.0) } else { None })
}

fn rejected(played: &Played<Iterative>) -> Vec<(Reason, u32)> {
    played.claimed(|claim| match claim {
        Observation::Rejected { reason, from } => Some((*reason, from.0)),
        _ => None,
    })
}

#[test]
fn only_what_its_proposer_signed_is_reviewed() {
    let sound = handed(|_, proposal| proposal);
    assert_eq!((reviewed(&sound), rejected(&sound)), (vec![2, 3], vec![]));
    let damaged = handed(|agent, proposal| match agent {
        2 => match Message::Proposal(proposal).damaged() {
            Some(Message::Proposal(proposal)) => proposal,
            _ => panic!("it is signed"),
        },
        _ => proposal,
    });
    assert_eq!((reviewed(&damaged), rejected(&damaged)), (vec![3], vec![(Reason::BadSignature, 2)]));
}

#[test]
fn an_agent_heeds_its_coordinator_and_answers_alike_when_it_is_asked_again() {
    let call = |round| Message::Call(Rc::new(Call { session: 0, round, selected: None }));
    let stage = stage(config(false), 1).say(10, 0, call(1)).say(20, 0, call(1)).say(30, 3, call(2));
    let played = stage.say(40, 0, call(2)).say(50, 0, call(1)).play(70);
    let proposals: Vec<(u32, Round, bool)> = played
        .sent
        .iter()
        .filter_map(|sent| match &sent.message {
            Message::Proposal(proposal) => Some((sent.to[0].0, proposal.round, sent.resend)),
            _ => None,
        })
        .collect();
    assert_eq!(proposals, [(0, 1, false), (0, 1, true), (0, 2, false)]);
    assert_eq!(rejected(&played), [(Reason::WrongSender, 3), (Reason::WrongRound, 0)]);
}
