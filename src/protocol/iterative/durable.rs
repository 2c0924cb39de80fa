//! What a node writes down, and finds again after a crash.

use super::message::{Proposal, Review, Round, SessionResult, Step, Term};
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::Signed;

/// Durable records.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// An agent: what it proposes.
    Proposed(Signed<Proposal>),
    /// An agent: what it thinks of others' proposals.
    Reviewed {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// Its reviews.
        reviews: Rc<[Signed<Review>]>,
    },
    /// An agent in numeric agreement: its number after a round.
    Averaged {
        /// The session.
        session: SessionId,
        /// The round.
        round: Round,
        /// The number.
        number: i64,
    },
    /// An observer: what came of a session.
    Concluded(Rc<SessionResult>),
    /// The coordinator: a session is open.
    Opened(SessionId),
    /// An agent whose coordinator is replaced: it heeds no earlier term.
    Promised(Term),
    /// An agent whose coordinator is replaced: where a session stands.
    Accepted(Rc<Step>),
}
