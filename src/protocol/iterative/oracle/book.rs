//! The books that oracles keep: what was proposed and reviewed in each open session.

use super::super::{Config, Iterative, Message, Observation, Proposal, Review, Round, SessionId, Value};
use crate::sim::{Event, Ground, NodeId, Signed};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The books of all sessions that are open.
#[derive(Debug, Default)]
pub(super) struct Books(BTreeMap<SessionId, Book>);

/// What was said in one session.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The round that its proposals are of.
    pub(super) round: Round,
    /// The proposals of the round.
    pub(super) proposals: Vec<Signed<Proposal>>,
    /// The reviews that count in the round.
    pub(super) reviews: Vec<Signed<Review>>,
    /// Everything that was proposed in the session.
    pub(super) submitted: Vec<Rc<Value>>,
}

impl Books {
    /// Takes note of what the coordinator hands out and counts.
    pub(super) fn note(&mut self, config: &Config, ground: &Ground, event: &Event<'_, Iterative>) {
        if let Event::Sent { from, message: Message::Gathered(gathered), .. } = *event
            && from == config.coordinator
            && ground.is_correct(from)
        {
            let book = self.0.entry(gathered.session).or_default();
            if gathered.round > book.round {
                book.round = gathered.round;
                book.reviews.clear();
                book.proposals.clone_from(&gathered.proposals);
                book.submitted.extend(gathered.proposals.iter().map(|proposal| Rc::clone(&proposal.value)));
            }
            return;
        }
        match ground.claim(event) {
            Some((_, Observation::Counted(review))) => {
                self.0.entry(review.session).or_default().reviews.push(review.clone());
            }
            // What came before it is of no session any more.
            Some((_, &Observation::Opened { session })) => self.0.retain(|&open, _| open >= session),
            _ => {}
        }
    }

    /// The book of a session.
    pub(super) fn of(&self, session: SessionId) -> Option<&Book> {
        self.0.get(&session)
    }
}

impl Book {
    /// The reviews of the proposal of `proposer` that others have made, by reviewer.
    pub(super) fn reviews_of(&self, proposer: NodeId) -> impl Iterator<Item = (NodeId, u32)> {
        let by_others = move |review: &&Signed<Review>| {
            review.proposer == proposer && review.signer() != proposer && review.verified() != Some(false)
        };
        self.reviews.iter().filter(by_others).map(|review| (review.signer(), review.score_ppm))
    }
}
