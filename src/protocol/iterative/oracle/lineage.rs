//! The completed rounds of a session under each of its leaders. A new leader continues from the rounds it took over.

use super::super::message::Term;
use super::super::{Observation, SessionId};
use synod_sim::NodeId;
use synod_sim::collections::SortedMap;

/// A value for each completed round, by session and by the term of the leader.
#[derive(Debug)]
pub(super) struct Lineages<T> {
    /// The term in which each node that took over leads.
    terms: SortedMap<NodeId, Term>,
    rounds: SortedMap<(SessionId, Term), Vec<T>>,
}

impl<T> Default for Lineages<T> {
    fn default() -> Lineages<T> {
        Lineages { terms: SortedMap::new(), rounds: SortedMap::new() }
    }
}

impl<T: Clone> Lineages<T> {
    /// Records that a session opens, or that a node takes over completed rounds.
    pub(super) fn note(&mut self, node: NodeId, claim: &Observation) {
        match *claim {
            // Earlier sessions are over.
            Observation::Opened { session } => self.rounds.retain(|&(open, _), _| open >= session),
            Observation::TookOver { session, term, from } => {
                let inherited = from.and_then(|(from, rounds)| {
                    let completed = self.rounds.get(&(session, from))?;
                    Some(completed[..completed.len().min(rounds as usize)].to_vec())
                });
                self.terms.insert(node, term);
                self.rounds.insert((session, term), inherited.unwrap_or_default());
            }
            _ => {}
        }
    }

    /// Returns the completed rounds of `session` under `node` as its leader.
    pub(super) fn of(&mut self, session: SessionId, node: NodeId) -> &mut Vec<T> {
        let term = self.terms.get(&node).copied().unwrap_or(0);
        self.rounds.entry((session, term)).or_default()
    }
}
