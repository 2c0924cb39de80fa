//! An oracle's own books: the votes that were counted, and what they come to by the rule as it is written, with
//! nothing left open.

use super::super::{Config, DecisionRule, Observation, SessionId, Vote};
use std::rc::Rc;
use synod_sim::collections::SortedMap;

/// The sessions that are open, each with its books.
#[derive(Debug, Default)]
pub(super) struct Books(SortedMap<SessionId, Ledger>);

/// The books of one session.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    weights: Rc<[u64]>,
    /// W.
    total: u64,
    /// R.
    open: u64,
    /// The voters.
    voted: Vec<bool>,
    count: Count,
}

/// What votes come to.
#[derive(Clone, Debug, Default)]
struct Count {
    /// A_x, for options with votes.
    options: SortedMap<u64, u64>,
    /// C.
    cast: u64,
}

impl Count {
    fn add(&mut self, option: u64, weight: u64) {
        *self.options.entry(option).or_default() += weight;
        self.cast += weight;
    }

    fn take(&mut self, option: u64, weight: u64) {
        *self.options.get_mut(&option).expect("it was added") -= weight;
        self.cast -= weight;
    }
}

impl Books {
    /// Takes note of what the coordinator claims; the books of a session that it closes, if they were kept.
    pub(super) fn note(&mut self, config: &Config, claim: &Observation) -> Option<Ledger> {
        match claim {
            Observation::Opened { session, weighing } => {
                self.0.insert(*session, Ledger::new(Rc::clone(weighing.snapshot.weights())));
                None
            }
            Observation::Counted { vote } => {
                let ledger = self.0.get_mut(&vote.session)?;
                ledger.enter(config, vote.signer().index(), vote);
                None
            }
            Observation::Closed { session, .. } => self.0.remove(session),
            _ => None,
        }
    }

    /// The books of an open session.
    pub(super) fn of(&self, session: SessionId) -> Option<&Ledger> {
        self.0.get(&session)
    }
}

impl Ledger {
    fn new(weights: Rc<[u64]>) -> Ledger {
        let (voted, total) = (vec![false; weights.len()], weights.iter().sum());
        Ledger { weights, total, open: total, voted, count: Count::default() }
    }

    /// Enters a voter's first vote; later ones are none.
    fn enter(&mut self, config: &Config, voter: usize, vote: &Vote) {
        if !std::mem::replace(&mut self.voted[voter], true) {
            let sure = if config.confidence { u64::from(vote.ballot.confidence_ppm) } else { 1_000_000 };
            let effective = u128::from(self.weights[voter]) * u128::from(sure) / 1_000_000;
            self.count.add(vote.ballot.option, effective as u64);
            self.open -= self.weights[voter];
        }
    }

    /// Supposes another vote.
    pub(super) fn add(&mut self, option: u64, weight: u64) {
        self.count.add(option, weight);
    }

    /// Supposes it no more.
    pub(super) fn take(&mut self, option: u64, weight: u64) {
        self.count.take(option, weight);
    }

    /// A_x, by option.
    pub(super) fn sums(&self) -> impl Iterator<Item = (u64, u64)> {
        self.count.options.iter().map(|(&option, &weight)| (option, weight))
    }

    /// The weights of those who have not voted.
    pub(super) fn open(&self) -> Vec<u64> {
        let voters = self.voted.iter().zip(&*self.weights);
        voters.filter(|(voted, _)| !**voted).map(|(_, &weight)| weight).collect()
    }

    /// C.
    pub(super) fn cast(&self) -> u64 {
        self.count.cast
    }

    /// The least weight that wins by a share of all weight: by the rule, and of a certificate, Q > (W + F) / 2.
    pub(super) fn needed(&self, config: &Config) -> u64 {
        let total = u128::from(self.total);
        let by_rule = match config.decision_rule {
            DecisionRule::OfTotal { share_ppm } => (total * u128::from(share_ppm)).div_ceil(1_000_000),
            _ => total / 2 + 1,
        };
        let faulty = total * u128::from(config.faulty_ppm) / 1_000_000;
        let by_quorum = if config.faulty_ppm > 0 { (total + faulty) / 2 + 1 } else { 0 };
        by_rule.max(by_quorum) as u64
    }

