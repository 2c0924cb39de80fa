//! Probabilities that are compared as integers.

use rand::Rng;
use std::fmt;

/// A probability, held as a multiple of 2⁻⁶³ so that deciding by it takes one integer comparison.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u64);

/// What a probability of one is held as.
const ONE: u64 = 1 << 63;

impl Probability {
    /// What never happens.
    pub const NEVER: Probability = Probability(0);
    /// What always happens.
    pub const ALWAYS: Probability = Probability(ONE);

    /// `ppm` parts in a million; `None` above a million.
    pub const fn from_ppm(ppm: u32) -> Option<Probability> {
        if ppm > 1_000_000 {
            return None;
        }
        Some(Probability((ppm as u128 * ONE as u128 / 1_000_000) as u64))
    }

    /// Returns the probability `p`; `None` unless 0 ≤ `p` ≤ 1.
    pub fn from_f64(p: f64) -> Option<Probability> {
        // A product with a power of two is exact.
        (0.0..=1.0).contains(&p).then_some(Probability((p * ONE as f64) as u64))
    }

    /// Returns the probability as a number from 0 to 1.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// True for what never happens.
    #[inline]
    pub const fn is_never(self) -> bool {
        self.0 == 0
    }

    /// Returns whether it happens, decided by one random word.
    #[inline]
    pub const fn decide(self, word: u64) -> bool {
        word >> 1 < self.0
    }

    /// Returns whether it happens in at least one of `tries` tries. Always takes `tries` words, so that what is drawn
    /// after them does not depend on the outcome.
    #[inline]
    pub(super) fn decide_any(self, tries: u32, words: &mut impl Rng) -> bool {
        (0..tries).fold(false, |happened, _| self.decide(words.next_u64()) | happened)
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_f64(), out)
    }
}

impl fmt::Debug for Probability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact() {
        for word in [0, 1, u64::MAX / 2, u64::MAX] {
            assert!(!Probability::NEVER.decide(word));
            assert!(Probability::ALWAYS.decide(word));
        }
        assert_eq!(Probability::from_ppm(1_000_000), Some(Probability::ALWAYS));
        assert_eq!(Probability::from_f64(1.0), Some(Probability::ALWAYS));
        assert_eq!(Probability::from_f64(0.25), Probability::from_ppm(250_000));
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        assert_eq!(Probability::from_ppm(1_000_001), None);
        for p in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Probability::from_f64(p), None);
        }
    }

    #[test]
    fn a_half_splits_the_words_in_two() {
        let half = Probability::from_ppm(500_000).unwrap();
        assert!(half.decide(u64::MAX / 2));
        assert!(!half.decide(u64::MAX / 2 + 1));
    }
}
