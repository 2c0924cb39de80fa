//! Hidden bids: bidders first commit to a bid, and reveal it once nobody can commit any more.
//!
//! A commitment is an opaque handle, such as a hash over the auction, the bidder, the amount and a nonce. The bidder
//! has to be part of it, or it could be copied. Whoever commits pays a deposit, which is lost to the seller if the
//! bid is not revealed: else a bidder with two names could choose afterwards which of its bids exist. A bidder is
//! excused, and gets its deposit back, if the log holds nothing that it wrote between the two closings, for then it
//! may have been cut off. So each bidder writes a sign of life into the log while bids are revealed.

use super::{Bid, Refusal, Roster, TermsError};
use crate::{Amount, Bidder, Party, Transfer};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The terms of committing and revealing. Times are in one unit, such as nanoseconds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CommitTerms {
    /// What each bidder deposits with its commitment, in minor units. It should be as much as hiding a bid can be worth.
    pub deposit: Amount,
    /// When commitments end.
    pub commit_until: u64,
    /// When revelations end.
    pub reveal_until: u64,
}

/// An entry in the log of hidden bids. `C` is a commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitEntry<C> {
    /// A bidder commits to a bid, and deposits.
    Commit {
        /// Who commits.
        bidder: Bidder,
        /// To what.
        commitment: C,
    },
    /// No commitment counts from here on.
    CloseCommit,
    /// A bidder shows that it can write into the log.
    Beacon {
        /// Who lives.
        bidder: Bidder,
    },
    /// A bidder reveals its bid.
    Reveal {
        /// The bid.
        bid: Bid,
        /// The commitment that the bid and the revealed nonce would have had.
        commitment: C,
    },
    /// Revealing goes on, once, for too few have revealed.
    Extend,
    /// No revelation counts from here on.
    CloseReveal,
}

/// What becomes of a deposit.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deposit {
    /// The bid was revealed: the deposit goes back.
    Returned,
    /// The bid was not revealed, but the bidder may have been cut off: the deposit goes back.
    Excused,
    /// The bid was not revealed, though the bidder could write: the deposit goes to the seller.
    Forfeited,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Commit,
    Reveal,
    Over,
}

/// Hidden bids that take one entry of the log after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitReveal<C> {
    deposit: Amount,
    eligible: BTreeSet<Bidder>,
    stage: Stage,
    extended: bool,
    commitments: BTreeMap<Bidder, C>,
    revealed: BTreeMap<Bidder, Amount>,
    heard: BTreeSet<Bidder>,
}

