//! Nodes that do what a test tells them, and a diary of what became of it.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fmt;
use std::rc::Rc;
use synod::sim::network::{Arrival, ConstantDelay, Fate, Shipment};
use synod::sim::{
    Context, Durable, Duration, End, Ending, Event, Flow, Moment, Network, NodeId, Observation, Protocol,
    Setup, Simulation, Streams, Time, Watch,
};

pub(crate) type Ctx<'a> = Context<'a, Actor>;

/// What happens to an actor.
pub(crate) enum Input {
    Start,
    Message(NodeId, u64),
    Timer(u8),
}

/// What all actors do.
type Script = Box<dyn Fn(&mut Actor, &mut Ctx<'_>, Input)>;

/// A node that acts by a script.
pub(crate) struct Actor {
    script: Rc<Script>,
    /// What it found in its storage when it was built.
    pub(crate) found: Vec<u64>,
    pub(crate) torn: bool,
    /// For a script to count in.
    pub(crate) count: u64,
}

#[derive(serde::Serialize)]
pub(crate) struct Note(String);

impl fmt::Debug for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Observation for Note {}

/// Writes a line into the diary, as an effect.
pub(crate) fn note(ctx: &mut Ctx<'_>, text: impl fmt::Display) {
    ctx.observe(Note(text.to_string()));
}

impl Protocol for Actor {
    type Config = Script;
    type Message = u64;
    type Timer = u8;
    type Record = u64;
    type Observation = Note;

    fn new(script: &Rc<Script>, _: NodeId, _: usize, durable: Durable<'_, u64>) -> Actor {
        Actor { script: Rc::clone(script), found: durable.records.to_vec(), torn: durable.torn, count: 0 }
    }

    fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        self.act(ctx, Input::Start);
    }

    fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, &message: &u64) {
        self.act(ctx, Input::Message(from, message));
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: u8) {
        self.act(ctx, Input::Timer(timer));
    }
}

impl Actor {
    fn act(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let script = Rc::clone(&self.script);
        script(self, ctx, input);
    }
}

/// What happened, a line an event.
#[derive(Default)]
pub(crate) struct Diary(pub(crate) Vec<String>);

impl Watch<Actor> for Diary {
    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, Actor>) -> Flow {
        let line = match event {
            Event::Sent { from, message, .. } => format!("{from:?} sent {message}"),
            Event::Delivered { from, to, message, .. } => format!("{message} from {from:?} reached {to:?}"),
            Event::Lost { from, to, message, why, .. } => {
                format!("{message} from {from:?} to {to:?} lost: {why:?}")
            }
            Event::Expired { node, timer } => format!("{node:?} timer {timer}"),
            Event::Observed { node, observation } => format!("{node:?} {observation:?}"),
            Event::Crashed { node } => format!("{node:?} crashed"),
            Event::Restarted { node, wiped } => {
                format!("{node:?} restarted{}", if *wiped { " wiped" } else { "" })
            }
            Event::Struck { id, node } => format!("{node:?} struck by {id}"),
            Event::Cut { id, .. } => format!("cut {id}"),
            Event::Healed { id } => format!("healed {id}"),
        };
        self.0.push(format!("{} {line}", moment.at));
        Flow::Continue
    }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Time {
    Time::ZERO + ms(millis)
}

/// `nodes` actors over links of one millisecond.
pub(crate) fn actors(
    nodes: usize,
    script: impl Fn(&mut Actor, &mut Ctx<'_>, Input) + 'static,
) -> Setup<Actor> {
    let script: Script = Box::new(script);
    Setup::new(script, nodes, Streams::new(1), ConstantDelay(ms(1)))
}

/// Runs to the end; what is quiescent must hold nothing any more.
pub(crate) fn play(setup: Setup<Actor>) -> (End, Vec<String>) {
    let mut run = Simulation::new(setup, Diary::default());
    let end = run.run();
    if end.ending == Ending::Quiescent {
        assert_eq!(run.pending(), 0, "all slots are released");
    }
    (end, run.into_watch().0)
}

/// The lines of `diary` that contain `part`.
pub(crate) fn lines<'a>(diary: &'a [String], part: &str) -> Vec<&'a str> {
    diary.iter().filter(|line| line.contains(part)).map(String::as_str).collect()
}

/// A network that decides by a function of (sender, receiver, message number, time of departure).
pub(crate) struct Wire<F>(pub(crate) F);

impl<F: Fn(NodeId, NodeId, u64, Time) -> Fate> Network for Wire<F> {
    fn route(&mut self, shipment: &Shipment<'_>, arrivals: &mut Vec<Arrival>) {
        let &Shipment { from, number, at, .. } = shipment;
        shipment.to.for_each(from, |to| arrivals.push(Arrival { to, fate: (self.0)(from, to, number, at) }));
    }
}
