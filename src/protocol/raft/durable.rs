//! What a replica must remember after a crash: its term, its vote, its log and its snapshot.

use super::entry::{Entry, Index, Term};
use super::snapshot::Snapshot;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::NodeId;

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
