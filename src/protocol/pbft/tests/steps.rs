//! Single steps of one replica or host among puppets: what it is told, and what it does then.

use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use synod_common::kv::{self, Generator, Mix, Store};
use synod_log::{Command, Log, Machine, Output, Proposal, ProposalId, Proposed, Source};
use synod_pbft::{
    Arrival, Batch, Checkpoint, ClientId, Clients, Commit, Config, FetchBatch, Message, MissingParts, Mode,
    NewView, Observation, Operation, Outcome, Pbft, PrePrepare, Prepare, Prepared, Quorum, ReadReply, Reads,
    Reason, Replica, Reply, Request, Sequence, Service, Snapshot, Status, View, ViewChange, Workload,
};
use synod_sim::{Body, Context, Digest, Duration, Message as _, NodeId, Signed, Stream, Time};
use synod_testing::stage::{Played, Stage};
use synod_testing::{at, ms};

// ---- A machine that knows the time ----

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Watch(Time);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ask(u64);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told(Time);

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Watch Ask Told }

impl synod_log::Service for Watch {
    const NAME: &'static str = "watch";
    const CLOCK: Option<Duration> = Some(ms(5));
    type Command = Ask;
    type Output = Told;

    fn apply(&mut self, _: &Ask) -> Told {
        Told(self.0)
    }

    fn is_read(_: &Ask) -> bool {
        false
    }

    fn tick(&mut self, now: Time) {
        self.0 = now;
    }

    fn now(&self) -> Time {
        self.0
    }
}

#[derive(Clone, Debug)]
struct Asking;

impl Source for Asking {
    type Service = Watch;

    fn draw(&mut self, _: &mut Stream, number: u64) -> Ask {
        Ask(number)
    }
}

// ---- The stage: four replicas, and node 4, the host of two clients ----

const T: u64 = 500;

fn config(service: Option<Service>) -> Config {
    let arrival = Arrival::Closed { think: ms(5) };
    let clients = Clients { hosts: 1, clients: 2, requests: 4, arrival, payload_bytes: 0, service };
    let quorum = Quorum::new(4, 1).expect("n >= 3f + 1");
    Config { status_interval: Duration::from_secs(100), ..Config::new(quorum, Workload::Log(clients)) }
}

fn stage(config: Config, subject: u32) -> Stage<Pbft> {
    let nodes = config.nodes();
    Stage::new(config, nodes, subject)
}

type Ctx<'a> = Context<'a, Pbft>;

/// What puppets have signed so far.
type Pool<B> = Rc<RefCell<Vec<Signed<B>>>>;

/// Has each of `who` sign `body`.
fn sign<B: Body + Clone + 'static>(
    mut stage: Stage<Pbft>,
    at: u64,
    who: &[u32],
    body: &B,
) -> (Stage<Pbft>, Pool<B>) {
    let pool: Pool<B> = Rc::default();
    for &signer in who {
        let (pool, body) = (Rc::clone(&pool), body.clone());
        stage = stage.cue(at, signer, move |ctx| {
            let signed = ctx.sign(body);
            pool.borrow_mut().push(signed);
        });
    }
    (stage, pool)
}

/// Has each of `who` sign `body` and send it to `to`.
fn send<B: Body + Clone + 'static>(
    stage: Stage<Pbft>,
    at: u64,
    who: &[u32],
    to: u32,
    body: &B,
    message: fn(Signed<B>) -> Message,
) -> Stage<Pbft> {
    who.iter().fold(stage, |stage, &signer| {
        let body = body.clone();
        stage.cue(at, signer, move |ctx| {
            let signed = ctx.sign(body);
            ctx.send(NodeId(to), message(signed));
        })
    })
}

fn ask(client: u32, timestamp: u64) -> Request {
    let operation = Operation::new(u64::from(client) << 32 | timestamp, 0);
    Request { client: ClientId(client), timestamp, operation }
}

