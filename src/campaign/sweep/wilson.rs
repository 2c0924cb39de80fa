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
        // Wilson's interval without continuity correction, as statistics packages give it.
        for (hits, trials, low, high) in
            [(0, 200, 0.0, 0.018_845), (10, 10, 0.722_467, 1.0), (5, 10, 0.236_593, 0.763_407)]
        {
            let [found_low, found_high] = wilson(hits, trials);
            assert!((found_low - low).abs() < 1e-6 && (found_high - high).abs() < 1e-6, "{hits} of {trials}");
        }
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }
}
