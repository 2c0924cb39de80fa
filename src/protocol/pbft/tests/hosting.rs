//! A protocol that hosts PBFT: whatever one of four members does, every proposal is applied once, at the same place
//! everywhere, and answered.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use synod_fault::Fault;
use synod_log::{Command, Log, LogEvent, Machine, Proposal, ProposalId, Service};
use synod_pbft::{Config, Message, Observation, Pbft, Quorum, Record, Timer, Workload};
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Context, Damage, Durable, Kind, Lens, Members, NoObservation, NodeId, Protocol};
use synod_testing::{TestRun, at, ms};

/// A roll of tickets: so many were drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Roll(u64);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ask {
    Draw,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ticket(u64);

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Roll Ask Ticket }

impl Service for Roll {
    const NAME: &'static str = "roll";
    type Command = Ask;
    type Output = Ticket;

    fn apply(&mut self, Ask::Draw: &Ask) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}

/// Someone who draws tickets, one after the other.
#[derive(Debug)]
struct Person {
    log: Pbft,
    sequence: u64,
    /// By index: who drew which ticket.
    seen: BTreeMap<u64, (ProposalId, u64)>,
    answered: BTreeMap<u64, u64>,
    caught_up: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Letter(Message);

impl synod_sim::Message for Letter {
    const KINDS: &'static [Kind] = Message::KINDS;

