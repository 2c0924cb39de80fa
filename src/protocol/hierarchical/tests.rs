//! Single steps of one agent among puppets: what it is told, and what it does then.

use super::count::Count;
use super::state::within;
use super::*;
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::{Profile, Traits};
use synod_sim::{Context, Duration, Message as _, NodeId, Signed};
use synod_testing::ms;
use synod_testing::stage::{Played, Stage};
use synod_vote::Ballot;
use synod_vote::weighted::{self, DecisionRule, Outcome, SessionResult, Vote};

/// Nine agents in clusters of three: cell 0, the root, has agents 0 to 2, and above them cells 1 and 2. One in nine may lie
/// where `lies`. All prefer option 1; who is in `silent` has no opinion.
fn config(lies: bool, silent: &[u32]) -> Config {
    let opinions = (0..9).map(|agent| (!silent.contains(&agent)).then_some(1)).collect();
    let poll = Poll { truth: 1, opinions };
    let agents = vec![Profile::of(Traits { competence_ppm: 900_000, ..Traits::default() }); 9];
    let vote = weighted::Config {
        faulty_ppm: if lies { 112_000 } else { 0 },
        ..weighted::Config::new(agents, [poll], 2)
    };
    assert!(matches!(vote.decision_rule, DecisionRule::Majority));
    let order = (0..9).map(NodeId).collect();
    let shape = Shape { branching: 3, max_levels: None };
    let tree = Tree::new(order, shape, |_| Health { is_healthy: true, score: 0 });
    assert_eq!((0..3).map(|cell| tree.representative(cell, 0).0).collect::<Vec<_>>(), [0, 3, 6]);
    assert_eq!((0..2).map(|epoch| tree.representative(1, epoch).0).collect::<Vec<_>>(), [3, 4]);
    Config { faulty_per_cell: u32::from(lies), ..Config::new(vote, tree) }
}

fn stage(config: &Config, subject: u32) -> Stage<Hierarchical> {
    Stage::new(config.clone(), 9, subject)
}

type Ctx<'a> = Context<'a, Hierarchical>;

/// The vote of whoever's turn it is.
fn vote(config: &Config, ctx: &mut Ctx<'_>) -> Signed<Vote> {
    let snapshot = config.vote.weighing.snapshot.digest();
    let ballot = Ballot { option: 1, confidence_ppm: 1_000_000 };
    within(ctx, |ctx| ctx.sign(Vote { session: 0, snapshot, ballot }))
}

fn request(config: &Config, cell: CellId) -> Message {
    Message::VoteRequest(Rc::new(VoteRequest {
        session: 0,
        snapshot: config.vote.weighing.snapshot.digest(),
        tree: config.tree.digest(),
        certificate: Rc::new(EpochCertificate::first(cell)),
    }))
}

/// The report of `cell`'s first representative, with these votes.
fn report(config: &Config, ctx: &mut Ctx<'_>, cell: CellId, votes: &[Signed<Vote>]) -> Signed<Partial> {
    let mut count = Count::new(&Rc::new(config.clone()), cell);
    for vote in votes {
        count.cast(vote);
    }
    let certificate = Rc::new(EpochCertificate::first(cell));
    ctx.sign(Partial { session: 0, certificate, voters: count.voters(), body: count.report_body() })
}

fn took_over(played: &Played<Hierarchical>) -> Vec<(CellId, Epoch)> {
    played.claimed(|claim| match claim {
        Observation::TookOver { cell, epoch } => Some((*cell, *epoch)),
        _ => None,
    })
}

fn suspected(played: &Played<Hierarchical>) -> Vec<(CellId, Epoch)> {
    played.claimed(|claim| match claim {
        Observation::Suspected { cell, epoch } => Some((*cell, *epoch)),
        _ => None,
    })
}

/// Whom it asked for votes, and whether again.
fn asked(played: &Played<Hierarchical>) -> Vec<(u64, Vec<u32>, bool)> {
    let requests = played.sent.iter().filter(|sent| matches!(sent.message, Message::VoteRequest(_)));
    let asked = requests.map(|sent| {
        let to = sent.to.iter().map(|node| node.0).collect();
        (sent.at.since(synod_sim::Time::ZERO).as_nanos() / 1_000_000, to, sent.resend)
    });
    asked.collect()
}

// ---- Succession ----

#[test]
fn f_plus_one_distinct_suspicions_of_neighbours_make_a_representative() {
    let config = config(true, &[]);
    // Cell 1 concerns its members and the root's cell, and nobody in cell 2.
    for (suspicious, takes_over) in
        [(&[5, 5, 5][..], false), (&[5], false), (&[5, 7, 8], false), (&[5, 0], true), (&[1, 2], true)]
    {
        let suspicion = Suspicion { session: 0, cell: 1, epoch: 0 };
        let stage = suspicious.iter().zip(10..).fold(stage(&config, 4), |stage, (&who, at)| {
            let suspicion = suspicion.clone();
            stage.cue(at, who, move |ctx| {
                let signed = ctx.sign(suspicion);
                ctx.send(NodeId(4), Message::Suspicion(signed));
            })
        });
        let expected: &[_] = if takes_over { &[(1, 1)] } else { &[] };
        assert_eq!(took_over(&stage.play(40)), expected, "{suspicious:?}");
    }
}