/// The batch of one request, which the host signs at `at`; and its digest, known beforehand by `body`.
fn batch(stage: Stage<Pbft>, at: u64, request: &Request) -> (Stage<Pbft>, Rc<RefCell<Option<Batch>>>) {
    let made: Rc<RefCell<Option<Batch>>> = Rc::default();
    let (kept, request) = (Rc::clone(&made), request.clone());
    let stage = stage.cue(at, 4, move |ctx| {
        let request = ctx.authenticate(request);
        *kept.borrow_mut() = Some(Batch::of([request]));
    });
    (stage, made)
}

/// The three others propose, prepare and commit the batch of one request to `subject`, from `at` on.
fn commit(
    stage: Stage<Pbft>,
    at: u64,
    subject: u32,
    view: View,
    sequence: Sequence,
    request: &Request,
) -> Stage<Pbft> {
    let (mut stage, made) = batch(stage, at, request);
    let primary = (view % 4) as u32;
    let others = (0..4).filter(|&node| node != subject);
    for node in others {
        let made = Rc::clone(&made);
        stage = stage.cue(at + 1, node, move |ctx| {
            let batch = made.borrow().clone().expect("it was signed");
            let digest = batch.digest();
            let to = NodeId(subject);
            if node == primary {
                let proposal = ctx.sign(PrePrepare { view, sequence, digest });
                ctx.send(to, Message::PrePrepare(proposal, batch));
            } else {
                let prepare = ctx.sign(Prepare { view, sequence, digest });
                ctx.send(to, Message::Prepare(prepare));
            }
            let commit = ctx.sign(Commit { view, sequence, digest });
            ctx.send(to, Message::Commit(commit));
        });
    }
    stage
}

fn change(view: View) -> ViewChange {
    ViewChange { view, low: 0, stable: vec![], prepared: vec![] }
}

/// The primary of `view` starts it at `at`, with the view changes of the three others and these proposals.
fn new_view(
    stage: Stage<Pbft>,
    at: u64,
    subject: u32,
    view: View,
    changes: &ViewChange,
    proposals: Vec<PrePrepare>,
) -> Stage<Pbft> {
    let others: Vec<u32> = (0..4).filter(|&node| node != subject).collect();
    let (stage, pool) = sign(stage, at, &others, changes);
    stage.cue(at + 1, (view % 4) as u32, move |ctx| {
        let changes = pool.borrow().clone();
        let proposals = proposals.into_iter().map(|proposal| ctx.sign(proposal)).collect();
        let new_view = ctx.sign(NewView { view, changes, proposals });
        ctx.send(NodeId(subject), Message::NewView(new_view));
    })
}

fn replica(played: &Played<Pbft>) -> &Replica {
    let Pbft::Replica(replica) = played.node() else { panic!("it is a replica") };
    replica
}

/// Which view changes it started: when, where to, and the how many-th in a row.
fn started(played: &Played<Pbft>) -> Vec<(u64, View, u32)> {
    let millis = |at: Time| at.since(Time::ZERO).as_nanos() / 1_000_000;
    let started = played.claims.iter().filter_map(|(at, claim)| match claim {
        Observation::ViewChangeStarted { target, attempt } => Some((millis(*at), *target, *attempt)),
        _ => None,
    });
    started.collect()
}

fn executed(played: &Played<Pbft>) -> Vec<Sequence> {
    played.claimed(|claim| match claim {
        Observation::Executed { sequence, .. } => Some(*sequence),
        _ => None,
    })
}

fn rejected(played: &Played<Pbft>) -> Vec<(Reason, u32)> {
    played.claimed(|claim| match claim {
        Observation::Rejected { reason, signer } => Some((*reason, signer.0)),
        _ => None,
    })
}

// ---- View changes ----

#[test]
fn f_plus_one_others_are_joined_at_the_earliest_of_their_views() {
    let ask_for = |stage, at, who, view| send(stage, at, &[who], 3, &change(view), Message::ViewChange);
    assert_eq!(started(&ask_for(stage(config(None), 3), 10, 1, 5).play(50)), [], "one may be faulty");
    let two = ask_for(ask_for(stage(config(None), 3), 10, 1, 5), 20, 2, 2);
    assert_eq!(started(&two.play(50)), [(21, 2, 1)]);
    let again = ask_for(ask_for(ask_for(stage(config(None), 3), 10, 1, 5), 20, 1, 6), 30, 1, 7);
    assert_eq!(started(&again.play(50)), [], "nor is one that asks often more than one");
}

