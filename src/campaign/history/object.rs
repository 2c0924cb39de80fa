//! The objects that clients of others' histories speak to, for the oracle of linearizability.

use super::value::{Held, Names, Shown};
use std::fmt;
use std::rc::Rc;
use synod_oracle::linearizability::{Model, OperationOf};

/// A kind of object. All its keys are objects of their own.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Holds one value: `read` and `write`. At first it holds `nil`.
    Register,
    /// The same, with compare-and-set: `cas [old new]`.
    Cas,
    /// A list: `append`, and a `read` sees it all; `put` makes it one value, `put-if [list value]` if it was that list.
    Append,
    /// A set: `add`, and a `read` sees it all.
    Set,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [ObjectKind; 4] =
        [ObjectKind::Register, ObjectKind::Cas, ObjectKind::Append, ObjectKind::Set];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Register => "register",
            ObjectKind::Cas => "cas",
            ObjectKind::Append => "append",
            ObjectKind::Set => "set",
        }
    }

    /// Returns what it is, in a line.
    pub fn about(self) -> &'static str {
        match self {
            ObjectKind::Register => "one value: read, write",
            ObjectKind::Cas => "one value: read, write, cas [old new]",
            ObjectKind::Append => "a list: append, and read sees all of it; put, put-if [list value]",
            ObjectKind::Set => "a set: add, and read sees all of it",
        }
    }

    /// Returns what it holds at first.
    pub(super) fn initial(self) -> Held {
        match self {
            ObjectKind::Register | ObjectKind::Cas => Held::One(Names::NIL),
            ObjectKind::Append => Held::list(Vec::new()),
            ObjectKind::Set => Held::set(Vec::new()),
        }
    }
}

/// Names an object among those of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Its place in the order of the first invocations.
    pub(super) place: usize,
    pub(super) name: Rc<str>,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    Read,
    Write(u32),
    /// Makes a list this one value.
    Put(u32),
    Set {
        old: Held,
        new: u32,
    },
    Append(u32),
    Add(u32),
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    Held(Held),
    Done,
    Swapped(bool),
}

/// What a client asks of which object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) key: Key,
    pub(super) ask: Shown<Ask>,
}

/// The model of an object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: ObjectKind,
    /// Nobody asks for anything but to read it or to add to it.
    pub(super) only_grows: bool,
}

impl Model for Object {
    type Key = Key;
    type Input = Asked;
    type Output = Shown<Told>;
    type State = Shown<Held>;

    fn key(&self, input: &Asked) -> Key {
        input.key.clone()
    }

    fn initial(&self) -> Shown<Held> {
        Shown { what: self.kind.initial(), names: Names::default() }
    }

    fn step(&self, state: &Shown<Held>, input: &Asked, output: Option<&Shown<Told>>) -> Option<Shown<Held>> {
        let told = output.map(|output| &output.what);
        // The names of an object come with what is asked of it.
        let to = |what: Held| Some(Shown { what, names: input.ask.names.clone() });
        let held = &state.what;
        match (&input.ask.what, told) {
            (Ask::Read, Some(Told::Held(seen))) if seen != held => None,
            (Ask::Read, _) => to(held.clone()),
            (Ask::Set { old, .. }, Some(Told::Swapped(swapped))) if *swapped != (old == held) => None,
            (Ask::Set { old, .. }, _) if old != held => to(held.clone()),
            (Ask::Write(value) | Ask::Put(value) | Ask::Set { new: value, .. }, _) => to(match self.kind {
                ObjectKind::Append => Held::list(vec![*value]),
                _ => Held::One(*value),
            }),
            (Ask::Append(value) | Ask::Add(value), _) => to(held.with(*value)),
        }
    }

    fn is_read(&self, input: &Asked, output: &Shown<Told>) -> bool {
        input.ask.what == Ask::Read || output.what == Told::Swapped(false)
    }

    /// A read owes what it saw to those who wrote it; a compare-and-set what it expected, and if it did not find that, to
    /// whoever may have written in between.
    fn owes(&self, operation: &OperationOf<Object>, other: &OperationOf<Object>) -> bool {
        self.sees(operation, other) || is_not_swapped(operation) && written(other).is_some()
    }

