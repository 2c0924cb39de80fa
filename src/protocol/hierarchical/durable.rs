//! What an agent writes down, and finds again after a crash.

use super::message::EpochCertificate;
use serde::Serialize;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_vote::weighted::{self, SessionId, SessionResult};

/// Durable records.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// A record of the flat vote.
    FlatVote(weighted::Record),
    /// A cell has a new representative.
    Followed(Rc<EpochCertificate>),
}

/// What an agent finds again.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Its voter's.
    pub(super) vote_records: Vec<weighted::Record>,
    /// Claims that it has followed, in their order.
    pub(super) certificates: Vec<Rc<EpochCertificate>>,
    /// What came of sessions.
    pub(super) results: SortedMap<SessionId, Rc<SessionResult>>,
    /// Sessions that it had opened as the root, and that were not over.
    pub(super) interrupted: Vec<SessionId>,
}

impl From<&[Record]> for Remembered {
    fn from(records: &[Record]) -> Remembered {
        let mut remembered = Remembered::default();
        for record in records {
            match record {
                Record::Followed(certificate) => remembered.certificates.push(Rc::clone(certificate)),
                Record::FlatVote(ballot) => {
                    match ballot {
                        weighted::Record::Opened(session) => remembered.interrupted.push(*session),
                        weighted::Record::Concluded(result) => {
                            remembered.interrupted.retain(|&session| session != result.session);
                            remembered.results.insert(result.session, Rc::clone(result));
                        }
                        weighted::Record::Voted(_) | weighted::Record::Learned(_) => {}
                    }
                    remembered.vote_records.push(ballot.clone());
                }
            }
        }
        remembered
    }
}
