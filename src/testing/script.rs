//! Scripted nodes (actors), and a diary of the events of their run.
//!
//! They serve to test what surrounds a protocol: kernel, network and faults.
//!
//! ```
//! use synod_sim::NodeId;
//! use synod_testing::script::{Input, actors, lines, note, play};
//! use synod_testing::ms;
//!
//! let (end, diary) = play(actors(2, |me, ctx, input| match input {
//!     Input::Start if ctx.me().0 == 0 => ctx.set_timer(1, ms(10)),
//!     Input::Start => {}
//!     Input::Timer(_) => ctx.send(NodeId(1), 42),
//!     Input::Message(from, number) => {
//!         me.count += 1;
//!         note(ctx, format_args!("heard {number} from {from:?}"));
//!     }
//! }));
//! assert_eq!(lines(&diary, "heard"), ["11ms n1 heard 42 from n0"]);
//! assert_eq!(end.tally.timers, 1);
//! ```

use super::{TestRun, ms};
use serde::{Serialize, Serializer};
use std::fmt;
use std::rc::Rc;
use synod_sim::network::ConstantDelay;
use synod_sim::{
    Context, Durable, End, Ending, Event, EventTime, Flow, NodeId, Observation, Observer, Protocol, Setup,
    Simulation, Streams,
};

/// The context of an actor's handlers, through which a script acts.
pub type Ctx<'a> = Context<'a, Actor>;

/// An input to an actor.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Start, or restart after a crash.
    Start,
    /// A number arrives from this node.
    Message(NodeId, u64),
    /// This timer of the actor expires.
    Timer(u8),
}

/// The script of all actors of a run.
pub type Script = Box<dyn Fn(&mut Actor, &mut Ctx<'_>, Input)>;

/// A node that follows a script: it can send numbers, arm timers, persist numbers and log lines of text ([`note`]).
pub struct Actor {
    script: Rc<Script>,
    /// The records that were in its storage when it started or restarted.
    pub found: Vec<u64>,
    /// True if the last write before the restart was torn.
    pub torn: bool,
    /// A counter for scripts. A crash resets it to zero.
    pub count: u64,
    /// The seed that it was built with.
    pub seed: u64,
}

/// A line that an actor has logged with [`note`].
#[derive(Clone)]
pub struct Note(String);

impl fmt::Debug for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Note", &self.0)
    }
}

impl Observation for Note {}

/// Logs a line: an observation of the actor, which appears in the diary as an effect of the current handler.
pub fn note(ctx: &mut Ctx<'_>, text: impl fmt::Display) {
    ctx.observe(Note(text.to_string()));
}

impl Protocol for Actor {
    type Config = Script;
    type Message = u64;
    type Timer = u8;
    type Record = u64;
    type Observation = Note;

    fn new(script: &Rc<Script>, _: NodeId, _: usize, seed: u64, durable: Durable<'_, u64>) -> Actor {
        let (script, found) = (Rc::clone(script), durable.records.to_vec());
        Actor { script, found, torn: durable.torn, count: 0, seed }
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

impl TestRun<Actor> {
    /// Returns a run of `nodes` actors.
    pub fn scripted(
        nodes: usize,
        script: impl Fn(&mut Actor, &mut Ctx<'_>, Input) + 'static,
    ) -> TestRun<Actor> {
        let script: Script = Box::new(script);
        TestRun::new(script, nodes)
    }
}

/// The log of a run, with one line for each event: time, nodes and what happened.
#[derive(Clone, Debug, Default)]
pub struct Diary(pub Vec<String>);

impl Observer<Actor> for Diary {
    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Actor>) -> Flow {
        let line = match event {
            Event::Sent { from, message, .. } => format!("{from:?} sent {message}"),
            Event::Delivered { from, to, message, .. } => format!("{message} from {from:?} reached {to:?}"),
            Event::Lost { from, to, message, why, .. } => {
                format!("{message} from {from:?} to {to:?} lost: {why:?}")
            }
            Event::Expired { node, timer } => format!("{node:?} timer {timer}"),
            Event::Observed { node, observation } => format!("{node:?} {observation:?}"),
            Event::Shown { node, observation } => format!("{node:?} shows {observation:?}"),
            Event::Panicked { node, during, message, .. } => {
                format!("{node:?} panicked while {during}: {message}")
            }
            Event::Crashed { node } => format!("{node:?} crashed"),
            Event::Restarted { node, wiped } => {
                format!("{node:?} restarted{}", if *wiped { " wiped" } else { "" })
            }
            Event::Paused { node } => format!("{node:?} paused"),
            Event::Resumed { node } => format!("{node:?} resumed"),
            Event::Struck { id, node } => format!("{node:?} struck by {id}"),
            Event::Cut { id, .. } => format!("cut {id}"),
            Event::Healed { id } => format!("healed {id}"),
        };
        self.0.push(format!("{} {line}", moment.at));
        Flow::Continue
    }
}

/// Returns the setup of `nodes` actors whose links have a constant delay of 1 ms, with seed 1.
pub fn actors(nodes: usize, script: impl Fn(&mut Actor, &mut Ctx<'_>, Input) + 'static) -> Setup<Actor> {
    let script: Script = Box::new(script);
    Setup::new(script, nodes, Streams::new(1), ConstantDelay(ms(1)))
}

/// Runs actors until the run ends. Returns its end and the lines of the diary.
///
/// # Panics
/// If the run ends as quiescent although items are still pending, which is a bug in the kernel.
pub fn play(setup: Setup<Actor>) -> (End, Vec<String>) {
    let mut run = Simulation::new(setup, Diary::default());
    let end = run.run();
    if end.ending == Ending::Quiescent {
        assert_eq!(run.pending(), 0, "a quiescent run has no pending items");
    }
    (end, run.into_observer().0)
}

/// Returns the lines of `diary` that contain `part`.
pub fn lines<'a>(diary: &'a [String], part: &str) -> Vec<&'a str> {
    diary.iter().filter(|line| line.contains(part)).map(String::as_str).collect()
}
