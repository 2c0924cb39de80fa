//! Recording a run: every event, told without the protocol's types.

use super::describe::Describe;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use synod_sim::network::LossCause;
use synod_sim::{
    Cut, Event, EventTime, Flow, Kind, Message, Milestone, NodeId, Observation, Observer, Protocol,
    Recipients, Settled,
};

/// An event of a run, whatever its protocol. Sizes are bytes on the wire.
#[derive(Copy, Clone, Debug)]
#[allow(missing_docs, reason = "the fields are those of `sim::Event`")]
pub enum AnyEvent<'a> {
    Sent {
        id: u64,
        from: NodeId,
        to: &'a Recipients,
        kind: Kind,
        bytes: usize,
        resend: bool,
        withheld: u32,
        message: &'a dyn Describe,
    },
    Delivered {
        id: u64,
        from: NodeId,
        to: NodeId,
        kind: Kind,
        bytes: usize,
        message: &'a dyn Describe,
    },
    Lost {
        id: u64,
        from: NodeId,
        to: NodeId,
        kind: Kind,
        bytes: usize,
        why: LossCause,
    },
    Expired {
        node: NodeId,
        timer: &'a dyn Describe,
    },
    Observed {
        node: NodeId,
        mark: Option<&'static str>,
        milestone: Option<Milestone>,
        settled: Option<Settled>,
        peak: Option<(&'static str, u64)>,
        claim: &'a dyn Describe,
    },
    Panicked {
        node: NodeId,
        during: &'a str,
        message: &'a str,
        place: Option<&'a str>,
    },
    Crashed {
        node: NodeId,
    },
    Restarted {
        node: NodeId,
        wiped: bool,
    },
    Paused {
        node: NodeId,
    },
    Resumed {
        node: NodeId,
    },
    Cut {
        id: u32,
        cut: &'a Cut,
    },
    Healed {
        id: u32,
    },
}

/// What was written of a run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Its size.
    pub bytes: u64,
    /// How many things were left out since it would have become too large.
    pub left_out: u64,
}

/// Sees a run, event by event.
pub trait Recorder {
    /// Records an event.
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>);

    /// Records that the run is over, and returns what was written of it.
    ///
    /// # Errors
    /// The first thing that went wrong while recording, for those that write.
    fn finish(&mut self) -> io::Result<Recorded> {
        Ok(Recorded::default())
    }
}

/// A recorder that a run and its caller share.
pub type SharedRecorder = Rc<RefCell<dyn Recorder>>;

/// Several recorders as one; their creator finishes them.
pub struct Recorders(pub Vec<SharedRecorder>);

impl Recorder for Recorders {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        self.0.iter().for_each(|recorder| recorder.borrow_mut().record(moment, event));
    }
}

/// Adapts a recorder to the kernel's observer.
pub(super) struct RecorderObserver(pub(super) SharedRecorder);

impl<P: Protocol> Observer<P> for RecorderObserver {
    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Flow {
        let event = match *event {
            Event::Sent { id, from, to, message, resend, withheld } => {
                let (kind, bytes) = (message.declared_kind(), message.size());
                AnyEvent::Sent { id, from, to, kind, bytes, resend, withheld, message }
            }
            Event::Delivered { id, from, to, message } => {
                let (kind, bytes) = (message.declared_kind(), message.size());
                AnyEvent::Delivered { id, from, to, kind, bytes, message }
            }
            Event::Lost { id, from, to, message, why } => {
                let (kind, bytes) = (message.declared_kind(), message.size());
                AnyEvent::Lost { id, from, to, kind, bytes, why }
            }
            Event::Expired { node, timer } => AnyEvent::Expired { node, timer },
            Event::Observed { node, observation } => {
                let mark = observation.mark().map(|mark| mark.name);
                let (milestone, peak) = (observation.milestone(), observation.peak());
                let settled = observation.settles();
                AnyEvent::Observed { node, mark, milestone, settled, peak, claim: observation }
            }
            Event::Panicked { node, during, message, place } => {
                AnyEvent::Panicked { node, during, message, place }
            }
            Event::Crashed { node } => AnyEvent::Crashed { node },
            Event::Restarted { node, wiped } => AnyEvent::Restarted { node, wiped },
            Event::Paused { node } => AnyEvent::Paused { node },
            Event::Resumed { node } => AnyEvent::Resumed { node },
            // The intervention itself is recorded separately; what is shown is for oracles.
            Event::Struck { .. } | Event::Shown { .. } => return Flow::Continue,
            Event::Cut { id, cut } => AnyEvent::Cut { id, cut },
            Event::Healed { id } => AnyEvent::Healed { id },
        };
        self.0.borrow_mut().record(moment, event);
        Flow::Continue
    }
}
