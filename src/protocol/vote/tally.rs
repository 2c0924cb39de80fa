//! A tally: the first vote of every voter.

use super::bug::{SecondVote, Tie};
use super::rule::{Rule, TallyResult, VoteTerms};
use super::sums::{MILLION, Sums};
use super::weights::Snapshot;
use serde::Serialize;

/// A ballot.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ballot {
    /// The option.
    pub option: u64,
    /// Confidence of the voter, in parts per million.
    pub confidence_ppm: u32,
}

/// Effect of a ballot.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Cast {
    /// It counts.
    Counted,
    /// It repeats the voter's ballot.
    Repeated,
    /// It contradicts the voter's earlier ballot, which counts.
    Contradicted,
    /// Its voter, option or confidence is invalid.
    Invalid,
}

/// The votes of one session.
#[derive(Clone, Debug)]
pub struct Tally {
    terms: VoteTerms,
    snapshot: Snapshot,
    ballots: Vec<Option<Ballot>>,
    votes: u32,
    sums: Sums,
    /// For a mutant: options in the order in which they were first voted for.
    arrivals: Vec<u64>,
}

impl Tally {
    /// No votes yet.
    pub fn new(terms: VoteTerms, snapshot: Snapshot) -> Tally {
        let sums = Sums::new(snapshot.total());
        let ballots = vec![None; snapshot.weights().len()];
        Tally { terms, snapshot, ballots, votes: 0, sums, arrivals: Vec::new() }
    }

    /// Takes a ballot of `voter`. The first that is valid counts, for good.
    pub fn cast(&mut self, voter: usize, ballot: Ballot) -> Cast {
        let is_valid = ballot.option < self.terms.options && ballot.confidence_ppm <= 1_000_000;
        let Some(first) = self.ballots.get_mut(voter).filter(|_| is_valid) else { return Cast::Invalid };
        let weight = self.snapshot.weights()[voter];
        let effective = if self.terms.confidence {
            (u128::from(weight) * u128::from(ballot.confidence_ppm) / MILLION) as u64
        } else {
            weight
        };
        let rules = self.terms.rules();
        let cast = match *first {
            Some(before) if rules.second_vote == SecondVote::Replaces && before != ballot => {
                *first = Some(ballot);
                let moved = effective.min(self.sums.of(before.option));
                self.sums.cast -= moved;
                *self.sums.options.entry(before.option).or_default() -= moved;
                self.sums.add(ballot.option, moved);
                Cast::Counted
            }
            Some(_) if rules.second_vote == SecondVote::Added => {
                self.sums.add(ballot.option, effective);
                Cast::Counted
            }
            Some(before) if before == ballot => Cast::Repeated,
            Some(_) => Cast::Contradicted,
            None => {
                *first = Some(ballot);
                self.votes += 1;
                // A mutant that has forgotten open weight has none to take it from.
                self.sums.open = self.sums.open.max(weight);
                self.sums.cast(ballot.option, weight, effective);
                if rules.tie == Tie::FirstVotedFor && !self.arrivals.contains(&ballot.option) {
                    self.arrivals.push(ballot.option);
                }
                Cast::Counted
            }
        };
        self.assert_whole();
        cast
    }

    /// Weight is cast or open, and there is no more of it than there was. A vote that counts less than it could leaves the
    /// rest to nobody.
    fn assert_whole(&self) {
        let (Sums { cast, open, .. }, whole) = (&self.sums, self.snapshot.total());
        let rules = self.terms.rules();
        assert!(
            cast + open <= whole || rules.second_vote == SecondVote::Added,
            "{cast} cast, {open} open of {whole}"
        );
        assert!(self.votes as usize <= self.ballots.len(), "everybody has one vote");
    }

    /// The result, if no open vote can change it.
    pub fn verdict(&self) -> Option<TallyResult> {
        self.assert_whole();
        self.terms.judge(&self.sums).map(|verdict| self.by_arrival(verdict))
    }

    /// The result if nobody else votes.
    pub fn close(&self) -> TallyResult {
        self.assert_whole();
        self.by_arrival(self.terms.close(&self.sums))
    }

    /// Sums of the votes.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// Number of votes.
    pub fn votes(&self) -> u32 {
        self.votes
    }

    /// Ballot of `voter`, if it has voted.
    pub fn ballot(&self, voter: usize) -> Option<Ballot> {
        self.ballots.get(voter).copied().flatten()
    }

    /// Returns true if everybody has voted.
    pub fn is_complete(&self) -> bool {
        self.votes as usize == self.ballots.len()
    }

    /// For a mutant: takes those who have not voted for absent.
    pub fn forget_open(&mut self) {
        self.sums.open = 0;
    }

    /// For a mutant: other weights from now on.
    pub fn reweigh(&mut self, snapshot: Snapshot) {
        let Tally { terms, ballots, .. } = self.clone();
        *self = Tally::new(terms, snapshot);
        for (voter, ballot) in ballots.into_iter().enumerate() {
            if let Some(ballot) = ballot {
                self.cast(voter, ballot);
            }
        }
    }

    /// For a mutant: another verdict where options tie.
    fn by_arrival(&self, verdict: TallyResult) -> TallyResult {
        let goes_by_arrival = self.terms.rules().tie == Tie::FirstVotedFor;
        match (self.terms.rule, verdict) {
            (Rule::Plurality, TallyResult::Accepted(option)) if goes_by_arrival => {
                let lead = self.sums.of(option);
                let first = self.arrivals.iter().find(|&&other| self.sums.of(other) == lead);
                TallyResult::Accepted(first.copied().unwrap_or(option))
            }
            _ => verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(weights: &[u64], confidence: bool) -> Tally {
        let terms = VoteTerms { rule: Rule::Plurality, options: 3, confidence, bug: None };
        Tally::new(terms, Snapshot::new(weights))
    }

    fn sure(option: u64) -> Ballot {
        Ballot { option, confidence_ppm: 1_000_000 }
    }

    #[test]
    fn a_voters_first_valid_vote_is_its_vote() {
        let mut tally = tally(&[5, 3, 1], false);
        assert_eq!(tally.cast(0, sure(3)), Cast::Invalid);
        assert_eq!(tally.cast(9, sure(1)), Cast::Invalid);
        assert_eq!(tally.cast(0, Ballot { confidence_ppm: 1_000_001, ..sure(1) }), Cast::Invalid);
        assert_eq!(tally.cast(0, sure(1)), Cast::Counted);
        assert_eq!(tally.cast(0, sure(1)), Cast::Repeated);
        assert_eq!(tally.cast(0, sure(2)), Cast::Contradicted);
        assert_eq!((tally.sums().of(1), tally.sums().open, tally.votes()), (5, 4, 1));
        assert_eq!(tally.verdict(), Some(TallyResult::Accepted(1)));
    }

    #[test]
    fn confidence_takes_from_a_vote_and_leaves_nothing_open() {
        let mut tally = tally(&[10, 8], true);
        tally.cast(0, Ballot { option: 0, confidence_ppm: 500_000 });
        assert_eq!((tally.sums().of(0), tally.sums().cast, tally.sums().open), (5, 5, 8));
        tally.cast(1, sure(1));
        assert!(tally.is_complete());
        assert_eq!(tally.close(), TallyResult::Accepted(1));
    }
}
