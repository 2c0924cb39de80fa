//! What a replica must remember after a crash: its term, its vote, its log and its snapshot.

use super::entry::{Entry, Index, Term};
use super::observation::Observation;
use super::replica::{Ctx, Replica};
use super::snapshot::Snapshot;
use crate::sim::{Durable, NodeId};
use serde::Serialize;
use std::rc::Rc;

/// A record of the log that a replica writes.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// It is in this term, and has voted for this candidate in it.
    Vote(Term, Option<NodeId>),
    /// This entry stands at this index; one of another term that stood there, and all after that, are gone.
    Entry(Index, Rc<Entry>),
    /// This state stands in place of the log up to it.
    Snapshot(Rc<Snapshot>),
}

/// How a storage contradicts itself: something that was promised is lost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Corruption {
    /// Entries are missing before this one.
    Gap {
        /// The index of the entry after the gap.
        index: Index,
    },
    /// An entry's term is lower than that of the entry before, or higher than the replica's.
    EntryTerm {
        /// The entry's index.
        index: Index,
    },
    /// The replica's term falls.
    TermRegression {
        /// The lower term.
        term: Term,
    },
    /// The replica votes twice in a term.
    SecondVote {
        /// The term.
        term: Term,
    },
}

impl Replica {
    /// Takes up what was durable before the crash, or finds out that it contradicts itself.
    pub(super) fn recover(&mut self, durable: Durable<'_, Record>) {
        self.corruption = durable.records.iter().find_map(|record| self.replay(record).err());
    }

    /// A crash while storage was being rewritten leaves the old records and the new ones after them, of which the last
    /// may be torn: what is known already is passed over.
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
            Record::Snapshot(snapshot) => self.adopt(snapshot),
            Record::Entry(index, entry) => self.replay_entry(*index, entry)?,
        }
        Ok(())
    }

    fn replay_entry(&mut self, index: Index, entry: &Rc<Entry>) -> Result<(), Corruption> {
        if index <= self.snapshot.index || self.log.term_at(index) == Some(entry.term) {
            return Ok(());
        }
        let before = self.log.term_at(index - 1).ok_or(Corruption::Gap { index })?;
        if entry.term < before || entry.term > self.term {
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

    /// Says what it starts with.
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
