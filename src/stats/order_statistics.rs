//! Order statistics: percentiles of a sample and their confidence intervals, for any distribution.

use crate::binomial_cdf;

/// Probability mass beyond either bound of a 95 % interval.
const TAIL: f64 = 0.025;

/// Returns the nearest rank of a percentile in a sample of `count` values: ⌈`count` · `percent` / 100⌉, at least 1.
/// Ranks are counted from 1 in ascending order.
pub fn nearest_rank(count: u64, percent: u64) -> u64 {
    (u128::from(count) * u128::from(percent)).div_ceil(100).max(1) as u64
}

/// Returns the ranks, from 1, of the two values of an ordered sample of `count` that enclose the true percentile with a
/// confidence of at least 95 %. A bound is `None` if the sample is too small to have one.
///
/// The number of values below the true percentile is binomially distributed. The lower rank is the greatest whose value
/// exceeds the true percentile with a probability of at most 2.5 %, the upper rank the least whose value falls below it
/// with a probability of at most 2.5 %. For samples of up to 10⁶ values this takes milliseconds.
///
/// Source: H. David and H. Nagaraja, *Order Statistics* (3rd ed., 2003), section 7.1.
///
/// # Panics
/// Unless 0 < `percent` < 100.
pub fn order_statistics_interval(count: u64, percent: u64) -> [Option<u64>; 2] {
    assert!((1..100).contains(&percent), "percent must be from 1 to 99, not {percent}");
    let share = percent as f64 / 100.0;
    // P(the percentile lies below the value of rank r) = P(fewer than r values of the sample lie below the percentile).
    let below = |rank: u64| binomial_cdf(rank - 1, count, share);
    let low = ranks_while(count, |rank| below(rank) <= TAIL);
    let high = ranks_while(count, |rank| below(rank) < 1.0 - TAIL) + 1;
    [Some(low).filter(|&rank| rank > 0), Some(high).filter(|&rank| rank <= count)]
}

/// Returns the number of ranks from 1 to `count` that are `early`, by binary search: the early ones must come first.
fn ranks_while(count: u64, early: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = high - (high - low) / 2;
        if early(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Returns the ranks, from 1, of the lower bound, the median and the upper bound in an ordered sample of `count`;
/// `None` if it is empty. The bounds are those of an approximate 95 % interval of the true median, `count` / 2 ± 1.96
/// √`count` / 2, limited to the first and last value.
///
/// Unlike [`order_statistics_interval`], it always has bounds, but in small samples their confidence is below 95 %.
///
/// Source: H. David and H. Nagaraja, *Order Statistics* (3rd ed., 2003), section 7.1, the normal approximation.
pub fn median_ranks(count: u64) -> Option<[u64; 3]> {
    let half_width = libm::ceil(0.98 * libm::sqrt(count as f64)) as u64;
    let low = (count / 2).saturating_sub(half_width) + 1;
    let high = (count / 2 + half_width + 1).min(count);
    (count > 0).then_some([low, nearest_rank(count, 50), high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binomial_pmf;
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn nearest_ranks() {
        let ranks = |count| [1, 50, 95, 99, 100].map(|percent| nearest_rank(count, percent));
        assert_eq!(ranks(100), [1, 50, 95, 99, 100]);
        assert_eq!(ranks(11), [1, 6, 11, 11, 11]);
        assert_eq!(ranks(0), [1; 5]);
        assert_eq!(nearest_rank(u64::MAX, 100), u64::MAX);
    }

    #[test]
    fn known_intervals() {
        // Ranks of the exact binomial quantiles: 40 and 61 of 100 for a median (David and Nagaraja, 7.1).
        assert_eq!(order_statistics_interval(100, 50), [Some(40), Some(61)]);
        assert_eq!(order_statistics_interval(10, 50), [Some(2), Some(9)]);
        assert_eq!(order_statistics_interval(1, 50), [None; 2]);
        assert_eq!(order_statistics_interval(0, 50), [None; 2]);
    }

    #[test]
    fn a_tail_needs_a_sample_that_reaches_it() {
        // 1 - .99^n reaches .975 at n = 368: in a smaller sample even the maximum is no upper bound of the percentile.
        assert_eq!(order_statistics_interval(367, 99)[1], None);
        assert_eq!(order_statistics_interval(368, 99)[1], Some(368));
        assert_eq!(order_statistics_interval(1_000, 99), [Some(983), Some(997)]);
    }

    #[test]
    fn intervals_hold_what_they_promise() {
        // With B the number of values below the percentile, the interval covers it if low <= B < high.
        for (count, percent) in [(30, 50), (200, 95), (1_000, 99), (5_000, 50), (100_000, 95)] {
            let [low, high] = order_statistics_interval(count, percent)
                .map(|rank| rank.expect("the sample is large enough"));
            let covered: f64 =
                (low..high).map(|hits| binomial_pmf(hits, count, percent as f64 / 100.0)).sum();
            assert!((0.95..0.99).contains(&covered), "{count} {percent}: {covered}");
        }
    }

    #[test]
    fn it_agrees_with_another_implementation() {
        for count in [1, 5, 6, 59, 72, 1_000, 30_000, 1_000_000] {
            for percent in [1, 50, 95, 99] {
                let below = Binomial::new(percent as f64 / 100.0, count).expect("valid parameters");
                let [low, high] = order_statistics_interval(count, percent);
                let (low, high) = (low.unwrap_or(0), high.unwrap_or(count + 1));
                assert!(low == 0 || below.cdf(low - 1) <= TAIL, "{count} {percent}: {low}");
                assert!(below.cdf(low) > TAIL, "{count} {percent}: not even {low}");
                assert!(high > count || below.cdf(high - 1) >= 1.0 - TAIL, "{count} {percent}: {high}");
                assert!(high == 1 || below.cdf(high - 2) < 1.0 - TAIL, "{count} {percent}: before {high}");
            }
        }
    }

    #[test]
    fn the_median_lies_between_its_bounds() {
        assert_eq!(median_ranks(0), None);
        assert_eq!(median_ranks(1), Some([1, 1, 1]));
        assert_eq!(median_ranks(2), Some([1, 1, 2]));
        assert_eq!(median_ranks(100), Some([41, 50, 61]));
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_sums(count in 0u64..2_000, percent in 1u64..100) {
            let mut below = 0.0;
            let [mut low, mut high] = [None; 2];
            for rank in 1..=count {
                below += binomial_pmf(rank - 1, count, percent as f64 / 100.0);
                low = if below <= TAIL { Some(rank) } else { low };
                high = high.or((below >= 1.0 - TAIL).then_some(rank));
            }
            prop_assert_eq!(order_statistics_interval(count, percent), [low, high]);
        }
    }
}
