//! What an outcome is worth, by the bidders' true values, which no auction knows.

use super::Outcome;
use crate::{Amount, Bidder, Overflow};
use num_rational::Ratio;
use std::collections::BTreeMap;
use std::fmt;

/// What each bidder would at most pay for the item, in minor units. The seller's own value is 0.
pub type Values = BTreeMap<Bidder, Amount>;

/// Why an outcome's worth cannot be told.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum WelfareError {
    /// The winner has no value.
    UnknownBidder(Bidder),
    /// The worth is beyond what an amount can be.
    Overflow,
}

impl fmt::Display for WelfareError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WelfareError::UnknownBidder(bidder) => write!(out, "the value of bidder {bidder} is not known"),
            WelfareError::Overflow => Overflow.fmt(out),
        }
    }
}

impl std::error::Error for WelfareError {}

/// Returns what the seller gets, in minor units: nothing if the item is unsold.
pub fn revenue(outcome: &Outcome) -> Amount {
    outcome.price().unwrap_or(Amount::ZERO)
}

/// Returns what the bidders keep, in minor units: the winner's value less the price. It may be negative.
///
/// # Errors
/// If the winner has no value, or the difference is beyond ±2⁶⁰.
pub fn surplus(outcome: &Outcome, values: &Values) -> Result<Amount, WelfareError> {
    welfare(outcome, values)?.minus(revenue(outcome)).map_err(|_| WelfareError::Overflow)
}

/// Returns the winner's value, in minor units: nothing if the item is unsold.
///
/// # Errors
/// If the winner has no value.
pub fn welfare(outcome: &Outcome, values: &Values) -> Result<Amount, WelfareError> {
    let value = |winner| values.get(&winner).copied().ok_or(WelfareError::UnknownBidder(winner));
    outcome.winner().map_or(Ok(Amount::ZERO), value)
}

/// Returns the outcome's welfare as a share of the greatest welfare there could have been.
///
/// # Errors
/// If the winner has no value.
pub fn efficiency(outcome: &Outcome, values: &Values) -> Result<Option<Ratio<i128>>, WelfareError> {
    let optimum = values.values().copied().max().unwrap_or_default().max(Amount::ZERO);
    Ok(share(welfare(outcome, values)?, optimum))
}

/// Returns welfare as a share of the optimum. It is undefined if the optimum is 0: where nothing of value can be sold,
/// selling nothing is no success.
pub fn share(welfare: Amount, optimum: Amount) -> Option<Ratio<i128>> {
    (optimum != Amount::ZERO).then(|| Ratio::new(welfare.wide(), optimum.wide()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auction::Unsold;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn values(values: &[i64]) -> Values {
        (0..).map(Bidder).zip(values.iter().map(|&units| amount(units))).collect()
    }

    #[test]
    fn worth_is_told_exactly() {
        let sold = |winner, price| Outcome::Sold { winner: Bidder(winner), price: amount(price) };
        let values = values(&[9, 12]);
        assert_eq!(efficiency(&sold(0, 5), &values), Ok(Some(Ratio::new(3, 4))));
        assert_eq!(efficiency(&sold(1, 5), &values), Ok(Some(Ratio::from_integer(1))));
        assert_eq!(surplus(&sold(0, 11), &values), Ok(amount(-2)));
        assert_eq!(revenue(&sold(0, 11)), amount(11));
        assert_eq!(efficiency(&sold(7, 5), &values), Err(WelfareError::UnknownBidder(Bidder(7))));
    }

    #[test]
    fn nothing_of_value_has_no_efficiency() {
        let unsold = Outcome::Unsold(Unsold::NoBid);
        assert_eq!(efficiency(&unsold, &values(&[])), Ok(None));
        assert_eq!(efficiency(&unsold, &values(&[0, 0])), Ok(None));
        assert_eq!(efficiency(&unsold, &values(&[0, 3])), Ok(Some(Ratio::from_integer(0))));
        assert_eq!((revenue(&unsold), surplus(&unsold, &values(&[3]))), (Amount::ZERO, Ok(Amount::ZERO)));
    }
}