impl<C: Eq> CommitReveal<C> {
    /// Returns hidden bids to which nobody has committed.
    ///
    /// # Errors
    /// If the deposit is not positive, or revelations do not end after commitments.
    pub fn new(terms: CommitTerms, roster: &Roster) -> Result<CommitReveal<C>, TermsError> {
        if terms.deposit <= Amount::ZERO {
            return Err(TermsError::DepositNotPositive(terms.deposit));
        }
        let (commit, reveal) = (terms.commit_until, terms.reveal_until);
        if reveal <= commit {
            return Err(TermsError::RevealNotAfterCommit { commit, reveal });
        }
        Ok(CommitReveal {
            deposit: terms.deposit,
            eligible: roster.order().iter().copied().collect(),
            stage: Stage::Commit,
            extended: false,
            commitments: BTreeMap::new(),
            revealed: BTreeMap::new(),
            heard: BTreeSet::new(),
        })
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// If the entry does not count. While bids are revealed, even such an entry shows that its bidder can write;
    /// nothing else has changed.
    pub fn take(&mut self, entry: CommitEntry<C>) -> Result<(), Refusal> {
        let author = match &entry {
            CommitEntry::Commit { bidder, .. } | CommitEntry::Beacon { bidder } => Some(*bidder),
            CommitEntry::Reveal { bid, .. } => Some(bid.bidder),
            CommitEntry::CloseCommit | CommitEntry::Extend | CommitEntry::CloseReveal => None,
        };
        if let Some(author) = author {
            if !self.eligible.contains(&author) {
                return Err(Refusal::NotEligible);
            }
            if self.stage == Stage::Reveal {
                self.heard.insert(author);
            }
        }
        match entry {
            CommitEntry::Commit { bidder, commitment } => self.commit(bidder, commitment),
            CommitEntry::Reveal { bid, commitment } => self.reveal(bid, &commitment),
            CommitEntry::Beacon { .. } => self.in_stage(Stage::Reveal),
            CommitEntry::CloseCommit => {
                self.in_stage(Stage::Commit)?;
                self.stage = Stage::Reveal;
                Ok(())
            }
            CommitEntry::Extend => {
                self.in_stage(Stage::Reveal)?;
                if std::mem::replace(&mut self.extended, true) { Err(Refusal::NoExtension) } else { Ok(()) }
            }
            CommitEntry::CloseReveal => {
                self.in_stage(Stage::Reveal)?;
                self.stage = Stage::Over;
                Ok(())
            }
        }
    }

    /// Returns how many commitments count.
    pub fn committed(&self) -> usize {
        self.commitments.len()
    }

    /// Returns how many bids are revealed.
    pub fn revealed(&self) -> usize {
        self.revealed.len()
    }

    /// Returns whether revealing should go on once more: if fewer bids are revealed than commitments count less
    /// `faulty`, and it has not gone on before.
    pub fn wants_extension(&self, faulty: usize) -> bool {
        self.stage == Stage::Reveal && !self.extended && self.revealed.len() + faulty < self.commitments.len()
    }

    /// Returns the bids that count, in the order of bidders' numbers, once revealing is over.
    pub fn bids(&self) -> Option<Vec<Bid>> {
        let bid = |(&bidder, &amount)| Bid { bidder, amount };
        (self.stage == Stage::Over).then(|| self.revealed.iter().map(bid).collect())
    }

    /// Returns what becomes of each deposit, in the order of bidders' numbers, once revealing is over.
    pub fn deposits(&self) -> Option<Vec<(Bidder, Deposit)>> {
        let fate = |&bidder: &Bidder| {
            let fate = match (self.revealed.contains_key(&bidder), self.heard.contains(&bidder)) {
                (true, _) => Deposit::Returned,
                (false, true) => Deposit::Forfeited,
                (false, false) => Deposit::Excused,
            };
            (bidder, fate)
        };
        (self.stage == Stage::Over).then(|| self.commitments.keys().map(fate).collect())
    }

    /// Returns all movements of deposits so far: into escrow, and from there to the bidder or the seller once
    /// revealing is over.
    pub fn transfers(&self) -> Vec<Transfer> {
        let amount = self.deposit;
        let locked = |&bidder: &Bidder| Transfer { from: Party::Bidder(bidder), to: Party::Escrow, amount };
        let released = |(bidder, fate)| {
            let to = if fate == Deposit::Forfeited { Party::Seller } else { Party::Bidder(bidder) };
            Transfer { from: Party::Escrow, to, amount }
        };
        let fates = self.deposits().unwrap_or_default();
        self.commitments.keys().map(locked).chain(fates.into_iter().map(released)).collect()
    }

    fn in_stage(&self, stage: Stage) -> Result<(), Refusal> {
        match self.stage.cmp(&stage) {
            std::cmp::Ordering::Less => Err(Refusal::TooEarly),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Refusal::TooLate),
        }
    }

    fn commit(&mut self, bidder: Bidder, commitment: C) -> Result<(), Refusal> {
        self.in_stage(Stage::Commit)?;
        if self.commitments.contains_key(&bidder) {
            return Err(Refusal::Repeated);
        }
        self.commitments.insert(bidder, commitment);
        Ok(())
    }

