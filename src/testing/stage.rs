//! Synthetic histories for the tests of oracles.

use synod_sim::network::Recipients;
use synod_sim::{
    Digest, Duration, End, Ending, Event, Ground, Kind, KindTally, Message, Moment, NodeId, Oracle, Protocol,
    RunDigest, Tally, Time, Violation,
};

/// What an oracle says.
pub type Verdict = Result<(), Violation>;

/// `n` replicas and a host of clients, all correct, and a network that is perfect within 10 ms.
pub fn ground(n: u32) -> Ground {
    Ground::undisturbed(n as usize + 1, Duration::from_millis(10), Time::MAX)
}

/// As [`ground`], but `node` is faulty.
pub fn ground_without(n: u32, node: u32) -> Ground {
    let mut ground = Ground { fault_free: false, ..ground(n) };
    ground.correct[node as usize] = false;
    ground.demanded[node as usize] = false;
    ground
}

/// A digest of equal bytes.
pub fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// An oracle and the events it is shown, a millisecond apart unless told.
pub struct Stage<P: Protocol, O> {
    /// The oracle.
    pub oracle: O,
    /// When the last event was.
    pub at: Time,
    event: u64,
    protocol: std::marker::PhantomData<P>,
}

impl<P: Protocol, O: Oracle<P>> Stage<P, O> {
    /// `oracle`, before any event.
    pub fn new(oracle: O) -> Stage<P, O> {
        Stage { oracle, at: Time::ZERO, event: 0, protocol: std::marker::PhantomData }
    }

    /// Shows the oracle an event, a millisecond after the last.
    pub fn see(&mut self, event: &Event<'_, P>) -> Verdict {
        self.event += 1;
        self.at += Duration::from_millis(1);
        self.oracle.on_event(Moment { at: self.at, event: self.event }, event)
    }

    /// `node` claims something.
    pub fn observe(&mut self, node: u32, observation: P::Observation) -> Verdict {
        self.see(&Event::Observed { node: NodeId(node), observation: &observation })
    }

    /// `node` sends `message` to `to`.
    pub fn hear(&mut self, node: u32, to: &Recipients, message: &P::Message) -> Verdict {
        self.see(&Event::Sent { id: 1, from: NodeId(node), to, message, resend: false, withheld: 0 })
    }

    /// `node` crashes and comes back.
    pub fn restart(&mut self, node: u32) -> Verdict {
        self.see(&Event::Crashed { node: NodeId(node) })?;
        self.see(&Event::Restarted { node: NodeId(node), wiped: false })
    }

    /// The end of a run.
    pub fn end(&mut self, ending: Ending) -> Verdict {
        self.end_with(ending, &[])
    }

    /// The end of a run that sent so many of each kind of message.
    pub fn end_with(&mut self, ending: Ending, sent: &[u64]) -> Verdict {
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
