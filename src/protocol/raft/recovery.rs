//! Recovery of a replica's state from its durable records.

use super::durable::{Corruption, Record};
use super::entry::{Entry, Index};
use super::observation::Observation;
use super::state::{Ctx, Replica};
use std::rc::Rc;
use synod_sim::Durable;

impl Replica {
    /// Recovers from durable records. If they are corrupt, records that and ignores the rest of them.
    pub(super) fn recover(&mut self, durable: Durable<'_, Record>) {
        self.corruption = durable.records.iter().find_map(|record| self.replay(record).err());
        self.assert_sound();
    }

    /// Applies a record, unless it is already covered. A crash during a rewrite of storage leaves the old records
    /// followed by some of the new ones, the last of which may be torn, so that entries can occur twice.
    fn replay(&mut self, record: &Record) -> Result<(), Corruption> {
        match record {
            &Record::Vote(term, voted_for) => {
                if term < self.term {
                    return Err(Corruption::TermRegression { term });
                }
                if term == self.term && self.voted_for.is_some() && voted_for != self.voted_for {
                    return Err(Corruption::SecondVote { term });
                }
                (self.term, self.voted_for) = (term, voted_for);
            }
            Record::Snapshot(snapshot) => self.restore(snapshot),
            Record::Entry(index, entry) => self.replay_entry(*index, entry)?,
        }
        Ok(())
    }

    fn replay_entry(&mut self, index: Index, entry: &Rc<Entry>) -> Result<(), Corruption> {
        if index <= self.snapshot.index || self.log.term_at(index) == Some(entry.term) {
            return Ok(());
        }
        let previous_term = self.log.term_at(index - 1).ok_or(Corruption::Gap { index })?;
        if entry.term < previous_term || entry.term > self.term {
            return Err(Corruption::EntryTerm { index });
        }
        self.log.truncate(index);
        self.configurations.truncate(index);
        self.log.push(Rc::clone(entry));
        if let Some(configuration) = entry.configuration() {
            self.configurations.push(index, Rc::clone(configuration));
        }
        Ok(())
    }

    /// Emits the recovered state as an observation.
    pub(super) fn observe_recovery(&self, ctx: &mut Ctx<'_>) {
        let entries = self.log.after(self.snapshot.index);
        ctx.observe(Observation::Recovered {
            term: self.term,
            voted_for: self.voted_for,
            base_index: self.snapshot.index,
            base_term: self.snapshot.term,
            entries: entries.map(|(_, entry)| (entry.term, entry.digest())).collect(),
        });
        self.observe_configuration(ctx);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Configuration, Payload, Sessions, Snapshot, Term};
    use super::*;
    use synod_common::kv::Store;
    use synod_log::{Image, Machine};
    use synod_sim::NodeId;

    /// Returns replica 0 of three, restarted with `records`.
    fn restarted(records: &[Record]) -> Replica {
        let config = Config::new(3, Machine::new(Store::default()), None);
        Replica::new(Rc::new(config), NodeId(0), Durable { records, torn: false })
    }

    fn vote(term: Term) -> Record {
        Record::Vote(term, None)
    }

    fn entry(index: Index, term: Term) -> Record {
        Record::Entry(index, Entry::new(term, Payload::Noop))
    }

    fn snapshot(index: Index, term: Term) -> Record {
        let voters = (0..3).map(NodeId).collect();
        let configuration = Configuration { voters, outgoing: vec![], learners: vec![], changes: 0 };
        let (state, sessions) = (Image::of(&Store::default()), Sessions::default());
        let configuration = Rc::new(configuration);
        Record::Snapshot(Rc::new(Snapshot {
            index,
            term,
            configuration,
            configuration_index: 0,
            state,
            sessions,
        }))
    }

    /// Returns the terms of the entries after the snapshot.
    fn terms(replica: &Replica) -> Vec<Term> {
        assert_eq!(replica.corruption, None);
        replica.log.after(replica.snapshot.index).map(|(_, entry)| entry.term).collect()
    }

    #[test]
    fn what_was_written_is_taken_up() {
        let replica = restarted(&[vote(1), entry(1, 1), entry(2, 1), Record::Vote(3, Some(NodeId(2)))]);
        assert_eq!((replica.term, replica.voted_for, terms(&replica)), (3, Some(NodeId(2)), vec![1, 1]));
        assert_eq!(replica.commit, 0, "the commit index is not durable");
    }

    #[test]
    fn an_entry_of_another_term_replaces_all_that_follows() {
        let written = [vote(1), entry(1, 1), entry(2, 1), entry(3, 1), vote(2), entry(2, 2)];
        assert_eq!(terms(&restarted(&written)), [1, 2]);
    }

    #[test]
    fn a_rewriting_that_was_cut_short_loses_nothing() {
        let old = [vote(2), entry(1, 1), entry(2, 1), entry(3, 2), entry(4, 2)];
        let new = [vote(2), snapshot(2, 1), entry(3, 2), entry(4, 2)];
        for written in 0..=new.len() {
            let replica = restarted(&[&old[..], &new[..written]].concat());
            assert_eq!(replica.log.last_index(), 4, "{written}");
            assert_eq!(replica.commit, if written < 2 { 0 } else { 2 }, "{written}");
        }
        assert_eq!(terms(&restarted(&new)), [2, 2]);
    }

    #[test]
    fn a_snapshot_that_contradicts_the_log_replaces_it() {
        let replica = restarted(&[vote(3), entry(1, 1), entry(2, 1), snapshot(2, 3)]);
        assert_eq!((replica.log.last_index(), replica.log.last_term(), replica.commit), (2, 3, 2));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let other = |term, node| Record::Vote(term, Some(NodeId(node)));
        for (records, corruption) in [
            (vec![vote(1), entry(2, 1)], Corruption::Gap { index: 2 }),
            (vec![vote(1), snapshot(5, 1), entry(7, 1)], Corruption::Gap { index: 7 }),
            (vec![vote(2), entry(1, 2), entry(2, 1)], Corruption::EntryTerm { index: 2 }),
            (vec![vote(1), entry(1, 2)], Corruption::EntryTerm { index: 1 }),
            (vec![vote(2), vote(1)], Corruption::TermRegression { term: 1 }),
            (vec![other(2, 0), other(2, 1)], Corruption::SecondVote { term: 2 }),
        ] {
            assert_eq!(restarted(&records).corruption, Some(corruption));
        }
    }
}
