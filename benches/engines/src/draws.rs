//! The draws that all engines share.
//!
//! Every draw is a pure function of who draws and for which message, so an engine that executes the events of one
//! instant in another order still draws the same. The generator is SplitMix64 (G. L. Steele et al., *Fast splittable
//! pseudorandom number generators*, 2014), the exponential law rand_distr's ziggurat: both are among the fastest there
//! are, so that what is measured is the engine.

use rand::rand_core::{Infallible, TryRng};
use rand_distr::{Distribution, Exp1};

/// A SplitMix64 generator of its own for every message.
struct Words {
    state: u64,
}

impl Words {
    /// The words for message `number` of process `from`; `salt` tells the draws of one message apart.
    fn of(from: u32, number: u64, salt: u64) -> Words {
        let from = u64::from(from).wrapping_mul(0xD134_2543_DE82_EF95);
        let number = number.wrapping_mul(0x2545_F491_4F6C_DD1D);
        Words { state: salt.wrapping_add(from).wrapping_add(number) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }
}

impl TryRng for Words {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// SplitMix64's output function.
pub fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// Maps a random word to 0..`bound`.
pub fn below(word: u64, bound: u64) -> u64 {
    ((u128::from(word) * u128::from(bound)) >> 64) as u64
}

/// Who receives message `number` of `from`: any of `processes`.
pub fn receiver(from: u32, number: u64, processes: u32) -> u32 {
    below(Words::of(from, number, 1).next(), u64::from(processes)) as u32
}

/// The delay of message `number` of `from`: exponential with mean `mean_ns`, in nanoseconds, at least one because not
/// every engine schedules for now.
pub fn exponential_ns(from: u32, number: u64, mean_ns: u64) -> u64 {
    let draw: f64 = Exp1.sample(&mut Words::of(from, number, 2));
    ((draw * mean_ns as f64) as u64).max(1)
}

/// The delay of the copy for `to` of message `number` of `from`: uniform from `min_ns` until `max_ns`.
pub fn uniform_ns(from: u32, to: u32, number: u64, min_ns: u64, max_ns: u64) -> u64 {
    let copy = number << 32 | u64::from(to);
    min_ns + below(Words::of(from, copy, 3).next(), max_ns - min_ns)
}
