//! What a scenario says of locks and their clients.

use super::bug::Bug;
use crate::draw::percent;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::Duration;
use synod_sim::units::{Share, Span};

/// Locks with leases and fencing tokens, and how clients use them.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LockParams {
    /// Number of locks, each asked for as often as any other.
    pub locks: u32,
    /// How long a lease lasts, by the log's time.
    pub lease: Span,
    /// Of what a holder does next: renew its lease.
    pub renew: Share,
    /// Of what a holder does next: forget that it is one, and go on to another lock while this one stays held until its
    /// lease ends. What is left over is to release the lock.
    pub forget: Share,
    /// Of what a client asks that holds nothing: who holds a lock. What is left over is to acquire one.
    pub look: Share,
    /// Of what a client asks that has held a lock: to renew or to release it with the token that it had then.
    pub stale: Share,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

impl Default for LockParams {
    fn default() -> LockParams {
        LockParams {
            locks: 4,
            lease: Span(Duration::from_millis(500)),
            renew: percent(40),
            forget: percent(10),
            look: percent(20),
            stale: percent(10),
            bug: None,
        }
    }
}

impl LockParams {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(1..=1 << 20).contains(&self.locks) {
            return Err(Refusal::new("locks", format!("1 to {} locks are possible", 1 << 20)));
        }
        if self.lease.0.is_zero() {
            return Err(Refusal::new("lease", "a lease lasts"));
        }
        if self.renew.ppb() + self.forget.ppb() > Share::WHOLE.ppb() {
            return Err(Refusal::new("forget", "a holder renews and forgets in 100 % of all cases at most"));
        }
        Ok(())
    }
}
