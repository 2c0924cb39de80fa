//! Terms under which no auction can be held.

use crate::{Amount, Bidder, Overflow};
use std::fmt;

/// Why an auction cannot be held under some terms.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TermsError {
    /// The reserve is negative.
    NegativeReserve(Amount),
    /// The start of an English clock is negative.
    NegativeStart(Amount),
    /// The step between prices is not positive.
    StepNotPositive(Amount),
    /// An English clock has no round.
    NoRounds,
    /// A Dutch auction starts below the least price at which it sells.
    StartBelowReserve {
        /// The first price.
        start: Amount,
        /// The least price, at least one minor unit.
        least: Amount,
    },
    /// The deposit is not positive, so that hiding a bid for ever would cost nothing.
    DepositNotPositive(Amount),
    /// Bids are to be revealed no later than they are committed.
    RevealNotAfterCommit {
        /// When commitments end.
        commit: u64,
        /// When revelations end.
        reveal: u64,
    },
    /// No bidder has a positive weight.
    AllWeightsZero,
    /// A bidder is named that is not eligible.
    UnknownBidder(Bidder),
    /// A bidder is named twice.
    RepeatedBidder(Bidder),
    /// A soft close has a window and no extension, or an extension and no window.
    HalfSoftClose,
    /// A limit admits nothing, or looks at no time at all.
    EmptyLimit,
    /// A price is beyond what an amount can be.
    Overflow,
}

impl From<Overflow> for TermsError {
    fn from(_: Overflow) -> TermsError {
        TermsError::Overflow
    }
}

impl fmt::Display for TermsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TermsError::NegativeReserve(reserve) => {
                write!(out, "the reserve is {reserve}: it has to be at least 0")
            }
            TermsError::NegativeStart(start) => {
                write!(out, "the first price is {start}: it has to be at least 0")
            }
            TermsError::StepNotPositive(step) => write!(out, "the step is {step}: it has to be at least 1"),
            TermsError::NoRounds => write!(out, "there are 0 rounds: there has to be at least 1"),
            TermsError::StartBelowReserve { start, least } => {
                write!(out, "the first price is {start}: it has to be at least {least}, the least price")
            }
            TermsError::DepositNotPositive(deposit) => {
                write!(out, "the deposit is {deposit}: it has to be at least 1")
            }
            TermsError::RevealNotAfterCommit { commit, reveal } => write!(
                out,
                "bids are revealed until {reveal} and committed until {commit}: revealing has to end later"
            ),
            TermsError::AllWeightsZero => write!(out, "all weights are 0: one has to be at least 1 ppm"),
            TermsError::UnknownBidder(bidder) => write!(out, "bidder {bidder} is not eligible"),
            TermsError::RepeatedBidder(bidder) => write!(out, "bidder {bidder} is named twice"),
            TermsError::HalfSoftClose => {
                write!(out, "a soft close has a window and an extension: both are 0, or neither is")
            }
            TermsError::EmptyLimit => {
                write!(out, "a limit admits at least 1 entry in a window of at least 1")
            }
            TermsError::Overflow => Overflow.fmt(out),
        }
    }
}

impl std::error::Error for TermsError {}
