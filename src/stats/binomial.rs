//! The binomial distribution.

use crate::beta::beta_sides;
use crate::stirling::weight;

/// P(X = `hits`) for the number X of hits in `trials`, each of which is one with probability `p`.
///
/// The relative error is below 1e-12 for up to 10⁶ trials, wherever the result is above 10⁻³⁰⁰.
///
/// Source: C. Loader, *Fast and accurate computation of binomial probabilities* (2000).
///
/// # Panics
/// Unless 0 ≤ `p` ≤ 1.
pub fn binomial_pmf(hits: u64, trials: u64, p: f64) -> f64 {
    check(p);
    let whole = trials as f64;
    match trials.checked_sub(hits) {
        None => 0.0,
        Some(_) if p == 0.0 => f64::from(u8::from(hits == 0)),
        Some(misses) if p == 1.0 => f64::from(u8::from(misses == 0)),
        Some(_) if hits == 0 => libm::exp(whole * libm::log1p(-p)),
        Some(0) => libm::exp(whole * libm::log(p)),
        Some(misses) => weight(hits as f64, misses as f64, p),
    }
}

/// P(X ≤ `hits`) for the number X of hits in `trials`, each of which is one with probability `p`.
///
/// The relative error is below 1e-11 for up to 10⁶ trials; the time grows as the root of their number.
///
/// Source: M. Abramowitz and I. Stegun, *Handbook of Mathematical Functions*, 26.5.24.
///
/// # Panics
/// Unless 0 ≤ `p` ≤ 1.
pub fn binomial_cdf(hits: u64, trials: u64, p: f64) -> f64 {
    check(p);
    if hits >= trials {
        return 1.0;
    }
    let [_, most] = beta_sides((hits + 1) as f64, (trials - hits) as f64, p);
    most
}

/// P(X ≥ `hits`), under the terms of [`binomial_cdf`].
///
/// # Panics
/// Unless 0 ≤ `p` ≤ 1.
pub fn binomial_tail(hits: u64, trials: u64, p: f64) -> f64 {
    check(p);
    if hits == 0 {
        return 1.0;
    }
    if hits > trials {
        return 0.0;
    }
    let [least, _] = beta_sides(hits as f64, (trials - hits + 1) as f64, p);
    least
}

