//! Observers: oracles, metrics and traces see every event and never change a run.

use super::network::{LossCause, Recipients};
use super::partition::Cut;
use super::protocol::Protocol;
use super::violation::Violation;
use super::{NodeId, Time};

/// The time of an event, and what led to it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct EventTime {
    /// Virtual time, without clock error.
    pub at: Time,
    /// The number of the event, from 1 in order of execution.
    pub event: u64,
    /// For what a handler made, which may appear later than it ran: the handler.
    pub cause: Cause,
}

/// A handler, by its input.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// No handler: the network, a fault.
    #[default]
    Nobody,
    /// A node's start.
    Start,
    /// The message with this number within the run.
    Message(u64),
    /// A timer that expired in the event with this number.
    Timer(u64),
}

/// What happened.
#[derive(Debug)]
pub enum Event<'a, P: Protocol> {
    /// A node sent a message; `withheld` of its copies never left because a fault kept them.
    Sent {
        /// The message's number within the run, from 1, which its deliveries and losses bear too.
        id: u64,
        /// The sender.
        from: NodeId,
        /// The receivers.
        to: &'a Recipients,
        /// The message, as the node meant it.
        message: &'a P::Message,
        /// True if it was sent before.
        resend: bool,
        /// Copies that a fault withheld.
        withheld: u32,
    },
    /// A copy reached its receiver.
    Delivered {
        /// The message's number.
        id: u64,
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
        /// The message, as it arrived.
        message: &'a P::Message,
    },
    /// A copy will never reach its receiver.
    Lost {
        /// The message's number.
        id: u64,
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
        /// The message.
        message: &'a P::Message,
        /// Why.
        why: LossCause,
    },
    /// An armed timer expired.
    Expired {
        /// The owner.
        node: NodeId,
        /// The one concerned.
        timer: &'a P::Timer,
    },
    /// A node claimed something.
    Observed {
        /// Who.
        node: NodeId,
        /// The subject.
        observation: &'a P::Observation,
    },
    /// A node showed what it goes by.
    Shown {
        /// Who.
        node: NodeId,
        /// The subject.
        observation: &'a P::Observation,
    },
    /// A node's protocol panicked. Unless the observer ends the run, the panic goes on.
    Panicked {
        /// Whose.
        node: NodeId,
        /// What it was doing, as "handling a vote of agent 3".
        during: &'a str,
        /// What the panic says.
        message: &'a str,
        /// File, line and column.
        place: Option<&'a str>,
    },
    /// A node crashed.
    Crashed {
        /// The one concerned.
        node: NodeId,
    },
    /// A node was built anew.
    Restarted {
        /// The one concerned.
        node: NodeId,
        /// True if it came back without its storage.
        wiped: bool,
    },
    /// A node stands still: it handles nothing, and what is due waits.
    Paused {
        /// The one concerned.
        node: NodeId,
    },
    /// A node that stood still goes on.
    Resumed {
        /// The one concerned.
        node: NodeId,
    },
    /// The current leader was struck by the interventions under an id, for the first time.
    Struck {
        /// The id.
        id: u32,
        /// Who led.
        node: NodeId,
    },
    /// A cut began to separate nodes.
    Cut {
        /// Its id.
        id: u32,
        /// Whom it separates from whom.
        cut: &'a Cut,
    },
    /// A cut healed.
    Healed {
        /// Its id.
        id: u32,
    },
}

/// Whether a run goes on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// Everything requested is done.
    Done,
    /// An invariant is broken.
    Violated,
}

/// Looks on at a run.
pub trait Observer<P: Protocol> {
    /// Returns true if it wants to see [`Event::Delivered`] and [`Event::Lost`], one for every copy.
    fn wants_copies(&self) -> bool;

    /// Returns true if it looks on at all: otherwise nodes show nothing beside the run.
    fn watches(&self) -> bool {
        true
    }

    /// Sees an event, and says whether the run goes on.
    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Flow;

    /// Sees, every few thousand events, how many bytes all nodes hold together.
    fn on_sample(&mut self, at: Time, retained: usize) {
        let _ = (at, retained);
    }
}

/// No observer.
impl<P: Protocol> Observer<P> for () {
    fn wants_copies(&self) -> bool {
        false
    }

    fn watches(&self) -> bool {
        false
    }

    #[inline]
    fn on_event(&mut self, _: EventTime, _: &Event<'_, P>) -> Flow {
        Flow::Continue
    }
}

/// An invariant, judged from outside.
///
/// An oracle knows which nodes are faulty, sees every event and never changes a run. Safety oracles object at the
/// event that breaks the invariant, liveness oracles at their deadline or at the end.
///
/// ```
/// use synod_sim::{Event, EventTime, Oracle, Protocol, Violation};
///
/// /// At most so many messages are sent, by whatever protocol.
/// struct Frugal {
///     most: u64,
///     sent: u64,
/// }
///
/// impl<P: Protocol> Oracle<P> for Frugal {
///     fn name(&self) -> &'static str {
///         "frugal"
///     }
///     fn claim(&self) -> &'static str {
///         "No more messages are sent than allowed."
///     }
///     fn on_event(&mut self, _: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
///         let Event::Sent { from, .. } = event else { return Ok(()) };
///         self.sent += 1;
///         if self.sent > self.most {
///             return Err(Violation::new([*from], "one message too many").with("sent", self.sent));
///         }
///         Ok(())
///     }
///     fn checked(&self) -> u64 {
///         self.sent
///     }
/// }
/// ```
pub trait Oracle<P: Protocol> {
    /// Returns the oracle's name, as scenarios and reports give it.
    fn name(&self) -> &'static str;

    /// Returns what it demands, in one sentence.
    fn claim(&self) -> &'static str;

    /// Returns true if it has to see every delivery and loss; most judge by what is sent and claimed.
    fn wants_copies(&self) -> bool {
        false
    }

    /// Judges an event.
    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Result<(), Violation>;

    /// Judges the whole, once the run has ended.
    fn on_end(&mut self, end: &super::End) -> Result<(), Violation> {
        let _ = end;
        Ok(())
    }

    /// Returns how often its premise held: zero makes its verdict vacuous.
    fn checked(&self) -> u64;

    /// Returns what it could not judge, and why, if there is something: its verdict is then neither that the invariant
    /// held nor that it was broken.
    fn unknown(&self) -> Option<String> {
        None
    }

    /// For a liveness oracle whose premise holds: how long at most it grants what it demands, from when that is asked
    /// for or, if that is later, from when the system is stable.
    fn bound(&self) -> Option<super::Duration> {
        None
    }
}