#[test]
fn an_epoch_is_followed_only_with_f_plus_one_distinct_suspicions() {
    let config = config(true, &[]);
    for (signers, follows) in [(&[5, 5][..], false), (&[5], false), (&[5, 7], false), (&[5, 0], true)] {
        // Puppets sign one after the other, and the last passes all on.
        let signed = Rc::new(std::cell::RefCell::new(Vec::new()));
        let mut stage = stage(&config, 3);
        for (&who, at) in signers.iter().zip(10..) {
            let signed = Rc::clone(&signed);
            stage = stage.cue(at, who, move |ctx| {
                let suspicion = ctx.sign(Suspicion { session: 0, cell: 1, epoch: 0 });
                signed.borrow_mut().push(suspicion);
            });
        }
        let stage = stage.cue(20, 4, move |ctx| {
            let suspicions = signed.borrow().clone();
            ctx.send(NodeId(3), Message::Alive(Rc::new(EpochCertificate { cell: 1, epoch: 1, suspicions })));
        });
        let followed = stage.play(40).claimed(|claim| match claim {
            Observation::Followed { cell, epoch } => Some((*cell, *epoch)),
            _ => None,
        });
        let expected: &[_] = if follows { &[(1, 1)] } else { &[] };
        assert_eq!(followed, expected, "{signers:?}");
    }
}

#[test]
fn silence_is_suspected_after_two_heartbeats_and_no_earlier() {
    let config = config(true, &[]);
    // A heartbeat every 100 ms. Agent 5 hears its representative at 100 ms and at 200 ms, and then no more.
    let alive = || Message::Alive(Rc::new(EpochCertificate::first(1)));
    let stage = || stage(&config, 5).say(100, 3, alive()).say(200, 3, alive());
    assert_eq!(suspected(&stage().play(350)), []);
    assert_eq!(suspected(&stage().play(450))[..1], [(1, 0)]);
}

// ---- Aggregation ----

#[test]
fn at_half_time_the_silent_are_asked_again_and_nobody_else() {
    let config = config(false, &[]);
    let of_3 = config.clone();
    let mine = config.clone();
    let stage = stage(&config, 0).cue(20, 3, move |ctx| {
        let vote = vote(&of_3, ctx);
        let partial = report(&of_3, ctx, 1, &[vote]);
        ctx.send(NodeId(0), Message::Partial(partial));
    });
    let stage = stage.cue(20, 2, move |ctx| {
        let vote = vote(&mine, ctx);
        ctx.send(NodeId(0), Message::FlatVote(weighted::Message::Vote(vote)));
    });
    let asked = asked(&stage.play(600));
    assert_eq!(asked[0], (0, vec![1, 2, 3, 6], false));
    // Half of two thirds of the deadline, of 1 s.
    assert_eq!(asked[1..], [(333, vec![1, 6], true)], "all levels share the deadline");
}

#[test]
fn a_representative_that_was_down_asks_its_members_again_and_the_root_opens_once() {
    let config = config(false, &[]);
    let inner = stage(&config, 3).say(10, 0, request(&config, 0)).crash(50, 60).play(90);
    assert_eq!(asked(&inner), [(11, vec![4, 5], false), (60, vec![4, 5], true)]);
    let member = stage(&config, 4).crash(50, 60).play(90);
    assert_eq!(asked(&member), []);
    let root = stage(&config, 0).crash(50, 60).play(90);
    assert_eq!(asked(&root), [(0, vec![1, 2, 3, 6], false), (60, vec![1, 2, 3, 6], true)]);
    let opened = root.claimed(|claim| match claim {
        Observation::FlatVote(weighted::Observation::Opened { session, .. }) => Some(*session),
        _ => None,
    });
    assert_eq!(opened, [0, 0], "once a life");
}

#[test]
fn a_vote_counts_if_its_voter_signed_it_under_the_weights_that_count() {
    let config = config(false, &[0]);
    let counted = |change: fn(&mut Vote)| {
        let vote_of = config.clone();
        let stage = stage(&config, 0).cue(20, 2, move |ctx| {
            let mut body = (*vote(&vote_of, ctx)).clone();
            change(&mut body);
            let signed = within(ctx, |ctx| ctx.sign(body));
            ctx.send(NodeId(0), Message::FlatVote(weighted::Message::Vote(signed)));
        });
        let claims = stage.play(40).claimed(|claim| match claim {
            Observation::FlatVote(weighted::Observation::Counted { vote }) => Some(vote.signer().0),
            _ => None,
        });
        claims == [2]
    };
    assert!(counted(|_| {}));
    assert!(!counted(|vote| vote.session = 7));
    assert!(!counted(|vote| vote.snapshot = synod_sim::Digest::ZERO));
    assert!(!counted(|vote| vote.ballot.option = 2), "there are options 0 and 1");
    let vote_of = config.clone();
    let damaged = stage(&config, 0).cue(20, 2, move |ctx| {
        let message = Message::FlatVote(weighted::Message::Vote(vote(&vote_of, ctx)));
        ctx.send(NodeId(0), message.damaged().expect("it is signed"));
    });
    let rejected = damaged.play(40).claimed(|claim| match claim {
        Observation::FlatVote(weighted::Observation::Rejected { reason, from }) => Some((*reason, from.0)),
        _ => None,
    });
    assert_eq!(rejected, [(weighted::Reason::BadSignature, 2)]);
}

