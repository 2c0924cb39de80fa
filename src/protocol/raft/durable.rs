//! Durable state: term, vote, log and snapshot.

use super::entry::{Entry, Index, Term};
use super::snapshot::Snapshot;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::NodeId;

/// A record of the log that a replica writes.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// Current term, and the candidate voted for in it.
    Vote(Term, Option<NodeId>),
    /// An entry at this index; a conflicting entry there, and all after it, are removed.
    Entry(Index, Rc<Entry>),
    /// A snapshot, which replaces the log up to it.
    Snapshot(Rc<Snapshot>),
}

/// Corruption of storage: durable state is lost or contradictory.
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
