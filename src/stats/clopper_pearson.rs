//! The Clopper-Pearson interval of a share.

use crate::beta_quantile;

/// Returns bounds of the share of which `hits` of `trials` are a sample: each is violated with probability `tail` at
/// most, whatever the share is; 0 and 1 without trials.
///
/// Both together hold with confidence 1 − 2 `tail`. They are wider than those of [`wilson`](crate::wilson()), which
/// hold on average only. The time grows as √`trials`.
///
/// Source: C. Clopper and E. Pearson, *The use of confidence or fiducial limits illustrated in the case of the
/// binomial*, Biometrika 26 (1934).
///
/// # Panics
/// If there are more hits than trials, or unless 0 ≤ `tail` ≤ 1.
pub fn clopper_pearson(hits: u64, trials: u64, tail: f64) -> [f64; 2] {
    assert!(hits <= trials, "{hits} hits cannot come of {trials} trials");
    // The share at which this many hits, or more, occur with probability `tail`.
    let least = |hits: u64| match hits {
        0 => 0.0,
        _ => beta_quantile(hits as f64, (trials - hits + 1) as f64, tail),
    };
    [least(hits), 1.0 - least(trials - hits)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{binomial_cdf, binomial_pmf, binomial_tail};
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn known_bounds() {
        // Without a miss the bound is the n-th root of .05; the others are from tables of the beta distribution.
        for (hits, trials, low, high) in [
            (10, 10, 0.741_1, 1.0),
            (0, 10, 0.0, 0.258_9),
            (5, 10, 0.222_4, 0.777_6),
            (90, 100, 0.836_3, 0.944_7),
            (0, 0, 0.0, 1.0),
        ] {
            let [found_low, found_high] = clopper_pearson(hits, trials, 0.05);
            assert!(
                (found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5,
                "{hits} of {trials}: {found_low} to {found_high}"
            );
        }
    }

    #[test]
    fn more_than_999_in_1000_takes_2_995_trials_without_a_miss() {
        let least = |hits, trials| clopper_pearson(hits, trials, 0.05)[0];
        assert!(least(2_994, 2_994) < 0.999 && least(2_995, 2_995) >= 0.999);
        assert!(least(2_995, 2_996) < 0.999, "one miss is too many");
    }

    #[test]
    fn so_many_are_as_unlikely_as_asked_at_either_bound() {
        for trials in [1, 2, 30, 1_000] {
            for hits in [0, 1, trials / 3, trials - 1, trials] {
                for tail in [1e-6, 0.025, 0.05] {
                    let [low, high] = clopper_pearson(hits, trials, tail);
                    // A bound next to 1 has few digits of what is left.
                    let tolerance = tail * 1e-6;
                    if hits > 0 {
                        let more = Binomial::new(low, trials).expect("it is one").sf(hits - 1);
                        assert!((more - tail).abs() <= tolerance, "{hits} of {trials}, {tail}: {more}");
                    }
                    if hits < trials {
                        let fewer = Binomial::new(high, trials).expect("it is one").cdf(hits);
                        assert!((fewer - tail).abs() <= tolerance, "{hits} of {trials}, {tail}: {fewer}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_million_trials_are_as_good_as_ten() {
        const MILLION: u64 = 1_000_000;
        let root = libm::exp(libm::log(0.05) / 1e6);
        assert!((clopper_pearson(MILLION, MILLION, 0.05)[0] - root).abs() < 1e-15);
        for hits in [1, 10, MILLION / 3, MILLION / 2, MILLION - 10, MILLION - 1] {
            let [low, high] = clopper_pearson(hits, MILLION, 0.025);
            let (more, fewer) = (binomial_tail(hits, MILLION, low), binomial_cdf(hits, MILLION, high));
            assert!(
                (more - 0.025).abs() < 1e-9 && (fewer - 0.025).abs() < 1e-9,
                "{hits}: {more} and {fewer}"
            );
        }
    }

    #[test]
    fn intervals_hold_what_they_promise() {
        for (trials, share) in [(30, 0.5), (200, 0.95), (1_000, 0.999)] {
            let covers = |hits: &u64| {
                let [low, high] = clopper_pearson(*hits, trials, 0.025);
                low <= share && share <= high
            };
            let covered: f64 =
                (0..=trials).filter(covers).map(|hits| binomial_pmf(hits, trials, share)).sum();
            assert!((0.95..=1.0).contains(&covered), "{trials} {share}: {covered}");
        }
    }

    proptest! {
        #[test]
        fn shares_of_hits_and_misses_mirror_each_other(trials in 1u64..2_000, part in 0.0..=1.0) {
            let hits = (part * trials as f64) as u64;
            let [low, high] = clopper_pearson(hits, trials, 0.05);
            let share = hits as f64 / trials as f64;
            prop_assert!(low <= share && share <= high);
            let [mirrored, _] = clopper_pearson(trials - hits, trials, 0.05);
            prop_assert!((mirrored - (1.0 - high)).abs() < 1e-15);
            prop_assert!(hits == 0 || (binomial_tail(hits, trials, low) - 0.05).abs() < 1e-10);
            prop_assert!(hits == trials || (binomial_cdf(hits, trials, high) - 0.05).abs() < 1e-10);
        }
    }
}
