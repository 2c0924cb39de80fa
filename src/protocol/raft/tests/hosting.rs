//! Another protocol hosts Raft: members draw tickets from one roll, while they crash and messages are lost.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use synod_log::{Command, Log, LogEvent, Machine, Output, Proposal, ProposalId, Proposed, Service};
use synod_raft::{Config, Message, Observation, Raft, Record, Timer};
use synod_sim::inject::Action;
use synod_sim::{Context, Durable, Lens, Members, NoObservation, NodeId, Protocol, Purpose, Streams};
use synod_testing::{Outcome, TestRun, at, ms, on_copies};

// ---- The service ----

/// A roll of tickets: so many were drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Roll(u64);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ask {
    Draw,
    Count,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tickets(u64);

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Roll Ask Tickets }

impl Service for Roll {
    const NAME: &'static str = "roll";
    type Command = Ask;
    type Output = Tickets;

    fn apply(&mut self, ask: &Ask) -> Tickets {
        self.0 += u64::from(*ask == Ask::Draw);
        Tickets(self.0)
    }

    fn is_read(ask: &Ask) -> bool {
        *ask == Ask::Count
    }
}

// ---- The host ----

/// A member that draws tickets, one after the other, and counts them after every third.
#[derive(Debug)]
struct Member {
    log: Raft,
    /// The number of the present proposal.
    sequence: u64,
    /// What it was told of its own proposals in this life.
    told: BTreeMap<u64, u64>,
    /// What was applied in this life, by index.
    applied: BTreeMap<u64, (ProposalId, u64)>,
    /// The last index that a snapshot covers.
    caught_up: u64,
    passed_on: bool,
}

#[derive(Clone, Debug, Serialize)]
enum Written {
    Log(Record),
    /// It goes on to this proposal.
    Proposes(u64),
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Alarm {
    Log(Timer),
    Retry,
}

struct InMember;

impl Lens<Raft, Member> for InMember {
    fn message(&mut self, message: Message) -> Message {
        message
    }
    fn timer(&mut self, timer: Timer) -> Alarm {
        Alarm::Log(timer)
    }
    fn record(&mut self, record: Record) -> Written {
        Written::Log(record)
    }
    fn observation(&mut self, _: Observation) -> Option<NoObservation> {
        None
    }
}

const MEMBERS: u32 = 3;
const PROPOSALS: u64 = 24;

fn asks(sequence: u64) -> Ask {
    if sequence.is_multiple_of(3) { Ask::Count } else { Ask::Draw }
}

impl Member {
    fn run<R>(
        &mut self,
        ctx: &mut Context<'_, Member>,
        handler: impl FnOnce(&mut Raft, &mut Context<'_, Raft>) -> R,
    ) -> R {
        let result = ctx.narrow(1, Members::All, &mut InMember, |ctx| handler(&mut self.log, ctx));
        while let Some(event) = self.log.next_event() {
            self.hear(ctx, event);
        }
        result
    }

    fn hear(&mut self, ctx: &mut Context<'_, Member>, event: LogEvent) {
        let number = |output: Output| output.decode::<Roll>().expect("the command is one").0;
        let (id, number) = match event {
            LogEvent::Applied { index, id, output, .. } => {
                let number = number(output);
                let before = self.applied.insert(index, (id, number));
                assert_eq!(before, None, "an index is applied once in a life");
                (id, number)
            }
            LogEvent::Answered { id, output } => (id, number(output)),
            LogEvent::CaughtUp { index } => {
                self.caught_up = index;
                return;
            }
        };
        if id == (ProposalId { client: ctx.me().0, sequence: self.sequence }) {
            self.told.insert(self.sequence, number);
            self.sequence += 1;
            ctx.persist(Written::Proposes(self.sequence));
            ctx.sync();
            self.propose(ctx);
        }
    }

    /// Makes the present proposal, and again until it is answered.
    fn propose(&mut self, ctx: &mut Context<'_, Member>) {
        if self.sequence > PROPOSALS {
            return ctx.cancel_timer(Alarm::Retry);
        }
        ctx.set_timer(Alarm::Retry, ms(40));
        let id = ProposalId { client: ctx.me().0, sequence: self.sequence };
        let command = Command::of::<Roll>(&asks(self.sequence));
        let proposed = self.run(ctx, |log, ctx| log.propose(ctx, Proposal { id, command }));
        self.passed_on |= matches!(proposed, Proposed::PassedOn(_));
    }
}

impl Protocol for Member {
    type Config = Rc<Config>;
    type Message = Message;
    type Timer = Alarm;
    type Record = Written;
    type Observation = NoObservation;

