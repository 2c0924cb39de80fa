//! Order statistics: how sure a percentile of a sample is, whatever the law that the sample is drawn from.

/// The ranks, from 1, of the two values of an ordered sample of `count` between which the true percentile lies with
/// 95 % confidence at least; none where the sample is too small to have a value that is surely below or above it.
///
/// How many of the sample lie below the true percentile is binomial. The lower rank is the greatest that is too high
/// with a probability of 2.5 % at most, the upper the least that is too low with such.
pub(crate) fn interval(count: u64, percent: u64) -> [Option<u64>; 2] {
    let share = percent as f64 / 100.0;
    let [mut low, mut high] = [None; 2];
    let mut below = 0.0;
    for hits in 0..count {
        // P(the percentile lies below the value of rank r) = P(fewer than r of the sample lie below it).
        below += binomial(count, hits, share);
        if below <= 0.025 {
            low = Some(hits + 1);
        }
        if below >= 0.975 {
            high = Some(hits + 1);
            break;
        }
    }
    [low, high]
}

/// The probability of so many hits in `count` trials, each of which is one with the probability `share`, neither 0
/// nor 1.
pub(crate) fn binomial(count: u64, hits: u64, share: f64) -> f64 {
    let (n, k) = (count as f64, hits as f64);
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(ways + k * libm::log(share) + (n - k) * libm::log(1.0 - share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_intervals() {
        // Ranks of the exact binomial quantiles: 40 and 61 of 100 for a median (David and Nagaraja, 7.1).
        assert_eq!(interval(100, 50), [Some(40), Some(61)]);
        assert_eq!(interval(10, 50), [Some(2), Some(9)]);
        assert_eq!(interval(1, 50), [None; 2]);
        assert_eq!(interval(0, 50), [None; 2]);
    }

    #[test]
    fn a_tail_needs_a_sample_that_reaches_it() {
        // 1 - .99^n reaches .975 at n = 368: before, no value of the sample is surely above the percentile.
        assert_eq!(interval(367, 99)[1], None);
        assert_eq!(interval(368, 99)[1], Some(368));
        assert_eq!(interval(1_000, 99), [Some(983), Some(997)]);
    }

    #[test]
    fn intervals_hold_what_they_promise() {
        // By the exact law, P(B >= low) - P(B >= high) is the probability that the interval covers the percentile.
        for (count, percent) in [(30, 50), (200, 95), (1_000, 99), (5_000, 50)] {
            let [low, high] = interval(count, percent).map(|rank| rank.expect("the sample is large enough"));
            let covered: f64 = (low..high).map(|hits| binomial(count, hits, percent as f64 / 100.0)).sum();
            assert!((0.95..0.99).contains(&covered), "{count} {percent}: {covered}");
        }
    }
}
