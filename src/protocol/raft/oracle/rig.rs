//! What synthetic histories of Raft are made of, for the oracles' own tests.

use crate::{
    AppendEntriesReply, Clients, Config, Configuration, Index, Message, Observation, Outcome, Raft, Term,
};
use std::rc::Rc;
use synod_common::kv::{self, Generator, Key, Mix, Store};
use synod_common::workload::Arrival;
use synod_log::history::{Call, Step};
use synod_log::{Command, Machine, Output, Workload};
use synod_sim::{Duration, NodeId, OperationId};
use synod_testing::OracleRig;

pub(super) use synod_testing::{digest, ground_truth, ground_without};

/// An oracle of Raft, and what it is shown.
pub(super) type Rig<O> = OracleRig<Raft, O>;

/// `n` replicas and one client host of four clients.
pub(super) fn config(n: u32) -> Config {
    let mix = Mix { keys: 1, get: 0, put: 1_000_000, cas: 0, append: 0, renew: None };
    let clients = Clients {
        hosts: 1,
        clients: 4,
        operations: 8,
        arrival: Arrival::Closed { think: Duration::ZERO },
        workload: Workload::new(Generator::new(mix)),
        payload_bytes: 0,
    };
    Config::new(n, Machine::new(Store::default()), Some(clients))
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
    let put = kv::Command::Put { key: Key(0), value: operation };
    call(operation, Step::Invoke(Command::of::<Store>(&put)))
}

/// A client's operation is done.
pub(super) fn done(operation: u64) -> Observation {
    call(operation, Step::Ok(Output::of::<Store>(&kv::Output::Written)))
}

/// A client gives its operation up.
pub(super) fn given_up(operation: u64) -> Observation {
    call(operation, Step::Info)
}

fn call(operation: u64, step: Step) -> Observation {
    Observation::Call(Call { operation: OperationId(operation), client: 0, step })
}

/// A follower's answer in `term`.
pub(super) fn answer(term: Term) -> Message {
    Message::AppendEntriesReply(AppendEntriesReply {
        term,
        round: 0,
        entries: 0,
        outcome: Outcome::Matched(0),
    })
}
