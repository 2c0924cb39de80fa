//! Synthetic histories for the oracles' own tests.

use super::Ground;
use crate::protocol::kv::{Call, Command, Key, Mix, Output, Step};
use crate::protocol::raft::{
    AppendReply, Clients, Config, Configuration, Index, Message, Observation, Outcome, Raft, Term,
};
use crate::protocol::workload::Arrival;
use crate::sim::network::Recipients;
use crate::sim::{
    Digest, Duration, End, Ending, Event, Moment, NodeId, OperationId, Oracle, RunDigest, Tally, Time,
    Violation,
};
use std::rc::Rc;

pub(super) type Verdict = Result<(), Violation>;

/// `n` replicas and one client host of four clients.
pub(super) fn config(n: u32) -> Config {
    let clients = Clients {
        hosts: 1,
        clients: 4,
        operations: 8,
        arrival: Arrival::Closed { think: Duration::ZERO },
        mix: Mix { keys: 1, get: 0, put: 1_000_000, cas: 0, append: 0, renew: None },
        payload_bytes: 0,
    };
    Config::new(n, clients)
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

pub(super) fn configuration(voters: &[u32], outgoing: &[u32], learners: &[u32]) -> Configuration {
    let nodes = |numbers: &[u32]| numbers.iter().copied().map(NodeId).collect();
    Configuration { voters: nodes(voters), outgoing: nodes(outgoing), learners: nodes(learners), changes: 0 }
}

pub(super) fn configured(index: Index, voters: &[u32], outgoing: &[u32]) -> Observation {
    Observation::Configured { index, configuration: Rc::new(configuration(voters, outgoing, &[])) }
}

pub(super) fn entered(term: Term) -> Observation {
    Observation::TermEntered { term }
}

pub(super) fn vote(term: Term, candidate: u32) -> Observation {
    Observation::VoteGranted { term, candidate: NodeId(candidate) }
}

pub(super) fn elected(term: Term, last_index: Index, last_term: Term) -> Observation {
    Observation::Elected { term, last_index, last_term }
}

pub(super) fn appended(index: Index, term: Term, byte: u8) -> Observation {
    Observation::Appended { index, term, digest: digest(byte) }
}

pub(super) fn committed(index: Index, term: Term) -> Observation {
    Observation::Committed { index, term }
}

pub(super) fn applied(index: Index, term: Term, byte: u8, executed: Option<u64>) -> Observation {
    Observation::Applied { index, term, digest: digest(byte), executed: executed.map(OperationId) }
}

/// A replica comes back with entries of `terms`, all of digest 0, after a base.
pub(super) fn recovered(
    term: Term,
    voted_for: Option<u32>,
    (base_index, base_term): (Index, Term),
    terms: &[Term],
) -> Observation {
    let entries = terms.iter().map(|&term| (term, digest(0))).collect();
    Observation::Recovered { term, voted_for: voted_for.map(NodeId), base_index, base_term, entries }
}

/// A client's operation begins.
pub(super) fn asked(operation: u64) -> Observation {
    call(operation, Step::Invoke(Command::Put { key: Key(0), value: operation }))
}

/// A client's operation is done.
pub(super) fn done(operation: u64) -> Observation {
    call(operation, Step::Ok(Output::Written))
}

fn call(operation: u64, step: Step) -> Observation {
    Observation::Call(Call { operation: OperationId(operation), client: 0, step })
}

/// A follower's answer in `term`.
pub(super) fn answer(term: Term) -> Message {
    Message::AppendReply(AppendReply { term, round: 0, entries: 0, outcome: Outcome::Matched(0) })
}

/// An oracle and the events it is shown, a millisecond apart unless told.
pub(super) struct Stage<O> {
    pub(super) oracle: O,
    pub(super) at: Time,
    event: u64,
}

impl<O: Oracle<Raft>> Stage<O> {
    pub(super) fn new(oracle: O) -> Stage<O> {
        Stage { oracle, at: Time::ZERO, event: 0 }
    }

    pub(super) fn see(&mut self, event: &Event<'_, Raft>) -> Verdict {
        self.event += 1;
        self.at += Duration::from_millis(1);
        self.oracle.on_event(Moment { at: self.at, event: self.event }, event)
    }

    pub(super) fn observe(&mut self, node: u32, observation: Observation) -> Verdict {
        self.see(&Event::Observed { node: NodeId(node), observation: &observation })
    }

    pub(super) fn send(&mut self, from: u32, to: u32, message: Message) -> Verdict {
        let to = Recipients::One(NodeId(to));
        let from = NodeId(from);
        self.see(&Event::Sent { id: 1, from, to: &to, message: &message, resend: false, withheld: 0 })
    }

    pub(super) fn restart(&mut self, node: u32) -> Verdict {
        self.see(&Event::Crashed { node: NodeId(node) })?;
        self.see(&Event::Restarted { node: NodeId(node), wiped: false })
    }

    pub(super) fn end(&mut self, ending: Ending) -> Verdict {
        self.oracle.on_end(&End {
            ending,
            at: self.at,
            events: self.event,
            tally: Tally::default(),
            digest: RunDigest(0),
        })
    }
}
