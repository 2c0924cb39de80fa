//! Single steps of one replica or host among puppets: what it is told, and what it does then.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::rc::Rc;
use synod_common::kv::{Generator, Mix, Store};
use synod_common::workload::Arrival;
use synod_log::{Command, Image, Machine, Service, Source, Workload};
use synod_raft::{
    AppendEntries, Campaign, Clients, Config, Configuration, Entry, Index, InstallSnapshot, Message,
    Observation, Outcome, Payload, Raft, Replica, Request, RequestVote, Role, Sessions, Snapshot, Term, Vote,
};
use synod_sim::{Duration, NodeId, OperationId, Stream, Time};
use synod_testing::stage::{Played, Stage};
use synod_testing::{at, ms};

// ---- A machine that knows the time ----

/// It knows the time, and tells it.
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

const LAG: Duration = ms(5);

impl Service for Watch {
    const NAME: &'static str = "watch";
    const CLOCK: Option<Duration> = Some(LAG);
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

// ---- The stage ----

/// `replicas` and one host of one client.
fn config(replicas: u32, machine: Machine, workload: Workload) -> Config {
    let arrival = Arrival::Closed { think: ms(10) };
    let clients = Clients { hosts: 1, clients: 1, operations: 2, arrival, workload, payload_bytes: 0 };
    Config::new(replicas, machine, Some(clients))
}

fn plain(replicas: u32) -> Config {
    let mix = Mix { keys: 1, get: 0, put: 1_000_000, cas: 0, append: 0, renew: None };
    config(replicas, Machine::new(Store::default()), Workload::new(Generator::new(mix)))
}

fn watch(replicas: u32) -> Config {
    config(replicas, Machine::new(Watch::default()), Workload::new(Asking))
}

fn stage(config: Config, subject: u32) -> Stage<Raft> {
    let nodes = config.nodes();
    Stage::new(config, nodes, subject)
}

fn append(term: Term, (previous_index, previous_term): (Index, Term), entries: &[Rc<Entry>]) -> Message {
    Message::AppendEntries(AppendEntries {
        term,
        previous_index,
        previous_term,
        entries: entries.into(),
        commit: 0,
        round: 0,
    })
}

fn noop(term: Term) -> Rc<Entry> {
    Entry::new(term, Payload::Noop)
}

fn members(voters: &[u32]) -> Rc<Configuration> {
    let voters = voters.iter().copied().map(NodeId).collect();
    Rc::new(Configuration { voters, outgoing: vec![], learners: vec![], changes: 1 })
}

fn reconfigured(term: Term, voters: &[u32]) -> Rc<Entry> {
    Entry::new(term, Payload::Configuration(members(voters)))
}

fn request(sequence: u64) -> Message {
    Message::Request(Request {
        client: synod_raft::ClientId(0),
        sequence,
        operation: OperationId(sequence),
        command: Command::of::<Watch>(&Ask(sequence)),
        payload_bytes: 0,
    })
}

fn replica(played: &Played<Raft>) -> &Replica {
    let Raft::Replica(replica) = played.node() else { panic!("it is a replica") };
    replica
}

/// The terms of its entries, from index 1 on.
fn terms(played: &Played<Raft>) -> Vec<Term> {
    let replica = replica(played);
    (1..=replica.last_index()).map(|index| replica.entry(index).expect("nothing is forgotten").term).collect()
}

/// The ticks in its log.
fn ticks(played: &Played<Raft>) -> Vec<Time> {
    let replica = replica(played);
    let payload = |index| &replica.entry(index).expect("nothing is forgotten").payload;
    let tick = |index| if let Payload::Tick(time) = payload(index) { Some(*time) } else { None };
    (1..=replica.last_index()).filter_map(tick).collect()
}

fn votes(played: &Played<Raft>) -> Vec<Vote> {
    played.said(|message| if let Message::Vote(vote) = message { Some(*vote) } else { None })
}

fn campaigns(played: &Played<Raft>) -> Vec<(Term, bool)> {
    played.claimed(|claim| match claim {
        Observation::Campaigned { term, transfer } => Some((*term, *transfer)),
        _ => None,
    })
}

// ---- Elections ----

#[test]
fn whoever_hears_a_leader_grants_no_pre_vote_and_no_vote() {
    let asks = |kind| Message::RequestVote(RequestVote { term: 2, last_index: 9, last_term: 1, kind });
    for (kind, pre) in [(Campaign::PreVote, true), (Campaign::Election, false)] {
        let granted = |heard: u64, asked: u64| {
            let stage = stage(plain(3), 0).say(heard, 1, append(1, (0, 0), &[])).say(asked, 2, asks(kind));
            let votes = votes(&stage.play(asked + 5));
            assert!(votes.len() == 1 && votes[0].pre == pre, "{votes:?}");
            votes[0].granted
        };
        // E is 300 ms, and its own timeout is later.
        assert!(!granted(10, 20) && !granted(10, 309), "{kind:?}: within E of the leader's word");
        assert!(granted(10, 310), "{kind:?}: after it");
    }
    let transfer = stage(plain(3), 0).say(10, 1, append(1, (0, 0), &[])).say(20, 2, asks(Campaign::Transfer));
    assert!(votes(&transfer.play(30))[0].granted, "the leader itself wants another");
}

#[test]
fn timeout_now_is_for_voters_that_follow_in_this_term() {
    let told = |config: Config, subject, term| {
        let stage = stage(config, subject).say(10, 2, append(3, (0, 0), &[]));
        campaigns(&stage.say(20, 2, Message::TimeoutNow(term)).play(30))
    };
    assert_eq!(told(plain(4), 0, 3), [(4, true)]);
    assert_eq!(told(plain(4), 0, 2), [], "what is past");
    assert_eq!(told(plain(4), 0, 4), [], "a term that it has not entered");
    let learner = Config { voters: [1, 2, 3].map(NodeId).into(), learners: vec![NodeId(0)], ..plain(4) };
    assert_eq!(told(learner, 0, 3), [], "a learner does not stand");
    // Of one voter, which leads at once: term 1 is its own.
    let alone = stage(plain(1), 0).say(700, 1, Message::TimeoutNow(1)).play(750);
    assert!(matches!(replica(&alone).role(), Role::Leader(_)));
    assert_eq!(campaigns(&alone), [(1, false)], "who leads need not stand");
}

// ---- The log ----

#[test]
fn what_is_cut_off_takes_its_configuration_along() {
    let longer = append(1, (0, 0), &[noop(1), reconfigured(1, &[0, 1]), reconfigured(1, &[0, 2])]);
    let all = members(&[0, 1, 2]).voters.clone();
    for (kept, voters) in [(3, &[0, 2][..]), (2, &[0, 1]), (1, &[0, 1, 2])] {
        let stage = stage(plain(3), 0).say(10, 1, longer.clone());
        let other = append(2, (kept, 1), &[noop(2)]);
        let played = stage.say(20, 2, other).play(30);
        assert_eq!(terms(&played), [vec![1; kept as usize], vec![2]].concat());
        let voters: Vec<NodeId> = voters.iter().copied().map(NodeId).collect();
        assert_eq!(replica(&played).configuration().voters, voters, "{kept} entries stay");
        let used = played.claimed(|claim| match claim {
            Observation::Configured { configuration, .. } => Some(configuration.voters.clone()),
            _ => None,
        });
        assert_eq!((used.first(), used.last()), (Some(&all), Some(&voters)), "what it says that it uses");
    }
}

#[test]
fn what_is_written_over_takes_its_configuration_along() {
    let longer = append(1, (0, 0), &[noop(1), reconfigured(1, &[0, 1])]);
    let stage = stage(plain(3), 0).say(10, 1, longer).say(20, 2, append(2, (1, 1), &[noop(2)]));
    let played = stage.crash(30, 40).play(50);
    assert_eq!(terms(&played), [1, 2]);
    assert_eq!(replica(&played).configuration().voters, members(&[0, 1, 2]).voters, "after a restart too");
}

#[test]
fn entries_after_a_snapshot_stay_only_where_the_log_agrees_with_it() {
    let install = |index, term| {
        Message::InstallSnapshot(InstallSnapshot {
            term: 3,
            round: 4,
            snapshot: Rc::new(Snapshot {
                index,
                term,
                configuration: members(&[0, 1, 2]),
                configuration_index: 0,
                state: Image::of(&Store::default()),
                sessions: Sessions::default(),
            }),
        })
    };
    let log = append(2, (0, 0), &[noop(1), noop(1), noop(2), reconfigured(2, &[0, 1])]);
    for (snapshot, last, voters) in [
        (install(2, 1), 4, &[0, 1][..]),
        (install(3, 2), 4, &[0, 1]),
        (install(3, 3), 3, &[0, 1, 2]),
        (install(6, 3), 6, &[0, 1, 2]),
    ] {
        let played = stage(plain(3), 0).say(10, 1, log.clone()).say(20, 2, snapshot).play(30);
        let replica = replica(&played);
        assert_eq!(replica.last_index(), last);
        assert_eq!(replica.configuration().voters, voters.iter().copied().map(NodeId).collect::<Vec<_>>());
        let installed = played.claimed(|claim| match claim {
            Observation::SnapshotInstalled { last_index, .. } => Some(*last_index),
            _ => None,
        });
        assert_eq!(installed, [last], "what it says that it has");
        let answers = played.said(|message| match message {
            Message::AppendEntriesReply(reply) => Some((reply.round, reply.outcome)),
            _ => None,
        });
        assert_eq!(answers[1], (4, Outcome::Matched(replica.commit())));
    }
}

#[test]
fn an_append_is_acknowledged_as_far_as_it_was_compared() {
    let longer = append(1, (0, 0), &[noop(1), noop(1), noop(1), noop(1)]);
    let stage = stage(plain(3), 0).say(10, 1, longer).say(20, 2, append(2, (1, 1), &[noop(1)]));
    let played = stage.say(30, 2, append(2, (9, 1), &[])).say(40, 2, append(1, (0, 0), &[])).play(50);
    let answers = played.said(|message| match message {
        Message::AppendEntriesReply(reply) => Some((reply.term, reply.entries, reply.outcome)),
        _ => None,
    });
    let conflict = |previous, hint_index, hint_term| Outcome::Conflict { previous, hint_index, hint_term };
    assert_eq!(
        answers,
        [
            (1, 4, Outcome::Matched(4)),
            (2, 1, Outcome::Matched(2)),
            (2, 0, conflict(9, 4, 1)),
            (2, 0, conflict(0, 0, 0))
        ]
    );
    assert_eq!(terms(&played), [1, 1, 1, 1], "what does not contradict stays");
}

// ---- The log's time ----

#[test]
fn a_tick_stands_before_a_command_if_the_last_is_old() {
    // The one voter leads within 2E, and commits what it appends.
    let mut stage = stage(watch(1), 0);
    for (sequence, at) in (1..).zip([700, 702, 704, 710]) {
        stage = stage.say(at, 1, request(sequence));
    }
    // The first at 701 ms, and none until that one is 5 ms old.
    assert_eq!(ticks(&stage.play(720)), [at(701), at(711)]);
}

#[test]
fn a_new_leader_goes_on_from_the_last_tick_of_its_log() {
    let ahead = Entry::new(1, Payload::Tick(at(800)));
    for (asked, expected) in [(100, vec![at(800)]), (820, vec![at(800), at(821)])] {
        // The former leader's clock is half a second ahead, and its tick is not committed.
        let stage = stage(watch(3), 0).say(10, 1, append(1, (0, 0), std::slice::from_ref(&ahead)));
        let vote = Vote { term: 2, pre: false, granted: true };
        let stage = stage.say(20, 1, Message::TimeoutNow(1)).say(30, 2, Message::Vote(vote));
        // Or it would step down.
        let stage = (40..asked).step_by(20).fold(stage, |stage, at| {
            let reply = synod_raft::AppendEntriesReply {
                term: 2,
                round: 0,
                entries: 0,
                outcome: Outcome::Matched(0),
            };
            stage.say(at, 2, Message::AppendEntriesReply(reply))
        });
        let played = stage.say(asked, 3, request(1)).play(asked + 5);
        assert!(matches!(replica(&played).role(), Role::Leader(_)));
        assert_eq!(ticks(&played), expected, "the log's time does not fall");
        assert_eq!(terms(&played)[..2], [1, 2], "it keeps what it had");
    }
}

// ---- Clients ----

#[test]
fn a_host_asks_one_replica_after_the_other_with_requests_numbered_from_one() {
    let played = stage(plain(3), 3).play(2_000);
    let asked: Vec<(NodeId, u64)> = played
        .sent
        .iter()
        .filter_map(|sent| match &sent.message {
            Message::Request(request) => Some((sent.to[0], request.sequence)),
            _ => None,
        })
        .collect();
    assert_eq!(asked[..4], [(NodeId(0), 1), (NodeId(1), 1), (NodeId(2), 1), (NodeId(0), 1)]);
}
