//! The log: entries after a base, which a snapshot covers, and the configurations in it.

use super::entry::{Entry, Index, Term};
use super::membership::Configuration;
use std::collections::VecDeque;
use std::rc::Rc;

/// A replica's log in memory.
#[derive(Debug, Default)]
pub(super) struct Log {
    base_index: Index,
    base_term: Term,
    entries: VecDeque<Rc<Entry>>,
    bytes: usize,
}

impl Log {
    /// The index before the first entry.
    #[inline]
    pub(super) fn base_index(&self) -> Index {
        self.base_index
    }

    /// The last index, that of the base if there are no entries.
    #[inline]
    pub(super) fn last_index(&self) -> Index {
        self.base_index + self.entries.len() as Index
    }

    /// The term of the last entry, or of the base.
    #[inline]
    pub(super) fn last_term(&self) -> Term {
        self.entries.back().map_or(self.base_term, |entry| entry.term)
    }

    /// The term at `index`, if the log reaches there and has not forgotten it.
    #[inline]
    pub(super) fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.base_index { Some(self.base_term) } else { self.get(index).map(|entry| entry.term) }
    }

    /// The entry at `index`.
    #[inline]
    pub(super) fn get(&self, index: Index) -> Option<&Rc<Entry>> {
        self.entries.get(index.checked_sub(self.base_index + 1)? as usize)
    }

    /// The entries from `index` on, `limit` at most.
    pub(super) fn slice(&self, index: Index, limit: usize) -> Rc<[Rc<Entry>]> {
        let first = (index - self.base_index - 1) as usize;
        self.entries.iter().skip(first).take(limit).cloned().collect()
    }

    /// All entries after `index`, with their indices.
    pub(super) fn after(&self, index: Index) -> impl Iterator<Item = (Index, &Rc<Entry>)> {
        let known = index.max(self.base_index);
        let skipped = (known - self.base_index) as usize;
        (known + 1..).zip(self.entries.iter().skip(skipped))
    }

    /// Adds an entry at the end.
    pub(super) fn push(&mut self, entry: Rc<Entry>) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
    }

    /// Removes the entries from `index` on.
    pub(super) fn truncate(&mut self, index: Index) {
        while self.last_index() >= index
            && let Some(entry) = self.entries.pop_back()
        {
            self.bytes -= entry.size();
        }
    }

    /// Forgets the entries up to `index`.
    pub(super) fn compact(&mut self, index: Index) {
        while self.base_index < index
            && let Some(entry) = self.entries.pop_front()
        {
            self.base_index += 1;
            self.base_term = entry.term;
            self.bytes -= entry.size();
        }
    }

    /// Forgets everything: the log begins after `index`.
    pub(super) fn reset(&mut self, index: Index, term: Term) {
        *self = Log { base_index: index, base_term: term, ..Log::default() };
    }

    /// The last index up to `index` whose term is at most `term`, with its term: whoever has `term` at `index` can
    /// agree with this log up to there at most. A whole term is skipped at a time (Ongaro and Ousterhout 2014, §5.3).
    pub(super) fn last_agreeing(&self, index: Index, term: Term) -> (Index, Term) {
        let mut place = index.min(self.last_index()).max(self.base_index);
        loop {
            let found = self.term_at(place).expect("the place lies between the base and the end");
            if found <= term || place == self.base_index {
                return (place, found);
            }
            place -= 1;
        }
    }

    /// Its size in memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The configurations of a log: the one that its snapshot has, and those of entries after it. The latest counts,
/// committed or not.
#[derive(Debug)]
pub(super) struct Configurations(Vec<(Index, Rc<Configuration>)>);

impl Configurations {
    pub(super) fn new(index: Index, configuration: Rc<Configuration>) -> Configurations {
        Configurations(vec![(index, configuration)])
    }

    /// The one that counts.
    pub(super) fn latest(&self) -> &Rc<Configuration> {
        &self.0.last().expect("there is always one").1
    }

