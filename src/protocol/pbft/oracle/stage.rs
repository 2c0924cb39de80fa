//! Synthetic histories for the oracles' own tests.

use super::Ground;
use crate::protocol::pbft::{
    Arrival, Batch, ClientId, Clients, Commit, Config, Message, Observation, Operation, Outcome, Pbft,
    PrePrepare, Prepare, Quorum, Request, Session, Workload,
};
use crate::sim::auth::Tag;
use crate::sim::network::Recipients;
use crate::sim::{
    Body, Digest, Duration, End, Ending, Event, Kind, KindTally, Message as _, Moment, NodeId, Oracle,
    RunDigest, Signed, Tally, Time, Violation,
};

pub(super) type Verdict = Result<(), Violation>;

/// `n` replicas and one client host of four clients.
pub(super) fn config(n: u32) -> Config {
    let clients = Clients {
        hosts: 1,
        clients: 4,
        requests: 8,
        arrival: Arrival::Closed { think: Duration::ZERO },
        payload_bytes: 0,
        commands: None,
    };
    Config::new(Quorum::new(n, Quorum::most_faults(n)).expect("n >= 3f + 1"), Workload::Log(clients))
}

/// `n` replicas and one decision, proposed by `initiator`.
pub(super) fn session(n: u32, initiator: u32) -> Config {
    let session = Session {
        initiator: NodeId(initiator),
        at: Duration::ZERO,
        operation: Operation::new(7, 0),
        valid: 0..=9,
        deadline: None,
    };
    Config { workload: Workload::Session(session), ..config(n) }
}

/// Everyone is correct, and the network is perfect within 10 ms.
pub(super) fn ground(n: u32) -> Ground {
    Ground {
        correct: vec![true; n as usize + 1],
        demanded: vec![true; n as usize + 1],
        dooms: Vec::new(),
        prompt: true,
        delay_max: Some(Duration::from_millis(10)),
        stable_from: Some(Time::ZERO),
        lossless: true,
        fault_free: true,
        horizon: Time::MAX,
    }
}

/// As [`ground`], but `node` is faulty.
pub(super) fn ground_without(n: u32, node: u32) -> Ground {
    let mut ground = Ground { fault_free: false, ..ground(n) };
    ground.correct[node as usize] = false;
    ground.demanded[node as usize] = false;
    ground
}

pub(super) fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

pub(super) fn outcome(height: u64) -> Outcome {
    Outcome { height, previous: 0, output: None }
}

/// `body`, signed by node `signer`, as everyone has found.
pub(super) fn signed<B: Body>(signer: u32, body: B) -> Signed<B> {
    Signed::with_tag(body, NodeId(signer), 0, Tag::Absent).known_to_verify()
}

pub(super) fn request(client: u32, timestamp: u64, value: u64) -> Request {
    Request { client: ClientId(client), timestamp, operation: Operation::new(value, 0) }
}

pub(super) fn pre_prepare(signer: u32, view: u64, sequence: u64, byte: u8) -> Message {
    let body = PrePrepare { view, sequence, digest: digest(byte) };
    Message::PrePrepare(signed(signer, body), Batch::null())
}

pub(super) fn prepare(signer: u32, view: u64, sequence: u64, byte: u8) -> Message {
    Message::Prepare(signed(signer, Prepare { view, sequence, digest: digest(byte) }))
}

pub(super) fn commit(signer: u32, view: u64, sequence: u64, byte: u8) -> Signed<Commit> {
    signed(signer, Commit { view, sequence, digest: digest(byte) })
}

pub(super) fn committed(view: u64, sequence: u64, byte: u8) -> Observation {
    Observation::Committed { view, sequence, digest: digest(byte) }
}

pub(super) fn executed(sequence: u64, byte: u8) -> Observation {
    Observation::Executed { sequence, digest: digest(byte) }
}

pub(super) fn applied(sequence: u64, request: Request, height: u64) -> Observation {
    Observation::Applied { sequence, request, outcome: outcome(height) }
}

/// An oracle and the events it is shown, a millisecond apart unless told.
pub(super) struct Stage<O> {
    pub(super) oracle: O,
    pub(super) at: Time,
    event: u64,
}

impl<O: Oracle<Pbft>> Stage<O> {
    pub(super) fn new(oracle: O) -> Stage<O> {
        Stage { oracle, at: Time::ZERO, event: 0 }
    }

    pub(super) fn see(&mut self, event: &Event<'_, Pbft>) -> Verdict {
        self.event += 1;
        self.at += Duration::from_millis(1);
        self.oracle.on_event(Moment { at: self.at, event: self.event }, event)
    }

    pub(super) fn observe(&mut self, node: u32, observation: Observation) -> Verdict {
        self.see(&Event::Observed { node: NodeId(node), observation: &observation })
    }

    pub(super) fn send(&mut self, from: u32, message: Message) -> Verdict {
        let to = Recipients::Peers(0..4);
        self.see(&Event::Sent {
            id: 1,
            from: NodeId(from),
            to: &to,
            message: &message,
            resend: false,
            withheld: 0,
        })
    }

    pub(super) fn restart(&mut self, node: u32) -> Verdict {
        self.see(&Event::Crashed { node: NodeId(node) })?;
        self.see(&Event::Restarted { node: NodeId(node), wiped: false })
    }

    pub(super) fn end(&mut self, ending: Ending) -> Verdict {
        self.end_with(ending, &[])
    }

    /// The end of a run that sent so many of each kind.
    pub(super) fn end_with(&mut self, ending: Ending, sent: &[u64]) -> Verdict {
        let tally = |(place, &kind): (usize, &Kind)| KindTally {
            kind,
            sent: sent.get(place).copied().unwrap_or(0),
            resent: 0,
            bytes: 0,
        };
        let kinds = Message::KINDS.iter().enumerate().map(tally).collect();
        self.oracle.on_end(&End {
            ending,
            at: self.at,
            events: self.event,
            tally: Tally { kinds, ..Tally::default() },
            digest: RunDigest(0),
        })
    }
}