    fn kind(&self) -> usize {
        self.0.kind()
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Letter> {
        self.0.altered(alteration, forge).map(Letter)
    }
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Alarm {
    Retry,
    Log(Timer),
}

struct InLetters;

impl Lens<Pbft, Person> for InLetters {
    fn message(&mut self, message: Message) -> Letter {
        Letter(message)
    }
    fn timer(&mut self, timer: Timer) -> Alarm {
        Alarm::Log(timer)
    }
    fn record(&mut self, record: Record) -> Record {
        record
    }
    fn observation(&mut self, _: Observation) -> Option<NoObservation> {
        None
    }
}

const TICKETS: u64 = 12;
const MEMBERS: u32 = 4;

impl Person {
    fn run<R>(
        &mut self,
        ctx: &mut Context<'_, Person>,
        handler: impl FnOnce(&mut Pbft, &mut Context<'_, Pbft>) -> R,
    ) {
        let log = &mut self.log;
        ctx.narrow(1, Members::All, &mut InLetters, |ctx| handler(log, ctx));
        while let Some(event) = self.log.next_event() {
            self.hear(ctx, event);
        }
    }

    fn hear(&mut self, ctx: &mut Context<'_, Person>, event: LogEvent) {
        let (id, output) = match event {
            LogEvent::Applied { index, id, output, .. } => {
                let Ticket(number) = output.decode::<Roll>().expect("an answer");
                assert!(self.seen.insert(index, (id, number)).is_none(), "each index once");
                (id, output)
            }
            LogEvent::Answered { id, output } => (id, output),
            LogEvent::CaughtUp { index } => {
                self.caught_up = self.caught_up.max(index);
                return;
            }
        };
        if id == (ProposalId { client: ctx.me().0, sequence: self.sequence }) {
            let Ticket(number) = output.decode::<Roll>().expect("an answer");
            self.answered.insert(self.sequence, number);
            self.sequence += 1;
            self.ask(ctx);
        }
    }

    /// Asks for the next ticket, and again until it comes.
    fn ask(&mut self, ctx: &mut Context<'_, Person>) {
        if self.sequence > TICKETS {
            return ctx.cancel_timer(Alarm::Retry);
        }
        ctx.set_timer(Alarm::Retry, ms(150));
        let id = ProposalId { client: ctx.me().0, sequence: self.sequence };
        let command = Command::of::<Roll>(&Ask::Draw);
        self.run(ctx, |log, ctx| log.propose(ctx, Proposal { id, command }));
    }
}

impl Protocol for Person {
    type Config = Rc<Config>;
    type Message = Letter;
    type Timer = Alarm;
    type Record = Record;
    type Observation = NoObservation;

    fn new(
        config: &Rc<Rc<Config>>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, Record>,
    ) -> Person {
        let log = Pbft::new(config, me, nodes, seed, durable);
        Person { log, sequence: 1, seen: BTreeMap::new(), answered: BTreeMap::new(), caught_up: 0 }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Person>) {
        self.run(ctx, |log, ctx| log.on_start(ctx));
        self.ask(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Person>, from: NodeId, Letter(message): &Letter) {
        self.run(ctx, |log, ctx| log.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Person>, alarm: Alarm) {
        match alarm {
            Alarm::Retry => self.ask(ctx),
            Alarm::Log(timer) => self.run(ctx, |log, ctx| log.on_timer(ctx, timer)),
        }
    }
}

fn members(seed: u64, loss_ppm: u32) -> TestRun<Person> {
    let machine = Machine::new(Roll(0));
    let config = Config {
        checkpoint_interval: 4,
        timeout: ms(200),
        timeout_max: ms(800),
        status_interval: ms(100),
        ..Config::new(Quorum::new(MEMBERS, 1).expect("n >= 3f + 1"), Workload::Hosted(machine))
    };
    let mut run = TestRun::new(Rc::new(config), MEMBERS as usize).agents(MEMBERS, 1).delays(ms(1), ms(9));
    run.link.loss = synod_net::Probability::from_ppm(loss_ppm).expect("a share");
    run.horizon(at(60_000)).seed(seed)
}

/// What the `correct` members have seen is one history, and holds all that they asked for once.
fn judge(run: TestRun<Person>, correct: &[u32], what: &str) {
    let outcome = run.run();
    let person = |node: u32| outcome.machine(node).expect("it is up");
    let mut all: BTreeMap<u64, (ProposalId, u64)> = BTreeMap::new();
    for &node in correct {
        assert_eq!(person(node).answered.len() as u64, TICKETS, "{what}: member {node} is answered");
        for (&index, &entry) in &person(node).seen {
            assert_eq!(*all.entry(index).or_insert(entry), entry, "{what}: index {index}");
            assert_eq!(index, entry.1, "{what}: each entry draws a ticket");
        }
        let until = person(node).seen.keys().next_back().copied().unwrap_or_default();
        assert!(
            until.max(person(node).caught_up) >= correct.len() as u64 * TICKETS,
            "{what}: {node} is behind"
        );
    }
    assert!(all.keys().copied().eq(1..=all.len() as u64), "{what}: no index is left out");
    for &node in correct {
        for (&sequence, &number) in &person(node).answered {
            let id = ProposalId { client: node, sequence };
            let places: Vec<u64> = all.values().filter(|entry| entry.0 == id).map(|entry| entry.1).collect();
            assert_eq!(places, [number], "{what}: {id:?} is applied once, and answered so");
        }
    }
}

const LOSS: u32 = 50_000;

#[test]
fn every_proposal_is_applied_once_at_the_same_place_and_answered() {
    for seed in 1..6 {
        judge(members(seed, 0), &[0, 1, 2, 3], "all is well");
        judge(members(seed, LOSS), &[0, 1, 2, 3], "loss");
    }
}

#[test]
fn one_that_crashes_holds_nobody_up() {
    for seed in 1..6 {
        for node in [0, 3] {
            let others: Vec<u32> = (0..MEMBERS).filter(|&other| other != node).collect();
            judge(members(seed, LOSS).kill(node, at(60)), &others, "a crash");
        }
    }
}

#[test]
fn one_that_lies_holds_nobody_up() {
    for fault in [
        r#"[{"mutate": {"agents": [0], "chance": "40%"}}]"#,
        r#"[{"silent": {"agents": [0]}}]"#,
        r#"[{"twins": {"agents": [0]}}]"#,
    ] {
        let fault: Vec<Fault> = serde_json::from_str(fault).expect("it is a fault");
        for seed in 1..4 {
            judge(members(seed, LOSS).faults(fault.clone()), &[1, 2, 3], &format!("{fault:?}, seed {seed}"));
        }
    }
}

/// What the others have ordered without it, it finds in the state that it takes over.
#[test]
fn one_that_restarts_hears_of_the_state() {
    for seed in 1..4 {
        let run = members(seed, 0).crash_with(NodeId(2), Damage::None, at(400), Some(at(900)));
        let outcome = run.run();
        let person = outcome.machine(2).expect("it is up");
        assert!(person.caught_up > 0, "seed {seed}");
    }
}
