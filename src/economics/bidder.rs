//! Who bids.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A bidder, by number. Whoever bids under two numbers is two bidders.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bidder(pub u32);

impl fmt::Display for Bidder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
