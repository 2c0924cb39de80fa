//! What the rounds of a session came to, for each who led it: who takes over goes on from what it took over.

use super::super::message::Term;
use super::super::{Observation, SessionId};
use synod_sim::NodeId;
use synod_sim::collections::SortedMap;

/// Something of each round that is over, by session and by who led it.
#[derive(Debug)]
pub(super) struct Lineages<T> {
    /// In which term a node leads, if it ever took over.
    terms: SortedMap<NodeId, Term>,
    rounds: SortedMap<(SessionId, Term), Vec<T>>,
}

impl<T> Default for Lineages<T> {
    fn default() -> Lineages<T> {
        Lineages { terms: SortedMap::new(), rounds: SortedMap::new() }
    }
}

impl<T: Clone> Lineages<T> {
    /// Takes note of who opens sessions, and who takes over what.
    pub(super) fn note(&mut self, node: NodeId, claim: &Observation) {
        match *claim {
            // What came before it is of no session any more.
            Observation::Opened { session } => self.rounds.retain(|&(open, _), _| open >= session),
            Observation::TookOver { session, term, from } => {
                let inherited = from.and_then(|(from, rounds)| {
                    let all = self.rounds.get(&(session, from))?;
                    Some(all[..all.len().min(rounds as usize)].to_vec())
                });
                self.terms.insert(node, term);
                self.rounds.insert((session, term), inherited.unwrap_or_default());
            }
            _ => {}
        }
    }

    /// The rounds that are over in `session`, as `node` leads it.
    pub(super) fn of(&mut self, session: SessionId, node: NodeId) -> &mut Vec<T> {
        let term = self.terms.get(&node).copied().unwrap_or(0);
        self.rounds.entry((session, term)).or_default()
    }
}
