//! I4: a session ends for the reason that it gives.

use super::super::{AbortReason, Config, Iterative, Observation, Outcome, Round, SessionId, Success, Value};
use super::book::{Book, Books};
use super::lineage::Lineages;
use std::rc::Rc;
use synod_sim::units::plural;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// I4: agents that are said to have converged have: for as many rounds as it takes half of their pairs were near each
/// other, the selection stayed, and the reviewers approved of it. And the other reasons that a session ends for are true.
#[derive(Debug)]
pub struct Truthfulness {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    rounds: Lineages<RoundEnd>,
    checked: u64,
}

/// What a round came to.
#[derive(Clone, Debug)]
struct RoundEnd {
    selected: Rc<Value>,
    score_ppm: u32,
    is_approved: bool,
    /// For how many rounds in a row all were near.
    near: u32,
}

impl Truthfulness {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Truthfulness {
        Truthfulness {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            books: Books::default(),
            rounds: Lineages::default(),
            checked: 0,
        }
    }

    fn select(&mut self, node: NodeId, session: SessionId, value: &Rc<Value>, score_ppm: u32) {
        let Some(book) = self.books.of(session, node) else { return };
        let rounds = self.rounds.of(session, node);
        let before = rounds.last();
        let is_same = |old: &&RoundEnd| old.score_ppm == score_ppm && old.selected == *value;
        let is_kept = before.filter(is_same).is_some_and(|old| old.is_approved);
        let of_this_round = book.proposals.iter().filter(|proposal| proposal.value == *value);
        let is_approved = is_kept
            || of_this_round.map(|proposal| proposal.signer()).any(|by| approves(&self.config, book, by));
        let has_stayed = before.is_some_and(|old| {
            self.config.domain.distance(&old.selected, value) <= self.config.thresholds.drift_ppm
        });
        let is_near = has_stayed && is_approved && are_near(&self.config, book);
        let near = if is_near { before.map_or(0, |old| old.near) + 1 } else { 0 };
        rounds.push(RoundEnd { selected: Rc::clone(value), score_ppm, is_approved, near });
    }
}

/// What is untrue of the reason that a session ends for.
fn objection(config: &Config, round: Round, outcome: Outcome, rounds: &[RoundEnd]) -> Option<&'static str> {
    let last = rounds.last();
    let score_ppm = last.map_or(0, |last| last.score_ppm);
    let is_true = match outcome {
        Outcome::Decided(Success::Converged) => last.is_some_and(|last| last.near >= config.stable_rounds),
        Outcome::Decided(Success::GoodEnough) => {
            last.is_some_and(|last| last.is_approved)
                && config.good_enough_ppm.is_some_and(|enough| score_ppm >= enough)
        }
        Outcome::Aborted(AbortReason::RoundsExhausted) => round == config.rounds_max,
        Outcome::Aborted(AbortReason::Stagnation) => {
            let before = rounds.iter().rev().nth(3);
            before.is_some_and(|before| score_ppm - before.score_ppm < 10_000)
        }
        _ => return None,
    };
    match (is_true, outcome) {
        (true, _) => None,
        (false, Outcome::Decided(Success::Converged)) => Some("converged"),
        (false, Outcome::Decided(_)) => Some("good enough"),
        (false, Outcome::Aborted(AbortReason::Stagnation)) => Some("stagnant"),
        (false, Outcome::Aborted(_)) => Some("out of rounds"),
    }
}

/// Returns true if the reviews of this proposal approve of it by enough of their weight.
fn approves(config: &Config, book: &Book, proposer: NodeId) -> bool {
    let weight = |node: NodeId| u128::from(config.agents[node.index()].traits.weight);
    let reviews: Vec<(u128, u32)> =
        book.reviews_of(proposer).map(|(node, score)| (weight(node), score)).collect();
    let whole: u128 = reviews.iter().map(|&(weight, _)| weight).sum();
    let approving = reviews.iter().filter(|&&(_, score)| score >= config.thresholds.approves_ppm);
    let approving: u128 = approving.map(|&(weight, _)| weight).sum();
    whole > 0 && approving * 1_000_000 >= u128::from(config.thresholds.approval_ppm) * whole
}

/// Returns true if at least half of all pairs of proposals are near each other.
fn are_near(config: &Config, book: &Book) -> bool {
    let values: Vec<&Value> = book.proposals.iter().map(|proposal| &*proposal.value).collect();
    let (mut near, mut pairs) = (0u64, 0u64);
    for (place, a) in values.iter().enumerate() {
        for b in &values[..place] {
            pairs += 1;
            near += u64::from(config.domain.distance(a, b) <= config.thresholds.dispersion_ppm);
        }
    }
    2 * near >= pairs
}

impl Oracle<Iterative> for Truthfulness {
    fn name(&self) -> &'static str {
        "truthfulness"
    }

    fn claim(&self) -> &'static str {
        "I4: a session ends for the reason that it gives; agents that are said to have converged have"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        self.books.note(&self.config, &self.ground_truth, event);
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        self.rounds.note(node, claim);
        match *claim {
            Observation::Selected { session, ref value, score_ppm, .. } => {
                self.select(node, session, value, score_ppm);
                Ok(())
            }
            Observation::Closed { session, round, outcome } => {
                if outcome == Outcome::Decided(Success::Agreed) {
                    return Ok(());
                }
                self.checked += 1;
                let rounds = self.rounds.of(session, node);
                match objection(&self.config, round, outcome, rounds) {
                    None => Ok(()),
                    Some(reason) => {
                        let message = format_args!(
                            "session {session} ended after {} as {reason}, and is not",
                            plural(round.into(), "round")
                        );
                        Err(Violation::new([node], message).with("session", session))
                    }
                }
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
