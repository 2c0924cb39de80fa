//! The Wilson score interval: between which rates the true one lies, given a sample.

/// The 97.5th percentile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of the rate of which `hits` of `trials` are a sample; everything from 0 to 1 without trials.
pub fn wilson(hits: u64, trials: u64) -> [f64; 2] {
    if trials == 0 {
        return [0.0, 1.0];
    }
    let (n, rate) = (trials as f64, hits as f64 / trials as f64);
    let (square, scale) = (Z * Z, 1.0 + Z * Z / n);
    let centre = (rate + square / (2.0 * n)) / scale;
    let reach = Z / scale * libm::sqrt(rate * (1.0 - rate) / n + square / (4.0 * n * n));
    // At the ends the formula gives exactly 0 and 1, but for rounding.
    let low = if hits == 0 { 0.0 } else { centre - reach };
    let high = if hits == trials { 1.0 } else { centre + reach };
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
