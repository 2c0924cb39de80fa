//! Money, in minor units.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount of money in minor units, such as cents or micro-units. It may be negative, as a balance may be.
///
/// Sums are checked: money that does not fit is an error, and never wraps around.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// That an amount is beyond ±2⁶⁰ minor units.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Overflow;

impl Amount {
    /// No money.
    pub const ZERO: Amount = Amount(0);

    /// The largest amount, 2⁶⁰: the square of one times 64 fits 128 bits, as comparisons of prices per bundle need.
    pub const MAX: Amount = Amount(1 << 60);

    /// Returns so many minor units.
    ///
    /// # Errors
    /// If they are beyond ±2⁶⁰.
    pub const fn new(units: i64) -> Result<Amount, Overflow> {
        if units.unsigned_abs() <= Amount::MAX.0 as u64 { Ok(Amount(units)) } else { Err(Overflow) }
    }

    /// Returns so many minor units.
    ///
    /// # Errors
    /// If they are beyond ±2⁶⁰.
    pub fn of_wide(units: i128) -> Result<Amount, Overflow> {
        i64::try_from(units).map_err(|_| Overflow).and_then(Amount::new)
    }

    /// Returns the number of minor units.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// Returns the number of minor units, for products and sums that need more room.
    pub const fn wide(self) -> i128 {
        self.0 as i128
    }

    /// Returns the sum of both.
    ///
    /// # Errors
    /// If it is beyond ±2⁶⁰.
    pub fn plus(self, other: Amount) -> Result<Amount, Overflow> {
        Amount::of_wide(self.wide() + other.wide())
    }

    /// Returns the difference of both.
    ///
    /// # Errors
    /// If it is beyond ±2⁶⁰.
    pub fn minus(self, other: Amount) -> Result<Amount, Overflow> {
        Amount::of_wide(self.wide() - other.wide())
    }

    /// Returns so many times this.
    ///
    /// # Errors
    /// If it is beyond ±2⁶⁰.
    pub fn times(self, count: i64) -> Result<Amount, Overflow> {
        Amount::of_wide(self.wide() * i128::from(count))
    }

    /// Returns the sum of all.
    ///
    /// # Errors
    /// If it is beyond ±2⁶⁰; on the way it may be.
    ///
    /// # Panics
    /// If there are more than 2⁶⁶ amounts.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, Overflow> {
        let sum = |sum: i128, amount: Amount| sum.checked_add(amount.wide()).expect("amounts can be counted");
        Amount::of_wide(amounts.into_iter().fold(0, sum))
    }
}

impl TryFrom<i64> for Amount {
    type Error = Overflow;

    fn try_from(units: i64) -> Result<Amount, Overflow> {
        Amount::new(units)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> i64 {
        amount.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for Overflow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an amount lies within ±{} minor units (2^60)", Amount::MAX)
    }
}

impl std::error::Error for Overflow {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_wraps_around() {
        let most = Amount::MAX;
        assert_eq!(Amount::new((1 << 60) + 1), Err(Overflow));
        assert_eq!(Amount::new(i64::MIN), Err(Overflow));
        assert_eq!(most.plus(Amount(1)), Err(Overflow));
        assert_eq!(Amount::ZERO.minus(most).and_then(|low| low.minus(Amount(1))), Err(Overflow));
        assert_eq!(most.times(2), Err(Overflow));
        // On the way it may be beyond.
        assert_eq!(Amount::sum([most, most, Amount(-(1 << 60)), Amount(-5)]), Ok(Amount((1 << 60) - 5)));
        assert_eq!(Amount::sum([most, Amount(1)]), Err(Overflow));
    }
}
