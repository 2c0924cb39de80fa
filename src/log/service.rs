//! What somebody writes who wants a replicated service: a deterministic state machine over types of its own.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{self, Debug, Display};
use synod_sim::{Duration, Time};

/// A deterministic state machine: the value is its state.
///
/// A replicated log orders commands, and every replica applies them to a state of its own. So what [`Service::apply`]
/// does may depend on the state and the command alone: no clock, no randomness, no order but that of sorted
/// collections. [`laws`](crate::laws) checks what logs and oracles rely on.
///
/// The crate's documentation has an example.
pub trait Service: Clone + Ord + Debug + Display + Serialize + DeserializeOwned + 'static {
    /// Its name: no two services of a run share it.
    const NAME: &'static str;

    /// What clients ask. Traces and explanations show its [`Serialize`] form.
    type Command: Debug + Display + Serialize + DeserializeOwned + 'static;

    /// What they are told. It encodes to a byte at least: an enum, a number, not `()`.
    type Output: Debug + Display + Serialize + DeserializeOwned + 'static;

    /// Carries out `command`. It answers every command in every state, for logs order whatever clients ask.
    fn apply(&mut self, command: &Self::Command) -> Self::Output;

    // ---- Reads ----

    /// Returns true if `command` changes nothing in any state, so that a log may answer it without an entry.
    fn is_read(command: &Self::Command) -> bool {
        let _ = command;
        false
    }

    /// Carries out a read: what [`Service::apply`] would answer. Say how, where a state is dear to clone.
    fn read(&self, command: &Self::Command) -> Self::Output {
        self.clone().apply(command)
    }

    // ---- Parts ----

    /// Returns the part of the state that `command` concerns: all it reads and writes. Histories are judged part by
    /// part, which is faster by far. The state that has only seen the commands of one part stands for that part.
    fn part(command: &Self::Command) -> Part {
        let _ = command;
        Part::whole(Self::NAME)
    }

    // ---- Time ----

    /// For a service that knows the time: by how much the log's time may lag behind its leader's clock when it applies
    /// a command. `None`: it does not, and is never told.
    const CLOCK: Option<Duration> = None;

    /// It is `now`, by the log: what the leader proposed, never the clock of a replica. It does not fall. Two ticks in
    /// a row do what the second alone does.
    fn tick(&mut self, now: Time) {
        let _ = now;
    }

    /// Returns the time of the last [`Service::tick`], which the state holds.
    fn now(&self) -> Time {
        Time::ZERO
    }

    /// Returns when a tick will next do more than to tell the time, if ever: a lease ends. A leader then proposes one
    /// though nobody asks for anything.
    fn deadline(&self) -> Option<Time> {
        None
    }

    // ---- Modelled sizes, in bytes; those of the encoding where it is `None` ----

    /// Returns the modelled size of the state.
    fn size(&self) -> Option<usize> {
        None
    }

    /// Returns the modelled size of a command.
    fn command_size(command: &Self::Command) -> Option<usize> {
        let _ = command;
        None
    }

    /// Returns the modelled size of an output.
    fn output_size(output: &Self::Output) -> Option<usize> {
        let _ = output;
        None
    }

    // ---- Hints for the oracle of linearizability: faster searches, smaller counterexamples ----

    /// Returns true if a command that was answered by `output` has changed nothing, whatever the state was.
    fn is_noop(command: &Self::Command, output: &Self::Output) -> bool {
        let _ = output;
        Self::is_read(command)
    }

    /// Returns true if a command that was answered by `output` leaves the same behind, whatever the state of its part was:
    /// it sets it, or the output tells all of it. False is always right.
    fn determines(command: &Self::Command, output: &Self::Output) -> bool {
        let _ = (command, output);
        false
    }

    /// Returns true if `operation` may tell that `other` took effect before it, and not only that something did. What
    /// nobody sees must make no difference to others but that they do not find what was there before. What
    /// [`Service::owes`] says is always right.
    fn sees(
        operation: (&Self::Command, Option<&Self::Output>),
        other: (&Self::Command, Option<&Self::Output>),
    ) -> bool {
        Self::owes(operation, other)
    }

    /// Returns true if it makes no difference to anybody which of two different commands takes effect, as long as nobody
    /// sees either. False is always right.
    fn are_alike(command: &Self::Command, other: &Self::Command) -> bool {
        let _ = (command, other);
        false
    }

    /// Returns the states of a part, after this initial one, through which it may come to what `operation` tells, by
    /// commands that add to what is there; `None` if that cannot be said. Of other states nobody must be able to tell
    /// anything, nor of what is added to them.
    fn glimpses(&self, operation: (&Self::Command, Option<&Self::Output>)) -> Option<Vec<Self>> {
        let _ = operation;
        None
    }

    /// Returns true if `operation`, which cannot be told its output in this state, may be after `other`, at once or after
    /// still others: [`Service::owes`] with a closer look. True is always right.
    fn awaits(
        &self,
        operation: (&Self::Command, Option<&Self::Output>),
        other: (&Self::Command, Option<&Self::Output>),
    ) -> bool {
        Self::owes(operation, other)
    }

    /// Returns true if what `operation` was told may be owed to `other`; `None` stands for an unknown output. True is
    /// always right. Of a linearizable history without operations to which none of the others owes anything, what is
    /// left must be linearizable.
    fn owes(
        operation: (&Self::Command, Option<&Self::Output>),
        other: (&Self::Command, Option<&Self::Output>),
    ) -> bool {
        let _ = (operation, other);
        true
    }
}

/// Names an independent part of a state.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    name: &'static str,
    number: Option<u64>,
}

impl Part {
    /// Returns the name of a state that has no parts.
    pub const fn whole(name: &'static str) -> Part {
        Part { name, number: None }
    }

    /// Returns the name of one of many parts, written `name` and `number` in a row.
    pub const fn numbered(name: &'static str, number: u64) -> Part {
        Part { name, number: Some(number) }
    }
}

impl Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            None => write!(out, "{}", self.name),
            Some(number) => write!(out, "{}{number}", self.name),
        }
    }
}
