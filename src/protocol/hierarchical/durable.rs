//! What an agent writes down, and finds again after a crash.

use super::message::Tenure;
use serde::Serialize;
use std::rc::Rc;
use synod_vote::weighted;

/// What an agent remembers after a crash.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// What a voter remembers, and that the root has opened a session.
    Ballot(weighted::Record),
    /// A cell has a new representative.
    Followed(Rc<Tenure>),
}
