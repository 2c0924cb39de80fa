//! A log decides what it applies first: with the simplest log there is, whose node 0 orders.

use serde::Serialize;
use std::collections::VecDeque;
use std::rc::Rc;
use synod_common::decide::Decide;
use synod_common::decide::on_log::{FirstProposal, LogDecider, LogDeciderConfig, LogObservation};
use synod_log::{Log, LogEvent, Machine, Proposal, Proposed, StateMachine};
use synod_sim::inject::{InFlight, Intervention};
use synod_sim::network::ConstantDelay;
use synod_sim::{
    Context, Damage, Durable, Duration, Event, EventTime, Flow, GroundTruth, NoObservation, NodeId, Observer,
    Oracle, Protocol, Setup, Simulation, Streams, Time,
};

/// A replica. The leader gives each proposal the next index, and tells everybody all that it has ordered.
#[derive(Debug)]
struct Sequencer {
    machine: Box<dyn StateMachine>,
    ordered: Vec<Proposal>,
    applied: usize,
    events: VecDeque<LogEvent>,
}

#[derive(Clone, Debug, Serialize)]
enum Order {
    Propose(Proposal),
    Ordered(Vec<Proposal>),
}

impl synod_sim::Message for Order {}

const LEADER: NodeId = NodeId(0);

impl Sequencer {
    fn order(&mut self, ctx: &mut Context<'_, Sequencer>, proposal: &Proposal) {
        if self.ordered.iter().all(|other| other.id != proposal.id) {
            self.ordered.push(proposal.clone());
        }
        ctx.broadcast(Order::Ordered(self.ordered.clone()));
        self.apply();
    }

    fn apply(&mut self) {
        for Proposal { id, command } in self.ordered[self.applied..].iter().cloned() {
            self.applied += 1;
            let output = self.machine.apply(&command);
            self.events.push_back(LogEvent::Applied { index: self.applied as u64, id, command, output });
        }
    }
}

impl Protocol for Sequencer {
    type Config = Machine;
    type Message = Order;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(machine: &Rc<Machine>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Sequencer {
        Sequencer { machine: machine.start(), ordered: Vec::new(), applied: 0, events: VecDeque::new() }
    }

    fn on_start(&mut self, _: &mut Context<'_, Sequencer>) {}

    fn on_message(&mut self, ctx: &mut Context<'_, Sequencer>, _: NodeId, message: &Order) {
        match message {
            Order::Propose(proposal) => self.order(ctx, proposal),
            Order::Ordered(all) if all.len() > self.ordered.len() => {
                self.ordered = all.clone();
                self.apply();
            }
            Order::Ordered(_) => {}
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

/// Keeps what was decided, and shows the oracles everything.
struct Watch {
    decided: Vec<(u32, u64)>,
    oracles: Vec<Box<dyn Oracle<LogDecider<Sequencer>>>>,
}

impl Observer<LogDecider<Sequencer>> for Watch {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, LogDecider<Sequencer>>) -> Flow {
        for oracle in &mut self.oracles {
            oracle.on_event(moment, event).expect("it holds");
        }
        if let Event::Observed { node, observation: LogObservation::Decided(value) } = event {
            self.decided.push((node.0, *value));
        }
        Flow::Continue
    }
}

fn config(at: u64, value: u64) -> LogDeciderConfig<Sequencer> {
    LogDeciderConfig {
        log: Rc::new(FirstProposal::machine()),
        members: 4,
        value,
        at: Time::from_nanos(at),
        retry_interval: Duration::from_millis(50),
        oracles: |_, _| Vec::new(),
    }
}

/// Who decides what.
fn run(config: LogDeciderConfig<Sequencer>, interventions: Vec<(Time, Intervention)>) -> Vec<(u32, u64)> {
    let network = ConstantDelay(Duration::from_millis(2));
    let horizon = Time::from_nanos(1_000_000_000);
    let ground_truth = GroundTruth::undisturbed(4, Duration::from_millis(2), horizon);
    let oracles = LogDecider::oracles(&Rc::new(config.clone()), &ground_truth);
    let setup = Setup { interventions, ..Setup::new(config, 4, Streams::new(1), network) };
    let mut run = Simulation::new(setup, Watch { decided: Vec::new(), oracles });
    run.run();
    let Watch { mut decided, oracles } = run.into_observer();
    assert_eq!(oracles[0].checked(), decided.len() as u64);
    decided.sort_unstable();
    decided
}

#[test]
fn all_members_decide_what_the_log_applies_first() {
    let all = [(0, 7), (1, 7), (2, 7), (3, 7)];
    assert_eq!(run(config(0, 7), Vec::new()), all);
    assert_eq!(run(config(5_000_000, 7), Vec::new()), all);
    let stage = LogDecider::<Sequencer>::starting(&config(0, 7), Time::from_nanos(1_000_000), Some(9));
    assert_eq!(run(stage, Vec::new()), all.map(|(node, _)| (node, 9)));
}

/// A member that comes back proposes again, hears what was ordered, and decides the same.
#[test]
fn a_member_that_was_down_decides_the_same() {
    let crash = Intervention::Crash {
        id: 0,
        node: NodeId(2).into(),
        damage: Damage::Unsynced,
        in_flight: InFlight::Deliver,
    };
    let restart = Intervention::Restart { id: 0, node: NodeId(2).into() };
    let down = vec![(Time::from_nanos(500_000), crash), (Time::from_nanos(30_000_000), restart)];
    assert_eq!(run(config(1_000_000, 5), down), [(0, 5), (1, 5), (2, 5), (3, 5)]);
}