#[test]
fn each_attempt_waits_twice_as_long_once_a_quorum_wants_it() {
    let mut stage = stage(config(None), 3);
    // A request that nobody proposes; two others come along each time, and the next primaries are silent.
    stage = send(stage, 10, &[4], 3, &ask(0, 1), Message::Request);
    for (at, view) in [(600, 1), (1_200, 2)] {
        stage = send(stage, at, &[1, 2], 3, &change(view), Message::ViewChange);
    }
    // T after the request; then T and 2T after the quorum.
    assert_eq!(started(&stage.play(4_400)), [(511, 1, 1), (1_101, 2, 2), (2_201, 3, 3)]);
}

#[test]
fn without_a_quorum_an_attempt_waits_for_one() {
    let stage = send(stage(config(None), 3), 10, &[4], 3, &ask(0, 1), Message::Request);
    let stage = send(stage, 600, &[1], 3, &change(1), Message::ViewChange);
    assert_eq!(started(&stage.play(20_000)), [(511, 1, 1)]);
}

#[test]
fn progress_ends_a_row_of_attempts() {
    let stage = send(stage(config(None), 3), 10, &[4], 3, &ask(0, 1), Message::Request);
    let stage = new_view(stage, 600, 3, 1, &change(1), vec![]);
    let stage = commit(stage, 700, 3, 1, 1, &ask(0, 1));
    let stage = send(stage, 1_000, &[4], 3, &ask(0, 2), Message::Request);
    let played = stage.play(1_800);
    assert_eq!(executed(&played), [1]);
    assert_eq!(started(&played), [(511, 1, 1), (1_001 + T, 2, 1)], "the next is a first one again");
}

#[test]
fn what_is_learnt_during_a_view_change_does_not_end_the_wait_for_the_view() {
    let stage = send(stage(config(None), 3), 10, &[4], 3, &ask(0, 1), Message::Request);
    let stage = send(stage, 600, &[1, 2], 3, &change(1), Message::ViewChange);
    // Meanwhile a proof of commitment comes.
    let (stage, made) = batch(stage, 610, &ask(1, 1));
    let commits: Pool<Commit> = Rc::default();
    let stage = [0, 1, 2].into_iter().fold(stage, |stage, node| {
        let (commits, made) = (Rc::clone(&commits), Rc::clone(&made));
        stage.cue(620, node, move |ctx| {
            let digest = made.borrow().as_ref().expect("it was signed").digest();
            let commit = ctx.sign(Commit { view: 0, sequence: 1, digest });
            commits.borrow_mut().push(commit);
        })
    });
    let stage = stage.cue(630, 0, move |ctx| {
        let (proof, batch) =
            (commits.borrow().as_slice().into(), made.borrow().clone().expect("it was signed"));
        ctx.send(NodeId(3), Message::Committed(proof, batch));
    });
    let played = stage.play(1_200);
    assert_eq!(executed(&played), [1]);
    assert_eq!(started(&played), [(511, 1, 1), (1_101, 2, 1)], "it still gives the view up");
}

