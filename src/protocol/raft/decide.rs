//! Raft inside other protocols: it decides what its log applies first.
//!
//! A member that leaves says how up to date its log is, and which proposal is the first in it. What was committed is in
//! the log of a majority, and any majority of those who leave has one of them; the most up to date of their logs has all
//! that was committed, by the argument by which a candidate has that is elected (Ongaro and Ousterhout 2014, §5.4).

use super::config::Config;
use super::entry::{Index, Payload, Term};
use super::membership::majority;
use super::oracle;
use super::state::Raft;
use serde::Serialize;
use std::rc::Rc;
use synod_common::decide::InitHistory;
use synod_common::decide::on_log::{AbortableLog, FirstProposal, LogDeciderConfig, Propose};
use synod_log::Log;
use synod_sim::{Context, NodeId, Time};

/// One decision by a log like that of `config`, whose replicas propose `value` at `at`, by their own clocks.
pub fn once(config: Config, value: u64, at: Time) -> LogDeciderConfig<Raft> {
    LogDeciderConfig {
        members: config.replicas as usize,
        value,
        at,
        retry_interval: config.client_timeout,
        oracles: oracle::all,
        log: Rc::new(Config { machine: FirstProposal::machine(), clients: None, ..config }),
    }
}

/// How up to date the log of a member is that leaves, and what is proposed first in it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AbortProof {
    last_term: Term,
    last_index: Index,
    first: Option<u64>,
}

impl AbortableLog for Raft {
    type AbortProof = AbortProof;

    fn abort_proof(&self) -> AbortProof {
        let Raft::Replica(replica) = self else { panic!("a host of clients keeps no log") };
        let in_log = || {
            replica.log.after(replica.log.base_index()).find_map(|(_, entry)| match &entry.payload {
                Payload::Command(request) => request.command.decode::<FirstProposal>().ok(),
                _ => None,
            })
        };
        // What was compacted away the machine has applied.
        let applied = FirstProposal::of(self.machine()).and_then(FirstProposal::first);
        AbortProof {
            last_term: replica.log.last_term(),
            last_index: replica.log.last_index(),
            first: applied.or_else(|| in_log().map(|Propose(value)| value)),
        }
    }

    // Raft trusts its members.
    fn is_proven(_: &Config, _: &mut Context<'_, Raft>, _: NodeId, _: &AbortProof) -> bool {
        true
    }

    fn init_history(config: &Config, proofs: &[(NodeId, Option<&AbortProof>)]) -> InitHistory {
        if proofs.len() < majority(config.voters.len()) {
            return InitHistory::Unclear;
        }
        let newest = proofs.iter().filter_map(|(_, proof)| *proof).max();
        newest.and_then(|proof| proof.first).map_or(InitHistory::Free, InitHistory::Value)
    }

    fn size(_: &AbortProof) -> usize {
        25
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn init_history(logs: &[Option<(Term, Index, Option<u64>)>]) -> InitHistory {
        let config = Config::new(5, FirstProposal::machine(), None);
        let held: Vec<_> = logs
            .iter()
            .map(|log| log.map(|(last_term, last_index, first)| AbortProof { last_term, last_index, first }))
            .collect();
        let proofs: Vec<_> = (0..).map(NodeId).zip(held.iter().map(Option::as_ref)).collect();
        Raft::init_history(&config, &proofs)
    }

    #[test]
    fn the_most_up_to_date_log_of_a_majority_tells() {
        // The term counts before the length.
        assert_eq!(
            init_history(&[Some((1, 9, Some(4))), Some((2, 3, Some(7))), None]),
            InitHistory::Value(7)
        );
        assert_eq!(init_history(&[Some((1, 9, Some(4))), Some((2, 3, None)), None]), InitHistory::Free);
        assert_eq!(init_history(&[Some((1, 2, Some(4))), Some((1, 1, None)), None]), InitHistory::Value(4));
        assert_eq!(init_history(&[None, None, None]), InitHistory::Free);
    }

    #[test]
    fn fewer_than_a_majority_tell_nothing() {
        assert_eq!(init_history(&[Some((1, 9, Some(4))), None]), InitHistory::Unclear);
    }
}