    /// The option that wins if nobody else votes.
    pub(super) fn winner(&self, config: &Config) -> Option<u64> {
        self.winner_of(config, &self.count)
    }

    fn winner_of(&self, config: &Config, count: &Count) -> Option<u64> {
        let sums = || count.options.iter().map(|(&option, &weight)| (option, weight));
        let best = || {
            let most = sums().map(|(_, weight)| weight).max().filter(|&most| most > 0)?;
            sums().find(|&(_, weight)| weight == most)
        };
        let cast = u128::from(count.cast);
        match config.decision_rule {
            DecisionRule::Majority | DecisionRule::OfTotal { .. } => {
                best().filter(|&(_, weight)| weight >= self.needed(config)).map(|(option, _)| option)
            }
            DecisionRule::Plurality => best().map(|(option, _)| option),
            DecisionRule::OfCast { share_ppm, .. } => {
                let wins = |&(_, weight): &(u64, u64)| {
                    u128::from(weight) * 1_000_000 >= u128::from(share_ppm) * cast
                };
                best().filter(wins).filter(|_| self.has_quorum(config, count)).map(|(option, _)| option)
            }
            DecisionRule::Median { .. } => {
                let mut under = 0;
                let is_middle = |&(_, weight): &(u64, u64)| {
                    under += u128::from(weight);
                    2 * under >= cast
                };
                sums().find(is_middle).map(|(value, _)| value).filter(|_| cast > 0)
            }
        }
    }

    /// Returns true if enough weight is cast, where the rule asks for some.
    pub(super) fn is_quorate(&self, config: &Config) -> bool {
        self.has_quorum(config, &self.count)
    }

    fn has_quorum(&self, config: &Config, count: &Count) -> bool {
        match config.decision_rule {
            DecisionRule::OfCast { participation_ppm, .. } => {
                u128::from(count.cast) * 1_000_000 >= u128::from(participation_ppm) * u128::from(self.total)
            }
            _ => true,
        }
    }

    /// What somebody who has not voted could do that matters: for each option, or where options are numbers for either
    /// end of them.
    pub(super) fn choices(&self, config: &Config) -> Vec<u64> {
        const MANY: u64 = 16;
        match config.decision_rule {
            DecisionRule::Median { .. } => vec![0, config.options - 1],
            // Among options that nobody has named the lowest does what any could.
            _ if config.options > MANY => {
                let unnamed = (0..config.options).find(|option| !self.count.options.contains_key(option));
                self.count.options.keys().copied().chain(unnamed).collect()
            }
            _ => (0..config.options).collect(),
        }
    }

    /// The winners of the extreme completions: everyone abstains, or everyone goes the same way. What comes of all of
    /// them comes of every other as well, since no rule has anything in between.
    pub(super) fn extremes(&self, config: &Config) -> Vec<Option<u64>> {
        let mut count = self.count.clone();
        let mut together = |option| {
            count.add(option, self.open);
            let winner = self.winner_of(config, &count);
            count.take(option, self.open);
            winner
        };
        let all_go: Vec<Option<u64>> = self.choices(config).into_iter().map(&mut together).collect();
        std::iter::once(self.winner(config)).chain(all_go).collect()
    }
}

/// Returns true if `a` and `b` are the same outcome, as near as the rule wants it.
pub(super) fn agree(config: &Config, a: Option<u64>, b: Option<u64>) -> bool {
    match (config.decision_rule, a, b) {
        (DecisionRule::Median { tolerance }, Some(a), Some(b)) => a.abs_diff(b) <= tolerance,
        _ => a == b,
    }
}