#[test]
fn whoever_leaves_a_view_as_it_enters_it_does_nothing_more_there() {
    let stage = send(stage(config(None), 3), 10, &[4], 3, &ask(0, 1), Message::Request);
    // In view 1 its primary proposes one thing early, and its NEW-VIEW another: no batch, as nothing was prepared.
    let (stage, made) = batch(stage, 20, &ask(0, 1));
    let stage = stage.cue(600, 1, move |ctx| {
        let batch = made.borrow().clone().expect("it was signed");
        let early = ctx.sign(PrePrepare { view: 1, sequence: 1, digest: batch.digest() });
        ctx.send(NodeId(3), Message::PrePrepare(early, batch));
    });
    // Two slots, of which the second was prepared: the first is the null batch's.
    let other = Digest::of(&"another");
    let (stage, proposals) = sign(stage, 30, &[0], &PrePrepare { view: 0, sequence: 2, digest: other });
    let (stage, prepares) = sign(stage, 30, &[1, 2], &Prepare { view: 0, sequence: 2, digest: other });
    let certificate = move || {
        let pre_prepare = proposals.borrow()[0].clone();
        Rc::new(Prepared { pre_prepare, prepares: prepares.borrow().clone() })
    };
    let changes: Pool<ViewChange> = Rc::default();
    let stage = [0, 1, 2].into_iter().fold(stage, |stage, node| {
        let (changes, certificate) = (Rc::clone(&changes), certificate.clone());
        stage.cue(610, node, move |ctx| {
            let change = ctx.sign(ViewChange { prepared: vec![certificate()], ..change(1) });
            changes.borrow_mut().push(change);
        })
    });
    let stage = stage.cue(620, 1, move |ctx| {
        let proposal = |sequence, digest| PrePrepare { view: 1, sequence, digest };
        let proposals = vec![ctx.sign(proposal(1, Digest::ZERO)), ctx.sign(proposal(2, other))];
        let new_view = ctx.sign(NewView { view: 1, changes: changes.borrow().clone(), proposals });
        ctx.send(NodeId(3), Message::NewView(new_view));
    });
    let played = stage.play(5_000);
    assert_eq!(rejected(&played), []);
    assert_eq!(started(&played), [(511, 1, 1), (621, 2, 2)], "and waits for a quorum there");
    assert_eq!(replica(&played).mode(), Mode::Changing(2));
    let asked_again =
        played.sent.iter().filter(|sent| matches!(sent.message, Message::Request(_)) && sent.at > at(600));
    assert_eq!(asked_again.count(), 0, "it wants nothing of that primary any more");
}

/// A view change of replica 1 with one certificate for slot 1 of view 0, made by `change` of what is sound; and whether
/// replica 3 takes it.
fn takes(signers: &[u32], vote: Prepare, proposal: PrePrepare) -> bool {
    let (stage, proposals) = sign(stage(config(None), 3), 10, &[0], &proposal);
    let (stage, prepares) = sign(stage, 10, signers, &vote);
    let stage = stage.cue(20, 1, move |ctx| {
        let pre_prepare = proposals.borrow()[0].clone();
        let certificate = Rc::new(Prepared { pre_prepare, prepares: prepares.borrow().clone() });
        let change = ctx.sign(ViewChange { prepared: vec![certificate], ..change(1) });
        ctx.send(NodeId(3), Message::ViewChange(change));
    });
    rejected(&stage.play(30)).is_empty()
}

#[test]
fn a_certificate_is_a_proposal_and_the_prepares_of_q_minus_one_backups_for_it() {
    let digest = Digest::of(&"a batch");
    let vote = Prepare { view: 0, sequence: 1, digest };
    let proposal = PrePrepare { view: 0, sequence: 1, digest };
    let with = |vote: Prepare| takes(&[1, 2], vote, proposal.clone());
    assert!(with(vote.clone()));
    assert!(!with(Prepare { sequence: 2, ..vote.clone() }), "for another slot");
    assert!(!with(Prepare { view: 1, ..vote.clone() }), "of another view");
    assert!(!with(Prepare { digest: Digest::ZERO, ..vote.clone() }), "for another batch");
    assert!(!takes(&[1], vote.clone(), proposal.clone()), "one short");
    assert!(!takes(&[1, 1], vote.clone(), proposal.clone()), "one twice");
    assert!(!takes(&[0, 1], vote.clone(), proposal.clone()), "the primary's own proposal is its vote");
    assert!(!takes(&[1, 2], vote.clone(), PrePrepare { view: 1, ..proposal.clone() }), "not its primary's");
    let later = |sequence| {
        takes(&[1, 2], Prepare { sequence, ..vote.clone() }, PrePrepare { sequence, ..proposal.clone() })
    };
    assert!(later(32) && !later(33) && !later(0), "between the watermarks");
}

