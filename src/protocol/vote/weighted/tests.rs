//! Single steps of a coordinator or voter among puppets: what it is told, and what it does then.

use super::*;
use crate::Ballot;
use crate::expertise::{Memory, Scale};
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::{PastRecord, Profile, Traits};
use synod_sim::{Context, Digest, Message as _, NodeId, Protocol as _, Time};
use synod_testing::stage::{Played, Stage};

/// Five voters whose records are 8 of 10, on so many sessions: option 1 is right. Sessions are 3 s apart and last 1 s.
fn config(sessions: usize) -> Config {
    let record = PastRecord::Tasks { correct: 8, total: 10 };
    let agents = vec![Profile::of(Traits { competence_ppm: 900_000, record, ..Traits::default() }); 5];
    let polls = vec![Poll { truth: 1, opinions: vec![Some(1); 5] }; sessions];
    Config::new(agents, polls, 2)
}

fn learning(sessions: usize) -> Config {
    let scale = Scale::LogOdds { floor: 10_000_000 };
    config(sessions).weighed(Source::Earned { scale, memory: Memory::WHOLE, learns: true }, None)
}

fn stage(config: &Config, subject: u32) -> Stage<Weighted> {
    Stage::new(config.clone(), 5, subject)
}

fn cast(ctx: &mut Context<'_, Weighted>, session: SessionId, snapshot: Digest, option: u64) {
    let ballot = Ballot { option, confidence_ppm: 1_000_000 };
    let vote = ctx.sign(Vote { session, snapshot, ballot });
    ctx.send(NodeId(0), Message::Vote(vote));
}

/// Has `who` vote for `option` under the first weights.
fn votes(stage: Stage<Weighted>, config: &Config, at: u64, who: u32, option: u64) -> Stage<Weighted> {
    let snapshot = config.weighing.snapshot.digest();
    stage.cue(at, who, move |ctx| cast(ctx, 0, snapshot, option))
}

/// When `kind` was sent to whom, and whether again.
fn sent(played: &Played<Weighted>, kind: &str) -> Vec<(u64, Vec<u32>, bool)> {
    let of_kind = played.sent.iter().filter(|sent| Message::KINDS[sent.message.kind()].name == kind);
    let millis = |at: Time| at.since(Time::ZERO).as_nanos() / 1_000_000;
    of_kind.map(|sent| (millis(sent.at), sent.to.iter().map(|node| node.0).collect(), sent.resend)).collect()
}

fn outcomes(played: &Played<Weighted>) -> Vec<(Outcome, bool)> {
    played.claimed(|claim| match claim {
        Observation::Closed { outcome, early, .. } => Some((*outcome, *early)),
        _ => None,
    })
}

fn rejected(played: &Played<Weighted>) -> Vec<(Reason, u32)> {
    played.claimed(|claim| match claim {
        Observation::Rejected { reason, from } => Some((*reason, from.0)),
        _ => None,
    })
}

// ---- The coordinator ----

#[test]
fn who_was_right_or_wrong_learns_and_who_was_silent_does_not() {
    let config = learning(2);
    let stage = votes(stage(&config, 0), &config, 10, 1, 1);
    let stage = votes(votes(stage, &config, 20, 2, 0), &config, 30, 3, 1);
    let estimates = stage.play(3_100).claimed(|claim| match claim {
        Observation::Opened { weighing, .. } => Some(weighing.estimates.clone()),
        _ => None,
    });
    // Laplace: (correct + 1) of (total + 2), in parts per billion.
    let share = |correct: u64, total: u64| (correct + 1) * 1_000_000_000 / (total + 2);
    assert_eq!(estimates[0], [share(8, 10); 5]);
    let (right, wrong, silent) = (share(9, 11), share(8, 11), share(8, 10));
    assert_eq!(estimates[1], [right, right, wrong, right, silent]);
}

#[test]
fn at_half_time_the_silent_are_asked_again_and_nobody_else() {
    let config = config(1);
    let played = votes(stage(&config, 0), &config, 20, 3, 1).play(990);
    assert_eq!(sent(&played, "request"), [(0, vec![1, 2, 3, 4], false), (500, vec![1, 2, 4], true)]);
    // Where the outcome is certain nobody is asked.
    let decided = votes(votes(stage(&config, 0), &config, 20, 3, 1), &config, 20, 1, 1).play(990);
    assert_eq!(sent(&decided, "request").len(), 1);
    assert_eq!(outcomes(&decided), [(Outcome::Decided(1), true)]);
    assert_eq!(sent(&decided, "result"), [(21, vec![1, 2, 3, 4], false)]);
}

