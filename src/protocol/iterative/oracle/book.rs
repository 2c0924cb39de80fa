//! The books that oracles keep: what was proposed and reviewed in each open session.

use super::super::{
    Config, Iterative, Message, Observation, Proposal, Review, Round, SessionId, StepAction, Value,
};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, GroundTruth, NodeId, Signed};

/// The books of all sessions that are open.
#[derive(Debug, Default)]
pub(super) struct Books {
    books: SortedMap<(SessionId, NodeId), Book>,
    /// Everything that was proposed in a session, whoever led it.
    submitted: SortedMap<SessionId, Vec<Rc<Value>>>,
}

/// What was said in one session to one who led it.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The round that its proposals are of.
    pub(super) round: Round,
    /// The proposals of the round.
    pub(super) proposals: Vec<Signed<Proposal>>,
    /// The reviews that count in the round.
    pub(super) reviews: Vec<Signed<Review>>,
}

impl Books {
    /// Takes note of what whoever leads hands out and counts.
    pub(super) fn note(&mut self, config: &Config, ground_truth: &GroundTruth, event: &Event<'_, Iterative>) {
        if let Event::Sent { from, message, .. } = *event {
            let gathered = match message {
                Message::Gathered(gathered) if from == config.coordinator => gathered,
                Message::Step(step) => match &step.action {
                    StepAction::Review(gathered) => gathered,
                    StepAction::Propose(_) | StepAction::Close(_) => return,
                },
                _ => return,
            };
            let book = self.books.entry((gathered.session, from)).or_default();
            if ground_truth.is_correct(from) && gathered.round > book.round {
                book.round = gathered.round;
                book.reviews.clear();
                book.proposals.clone_from(&gathered.proposals);
                let values = gathered.proposals.iter().map(|proposal| Rc::clone(&proposal.value));
                self.submitted.entry(gathered.session).or_default().extend(values);
            }
            return;
        }
        match ground_truth.claim(event) {
            Some((node, Observation::Counted(review))) => {
                self.books.entry((review.session, node)).or_default().reviews.push(review.clone());
            }
            Some((node, &Observation::TookOver { session, .. })) => {
                self.books.remove(&(session, node));
            }
            // What came before it is of no session any more.
            Some((_, &Observation::Opened { session })) => {
                self.books.retain(|&(open, _), _| open >= session);
                self.submitted.retain(|&open, _| open >= session);
            }
            _ => {}
        }
    }

    /// The book of a session, as `node` leads it.
    pub(super) fn of(&self, session: SessionId, node: NodeId) -> Option<&Book> {
        self.books.get(&(session, node))
    }

    /// Returns true if somebody has proposed `value` in `session`.
    pub(super) fn has(&self, session: SessionId, value: &Value) -> bool {
        self.submitted.get(&session).is_some_and(|known| known.iter().any(|known| **known == *value))
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
