//! A replica's log as its claims have it.

use super::super::{Index, Observation, Term};
use std::collections::VecDeque;
use synod_sim::{Digest, NodeId};

/// An entry's term and digest.
pub(super) type Entry = (Term, Digest);

/// A replica's log: the entries after a base, which a snapshot covers.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    base_index: Index,
    base_term: Term,
    entries: VecDeque<Entry>,
}

impl Log {
    /// The index before the first entry.
    pub(super) fn base_index(&self) -> Index {
        self.base_index
    }

    /// The last index, that of the base if there are no entries.
    #[inline]
    pub(super) fn last_index(&self) -> Index {
        self.base_index + self.entries.len() as Index
    }

    /// The entry at `index`, if the log reaches there and has not forgotten it.
    #[inline]
    pub(super) fn get(&self, index: Index) -> Option<&Entry> {
        self.entries.get(index.checked_sub(self.base_index + 1)? as usize)
    }

    /// The term at `index`.
    #[inline]
    pub(super) fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.base_index { Some(self.base_term) } else { self.get(index).map(|&(term, _)| term) }
    }

    /// Forgets the entries up to `index`.
    fn forget(&mut self, index: Index) {
        while self.base_index < index
            && let Some((term, _)) = self.entries.pop_front()
        {
            self.base_index += 1;
            self.base_term = term;
        }
    }

    /// Lets the log begin after `index` and end with `last`: what lies between stays.
    fn install(&mut self, index: Index, term: Term, last: Index) {
        self.forget(index);
        if self.base_index != index {
            self.entries.clear();
        }
        (self.base_index, self.base_term) = (index, term);
        self.entries.truncate(last.saturating_sub(index) as usize);
    }
}

/// The logs of all replicas.
#[derive(Debug)]
pub(super) struct Logs {
    logs: Vec<Log>,
    /// How many entries before its snapshot a replica keeps.
    trail: Index,
}

impl Logs {
    /// The empty logs of `replicas`, which keep `trail` entries before their snapshots.
    pub(super) fn new(replicas: u32, trail: Index) -> Logs {
        Logs { logs: vec![Log::default(); replicas as usize], trail }
    }

    /// The log of `node`.
    #[inline]
    pub(super) fn of(&self, node: NodeId) -> &Log {
        &self.logs[node.index()]
    }

    /// All replicas and their logs.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &Log)> {
        (0..).map(NodeId).zip(&self.logs)
    }

    /// Does what `node` claims to have done to its log. An entry that would leave a gap is not taken.
    #[inline]
    pub(super) fn follow(&mut self, node: NodeId, claim: &Observation) {
        match *claim {
            Observation::Appended { index, term, digest } => {
                let log = &mut self.logs[node.index()];
                if index == log.last_index() + 1 {
                    log.entries.push_back((term, digest));
                }
            }
            Observation::Truncated { from } => {
                let log = &mut self.logs[node.index()];
                log.entries.truncate(from.saturating_sub(log.base_index + 1) as usize);
            }
            Observation::SnapshotTaken { index, .. } => {
                self.logs[node.index()].forget(index.saturating_sub(self.trail));
            }
            Observation::SnapshotInstalled { index, term, last_index } => {
                self.logs[node.index()].install(index, term, last_index);
            }
            Observation::Recovered { base_index, base_term, ref entries, .. } => {
                let entries = entries.iter().copied().collect();
                self.logs[node.index()] = Log { base_index, base_term, entries };
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{appended, digest, recovered};
    use super::*;

    fn terms(log: &Log) -> (Index, Vec<Term>) {
        (log.base_index(), log.entries.iter().map(|&(term, _)| term).collect())
    }

    #[test]
    fn a_log_is_what_its_replica_says_that_it_did() {
        let mut logs = Logs::new(1, 1);
        let mut claim = |claim: Observation| {
            logs.follow(NodeId(0), &claim);
            terms(logs.of(NodeId(0)))
        };
        for (index, term) in [(1, 1), (2, 1), (3, 2), (4, 2)] {
            claim(appended(index, term, 1));
        }
        assert_eq!(claim(appended(9, 2, 1)), (0, vec![1, 1, 2, 2]), "no gap is made");
        assert_eq!(claim(Observation::Truncated { from: 4 }), (0, vec![1, 1, 2]));
        assert_eq!(claim(Observation::SnapshotTaken { index: 3, term: 2 }), (2, vec![2]), "a trail of one");
        let install = |index, term, last_index| Observation::SnapshotInstalled { index, term, last_index };
        claim(appended(4, 3, 1));
        assert_eq!(claim(install(3, 2, 4)), (3, vec![3]));
        assert_eq!(claim(install(8, 5, 8)), (8, vec![]));
        assert_eq!(claim(recovered(5, None, (3, 2), &[3, 5])), (3, vec![3, 5]));
        assert_eq!(logs.of(NodeId(0)).get(5), Some(&(5, digest(0))));
        assert_eq!(
            [2, 3, 4, 6].map(|index| logs.of(NodeId(0)).term_at(index)),
            [None, Some(2), Some(3), None]
        );
    }
}
