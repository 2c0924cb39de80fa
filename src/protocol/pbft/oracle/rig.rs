//! What synthetic histories of PBFT are made of, for the oracles' own tests.

use crate::{
    Arrival, Batch, ClientId, Clients, Commit, Config, Message, Observation, Operation, Outcome, Pbft,
    PrePrepare, Prepare, Quorum, Request, Session, Workload,
};
use synod_sim::auth::Tag;
use synod_sim::{Body, Duration, NodeId, Signed};
use synod_testing::OracleRig;

pub(super) use synod_testing::{digest, ground_truth, ground_without};

/// An oracle of PBFT, and what it is shown.
pub(super) type Rig<O> = OracleRig<Pbft, O>;

/// `n` replicas and one client host of four clients.
pub(super) fn config(n: u32) -> Config {
    let clients = Clients {
        hosts: 1,
        clients: 4,
        requests: 8,
        arrival: Arrival::Closed { think: Duration::ZERO },
        payload_bytes: 0,
        service: None,
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
