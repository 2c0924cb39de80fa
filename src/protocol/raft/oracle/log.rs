//! The log of each replica, reconstructed from its observations.

use super::super::{Index, Observation, Term};
use std::collections::VecDeque;
use synod_sim::{Digest, NodeId};

/// The term and digest of an entry.
pub(super) type Entry = (Term, Digest);

/// The log of a replica: the entries after the base, the last index that was discarded because a snapshot covers it.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    base_index: Index,
    base_term: Term,
    entries: VecDeque<Entry>,
}

impl Log {
    /// Returns the index before that of the first entry.
    pub(super) fn base_index(&self) -> Index {
        self.base_index
    }

    /// Returns the index of the last entry; that of the base if there are no entries.
    #[inline]
    pub(super) fn last_index(&self) -> Index {
        self.base_index + self.entries.len() as Index
    }

    /// Returns the entry at `index`; `None` if it is discarded or beyond the end.
    #[inline]
    pub(super) fn get(&self, index: Index) -> Option<&Entry> {
        self.entries.get(index.checked_sub(self.base_index + 1)? as usize)
    }

    /// Returns the term at `index`, which may be the base; `None` if it is discarded or beyond the end.
    #[inline]
    pub(super) fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.base_index { Some(self.base_term) } else { self.get(index).map(|&(term, _)| term) }
    }

    /// Discards the entries up to `index`.
    fn forget(&mut self, index: Index) {
        while self.base_index < index
            && let Some((term, _)) = self.entries.pop_front()
        {
            self.base_index += 1;
            self.base_term = term;
        }
    }

    /// Installs a snapshot up to `index`, of `term`: keeps only the entries after it, up to `last`.
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
    /// Number of entries up to its snapshot that a replica keeps.
    trail: Index,
}

impl Logs {
    /// Returns the empty logs of `replicas`, which keep `trail` entries up to their snapshots.
    pub(super) fn new(replicas: u32, trail: Index) -> Logs {
        Logs { logs: vec![Log::default(); replicas as usize], trail }
    }

    /// Returns the log of `node`.
    #[inline]
    pub(super) fn of(&self, node: NodeId) -> &Log {
        &self.logs[node.index()]
    }

    /// Returns all replicas with their logs.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &Log)> {
        (0..).map(NodeId).zip(&self.logs)
    }

    /// Applies an observation of `node` to its log. An entry that would leave a gap is ignored.
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