    /// The index of its entry.
    pub(super) fn latest_index(&self) -> Index {
        self.0.last().expect("there is always one").0
    }

    /// The one that counts at `index`, with the index of its entry.
    pub(super) fn at(&self, index: Index) -> (Index, &Rc<Configuration>) {
        let later = self.0.partition_point(|&(place, _)| place <= index);
        let (place, configuration) = &self.0[later.max(1) - 1];
        (*place, configuration)
    }

    pub(super) fn push(&mut self, index: Index, configuration: Rc<Configuration>) {
        self.0.push((index, configuration));
    }

    /// Takes back those of entries from `index` on; true if there were any.
    pub(super) fn truncate(&mut self, index: Index) -> bool {
        let kept = self.0.partition_point(|&(place, _)| place < index).max(1);
        let is_shorter = kept < self.0.len();
        self.0.truncate(kept);
        is_shorter
    }

    /// Forgets those before the one that counts at `index`.
    pub(super) fn compact(&mut self, index: Index) {
        let later = self.0.partition_point(|&(place, _)| place <= index);
        self.0.drain(..later.max(1) - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Payload;
    use super::*;
    use synod_sim::NodeId;

    /// A log of no-ops of these terms.
    fn log(terms: &[Term]) -> Log {
        let mut log = Log::default();
        terms.iter().for_each(|&term| log.push(Entry::new(term, Payload::Noop)));
        log
    }

    #[test]
    fn indices_stay_when_the_front_is_forgotten() {
        let mut log = log(&[1, 1, 2, 3]);
        log.compact(2);
        assert_eq!((log.base_index, log.last_index(), log.last_term()), (2, 4, 3));
        assert_eq!([1, 2, 3, 4, 5].map(|index| log.term_at(index)), [None, Some(1), Some(2), Some(3), None]);
        assert_eq!(log.slice(3, 9).iter().map(|entry| entry.term).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(log.after(3).map(|(index, entry)| (index, entry.term)).collect::<Vec<_>>(), [(4, 3)]);
        log.compact(9);
        assert_eq!((log.last_index(), log.last_term(), log.bytes()), (4, 3, 0));
    }

    #[test]
    fn the_end_is_cut_off_and_grows_again() {
        let mut log = log(&[1, 1, 1]);
        log.truncate(2);
        log.push(Entry::new(4, Payload::Noop));
        assert_eq!((log.last_index(), log.last_term(), log.bytes()), (2, 4, 16));
        log.truncate(0);
        assert_eq!((log.last_index(), log.last_term(), log.bytes()), (0, 0, 0));
    }

    #[test]
    fn whole_terms_are_skipped() {
        let log = log(&[1, 1, 4, 4, 4, 6]);
        assert_eq!(log.last_agreeing(6, 5), (5, 4));
        assert_eq!(log.last_agreeing(5, 3), (2, 1));
        assert_eq!(log.last_agreeing(99, 6), (6, 6));
        assert_eq!(log.last_agreeing(4, 0), (0, 0));
    }

    #[test]
    fn a_configuration_counts_from_its_entry_until_it_is_taken_back() {
        let [first, second, third] = [0, 1, 2].map(|voter| {
            Rc::new(Configuration {
                voters: vec![NodeId(voter)],
                outgoing: vec![],
                learners: vec![],
                changes: 0,
            })
        });
        let mut all = Configurations::new(0, Rc::clone(&first));
        all.push(5, Rc::clone(&second));
        all.push(8, Rc::clone(&third));
        assert_eq!([4, 5, 7, 8].map(|index| all.at(index).0), [0, 5, 5, 8]);
        assert!(all.truncate(8) && !all.truncate(8));
        assert_eq!((all.latest_index(), all.latest()), (5, &second));
        all.compact(6);
        assert_eq!(all.at(0), (5, &second), "what is before the snapshot is forgotten");
        assert!(!all.truncate(0), "what the snapshot has is never taken back");
    }
}
