//! Assertions about random samples.

/// Asserts that the mean of `samples` is `expected`, within `errors` standard errors of the samples' own.
///
/// Four standard errors are exceeded by chance once in 16,000; with a fixed seed that is never again.
///
/// ```
/// let dice = [1.0, 6.0, 3.0, 4.0, 2.0, 5.0];
/// synod_testing::assert_mean("a die", dice, 3.5, 4.0);
/// ```
///
/// # Panics
/// If the mean is farther away, or if there are fewer than two samples.
#[track_caller]
pub fn assert_mean(what: &str, samples: impl IntoIterator<Item = f64>, expected: f64, errors: f64) {
    // B. P. Welford, Technometrics 4(3), 1962: one pass, and no difference of large numbers.
    let (mut count, mut mean, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
    for sample in samples {
        count += 1.0;
        let delta = sample - mean;
        mean += delta / count;
        squares += delta * (sample - mean);
    }
    assert!(count >= 2.0, "{what}: {count} samples have no standard error");
    let error = (squares / (count - 1.0) / count).sqrt();
    // Equal samples leave nothing but rounding.
    let slack = errors * error + expected.abs() * 1e-12;
    assert!(
        (mean - expected).abs() <= slack,
        "{what}: the mean of {count} samples is {mean}, not {expected}: {:.1} standard errors ({error}) away, and at \
         most {errors} are allowed",
        (mean - expected).abs() / error,
    );
}

/// Asserts that `hits` of `trials` are the share `expected`, within `errors` standard errors of the binomial law.
///
/// ```
/// synod_testing::assert_share("heads", 508, 1_000, 0.5, 4.0);
/// ```
///
/// # Panics
/// If the share is farther away, if there are no trials, or if `expected` is no share.
#[track_caller]
pub fn assert_share(what: &str, hits: u64, trials: u64, expected: f64, errors: f64) {
    assert!(trials > 0, "{what}: without trials there is no share");
    assert!((0.0..=1.0).contains(&expected), "{what}: {expected} is no share");
    let share = hits as f64 / trials as f64;
    let error = (expected * (1.0 - expected) / trials as f64).sqrt();
    assert!(
        (share - expected).abs() <= errors * error,
        "{what}: {hits} of {trials} are {share}, not {expected}: {:.1} standard errors ({error}) away, and at most \
         {errors} are allowed",
        (share - expected).abs() / error,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    fn mean(samples: &[f64], expected: f64, errors: f64) -> bool {
        catch_unwind(|| assert_mean("x", samples.iter().copied(), expected, errors)).is_ok()
    }

    fn share(hits: u64, trials: u64, expected: f64, errors: f64) -> bool {
        catch_unwind(|| assert_share("x", hits, trials, expected, errors)).is_ok()
    }

    #[test]
    fn a_mean_is_as_far_away_as_its_samples_are_apart() {
        // Their standard deviation is 2, and the standard error 1.
        let samples = [-2.0, 2.0, 0.0, 2.0 * (2.0_f64).sqrt(), -2.0 * (2.0_f64).sqrt()].map(|x| 5.0 + x);
        let error = (24.0_f64 / 4.0 / 5.0).sqrt();
        assert!(mean(&samples, 5.0 + 2.99 * error, 3.0) && !mean(&samples, 5.0 + 3.01 * error, 3.0));
        assert!(mean(&samples, 5.0 - 2.99 * error, 3.0) && !mean(&samples, 5.0 - 3.01 * error, 3.0));
    }

    #[test]
    fn samples_without_spread_have_to_be_right() {
        assert!(mean(&[0.1; 7], 0.1, 3.0) && !mean(&[0.1; 7], 0.100_001, 3.0));
        assert!(!mean(&[0.1], 0.1, 3.0), "one sample has no standard error");
    }

    #[test]
    fn a_share_is_measured_by_the_binomial_law() {
        // One standard error is 0.05.
        assert!(share(65, 100, 0.5, 3.0) && !share(66, 100, 0.5, 3.0));
        assert!(share(35, 100, 0.5, 3.0) && !share(34, 100, 0.5, 3.0));
        assert!(share(0, 9, 0.0, 3.0) && !share(1, 9, 0.0, 3.0) && share(9, 9, 1.0, 3.0));
        assert!(!share(0, 0, 0.5, 3.0) && !share(1, 2, 1.5, 3.0));
    }
}
