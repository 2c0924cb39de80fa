//! A protocol that runs a log as its child: three people draw tickets from one roll, and see all tickets drawn.
//!
//! The log is the simplest there is: node 0 orders, and nothing fails. But people are impatient, and ask again.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use synod_log::{
    Command, Log, LogEvent, Machine, Output, Proposal, ProposalId, Proposed, Service, StateMachine,
};
use synod_sim::network::ConstantDelay;
use synod_sim::{
    Context, Durable, Duration, Lens, Members, NoObservation, NodeId, Protocol, Setup, Simulation, Streams,
};

// ---- The service ----

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

// ---- The log ----

/// A replica: node 0 gives each new proposal the next index and tells all.
#[derive(Debug)]
struct Sequencer {
    machine: Box<dyn StateMachine>,
    index: u64,
    /// The last proposal of each client that was applied, with its output.
    sessions: BTreeMap<u32, (u64, Output)>,
    events: VecDeque<LogEvent>,
}

#[derive(Clone, Debug, Serialize)]
enum Order {
    Propose(Proposal),
    Ordered(Proposal),
}

impl synod_sim::Message for Order {}

const LEADER: NodeId = NodeId(0);

impl Sequencer {
    fn order(&mut self, ctx: &mut Context<'_, Sequencer>, proposal: &Proposal) {
        if self.sessions.get(&proposal.id.client).is_none_or(|(last, _)| *last < proposal.id.sequence) {
            ctx.broadcast(Order::Ordered(proposal.clone()));
            self.apply(proposal);
        }
    }

    fn apply(&mut self, Proposal { id, command }: &Proposal) {
        self.index += 1;
        let output = self.machine.apply(command);
        self.sessions.insert(id.client, (id.sequence, output.clone()));
        let (index, id, command) = (self.index, *id, command.clone());
        self.events.push_back(LogEvent::Applied { index, id, command, output });
    }
}

