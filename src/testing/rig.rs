//! A rig for oracles: synthetic histories, shown event by event.

use std::marker::PhantomData;
use synod_sim::network::Recipients;
use synod_sim::{
    Cause, Digest, Duration, End, Ending, Event, EventTime, GroundTruth, Kind, KindTally, Message, NodeId,
    Oracle, Protocol, RunDigest, Tally, Time, Violation,
};

/// An oracle's answer to an event: nothing, or a violation.
pub type OracleResult = Result<(), Violation>;

/// Returns the ground truth of `n` replicas and a host of clients, all correct, over a network that is perfect within
/// 10 ms.
pub fn ground_truth(n: u32) -> GroundTruth {
    GroundTruth::undisturbed(n as usize + 1, Duration::from_millis(10), Time::MAX)
}

/// Returns [`ground_truth`] with `node` faulty; its liveness is not required.
pub fn ground_without(n: u32, node: u32) -> GroundTruth {
    let mut ground_truth = GroundTruth { fault_free: false, ..ground_truth(n) };
    ground_truth.correct[node as usize] = false;
    ground_truth.live_required[node as usize] = false;
    ground_truth
}

/// Returns a digest of equal bytes, as a placeholder of a value.
pub fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// An oracle and the events that it is shown, one millisecond apart unless the test advances [`OracleRig::at`].
///
/// ```
/// use synod_sim::{Ending, Event, EventTime, Oracle, Violation};
/// use synod_testing::OracleRig;
/// use synod_testing::script::Actor;
///
/// /// Nobody may restart twice.
/// #[derive(Default)]
/// struct OneRestart(u64);
///
/// impl Oracle<Actor> for OneRestart {
///     fn name(&self) -> &'static str {
///         "one_restart"
///     }
///     fn claim(&self) -> &'static str {
///         "no node restarts twice"
///     }
///     fn on_event(&mut self, _: EventTime, event: &Event<'_, Actor>) -> Result<(), Violation> {
///         let Event::Restarted { node, .. } = event else { return Ok(()) };
///         self.0 += 1;
///         if self.0 > 1 { Err(Violation::new([*node], "again")) } else { Ok(()) }
///     }
///     fn checked(&self) -> u64 {
///         self.0
///     }
/// }
///
/// let mut rig = OracleRig::<Actor, _>::new(OneRestart::default());
/// assert_eq!(rig.restart(3), Ok(()));
/// assert_eq!(rig.broadcast(3, 7), Ok(()));
/// assert_eq!(rig.restart(3).unwrap_err().message, "again");
/// assert_eq!(rig.end(Ending::Quiescent), Ok(()));
/// ```
pub struct OracleRig<P: Protocol, O> {
    /// The oracle.
    pub oracle: O,
    /// When the last event was.
    pub at: Time,
    event: u64,
    protocol: PhantomData<P>,
}

impl<P: Protocol, O: Oracle<P>> OracleRig<P, O> {
    /// `oracle`, before any event.
    pub fn new(oracle: O) -> OracleRig<P, O> {
        OracleRig { oracle, at: Time::ZERO, event: 0, protocol: PhantomData }
    }

    /// Shows the oracle an event, a millisecond after the last.
    pub fn feed(&mut self, event: &Event<'_, P>) -> OracleResult {
        self.event += 1;
        self.at += Duration::from_millis(1);
        self.oracle.on_event(EventTime { at: self.at, event: self.event, cause: Cause::Nobody }, event)
    }

    /// `node` claims something.
    pub fn observe(&mut self, node: u32, observation: P::Observation) -> OracleResult {
        self.feed(&Event::Observed { node: NodeId(node), observation: &observation })
    }

    /// Shows the first transmission of `message` by `node` to `to`.
    pub fn deliver(&mut self, node: u32, to: &Recipients, message: &P::Message) -> OracleResult {
        self.feed(&Event::Sent { id: 1, from: NodeId(node), to, message, resend: false, withheld: 0 })
    }

    /// Shows `from` sending `message` to one node.
    pub fn send(&mut self, from: u32, to: u32, message: P::Message) -> OracleResult {
        self.deliver(from, &Recipients::One(NodeId(to)), &message)
    }

    /// Shows `from` sending `message` to the other three of four nodes, which suffice for most histories; see
    /// [`OracleRig::deliver`] for others.
    pub fn broadcast(&mut self, from: u32, message: P::Message) -> OracleResult {
        self.deliver(from, &Recipients::Peers(0..4), &message)
    }

    /// `node` crashes and comes back.
    pub fn restart(&mut self, node: u32) -> OracleResult {
        self.feed(&Event::Crashed { node: NodeId(node) })?;
        self.feed(&Event::Restarted { node: NodeId(node), wiped: false })
    }

    /// Returns the end of a run.
    pub fn end(&mut self, ending: Ending) -> OracleResult {
        self.end_with(ending, &[])
    }

    /// Returns the end of a run that sent so many of each kind of message, in the order of the protocol's kinds.
    pub fn end_with(&mut self, ending: Ending, sent: &[u64]) -> OracleResult {
        let tally = |(place, &kind): (usize, &Kind)| KindTally {
            kind,
            sent: sent.get(place).copied().unwrap_or(0),
            resent: 0,
            bytes: 0,
        };
        let kinds = P::Message::KINDS.iter().enumerate().map(tally).collect();
        self.oracle.on_end(&End {
            ending,
            at: self.at,
            events: self.event,
            tally: Tally { kinds, ..Tally::default() },
            digest: RunDigest(0),
        })
    }
}