fn check(p: f64) {
    assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not at {p}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, Discrete, DiscreteCDF};

    #[test]
    fn it_agrees_with_another_implementation() {
        for trials in [1, 2, 10, 171, 1_000, 1_000_000] {
            for p in [1e-9, 1e-3, 0.05, 0.5, 0.77, 0.99, 1.0 - 1e-6] {
                let binomial = Binomial::new(p, trials).expect("it is one");
                let (mean, spread) = (trials as f64 * p, (trials as f64 * p * (1.0 - p)).sqrt());
                let near =
                    |deviations: f64| (mean + deviations * spread).round().clamp(0.0, trials as f64) as u64;
                // Theirs subtracts logarithms of factorials.
                let tolerance = 1e-11 + trials as f64 * 1e-14;
                for hits in [-8.0, -2.0, 0.0, 1.0, 5.0, 12.0].map(near) {
                    let (found, exact) = (binomial_pmf(hits, trials, p), binomial.pmf(hits));
                    let is_near = (found - exact).abs() <= tolerance * exact;
                    assert!(is_near, "{hits} of {trials} at {p}: {found}, not {exact}");
                    let (found, exact) = (binomial_cdf(hits, trials, p), cdf(&binomial, near(-20.0), hits));
                    let is_near = (found - exact).abs() <= tolerance * exact;
                    assert!(is_near, "at most {hits} of {trials} at {p}: {found}, not {exact}");
                    let tail = binomial_tail(hits + 1, trials, p);
                    assert!((found + tail - 1.0).abs() < 1e-15, "{hits} of {trials} at {p}: {tail}");
                }
            }
        }
    }

    /// Their distribution function gives up after 140 steps, with an error of 0.001 for a million: there its terms are
    /// summed, from one that is as good as the first.
    fn cdf(binomial: &Binomial, first: u64, hits: u64) -> f64 {
        if binomial.n() <= 1_000 {
            return binomial.cdf(hits);
        }
        (first..=hits).map(|hits| binomial.pmf(hits)).sum()
    }

    const PMF: [(u64, u64, f64, f64); 7] = [
        (1, 1_000_000, 1e-06, 0.367_879_625_111_270_2),
        (500_000, 1_000_000, 0.5, 0.000_797_884_361_331_750_1),
        (497_000, 1_000_000, 0.5, 1.215_066_903_717_314_8e-11),
        (999_990, 1_000_000, 0.999_99, 0.125_110_661_275_899_32),
        (20, 1_000_000, 1e-09, 4.105_429_331_533_020_4e-79),
        (700, 1_000_000, 0.001, 2.004_139_569_833_191_6e-24),
        (3_000, 5_000, 0.77, 2.602_617_031_482_654e-158),
    ];
    const TAIL: [(u64, u64, f64, f64); 8] = [
        (1, 1_000_000, 1e-06, 0.632_120_742_768_354_8),
        (500_000, 1_000_000, 0.5, 0.500_398_942_180_665_8),
        (503_000, 1_000_000, 0.5, 9.925_748_819_615_104e-10),
        (999_990, 1_000_000, 0.999_99, 0.583_039_750_199_721_9),
        (20, 1_000_000, 1e-09, 4.105_624_833_144_351e-79),
        (700, 1_000_000, 0.001, 1.0),
        (1300, 1_000_000, 0.001, 6.581_496_977_958_813e-20),
        (4_000, 5_000, 0.77, 1.675_655_750_581_255_4e-07),
    ];

    #[test]
    fn large_counts_are_known_to_eleven_digits() {
        // By a hundred-digit computation.
        for (hits, trials, p, exact) in PMF {
            let found = binomial_pmf(hits, trials, p);
            assert!((found / exact - 1.0).abs() < 1e-12, "{hits} of {trials} at {p}: {found}, not {exact}");
        }
        for (hits, trials, p, exact) in TAIL {
            let found = binomial_tail(hits, trials, p);
            assert!((found / exact - 1.0).abs() < 1e-11, "{hits} of {trials} at {p}: {found}, not {exact}");
        }
    }

    #[test]
    fn what_is_sure_and_what_cannot_be() {
        assert_eq!([0, 1, 3].map(|hits| binomial_pmf(hits, 3, 0.0)), [1.0, 0.0, 0.0]);
        assert_eq!([0, 2, 3].map(|hits| binomial_pmf(hits, 3, 1.0)), [0.0, 0.0, 1.0]);
        assert_eq!((binomial_pmf(4, 3, 0.5), binomial_pmf(0, 0, 0.5)), (0.0, 1.0));
        assert_eq!(
            (binomial_cdf(3, 3, 0.5), binomial_cdf(9, 3, 0.5), binomial_cdf(0, 3, 1.0)),
            (1.0, 1.0, 0.0)
        );
        assert_eq!(
            (binomial_tail(0, 3, 0.0), binomial_tail(4, 3, 0.5), binomial_tail(1, 3, 0.0)),
            (1.0, 0.0, 0.0)
        );
    }

    proptest! {
        #[test]
        fn sums_of_probabilities_are_the_distribution_function(trials in 1u64..300, part in 0.0..1.0, p in 0.0..1.0) {
            let hits = (part * trials as f64) as u64;
            let sum: f64 = (0..=hits).map(|hits| binomial_pmf(hits, trials, p)).sum();
            prop_assert!((sum - binomial_cdf(hits, trials, p)).abs() < 1e-12);
            let sum: f64 = (hits..=trials).rev().map(|hits| binomial_pmf(hits, trials, p)).sum();
            prop_assert!((sum - binomial_tail(hits, trials, p)).abs() < 1e-12);
        }
    }
}
