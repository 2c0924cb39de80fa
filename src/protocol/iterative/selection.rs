//! Selection of the best proposal so far, and progress of a session over its rounds.

use super::bug::Convergence;
use super::config::Config;
use super::distance::WHOLE;
use super::domain::Value;
use super::measure::{self, Measures};
use super::message::{AbortReason, Outcome, Proposal, Review, Round, Success};
use super::progress::{Candidate, RefinementProgress};
use super::score::{trimmed, trimmed_mean};
use std::cmp::Reverse;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, NodeId, Signed};

/// Number of rounds over which the best score has to improve,
const STAGNATION_ROUNDS: usize = 3;

/// and the least improvement, in parts per million.
const STAGNATION_PPM: u32 = 10_000;

impl Candidate {
    /// Scores `proposal` by its `reviews`; `None` if they are too few.
    pub(super) fn judge(
        config: &Config,
        proposal: &Signed<Proposal>,
        reviews: &[Signed<Review>],
    ) -> Option<Candidate> {
        let rules = config.rules();
        let trim = if rules.trims_scores { config.trim(reviews.len()) } else { 0 };
        let mut scores: Vec<u32> = reviews.iter().map(|review| review.score_ppm).collect();
        let feedback = trimmed_mean(&mut scores, trim)?;
        let feedback =
            if rules.confidence_counts { (4 * feedback + proposal.confidence_ppm) / 5 } else { feedback };
        let score_ppm = match config.quality(proposal.session, &proposal.value) {
            Some(quality) => (quality + feedback) / 2,
            None => feedback,
        };
        assert!(score_ppm <= WHOLE, "a score is a part of the whole");
        let weighed = reviews.iter().map(|review| (config.weight(review.signer()), review.score_ppm));
        Some(Candidate {
            value: Rc::clone(&proposal.value),
            digest: Digest::of(&*proposal.value),
            proposer: proposal.signer(),
            score_ppm,
            approval_ppm: measure::approval(weighed, config.thresholds.approves_ppm),
        })
    }

    /// Its rank: best score first, ties by lowest digest and proposer.
    fn rank(&self) -> (Reverse<u32>, Digest, NodeId) {
        (Reverse(self.score_ppm), self.digest, self.proposer)
    }
}

impl Config {
    /// Number of `received` reviews trimmed at either end.
    fn trim(&self, received: usize) -> usize {
        if self.lies {
            trimmed(self.reviewers() as usize, received, self.faulty as usize, self.grace.is_none())
        } else {
            0
        }
    }
}

impl RefinementProgress {
    /// Selects the best of a round's candidates and of all before; `None` if there is none.
    pub(super) fn select(
        &mut self,
        config: &Config,
        mut candidates: Vec<Candidate>,
        proposals: SortedMap<NodeId, Rc<Value>>,
    ) -> Option<(&Candidate, Measures)> {
        let before = self.elite.as_ref().map(|elite| Rc::clone(&elite.value));
        let rules = config.rules();
        if rules.keeps_best {
            candidates.extend(self.elite.take());
        }
        candidates.sort_by_key(Candidate::rank);
        let mut selected = candidates.first()?.clone();
        if !rules.selects_submitted
            && let Some(second) = candidates.get(1)
        {
            selected.value = Rc::new(config.domain.pulled(&selected.value, &second.value, WHOLE / 2));
        }
        let distance = |a: &Value, b: &Value| config.distance(a, b);
        let values: Vec<&Value> = proposals.values().map(|value| &**value).collect();
        let measures = Measures {
            dispersion_ppm: measure::dispersion(&values, distance),
            drift_ppm: before.map(|before| distance(&before, &selected.value)),
            approval_ppm: selected.approval_ppm,
            self_drift_ppm: self.self_drift(&proposals, distance),
        };
        let is_near = match rules.convergence {
            Convergence::Mutual => measures.agree(&config.thresholds),
            Convergence::Own => {
                measures.self_drift_ppm.is_some_and(|drift| drift <= config.thresholds.dispersion_ppm)
            }
        };
        let has_risen = self.best.last().is_none_or(|&best| best <= selected.score_ppm);
        assert!(has_risen || !rules.keeps_best, "the best proposal so far only gets better");
        self.stable = if is_near { self.stable + 1 } else { 0 };
        self.best.push(selected.score_ppm);
        self.proposals = proposals;
        self.measures = Some(measures);
        Some((self.elite.insert(selected), measures))
    }

    /// The mean distance of each agent's proposal from its own of the round before.
    fn self_drift(
        &self,
        proposals: &SortedMap<NodeId, Rc<Value>>,
        distance: impl Fn(&Value, &Value) -> u32,
    ) -> Option<u32> {
        let both = proposals.iter().filter_map(|(agent, now)| Some((self.proposals.get(agent)?, now)));
        let drifts: Vec<u64> = both.map(|(before, now)| u64::from(distance(before, now))).collect();
        drifts.iter().sum::<u64>().checked_div(drifts.len() as u64).map(|mean| mean as u32)
    }

    /// Outcome of the session after `round`, if it ends there: the first reason that holds.
    pub(super) fn outcome(&self, config: &Config, round: Round) -> Option<Outcome> {
        let elite = self.elite.as_ref()?;
        assert_eq!(round, self.rounds(), "a session ends after the rounds that are over");
        let is_good = config.good_enough_ppm.is_some_and(|enough| elite.score_ppm >= enough);
        if self.stable >= config.stable_rounds {
            Some(Outcome::Decided(Success::Converged))
        } else if is_good && elite.approval_ppm >= config.thresholds.approval_ppm {
            Some(Outcome::Decided(Success::GoodEnough))
        } else if self.stagnates(config.rules().keeps_best) {
            Some(Outcome::Aborted(AbortReason::Stagnation))
        } else if round >= config.rounds_max {
            Some(Outcome::Aborted(AbortReason::RoundsExhausted))
        } else {
            None
        }
    }

    fn stagnates(&self, only_rises: bool) -> bool {
        assert!(!only_rises || self.best.is_sorted(), "the best proposal so far only gets better");
        let last = self.best.len() - 1;
        last >= STAGNATION_ROUNDS
            && self.best[last] < self.best[last - STAGNATION_ROUNDS].saturating_add(STAGNATION_PPM)
    }

    /// Figures of `session`, in parts per million.
    pub(super) fn figures(
        &self,
        config: &Config,
        session: SessionId,
    ) -> impl Iterator<Item = (&'static str, u64)> {
        let measures = self.measures.map(|measures| {
            [
                ("dispersion_ppm", Some(measures.dispersion_ppm)),
                ("drift_ppm", measures.drift_ppm),
                ("disapproval_ppm", Some(WHOLE - measures.approval_ppm)),
                ("self_drift_ppm", measures.self_drift_ppm),
            ]
        });
        let error = self.elite.as_ref().map(|elite| config.error(session, &elite.value));
        let figures = measures.into_iter().flatten().chain([("error_ppm", error)]);
        figures.filter_map(|(name, value)| Some((name, u64::from(value?))))
    }
}
