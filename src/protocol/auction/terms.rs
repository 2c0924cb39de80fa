//! The terms of an auction, which are frozen before anybody bids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_economics::auction::{PriceRule, Roster, SealedAuction, TermsError, Weights};
use synod_economics::{Amount, Bidder};
use synod_sim::{Digest, Time};

/// Who wins, and what is paid.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// The highest bid wins, and is paid.
    First,
    /// The highest bid wins, and the highest of the others is paid.
    #[default]
    Second,
    /// The highest weight × bid wins, and the least bid that had won is paid. Weights are those of the bidders' groups.
    Weighted,
}

/// What is sold, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// What is sold: anything, which the outcome carries along.
    pub item: String,
    /// Who wins, and what is paid.
    pub price: Price,
    /// The least bid that counts, in minor units.
    pub reserve: Amount,
    /// What a bid of each bidder weighs in relation to others'. Bidders are agents 1, 2 and so on.
    pub weights: Vec<u32>,
    /// When bids are due, by the auctioneer's clock.
    pub closes: Time,
}

impl Terms {
    /// Returns the eligible bidders, by number.
    pub fn bidders(&self) -> impl Iterator<Item = Bidder> + use<> {
        (1..=self.weights.len() as u32).map(Bidder)
    }

    /// Returns the digest that bids name, so that they count under no other terms.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }

    /// Checks that an auction can be held.
    ///
    /// # Errors
    /// If the reserve is negative, or in a weighted auction all weights are zero.
    pub fn check(&self) -> Result<(), TermsError> {
        self.sealed()?.decide(&Roster::new(self.bidders())?, &[]).map(|_| ())
    }

    /// Returns the rule by which bids are judged.
    pub(crate) fn sealed(&self) -> Result<SealedAuction, TermsError> {
        let rule = match self.price {
            Price::First => PriceRule::First,
            Price::Second => PriceRule::Second,
            Price::Weighted => {
                PriceRule::Weighted(Weights::new(self.bidders().zip(self.weights.iter().copied()))?)
            }
        };
        Ok(SealedAuction { rule, reserve: self.reserve })
    }
}
