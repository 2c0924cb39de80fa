//! What a count of runs proves of a rate.

use crate::bench::binomial;

/// How unlikely it is that a rate lies beyond its bound.
const DOUBT: f64 = 0.05;

/// Between which rates the true one lies, of which `hits` of `trials` are a sample: each bound holds with 95 %
/// confidence by itself, whatever the rate (Clopper and Pearson, *Biometrika* 26, 1934). 2,995 runs without a failure
/// are the fewest that show more than 99.9 %.
pub(super) fn bounds(hits: u64, trials: u64) -> [f64; 2] {
    [least(hits, trials), 1.0 - least(trials - hits, trials)]
}

/// The rate under which so many hits, or more, come with the probability [`DOUBT`].
fn least(hits: u64, trials: u64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let as_many = |rate: f64| (hits..=trials).map(|k| binomial(trials, k, rate)).sum::<f64>();
    let [mut low, mut high] = [0.0, 1.0];
    // Each step halves the doubt about the rate: 50 leave less than floats can tell.
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        match as_many(middle) < DOUBT {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let [found_low, found_high] = bounds(hits, trials);
            assert!(
                (found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5,
                "{hits} of {trials}: {found_low} to {found_high}"
            );
        }
    }

    #[test]
    fn more_than_999_in_1000_takes_2_995_runs_without_a_failure() {
        assert!(bounds(2_994, 2_994)[0] < 0.999 && bounds(2_995, 2_995)[0] >= 0.999);
        assert!(bounds(2_995, 2_996)[0] < 0.999, "one failure is too many");
    }
}
