//! A service as a sequential object: what clients of a log may have been told, whatever the log has done.

use super::encoded::{Command, Output, values};
use super::service::Service;
use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;
use synod_sim::Time;

/// A state of a service that never changes: commands lead to others. Clones share it.
#[derive(Clone)]
pub struct Object(Rc<dyn State>);

/// Where a command leads.
enum Step {
    /// Nowhere: the client cannot have been told that.
    Impossible,
    /// To the same state.
    Unchanged,
    /// To this one.
    To(Rc<dyn State>),
}

trait State {
    fn step(&self, at: Option<Time>, command: &Command, told: Option<&Output>) -> Step;
    fn awaits(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool;
    fn size(&self) -> usize;
    fn now(&self) -> Time;
    fn compare(&self, other: &dyn State) -> Ordering;
    fn service(&self) -> &dyn Any;
    fn show(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Object {
    pub(crate) fn new<S: Service>(state: S) -> Object {
        Object(Rc::new(state))
    }

    /// Returns the state after `command`, which the log ordered at the time `at`, if its machine knows the time; `None`
    /// if the client cannot have been told `told`. Where nobody knows what it would have been told, anything goes.
    pub fn step(&self, at: Option<Time>, command: &Command, told: Option<&Output>) -> Option<Object> {
        match self.0.step(at, command, told) {
            Step::Impossible => None,
            Step::Unchanged => Some(self.clone()),
            Step::To(state) => Some(Object(state)),
        }
    }

    /// Returns true if `operation`, which cannot be told its output in this state, may be after `other`: see
    /// [`Service::awaits`].
    pub fn awaits(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        self.0.awaits(operation, other)
    }

    /// Returns the modelled size of the state, in bytes.
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// Returns the time of the last tick; zero for a service without a clock.
    pub fn now(&self) -> Time {
        self.0.now()
    }
}

impl<S: Service> State for S {
    fn step(&self, at: Option<Time>, command: &Command, told: Option<&Output>) -> Step {
        let Ok(command) = command.value::<S>() else {
            return if told.is_none_or(Output::is_malformed) { Step::Unchanged } else { Step::Impossible };
        };
        if at.is_some_and(|at| at < self.now()) {
            return Step::Impossible;
        }
        let fits = |output: &S::Output| told.is_none_or(|told| told.is::<S>(output));
        if at.is_none() && S::is_read(command) {
            return if fits(&self.read(command)) { Step::Unchanged } else { Step::Impossible };
        }
        let mut after = self.clone();
        if let Some(at) = at {
            after.tick(at);
        }
        if fits(&after.apply(command)) { Step::To(Rc::new(after)) } else { Step::Impossible }
    }

    fn awaits(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        match (values::<S>(operation), values::<S>(other)) {
            (Ok(operation), Ok(other)) => S::awaits(self, operation, other),
            _ => false,
        }
    }

    fn size(&self) -> usize {
        S::size(self).unwrap_or_else(|| synod_sim::digest::encoded_len(self))
    }

    fn now(&self) -> Time {
        S::now(self)
    }

    fn compare(&self, other: &dyn State) -> Ordering {
        self.cmp(other.service().downcast_ref().expect("states of one machine are compared"))
    }

    fn service(&self) -> &dyn Any {
        self
    }

    fn show(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Object {}

impl PartialOrd for Object {
    fn partial_cmp(&self, other: &Object) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Object {
    fn cmp(&self, other: &Object) -> Ordering {
        if Rc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.compare(&*other.0) }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(out)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(out)
    }
}