    fn sees(&self, operation: &OperationOf<Object>, other: &OperationOf<Object>) -> bool {
        let Some(written) = written(other) else { return false };
        found(operation).is_some_and(|found| found.has(written))
    }

    fn glimpses(&self, operation: &OperationOf<Object>) -> Option<Vec<Shown<Held>>> {
        let Some(found) = found(operation) else { return Some(Vec::new()) };
        let names = &operation.input.ask.names;
        let shown = |what| Shown { what, names: names.clone() };
        Some(found.beginnings()?.into_iter().map(shown).collect())
    }

    fn are_alike(&self, asked: &Asked, other: &Asked) -> bool {
        let both = (&asked.ask.what, &other.ask.what);
        asked == other
            || matches!(
                both,
                (Ask::Write(_), Ask::Write(_))
                    | (Ask::Put(_), Ask::Put(_))
                    | (Ask::Append(_), Ask::Append(_))
            )
    }

    /// What was written last is there; of a list the next item has to be appended, or else another first one put; of a
    /// set nothing goes away.
    fn awaits(
        &self,
        state: &Shown<Held>,
        operation: &OperationOf<Object>,
        other: &OperationOf<Object>,
    ) -> bool {
        if is_not_swapped(operation) {
            return self.owes(operation, other);
        }
        let (Some(written), Some(found)) = (written(other), found(operation)) else { return false };
        match other.input.ask.what {
            Ask::Append(_) | Ask::Add(_) => found.follows(&state.what, written),
            _ => found.first() == Some(written),
        }
    }

    fn may_lead_to(&self, state: &Shown<Held>, operation: &OperationOf<Object>) -> bool {
        !self.only_grows || found(operation).is_none_or(|found| found.holds(&state.what))
    }

    fn determines(&self, input: &Asked, output: &Shown<Told>) -> bool {
        match &input.ask.what {
            Ask::Read => matches!(output.what, Told::Held(_)),
            Ask::Write(_) | Ask::Put(_) => true,
            Ask::Set { .. } => output.what == Told::Swapped(true),
            Ask::Append(_) | Ask::Add(_) => false,
        }
    }

    fn weight(&self, state: &Shown<Held>) -> usize {
        state.what.bytes()
    }
}

fn is_not_swapped(operation: &OperationOf<Object>) -> bool {
    operation.output().is_some_and(|output| output.what == Told::Swapped(false))
}

/// Returns the value that an operation may have written.
fn written(operation: &OperationOf<Object>) -> Option<u32> {
    match operation.input.ask.what {
        Ask::Write(value) | Ask::Put(value) | Ask::Append(value) | Ask::Add(value) => Some(value),
        Ask::Set { new, .. } if !is_not_swapped(operation) => Some(new),
        _ => None,
    }
}

/// Returns what the object must have held.
fn found(operation: &OperationOf<Object>) -> Option<&Held> {
    match (&operation.input.ask.what, operation.output().map(|output| &output.what)) {
        (_, Some(Told::Held(held))) => Some(held),
        (Ask::Set { old, .. }, _) => Some(old),
        _ => None,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = &self.ask.names;
        match &self.ask.what {
            Ask::Read => out.write_str("read"),
            Ask::Write(value) => write!(out, "write {}", names.of(*value)),
            Ask::Put(value) => write!(out, "put {}", names.of(*value)),
            Ask::Set { old, new } => write!(out, "cas {} -> {}", names.held(old), names.of(*new)),
            Ask::Append(value) => write!(out, "append {}", names.of(*value)),
            Ask::Add(value) => write!(out, "add {}", names.of(*value)),
        }
    }
}

impl fmt::Display for Shown<Told> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Told::Held(held) => out.write_str(&self.names.held(held)),
            Told::Done => out.write_str("done"),
            Told::Swapped(true) => out.write_str("swapped"),
            Told::Swapped(false) => out.write_str("not swapped"),
        }
    }
}
