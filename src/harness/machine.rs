//! What an agent runs on: its processor, its storage and its clock.

use super::error::Problem;
use super::path::Path;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::units::{Share, Span};
use synod_sim::{Clock, CpuCost, CryptoCost, Purpose, Streams};

/// What an agent's processor takes for its work. Zero, by default, is free.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cpu {
    /// To handle a message or a timer.
    pub base: Span,
    /// For every byte of a message.
    pub per_byte: Span,
    /// To sign.
    pub sign: Span,
    /// To verify a signature.
    pub verify: Span,
    /// To make or verify one receiver's tag of an authenticator.
    pub mac: Span,
}

impl Cpu {
    /// Returns what handling costs.
    pub fn handling(&self) -> CpuCost {
        CpuCost { base: self.base.0, per_kib: self.per_byte.0.saturating_mul(1_024) }
    }

    /// Returns what cryptography costs.
    pub fn crypto(&self) -> CryptoCost {
        CryptoCost { sign: self.sign.0, verify: self.verify.0, mac: self.mac.0 }
    }
}

/// What an agent's storage takes for its work.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// To make durable what was written.
    pub sync: Span,
}

/// How wrong the agents' clocks may be. Each agent's offset and drift are drawn from the seed, within these bounds on
/// either side.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// How far a clock is off at the start.
    pub offset: Span,
    /// How much too fast or too slow it runs.
    pub drift: Share,
}

impl Clocks {
    /// Returns the clocks of so many nodes; an empty list if all are right.
    pub fn draw(&self, nodes: u32, streams: &Streams) -> Vec<Clock> {
        if *self == Clocks::default() {
            return Vec::new();
        }
        let clock = |node| {
            let mut stream = streams.stream(Purpose::Clock, u64::from(node));
            let offset_ns = within(self.offset.0.as_nanos(), stream.next_u64());
            Clock { offset_ns, drift_ppb: within(u64::from(self.drift.ppb()), stream.next_u64()) }
        };
        (0..nodes).map(clock).collect()
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.drift == Share::WHOLE {
            Err(Problem::new(Path::of(["clocks", "drift"]), "a clock that drifts by 100% stands still"))
        } else {
            Ok(())
        }
    }
}

/// Returns the number from -`bound` to `bound` that `word` picks.
fn within(bound: u64, word: u64) -> i64 {
    let bound = bound.min(i64::MAX as u64);
    // Of 64 bits at most, like the bound's double.
    let picked = (u128::from(word) * (2 * u128::from(bound) + 1)) >> 64;
    (picked as i128 - i128::from(bound)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_reach_both_bounds_and_nothing_beyond() {
        for bound in [0, 1, 5_000_000, i64::MAX as u64] {
            assert_eq!((within(bound, 0), within(bound, u64::MAX)), (-(bound as i64), bound as i64));
        }
        assert_eq!(within(u64::MAX, u64::MAX), i64::MAX);
    }
}
