//! What a scenario says of counters and their clients.

use super::bug::Bug;
use super::machine::Bounds;
use crate::draw::percent;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::units::Share;

/// Counters with bounds, and how clients use them.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CounterParams {
    /// Number of counters, each asked for as often as any other.
    pub counters: u32,
    /// The least that a counter may hold: zero or below.
    pub least: i64,
    /// The most that a counter may hold: zero or above.
    pub most: i64,
    /// The largest amount that a client adds or takes away at once; each is as likely as any other.
    pub largest: u32,
    /// Of what clients ask: what a counter holds. What is left over is to add to one.
    pub read: Share,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

impl Default for CounterParams {
    fn default() -> CounterParams {
        CounterParams { counters: 4, least: -20, most: 20, largest: 10, read: percent(30), bug: None }
    }
}

impl CounterParams {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(1..=1 << 20).contains(&self.counters) {
            return Err(Refusal::new("counters", format!("1 to {} counters are possible", 1 << 20)));
        }
        if self.least > 0 {
            return Err(Refusal::new("least", "counters begin at zero: the least is zero or below"));
        }
        if self.most < 0 {
            return Err(Refusal::new("most", "counters begin at zero: the most is zero or above"));
        }
        if self.largest == 0 {
            return Err(Refusal::new("largest", "clients add something"));
        }
        Ok(())
    }

    /// Returns the bounds.
    ///
    /// # Panics
    /// If [`CounterParams::check`] refuses them.
    pub fn bounds(&self) -> Bounds {
        Bounds::new(self.least, self.most).expect("the bounds have been checked")
    }
}
