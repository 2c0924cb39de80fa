//! What a node writes down, and finds again after a crash.

use super::message::{SessionResult, Vote};
use serde::Serialize;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::Signed;

/// Durable records.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// A voter: how it votes.
    Voted(Signed<Vote>),
    /// An observer: what came of a session.
    Concluded(Rc<SessionResult>),
    /// The coordinator: a session is open.
    Opened(SessionId),
    /// The coordinator: who was right in a session, and who was wrong, before the weights of the next.
    Learned(Rc<Vec<Option<bool>>>),
}