// ---- Checkpoints, states, storage ----

#[test]
fn what_a_transferred_state_covers_is_waited_for_no_longer() {
    let with = |covered| {
        let stage = send(stage(config(None), 3), 10, &[4], 3, &ask(0, 1), Message::Request);
        let outcome = Outcome { height: 1, previous: 0, output: None };
        let clients = [(ClientId(0), (covered, outcome))].into_iter().collect();
        let snapshot = Rc::new(Snapshot { sequence: 16, clients, ..Snapshot::initial() });
        let checkpoint = Checkpoint { sequence: 16, digest: snapshot.digest() };
        let (stage, proof) = sign(stage, 20, &[0, 1, 2], &checkpoint);
        let stage = stage.cue(30, 1, move |ctx| {
            ctx.send(NodeId(3), Message::State(snapshot, proof.borrow().as_slice().into()));
        });
        let played = stage.play(1_500);
        assert_eq!((replica(&played).last_executed(), replica(&played).low()), (16, 16));
        started(&played).len()
    };
    assert_eq!(with(1), 0, "the primary is not suspected for what is done");
    assert_eq!(with(0), 1, "but for what is not");
}

#[test]
fn a_stable_checkpoint_leaves_promises_for_open_slots_in_storage() {
    // It prepares slot 2, and then slot 1 becomes stable.
    let begin = || {
        let config = Config { checkpoint_interval: 1, in_flight_max: 2, ..config(None) };
        let stage = commit(stage(config, 3), 10, 3, 0, 1, &ask(0, 1));
        let (stage, made) = batch(stage, 20, &ask(0, 2));
        stage.cue(30, 0, move |ctx| {
            let batch = made.borrow().clone().expect("it was signed");
            let proposal = ctx.sign(PrePrepare { view: 0, sequence: 2, digest: batch.digest() });
            ctx.send(NodeId(3), Message::PrePrepare(proposal, batch));
        })
    };
    let prepares = |played: &Played<Pbft>| {
        played.said(|message| match message {
            Message::Prepare(prepare) if prepare.sequence == 2 => Some((**prepare).clone()),
            _ => None,
        })
    };
    // Its own vote for the state tells the others'.
    let first = begin().play(40);
    let votes = first.said(|message| match message {
        Message::Checkpoint(vote) => Some((**vote).clone()),
        _ => None,
    });
    assert_eq!((prepares(&first).len(), votes.len()), (1, 1));
    let stage = send(begin(), 50, &[0, 1, 2], 3, &votes[0], Message::Checkpoint).crash(60, 70);
    // Somebody misses its vote.
    let missing = MissingParts { sequence: 2, pre_prepare: false, batch: false, prepares: true };
    let status =
        Status { view: 0, changing: None, low: 1, last_executed: 1, open: vec![missing], heard: vec![0; 4] };
    let played = send(stage, 80, &[1], 3, &status, Message::Status).play(100);
    assert_eq!(replica(&played).low(), 1);
    assert_eq!(
        prepares(&played),
        [prepares(&first)[0].clone(), prepares(&first)[0].clone()],
        "it keeps its word"
    );
    let again = played.sent.iter().filter(|sent| sent.resend && matches!(sent.message, Message::Prepare(_)));
    assert_eq!(again.map(|sent| sent.to.clone()).collect::<Vec<_>>(), [[NodeId(1)]]);
}

// ---- Retransmission and evidence ----