#[test]
fn a_result_outlives_a_crash_and_an_open_session_does_not() {
    let config = config(1);
    let decided = || votes(votes(stage(&config, 0), &config, 20, 3, 1), &config, 20, 1, 1);
    let played = decided().crash(100, 150).say(200, 2, Message::Ask(0, None)).play(300);
    assert_eq!(sent(&played, "result"), [(21, vec![1, 2, 3, 4], false), (201, vec![2], true)]);
    assert_eq!(outcomes(&played).len(), 1);
    let played = stage(&config, 0).crash(100, 150).say(200, 2, Message::Ask(0, None)).play(300);
    assert_eq!(sent(&played, "result"), [(150, vec![1, 2, 3, 4], false), (201, vec![2], true)]);
    let results = played.said(|message| match message {
        Message::Result(result) => Some(result.outcome),
        _ => None,
    });
    assert_eq!(results, [Outcome::Aborted(AbortReason::Restart); 2]);
}

#[test]
fn what_does_not_count_is_refused_with_the_reason() {
    let config = config(1);
    let weights = config.weighing.snapshot.digest();
    let refusal = |session, snapshot, option| {
        let stage = stage(&config, 0).cue(10, 2, move |ctx| cast(ctx, session, snapshot, option));
        rejected(&stage.play(20))
    };
    assert_eq!(refusal(0, weights, 1), []);
    assert_eq!(refusal(1, weights, 1), [(Reason::WrongSession, 2)]);
    assert_eq!(refusal(0, Digest::ZERO, 1), [(Reason::WrongSnapshot, 2)]);
    assert_eq!(refusal(0, weights, 2), [(Reason::Invalid, 2)]);
    // The second of two votes proves its voter faulty, and does not count.
    let twice = votes(votes(stage(&config, 0), &config, 10, 2, 0), &config, 20, 2, 1).play(30);
    let proofs = twice.claimed(|claim| match claim {
        Observation::DoubleVote { first, second } => Some((first.ballot.option, second.ballot.option)),
        _ => None,
    });
    assert_eq!(proofs, [(0, 1)]);
    let counted = twice.claimed(|claim| match claim {
        Observation::Counted { vote } => Some((vote.signer().0, vote.ballot.option)),
        _ => None,
    });
    assert_eq!(counted, [(0, 1), (2, 0)]);
}

#[test]
fn an_open_session_is_counted_as_retained() {
    let config = config(1);
    let (chair, voter) = (stage(&config, 0).play(50), stage(&config, 0).play(2_900));
    let both = chair.node().retained_bytes();
    let own = chair.node().voter.retained_bytes();
    assert_eq!(both - own, 64 + 16 * 5);
    assert_eq!(
        voter.node().retained_bytes() - voter.node().voter.retained_bytes(),
        64 + 16 * 5,
        "the last one stays"
    );
}

// ---- Voters ----

#[test]
fn a_request_that_its_result_overtook_is_answered_until_the_session_after_the_next() {
    let config = config(3);
    let result = |session| {
        let outcome = Outcome::Decided(1);
        Message::Result(Rc::new(SessionResult { session, outcome, certificate: vec![] }))
    };
    let asked = |at| {
        let snapshot = config.weighing.snapshot.digest();
        let stage = stage(&config, 2).say(100, 0, result(0)).say(3_100, 0, result(1));
        let stage = stage.cue(at, 0, move |ctx| {
            let proposal = ctx.sign(Proposal { session: 0, snapshot });
            ctx.send(NodeId(2), Message::Request(proposal));
        });
        let played = stage.play(at + 10);
        (sent(&played, "vote").len(), rejected(&played))
    };
    assert_eq!(asked(200), (1, vec![]), "while its session is the last");
    assert_eq!(asked(3_200), (1, vec![]), "and while the next is");
    assert_eq!(asked(6_200), (0, vec![(Reason::WrongSession, 0)]), "older sessions no longer matter");
}

#[test]
fn a_voter_asks_after_half_the_deadline_and_gives_up_after_two() {
    let config = config(1);
    let played = stage(&config, 2).play(2_500);
    let asks = sent(&played, "ask");
    assert_eq!(asks[0], (500, vec![0], false));
    let given_up = played.claimed(|claim| match claim {
        Observation::Concluded { outcome, .. } => Some(*outcome),
        _ => None,
    });
    assert_eq!(given_up, [Outcome::Aborted(AbortReason::Silence)]);
    let at = played.claims.last().map(|&(at, _)| at);
    assert_eq!(at, Some(Time::ZERO + config.patience()));
}
