//! How a member's children are seen from outside: what they say is said of their rung.

use super::message::Message;
use super::node::{Adaptive, Record, Timer};
use super::observation::Observation;
use synod_compose::lift::Holds;
use synod_compose::{Bound, Ending, Leave, Of};
use synod_sim::Lens;

/// The lens of a rung: it looks out for the child's ending.
pub(super) struct Window {
    pub(super) rung: u32,
    pub(super) ending: Option<Ending>,
}

impl<C: Leave> Lens<C, Adaptive<C>> for Window {
    fn message(&mut self, message: C::Message) -> Message<C::Message, C::Testimony> {
        Message::Within(Of(self.rung, message))
    }

    fn timer(&mut self, timer: C::Timer) -> Timer<C::Timer> {
        Timer::Within(Of(self.rung, timer))
    }

    fn record(&mut self, record: C::Record) -> Record<C::Record, C::Testimony> {
        Record::Within(Of(self.rung, record))
    }

    fn observation(&mut self, claim: C::Observation) -> Option<Observation<C::Observation>> {
        self.ending = self.ending.or(C::ending(&claim));
        Some(Observation::Within(Of(self.rung, claim)))
    }
}

impl<C: Leave> Holds<C> for Adaptive<C> {
    fn message(message: &Self::Message) -> Option<(u32, &C::Message)> {
        match message {
            Message::Within(Of(rung, message)) => Some((*rung, message)),
            _ => None,
        }
    }

    fn timer(timer: Self::Timer) -> Option<(u32, C::Timer)> {
        match timer {
            Timer::Within(Of(rung, timer)) => Some((rung, timer)),
            _ => None,
        }
    }

    fn claim(claim: &Self::Observation) -> Option<(u32, &C::Observation)> {
        match claim {
            Observation::Within(Of(rung, claim)) => Some((*rung, claim)),
            _ => None,
        }
    }

    fn starts(claim: &Self::Observation) -> Option<(u32, u64)> {
        match *claim {
            Observation::Entered { rung, bound: Bound::Value(value) } => Some((rung, value)),
            _ => None,
        }
    }
}
