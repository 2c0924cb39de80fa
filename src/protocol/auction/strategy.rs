//! How bidders bid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_economics::Amount;
use synod_sim::units::{Share, Span};
use synod_sim::{Duration, Time};

/// How a bidder bids.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// It bids its value as soon as it hears of the auction.
    #[default]
    Truthful,
    /// It bids less than its value.
    Shading(Shading),
    /// It bids its value in the last moment.
    Sniping(Sniping),
    /// It bids its value, and then again and again, each time one unit less.
    Flooding(Flooding),
}

/// Bids less than the value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shading {
    /// Which share of its value it bids, rounded down to the unit.
    pub factor: Share,
}

/// Bids in the last moment.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sniping {
    /// How long before the deadline it bids, by its own clock.
    pub lead: Span,
}

/// Bids many times.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flooding {
    /// How many bids it sends at most.
    pub bids: u32,
    /// The time from one to the next.
    pub every: Span,
}

impl Strategy {
    /// Returns the bid of this number, from 0, of a bidder with this value; `None` if it makes no such bid. A bid is at
    /// least one unit.
    pub fn bid(&self, value: Amount, number: u32) -> Option<Amount> {
        let (count, units) = match self {
            Strategy::Truthful | Strategy::Sniping(_) => (1, value.wide()),
            Strategy::Shading(Shading { factor }) => {
                (1, value.wide() * i128::from(factor.ppb()) / i128::from(Share::WHOLE.ppb()))
            }
            Strategy::Flooding(Flooding { bids, .. }) => (*bids, value.wide() - i128::from(number)),
        };
        let is_made = number < count && units >= 1;
        is_made.then(|| Amount::of_wide(units).expect("it is at most the value"))
    }

    /// Returns when the first bid is made, where bids are due at `closes`.
    pub fn starts(&self, closes: Time) -> Time {
        match self {
            Strategy::Sniping(Sniping { lead }) => {
                Time::from_nanos(closes.as_nanos().saturating_sub(lead.0.as_nanos()))
            }
            Strategy::Truthful | Strategy::Shading(_) | Strategy::Flooding(_) => Time::ZERO,
        }
    }

    /// Returns the time from one bid to the next.
    pub fn every(&self) -> Duration {
        match self {
            Strategy::Flooding(Flooding { every, .. }) => every.0,
            Strategy::Truthful | Strategy::Shading(_) | Strategy::Sniping(_) => Duration::ZERO,
        }
    }
}