// ---- Audits ----

#[test]
fn a_challenged_voter_answers_and_suspects_only_whoever_left_it_out() {
    let config = config(true, &[]);
    // Agent 5 votes at 11 ms; at 20 ms its representative, agent 3, reports to the root, which shows the report.
    for (with_it, suspects) in [(false, true), (true, false)] {
        let sent: Rc<std::cell::RefCell<Option<Signed<Partial>>>> = Rc::default();
        let (to_root, of_3) = (Rc::clone(&sent), config.clone());
        let votes: Rc<std::cell::RefCell<Vec<Signed<Vote>>>> = Rc::default();
        let (kept, own) = (Rc::clone(&votes), config.clone());
        let stage = stage(&config, 5).say(10, 3, request(&config, 1));
        let stage = stage.call(15, move |_, ctx| {
            if with_it {
                kept.borrow_mut().push(vote(&own, ctx));
            }
        });
        let stage = stage.cue(20, 3, move |ctx| {
            votes.borrow_mut().push(vote(&of_3, ctx));
            *to_root.borrow_mut() = Some(report(&of_3, ctx, 1, &votes.borrow()));
        });
        let stage = stage.cue(30, 0, move |ctx| {
            let partial = sent.borrow().clone().expect("it was reported");
            ctx.send(NodeId(5), Message::Challenge(partial));
        });
        let played = stage.play(60);
        let answered: Vec<u32> = played
            .sent
            .iter()
            .filter(|sent| matches!(sent.message, Message::FlatVote(weighted::Message::Vote(_))))
            .map(|sent| sent.to[0].0)
            .collect();
        assert_eq!(answered, [3, 0], "its vote goes to its representative, and to whoever asks");
        let expected: &[_] = if suspects { &[(1, 0)] } else { &[] };
        assert_eq!(suspected(&played), expected);
    }
}

// ---- Figures ----

#[test]
fn a_heartbeat_is_a_tenth_of_the_deadline() {
    assert_eq!(config(false, &[]).heartbeat, ms(100));
    let quick = weighted::Config { deadline: Duration::from_nanos(5), ..(*config(false, &[]).vote).clone() };
    let tree = (*config(false, &[]).tree).clone();
    assert_eq!(Config::new(quick, tree).heartbeat, Duration::from_nanos(1));
}

#[test]
fn kinds_and_sizes_are_those_of_the_table() {
    let config = config(true, &[]);
    let of = config.clone();
    let table = Rc::new(std::cell::RefCell::new(Vec::new()));
    let filled = Rc::clone(&table);
    stage(&config, 0)
        .cue(1, 3, move |ctx| {
            let vote = vote(&of, ctx);
            let (tag, first) = (vote.size() - 52, Rc::new(EpochCertificate::first(1)));
            let suspicion = ctx.sign(Suspicion { session: 0, cell: 1, epoch: 0 });
            let (suspicions, certified) = (vec![suspicion.clone(), suspicion.clone()], 8 + 2 * (16 + tag));
            let certificate = Rc::new(EpochCertificate { cell: 1, epoch: 1, suspicions });
            let partial = report(&of, ctx, 1, std::slice::from_ref(&vote));
            // Session, certificate, set of three voters, sums of one option, one vote.
            let reported = 8 + 8 + partial.voters.bytes() + (16 + 16) + (52 + tag) + tag;
            let result = |certificate| {
                Rc::new(SessionResult { session: 0, outcome: Outcome::Decided(1), certificate })
            };
            let flat = Message::FlatVote;
            *filled.borrow_mut() = vec![
                (request(&of, 1), "request", 72 + 8),
                (flat(weighted::Message::Vote(vote.clone())), "vote", 52 + tag),
                (flat(weighted::Message::Result(result(vec![]))), "result", 17),
                (flat(weighted::Message::Result(result(vec![vote.clone()]))), "result", 17 + 52 + tag),
                (flat(weighted::Message::Ask(0, None)), "ask", 8),
                (flat(weighted::Message::Ask(0, Some(vote))), "ask", 8 + 52 + tag),
                (Message::Partial(partial.clone()), "partial", reported),
                (Message::Alive(first), "alive", 8),
                (Message::Alive(certificate), "alive", certified),
                (Message::Suspicion(suspicion), "suspicion", 16 + tag),
                (Message::Challenge(partial), "challenge", reported),
                (Message::Fetch(0), "fetch", 8),
            ];
        })
        .play(5);
    for (message, kind, size) in table.borrow().iter() {
        assert_eq!((Message::KINDS[message.kind()].name, message.size()), (*kind, *size), "{message:?}");
    }
    assert_eq!(table.borrow().len(), 12);
}