#[test]
fn a_batch_is_given_to_whoever_asks_for_it_in_his_own_name() {
    let asks = |change: fn(Message) -> Message, is_known: bool| {
        let (stage, made) = batch(stage(config(None), 3), 10, &ask(0, 1));
        let kept = Rc::clone(&made);
        let stage = stage.cue(20, 0, move |ctx| {
            let batch = made.borrow().clone().expect("it was signed");
            let proposal = ctx.sign(PrePrepare { view: 0, sequence: 1, digest: batch.digest() });
            ctx.send(NodeId(3), Message::PrePrepare(proposal, batch));
        });
        let stage = stage.cue(30, 2, move |ctx| {
            let digest = kept.borrow().as_ref().expect("it was signed").digest();
            let digest = if is_known { digest } else { Digest::of(&"no batch") };
            let fetch = ctx.authenticate(FetchBatch { digest });
            ctx.send(NodeId(3), change(Message::FetchBatch(fetch)));
        });
        let played = stage.play(40);
        let given = played.sent.iter().filter(|sent| matches!(sent.message, Message::Batch(_)));
        (given.map(|sent| sent.to[0].0).collect::<Vec<u32>>(), rejected(&played))
    };
    assert_eq!(asks(|message| message, true), (vec![2], vec![]));
    assert_eq!(asks(|message| message, false), (vec![], vec![]));
    let damaged = asks(|message| message.damaged().expect("it is signed"), true);
    assert_eq!(damaged, (vec![], vec![(Reason::BadSignature, 2)]));
}

#[test]
fn whoever_voted_early_for_another_proposal_is_shown_the_accepted_one() {
    for (early, shown) in [(Digest::of(&"another"), vec![vec![NodeId(2)]]), (Digest::ZERO, vec![])] {
        // Where it is zero nobody votes early.
        let vote = Prepare { view: 0, sequence: 1, digest: early };
        let voters: &[u32] = if early == Digest::ZERO { &[] } else { &[2] };
        let stage = send(stage(config(None), 3), 10, voters, 3, &vote, Message::Prepare);
        let (stage, made) = batch(stage, 10, &ask(0, 1));
        let stage = stage.cue(20, 0, move |ctx| {
            let batch = made.borrow().clone().expect("it was signed");
            let proposal = ctx.sign(PrePrepare { view: 0, sequence: 1, digest: batch.digest() });
            ctx.send(NodeId(3), Message::PrePrepare(proposal, batch));
        });
        let played = stage.play(30);
        let proposals = played.sent.iter().filter(|sent| matches!(sent.message, Message::PrePrepare(..)));
        assert_eq!(proposals.map(|sent| sent.to.clone()).collect::<Vec<_>>(), shown);
    }
}

#[test]
fn a_peer_in_an_earlier_view_is_shown_the_new_one_and_no_other() {
    let shown = |view, changing, heard| {
        let stage = new_view(stage(config(None), 3), 10, 3, 1, &change(1), vec![]);
        let status = Status { view, changing, low: 0, last_executed: 0, open: vec![], heard };
        let played = send(stage, 30, &[2], 3, &status, Message::Status).play(50);
        assert_eq!(replica(&played).view(), 1);
        let of = |is: fn(&Message) -> bool| played.sent.iter().filter(|sent| is(&sent.message)).count();
        of(|message| matches!(message, Message::NewView(_)))
    };
    let heard = || vec![1; 4];
    assert_eq!(shown(0, None, heard()), 1);
    assert_eq!(shown(0, Some(1), heard()), 1);
    assert_eq!(shown(0, Some(2), heard()), 0, "it wants a later one");
    assert_eq!(shown(1, None, heard()), 0, "it is there");
    assert_eq!(shown(1, Some(2), heard()), 0);
}

// ---- The log's time ----

#[test]
fn a_primary_tells_the_time_once_though_nothing_is_executed_yet() {
    let service =
        Service { machine: Machine::new(Watch::default()), workload: synod_log::Workload::new(Asking) };
    let command = |number| Some(Command::of::<Watch>(&Ask(number)));
    let mut stage = stage(config(Some(service)), 0);
    for (client, at) in [(0, 10), (1, 12), (0, 14), (1, 20)] {
        let timestamp = at;
        let request = ask(client, timestamp);
        let operation = Operation { command: command(at), ..request.operation };
        stage = send(stage, at, &[4], 0, &Request { operation, ..request }, Message::Request);
    }
    let ticks = stage.play(40).said(|message| match message {
        Message::PrePrepare(_, batch) => Some(batch.tick),
        _ => None,
    });
    // The log's time may lag by 5 ms: at 11 ms, and no more until 16 ms.
    assert_eq!(ticks, [Some(at(11)), None, None, Some(at(21))]);
}

