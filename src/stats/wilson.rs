//! The Wilson score interval for a share.

/// The 97.5th percentile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Returns the 95 % interval of the share of which `hits` of `trials` are a sample; everything from 0 to 1 without
/// trials.
///
/// Its coverage is 95 % on average over shares. For bounds that hold for each of them, see
/// [`clopper_pearson`](crate::clopper_pearson()).
///
/// Source: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal of the
/// American Statistical Association 22 (1927).
///
/// # Panics
/// If there are more hits than trials.
pub fn wilson(hits: u64, trials: u64) -> [f64; 2] {
    assert!(hits <= trials, "{hits} hits cannot come of {trials} trials");
    if trials == 0 {
        return [0.0, 1.0];
    }
    let (n, share) = (trials as f64, hits as f64 / trials as f64);
    let (square, scale) = (Z * Z, 1.0 + Z * Z / n);
    let centre = (share + square / (2.0 * n)) / scale;
    let reach = Z / scale * libm::sqrt(share * (1.0 - share) / n + square / (4.0 * n * n));
    // At the ends the formula gives exactly 0 and 1, but for rounding.
    let low = if hits == 0 { 0.0 } else { centre - reach };
    let high = if hits == trials { 1.0 } else { centre + reach };
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{binomial_pmf, normal_quantile};
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn known_intervals() {
        // From the formula by hand: (2k + z² ± z √(z² + 4k(n − k)/n)) / 2(n + z²), with z² = 3.8415.
        for (hits, trials, low, high) in [
            (0, 10, 0.0, 0.277_5),
            (10, 10, 0.722_5, 1.0),
            (5, 10, 0.236_6, 0.763_4),
            (95, 100, 0.888_2, 0.978_5),
            (0, 200, 0.0, 0.018_8),
        ] {
            let [found_low, found_high] = wilson(hits, trials);
            assert!(
                (found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5,
                "{hits} of {trials}: {found_low} to {found_high}"
            );
        }
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
        assert!((Z - normal_quantile(0.975)).abs() < 1e-14);
    }

    #[test]
    fn the_share_of_the_sample_is_one_z_from_either_bound() {
        let z = Normal::standard().inverse_cdf(0.975);
        for trials in [1, 2, 40, 1_000, 1_000_000] {
            for hits in [0, 1, trials / 3, trials - 1, trials] {
                let share = hits as f64 / trials as f64;
                let [low, high] = wilson(hits, trials);
                // Where a bound is an end, the score has none.
                for bound in [low, high].into_iter().filter(|bound| (1e-12..1.0 - 1e-12).contains(bound)) {
                    let score = (share - bound).abs() / (bound * (1.0 - bound) / trials as f64).sqrt();
                    assert!((score / z - 1.0).abs() < 1e-7, "{hits} of {trials}: {score} at {bound}");
                }
            }
        }
    }

    #[test]
    fn it_covers_as_often_as_it_says_on_average() {
        let covered = |trials: u64, share: f64| -> f64 {
            let holds = |hits: &u64| (wilson(*hits, trials)[0]..=wilson(*hits, trials)[1]).contains(&share);
            (0..=trials).filter(holds).map(|hits| binomial_pmf(hits, trials, share)).sum()
        };
        for trials in [20, 200] {
            let mean = (1..200).map(|share| covered(trials, f64::from(share) / 200.0)).sum::<f64>() / 199.0;
            assert!((mean - 0.95).abs() < 0.005, "{trials}: {mean}");
        }
    }

    proptest! {
        #[test]
        fn it_holds_the_share_of_the_sample_and_mirrors(trials in 1u64..1_000_000, part in 0.0..=1.0) {
            let hits = (part * trials as f64) as u64;
            let [low, high] = wilson(hits, trials);
            let share = hits as f64 / trials as f64;
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0);
            let [mirrored, _] = wilson(trials - hits, trials);
            prop_assert!((mirrored - (1.0 - high)).abs() < 1e-14);
        }
    }
}