    fn new(
        config: &Rc<Rc<Config>>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, Written>,
    ) -> Member {
        let (mut records, mut sequence) = (Vec::new(), 1);
        for record in durable.records {
            match record {
                Written::Log(record) => records.push(record.clone()),
                Written::Proposes(next) => sequence = *next,
            }
        }
        let log = Raft::new(config, me, nodes, seed, Durable { records: &records, torn: durable.torn });
        let (told, applied) = (BTreeMap::new(), BTreeMap::new());
        Member { log, sequence, told, applied, caught_up: 0, passed_on: false }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Member>) {
        self.run(ctx, |log, ctx| log.on_start(ctx));
        self.propose(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Member>, from: NodeId, message: &Message) {
        self.run(ctx, |log, ctx| log.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Member>, alarm: Alarm) {
        match alarm {
            Alarm::Log(timer) => self.run(ctx, |log, ctx| log.on_timer(ctx, timer)),
            Alarm::Retry => self.propose(ctx),
        }
    }
}

/// Three members, of which each crashes twice; a tenth of the copies is lost, and as many come twice.
fn run(seed: u64) -> Outcome<Member> {
    let machine = Machine::new(Roll(0));
    let config = Config {
        election_timeout: ms(60),
        heartbeat_interval: ms(10),
        snapshot_interval: 8,
        snapshot_trail: 2,
        ..Config::new(MEMBERS, machine, None)
    };
    let mut dice = Streams::new(seed).stream(Purpose::Resolution, 0);
    let mut run = TestRun::<Member>::new(Rc::new(config), MEMBERS as usize)
        .seed(seed)
        .delays(ms(1), ms(5))
        .sync_latency(ms(1))
        .horizon(at(8_000));
    for crash in 0..6 {
        let from = 100 + 150 * crash + dice.random_range(0..100);
        run = run.crash((crash % 3) as u32, at(from), at(from + dice.random_range(20..200)));
    }
    let loss = on_copies(move |wire, _| match dice.random_range(0..10) {
        0 if wire.now < at(3_000) => Action::Drop,
        1 if wire.now < at(3_000) => Action::Duplicate { copies: 1, apart: ms(2) },
        _ => Action::Pass,
    });
    run.intercept(loss).run()
}

#[test]
fn each_proposal_takes_effect_once_at_one_index_and_is_answered() {
    let (mut caught_up, mut passed_on, mut again) = (false, false, false);
    for seed in 0..40 {
        let outcome = run(seed);
        let members: Vec<&Member> =
            (0..MEMBERS).map(|node| outcome.machine(node).expect("it is up")).collect();
        let draws = (1..=PROPOSALS).filter(|&sequence| asks(sequence) == Ask::Draw).count() as u64;
        let state = Machine::new(Roll(draws * u64::from(MEMBERS))).start().digest();
        // What was applied at every index, by whoever has heard of it, and the ticket of every proposal.
        let (mut log, mut tickets) = (BTreeMap::new(), BTreeMap::new());
        for member in &members {
            assert_eq!(member.sequence, PROPOSALS + 1, "seed {seed}: everything is answered");
            assert_eq!(member.log.machine().digest(), state, "seed {seed}: everything is drawn once");
            for (&index, &(id, number)) in &member.applied {
                assert_eq!(*log.entry(index).or_insert((id, number)), (id, number), "seed {seed}, {index}");
                assert_eq!(*tickets.entry(id).or_insert(number), number, "seed {seed}: {id:?} is drawn once");
            }
            caught_up |= member.caught_up > 0;
            passed_on |= member.passed_on;
        }
        again |= log.len() > tickets.len();
        for (client, member) in (0..).zip(&members) {
            for (&sequence, &number) in &member.told {
                match asks(sequence) {
                    Ask::Count => {
                        let before = member.told.range(..sequence).next_back().map_or(0, |(_, &drawn)| drawn);
                        assert!(number >= before, "seed {seed}: it counts what it drew");
                    }
                    Ask::Draw => {
                        let id = ProposalId { client, sequence };
                        assert_eq!(*tickets.entry(id).or_insert(number), number, "seed {seed}: {id:?}");
                    }
                }
            }
        }
        let mut numbers: Vec<u64> = tickets.into_values().collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "seed {seed}: a ticket is drawn by one");
    }
    assert!(caught_up && passed_on && again, "snapshots, followers that propose, duplicates in the log");
}