impl Protocol for Sequencer {
    type Config = Machine;
    type Message = Order;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(machine: &Rc<Machine>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Sequencer {
        Sequencer { machine: machine.start(), index: 0, sessions: BTreeMap::new(), events: VecDeque::new() }
    }

    fn on_start(&mut self, _: &mut Context<'_, Sequencer>) {}

    fn on_message(&mut self, ctx: &mut Context<'_, Sequencer>, _: NodeId, message: &Order) {
        match message {
            Order::Propose(proposal) => self.order(ctx, proposal),
            Order::Ordered(proposal) => self.apply(proposal),
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Sequencer>, (): ()) {}
}

impl Log for Sequencer {
    fn propose(&mut self, ctx: &mut Context<'_, Sequencer>, proposal: Proposal) -> Proposed {
        if ctx.me() == LEADER {
            self.order(ctx, &proposal);
            return Proposed::Taken;
        }
        ctx.send(LEADER, Order::Propose(proposal));
        Proposed::PassedOn(LEADER)
    }

    fn next_event(&mut self) -> Option<LogEvent> {
        self.events.pop_front()
    }

    fn machine(&self) -> &dyn StateMachine {
        &*self.machine
    }
}

// ---- The parent ----

/// Someone who draws tickets, one after the other. Nodes 1 to 3 of the run are the log's nodes 0 to 2; node 0 watches.
#[derive(Debug)]
struct Person {
    log: Option<Sequencer>,
    /// The number of the ticket that is asked for now.
    sequence: u64,
    mine: Vec<u64>,
    seen: Vec<(u64, u32, u64)>,
}

#[derive(Clone, Debug, Serialize)]
enum Letter {
    Log(Order),
}

impl synod_sim::Message for Letter {}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Alarm {
    Retry,
    Log,
}

/// Puts what the log emits into the parent's types.
struct InLetters;

impl Lens<Sequencer, Person> for InLetters {
    fn message(&mut self, message: Order) -> Letter {
        Letter::Log(message)
    }
    fn timer(&mut self, (): ()) -> Alarm {
        Alarm::Log
    }
    fn record(&mut self, (): ()) {}
    fn observation(&mut self, observation: NoObservation) -> Option<NoObservation> {
        match observation {}
    }
}

const MEMBERS: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];
const TICKETS: u64 = 4;

impl Person {
    /// Runs a handler of the log, and hears what it has to say.
    fn run<R>(
        &mut self,
        ctx: &mut Context<'_, Person>,
        handler: impl FnOnce(&mut Sequencer, &mut Context<'_, Sequencer>) -> R,
    ) -> Option<R> {
        let log = self.log.as_mut()?;
        let result = ctx.narrow(1, Members::Some(&MEMBERS), &mut InLetters, |ctx| handler(log, ctx));
        while let Some(event) = self.log.as_mut().and_then(Log::next_event) {
            self.hear(ctx, &event);
        }
        Some(result)
    }

    fn hear(&mut self, ctx: &mut Context<'_, Person>, event: &LogEvent) {
        let LogEvent::Applied { index, id, output, .. } = event else {
            panic!("nothing is read, and nobody falls behind");
        };
        let Ticket(number) = output.decode::<Roll>().expect("the command is one");
        self.seen.push((*index, id.client, number));
        if *id == (ProposalId { client: ctx.me().0, sequence: self.sequence }) {
            self.mine.push(number);
            self.sequence += 1;
            self.ask(ctx);
        }
    }

    /// Asks for the next ticket, and again until it comes: an answer takes longer than the first wait.
    fn ask(&mut self, ctx: &mut Context<'_, Person>) {
        if self.log.is_none() || self.sequence > TICKETS {
            return ctx.cancel_timer(Alarm::Retry);
        }
        ctx.set_timer(Alarm::Retry, Duration::from_millis(3));
        let id = ProposalId { client: ctx.me().0, sequence: self.sequence };
        let command = Command::of::<Roll>(&Ask::Draw);
        self.run(ctx, |log, ctx| log.propose(ctx, Proposal { id, command }));
    }
}

impl Protocol for Person {
    type Config = Rc<Machine>;
    type Message = Letter;
    type Timer = Alarm;
    type Record = ();
    type Observation = NoObservation;

    fn new(machine: &Rc<Rc<Machine>>, me: NodeId, _: usize, seed: u64, _: Durable<'_, ()>) -> Person {
        let place = MEMBERS.iter().position(|&member| member == me);
        let log = place.map(|place| Sequencer::new(machine, NodeId(place as u32), 3, seed, Durable::NOTHING));
        Person { log, sequence: 1, mine: Vec::new(), seen: Vec::new() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Person>) {
        self.run(ctx, |log, ctx| log.on_start(ctx));
        self.ask(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Person>, from: NodeId, Letter::Log(order): &Letter) {
        let place = MEMBERS.iter().position(|&member| member == from).expect("a member");
        self.run(ctx, |log, ctx| log.on_message(ctx, NodeId(place as u32), order));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Person>, alarm: Alarm) {
        match alarm {
            Alarm::Retry => self.ask(ctx),
            Alarm::Log => unreachable!("this log sets no timers"),
        }
    }
}

#[test]
fn a_parent_hears_all_that_its_log_applies_and_each_proposal_takes_effect_once() {
    let network = ConstantDelay(Duration::from_millis(2));
    let machine = Rc::new(Machine::new(Roll(0)));
    let mut run = Simulation::<Person, ()>::new(Setup::new(machine, 4, Streams::new(1), network), ());
    let end = run.run();
    let person = |node| run.machine(NodeId(node)).expect("it is up");
    let first = person(1);
    assert_eq!(first.seen.len() as u64, 3 * TICKETS);
    for (place, &(index, _, number)) in first.seen.iter().enumerate() {
        assert_eq!([index, number], [place as u64 + 1; 2], "tickets come in order, one an entry");
    }
    let mut tickets: Vec<u64> = MEMBERS.iter().flat_map(|node| person(node.0).mine.clone()).collect();
    tickets.sort_unstable();
    assert!(tickets.into_iter().eq(1..=3 * TICKETS), "each has its own");
    for node in [2, 3] {
        assert_eq!(person(node).seen, first.seen);
        let digest = |person: &Person| person.log.as_ref().expect("a member").machine().digest();
        assert_eq!(digest(person(node)), digest(first));
    }
    assert!(person(0).seen.is_empty());
    // Each of two people made each proposal twice, and each of the three's was told to two.
    assert_eq!(end.tally.delivered, 2 * 2 * TICKETS + 2 * 3 * TICKETS);
}