// ---- Clients ----

#[test]
fn an_answer_to_an_earlier_read_is_none_to_the_present_one() {
    let mix = Mix { keys: 1, get: 1_000_000, put: 0, cas: 0, append: 0, renew: None };
    let workload = synod_log::Workload::new(Generator::new(mix));
    let service = Service { machine: Machine::new(Store::default()), workload };
    let mut config = Config { reads: Reads::Quorum, ..config(Some(service)) };
    if let Workload::Log(clients) = &mut config.workload {
        clients.clients = 1;
    }
    let output = |held: &[u64]| Output::of::<Store>(&kv::Output::Value(kv::Value(held.into())));
    let read = |timestamp, held| ReadReply {
        view: 0,
        client: ClientId(0),
        timestamp,
        at: None,
        output: output(held),
    };
    // The first read is answered by nobody in time, and ordered after 250 ms; the second begins 5 ms after that.
    let outcome = Outcome { height: 1, previous: 0, output: Some(output(&[])) };
    let reply = Reply { view: 0, client: ClientId(0), timestamp: 1, outcome };
    let stage = send(stage(config, 4), 300, &[0, 1, 2], 4, &reply, Message::Reply);
    // What was asked first is answered now, and then what was asked second.
    let stage = send(stage, 320, &[0, 1, 2], 4, &read(1, &[7]), Message::ReadReply);
    let stage = send(stage, 340, &[0, 1, 2], 4, &read(2, &[]), Message::ReadReply);
    let played = stage.play(345);
    let completed: Vec<u64> = played
        .claims
        .iter()
        .filter(|(_, claim)| matches!(claim, Observation::ReadCompleted { .. }))
        .map(|(at, _)| at.since(Time::ZERO).as_nanos() / 1_000_000)
        .collect();
    assert_eq!(completed, [341]);
    let reads =
        played.said(|message| if let Message::Read(read) = message { Some(read.timestamp) } else { None });
    assert_eq!(reads, [1, 2], "and the third begins 5 ms later");
}

// ---- Hosted ----

fn propose(pbft: &mut Pbft, ctx: &mut Ctx<'_>, client: u32, sequence: u64) -> Proposed {
    let command = Command::of::<Watch>(&Ask(sequence));
    pbft.propose(ctx, Proposal { id: ProposalId { client, sequence }, command })
}

#[test]
fn a_host_proposes_several_things_each_under_its_own_number() {
    let config = || Config { workload: Workload::Hosted(Machine::new(Watch::default())), ..config(None) };
    let asked = |subject: u32| {
        let told: Rc<RefCell<Vec<Proposed>>> = Rc::default();
        let stage = [1, 2, 2].into_iter().fold(stage(config(), subject), |stage, sequence| {
            let told = Rc::clone(&told);
            stage.call(10, move |pbft, ctx| {
                let proposed = propose(pbft, ctx, subject, sequence);
                told.borrow_mut().push(proposed);
            })
        });
        let played = stage.play(20);
        let of = |sent: &synod_testing::stage::Sent<Message>| match &sent.message {
            Message::Request(request) => Some((request.timestamp, sent.to.len())),
            _ => None,
        };
        (played.sent.iter().filter_map(of).collect::<Vec<_>>(), told.take())
    };
    // To the primary; what is proposed again goes to all.
    let (requests, told) = asked(3);
    assert_eq!(requests, [(1, 1), (2, 1), (2, 3)]);
    assert_eq!(
        told,
        [Proposed::PassedOn(NodeId(0)), Proposed::PassedOn(NodeId(0)), Proposed::PassedOn(NodeId(0))]
    );
    // The primary asks nobody but for what is proposed again.
    let (requests, told) = asked(0);
    assert_eq!(requests, [(2, 3)]);
    assert_eq!(told, [Proposed::Taken, Proposed::Taken, Proposed::Taken]);
}
