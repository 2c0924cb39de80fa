//! I6: liars move no score out of the honest range.

use super::super::{Config, Iterative, Observation, SessionId, WHOLE};
use super::book::Books;
use std::ops::RangeInclusive;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// I6: as long as no more lie than are declared, a score lies between the lowest and the highest that honest reviewers
/// other than the proposer give. Where all phases wait for everyone, a review that is missing counts as a liar's.
#[derive(Debug)]
pub struct Robustness {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    checked: u64,
}

impl Robustness {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Robustness {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        Robustness { config, ground_truth, books: Books::default(), checked: 0 }
    }

    /// Between what the score has to lie that `node` gives a proposal, if so few lie that it must.
    fn range(&self, node: NodeId, session: SessionId, proposer: NodeId) -> Option<RangeInclusive<u32>> {
        let book = self.books.of(session, node)?;
        let (honest, lies): (Vec<_>, Vec<_>) =
            book.reviews_of(proposer).partition(|&(reviewer, _)| self.ground_truth.is_correct(reviewer));
        let missing = match self.config.grace {
            None => self.config.reviewers() as usize - honest.len() - lies.len(),
            Some(_) => 0,
        };
        let borne = if self.config.lies { self.config.faulty as usize } else { 0 };
        let may_lie = match lies.len() {
            0 => true,
            lies => lies + missing <= borne,
        };
        let proposal = book.proposals.iter().find(|proposal| proposal.signer() == proposer)?;
        let scores = || honest.iter().map(|&(_, score)| score);
        let (low, high) = (scores().min()?, scores().max()?);
        let composite = |feedback: u32| {
            if self.config.evaluator {
                (WHOLE - self.config.error(session, &proposal.value) + feedback) / 2
            } else {
                feedback
            }
        };
        may_lie.then(|| composite(low)..=composite(high))
    }
}

impl Oracle<Iterative> for Robustness {
    fn name(&self) -> &'static str {
        "robustness"
    }

    fn claim(&self) -> &'static str {
        "I6: scores lie within what honest reviewers give"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        self.books.note(&self.config, &self.ground_truth, event);
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let &Observation::Scored { session, round, proposer, score_ppm } = claim else { return Ok(()) };
        let Some(range) = self.range(node, session, proposer) else { return Ok(()) };
        self.checked += 1;
        if range.contains(&score_ppm) {
            return Ok(());
        }
        let message = format_args!(
            "round {round} of session {session}: the proposal of agent {proposer} has {score_ppm} ppm, and honest \
             reviewers make it {} to {}",
            range.start(),
            range.end()
        );
        Err(Violation::new([node, proposer], message)
            .with("session", session)
            .with("round", round)
            .with("proposer", proposer))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
