//! What a scenario says of queues and their clients.

use super::bug::Bug;
use crate::draw::percent;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::Duration;
use synod_sim::units::{Share, Span};

/// Queues with acknowledgements, and how clients use them.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueueParams {
    /// Number of queues, each asked for as often as any other.
    pub queues: u32,
    /// How long a delivery lasts, by the log's time.
    pub lasts: Span,
    /// Of what a client asks that has no item: to push one.
    pub push: Share,
    /// Of what a client asks that has no item: how many a queue holds. What is left over is to pull one.
    pub look: Share,
    /// Of what a consumer does with an item: hand it back.
    pub hand_back: Share,
    /// Of what a consumer does with an item: forget it, so that the delivery's deadline passes. What is left over is to
    /// acknowledge it.
    pub forget: Share,
    /// Of what a client asks that has had an item: to acknowledge or hand back the delivery of then.
    pub stale: Share,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

impl Default for QueueParams {
    fn default() -> QueueParams {
        QueueParams {
            queues: 2,
            lasts: Span(Duration::from_millis(500)),
            push: percent(40),
            look: percent(5),
            hand_back: percent(10),
            forget: percent(10),
            stale: percent(5),
            bug: None,
        }
    }
}

impl QueueParams {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(1..=1 << 20).contains(&self.queues) {
            return Err(Refusal::new("queues", format!("1 to {} queues are possible", 1 << 20)));
        }
        if self.lasts.0.is_zero() {
            return Err(Refusal::new("lasts", "a delivery lasts"));
        }
        let whole = Share::WHOLE.ppb();
        if self.push.ppb() + self.look.ppb() > whole {
            return Err(Refusal::new("look", "clients push and look in 100 % of all cases at most"));
        }
        if self.hand_back.ppb() + self.forget.ppb() > whole {
            return Err(Refusal::new(
                "forget",
                "consumers hand back and forget in 100 % of all cases at most",
            ));
        }
        Ok(())
    }
}