    fn reveal(&mut self, bid: Bid, commitment: &C) -> Result<(), Refusal> {
        self.in_stage(Stage::Reveal)?;
        let own = self.commitments.get(&bid.bidder).ok_or(Refusal::NoCommitment)?;
        if own != commitment {
            return Err(Refusal::Mismatch);
        }
        if self.revealed.contains_key(&bid.bidder) {
            return Err(Refusal::Repeated);
        }
        self.revealed.insert(bid.bidder, bid.amount);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::balances;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn terms(deposit: i64, commit_until: u64, reveal_until: u64) -> CommitTerms {
        CommitTerms { deposit: amount(deposit), commit_until, reveal_until }
    }

    fn start() -> CommitReveal<u64> {
        CommitReveal::new(terms(100, 10, 20), &Roster::new((1..=5).map(Bidder)).unwrap()).unwrap()
    }

    fn commit(bidder: u32, commitment: u64) -> CommitEntry<u64> {
        CommitEntry::Commit { bidder: Bidder(bidder), commitment }
    }

    fn reveal(bidder: u32, units: i64, commitment: u64) -> CommitEntry<u64> {
        CommitEntry::Reveal { bid: Bid { bidder: Bidder(bidder), amount: amount(units) }, commitment }
    }

    fn beacon(bidder: u32) -> CommitEntry<u64> {
        CommitEntry::Beacon { bidder: Bidder(bidder) }
    }

    #[test]
    fn what_is_revealed_as_committed_counts_and_who_could_write_and_did_not_pays() {
        let mut hidden = start();
        for bidder in 1..=4 {
            hidden.take(commit(bidder, u64::from(bidder) * 11)).unwrap();
        }
        assert_eq!(hidden.take(commit(1, 99)), Err(Refusal::Repeated));
        assert_eq!(hidden.take(commit(9, 99)), Err(Refusal::NotEligible));
        assert_eq!(hidden.take(reveal(1, 7, 11)), Err(Refusal::TooEarly));
        assert_eq!(hidden.take(beacon(1)), Err(Refusal::TooEarly));
        hidden.take(CommitEntry::CloseCommit).unwrap();
        assert_eq!(hidden.take(commit(5, 55)), Err(Refusal::TooLate));
        hidden.take(reveal(1, 7, 11)).unwrap();
        assert_eq!(hidden.take(reveal(1, 8, 11)), Err(Refusal::Repeated));
        // A wrong nonce makes another commitment. It shows that bidder 2 could write.
        assert_eq!(hidden.take(reveal(2, 9, 23)), Err(Refusal::Mismatch));
        assert_eq!(hidden.take(reveal(5, 9, 55)), Err(Refusal::NoCommitment));
        hidden.take(beacon(3)).unwrap();
        assert_eq!((hidden.bids(), hidden.deposits()), (None, None));
        hidden.take(CommitEntry::CloseReveal).unwrap();
        assert_eq!(hidden.take(reveal(3, 9, 33)), Err(Refusal::TooLate));
        assert_eq!(hidden.take(beacon(4)), Err(Refusal::TooLate));
        assert_eq!(hidden.bids(), Some(vec![Bid { bidder: Bidder(1), amount: amount(7) }]));
        let fates = [Deposit::Returned, Deposit::Forfeited, Deposit::Forfeited, Deposit::Excused];
        assert_eq!(hidden.deposits(), Some((1..).map(Bidder).zip(fates).collect()));
        let net: Vec<_> = balances(&hidden.transfers()).unwrap().into_iter().collect();
        let bidder = |number, units| (Party::Bidder(Bidder(number)), amount(units));
        let seller_and_escrow = [(Party::Seller, amount(200)), (Party::Escrow, amount(0))];
        let bidders = [bidder(1, 0), bidder(2, -100), bidder(3, -100), bidder(4, 0)];
        assert_eq!(net, [&seller_and_escrow[..], &bidders].concat());
    }

    #[test]
    fn a_revelation_may_come_after_a_wrong_one() {
        let mut hidden = start();
        hidden.take(commit(1, 5)).unwrap();
        hidden.take(CommitEntry::CloseCommit).unwrap();
        assert_eq!(hidden.take(reveal(1, 7, 6)), Err(Refusal::Mismatch));
        hidden.take(reveal(1, 7, 5)).unwrap();
        hidden.take(CommitEntry::CloseReveal).unwrap();
        assert_eq!(hidden.deposits(), Some(vec![(Bidder(1), Deposit::Returned)]));
    }

    #[test]
    fn revealing_goes_on_once_if_too_few_have_revealed() {
        let mut hidden = start();
        (1..=4).for_each(|bidder| hidden.take(commit(bidder, 0)).unwrap());
        assert!(!hidden.wants_extension(1));
        assert_eq!(hidden.take(CommitEntry::Extend), Err(Refusal::TooEarly));
        hidden.take(CommitEntry::CloseCommit).unwrap();
        (1..=2).for_each(|bidder| hidden.take(reveal(bidder, 1, 0)).unwrap());
        assert!(hidden.wants_extension(1) && !hidden.wants_extension(2));
        hidden.take(CommitEntry::Extend).unwrap();
        assert!(!hidden.wants_extension(1));
        assert_eq!(hidden.take(CommitEntry::Extend), Err(Refusal::NoExtension));
        assert_eq!((hidden.committed(), hidden.revealed()), (4, 2));
    }

    #[test]
    fn terms_without_sense_are_errors() {
        let roster = Roster::new([Bidder(1)]).unwrap();
        let error = |terms| CommitReveal::<u64>::new(terms, &roster).unwrap_err();
        assert_eq!(error(terms(0, 1, 2)), TermsError::DepositNotPositive(amount(0)));
        assert_eq!(error(terms(1, 2, 2)), TermsError::RevealNotAfterCommit { commit: 2, reveal: 2 });
        assert_eq!(error(terms(1, 3, 2)), TermsError::RevealNotAfterCommit { commit: 3, reveal: 2 });
    }
}
