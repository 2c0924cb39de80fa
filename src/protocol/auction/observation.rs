//! Observations of auctioneer and bidders.

use super::book::{Entry, Refusal};
use super::settlement::Settlement;
use serde::Serialize;
use std::rc::Rc;
use synod_economics::auction::Outcome;
use synod_economics::{Amount, Transfer};
use synod_sim::{
    CoverageMark, Digest, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled,
};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// The auctioneer announced the auction.
    Opened,
    /// A bidder made a bid.
    Placed {
        /// Which of its bids, from 0.
        number: u32,
        /// How much, in minor units.
        amount: Amount,
    },
    /// The auctioneer entered a bid into the log, durably.
    Entered {
        /// The place, from 0.
        place: u64,
        /// The bid.
        entry: Entry,
    },
    /// The auctioneer did not enter a bid.
    Refused {
        /// The bid.
        entry: Entry,
        /// Why.
        why: Refusal,
    },
    /// A bidder knows that its bid is in the log.
    Acknowledged {
        /// Which of its bids, from 0.
        number: u32,
        /// How much, in minor units.
        amount: Amount,
        /// The place, from 0.
        place: u64,
    },
    /// The auctioneer has closed the auction. After a restart it says so again.
    Closed {
        /// What came of it.
        settlement: Rc<Settlement>,
    },
    /// A node knows what came of the auction. After a restart it says so again.
    Settled {
        /// Who wins, and what is paid.
        outcome: Outcome,
        /// Who pays whom.
        transfers: Vec<Transfer>,
        /// The digest of the transcript and all that followed.
        digest: Digest,
    },
    /// What the auction was worth: a figure, and its value, which only the simulator knows.
    Measured(&'static str, u64),
    /// A message was rejected.
    Rejected {
        /// Why.
        reason: Reason,
        /// The sender.
        from: NodeId,
    },
}

/// Reason why a message was rejected.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// Its signature is invalid.
    BadSignature,
    /// Its sender is not entitled to send it.
    WrongSender,
    /// It names other terms than those of the auction.
    WrongTerms,
    /// The outcome does not follow from the transcript.
    WrongOutcome,
}

synod_sim::marks! {
    /// What should sometimes happen in an auction.
    pub enum Mark {
        Entered = "bid_entered": "A bid was entered into the log.",
        RefusedTooLate = "bid_too_late": "A bid came after CLOSE.",
        RefusedTooMany = "bid_too_many": "A bid was one too many of its bidder.",
        Sold = "sold": "An agent learned that the item is sold.",
        Unsold = "unsold": "An agent learned that the item stays with the seller.",
        RejectedBadSignature = "rejected_bad_signature": "A message was refused: its signature is not its signer's.",
        RejectedWrongSender = "rejected_wrong_sender": "A message was refused: its sender has no business saying this.",
        RejectedWrongTerms = "rejected_wrong_terms": "A message was refused: it names other terms.",
        RejectedWrongOutcome = "rejected_wrong_outcome": "An outcome was refused: it does not follow from the transcript.",
    }
}

impl Observation {
    /// What a node claims that has this settlement.
    pub(crate) fn settled(settlement: &Settlement) -> Observation {
        let Settlement { outcome, transfers, .. } = settlement;
        Observation::Settled { outcome: *outcome, transfers: transfers.clone(), digest: settlement.digest() }
    }
}

/// The auction.
const AUCTION: OperationId = OperationId(0);

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            Observation::Opened => Some(Milestone::Submitted(AUCTION)),
            Observation::Settled { .. } => Some(Milestone::Decided(AUCTION, 1)),
            _ => None,
        }
    }

    fn settles(&self) -> Option<Settled> {
        match self {
            Observation::Settled { digest, .. } => Some(Settled::digest(AUCTION.0, *digest)),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match *self {
            Observation::Measured(figure, value) => Some((figure, value)),
            _ => None,
        }
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::Entered { .. } => Mark::Entered,
            Observation::Refused { why: Refusal::TooLate, .. } => Mark::RefusedTooLate,
            Observation::Refused { why: Refusal::TooMany, .. } => Mark::RefusedTooMany,
            Observation::Settled { outcome: Outcome::Sold { .. }, .. } => Mark::Sold,
            Observation::Settled { outcome: Outcome::Unsold(_), .. } => Mark::Unsold,
            Observation::Rejected { reason, .. } => match reason {
                Reason::BadSignature => Mark::RejectedBadSignature,
                Reason::WrongSender => Mark::RejectedWrongSender,
                Reason::WrongTerms => Mark::RejectedWrongTerms,
                Reason::WrongOutcome => Mark::RejectedWrongOutcome,
            },
            Observation::Opened
            | Observation::Placed { .. }
            | Observation::Acknowledged { .. }
            | Observation::Closed { .. }
            | Observation::Measured(..) => return None,
        };
        Some(mark.declared())
    }
}
