//! Products of powers and factorials, without loss of precision.
//!
//! Source: C. Loader, *Fast and accurate computation of binomial probabilities* (2000), whose saddle-point expansion is
//! that of R's `dbinom`: what remains of Stirling's formula is small, and so is the exponent, a deviance. With
//! logarithms of factorials one subtracts numbers of a hundred million to get one near 1, and loses eight digits.

use std::f64::consts::TAU;

/// x^a (1 − x)^b (a + b)! / (a! b!), of real numbers a, b > 0 and 0 < x < 1.
pub(crate) fn weight(a: f64, b: f64, x: f64) -> f64 {
    let n = a + b;
    // How far a is above the mean; b is as far below its own.
    let above = a - n * x;
    let deviance = deviance(n * x, above) + deviance(n * (1.0 - x), -above);
    let rest = remainder(n) - remainder(a) - remainder(b);
    libm::exp(rest - deviance) * libm::sqrt(n / a / b / TAU)
}

/// c ln (c / `mean`) − `above`, where c = `mean` + `above`: how far a count is from its mean, never negative.
fn deviance(mean: f64, above: f64) -> f64 {
    let (count, part) = (mean + above, above / mean);
    // Only of subnormal means: their reciprocals are no numbers.
    let ratio = if part > 1e300 { libm::log(count) - libm::log(mean) } else { libm::log1p(part) };
    count * ratio - above
}

/// ln n! − ln(√(2πn) (n / e)^n): what Stirling's formula leaves out.
fn remainder(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - 0.5 * libm::log(TAU);
    }
    // The Bernoulli series; its next term is below 1e-16 here.
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1_260.0 - (1.0 / 1_680.0 - 1.0 / 1_188.0 / square) / square) / square)
            / square)
        / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remainder_is_one_function_on_both_sides_of_the_seam() {
        // To 17 digits, by a hundred-digit computation.
        for (n, exact) in [
            (0.5, 0.153_426_409_720_027_35),
            (1.0, 0.081_061_466_795_327_26),
            (15.0, 0.005_554_733_551_962_801),
            (16.0, 0.005_207_655_919_609_640_4),
            (1e6, 8.333_333_333_330_556e-8),
        ] {
            assert!((remainder(n) - exact).abs() < 1e-14, "{n}: {}", remainder(n));
        }
        assert!((remainder(16.0 - 1e-12) - remainder(16.0)).abs() < 1e-14);
    }

    #[test]
    fn small_weights_are_those_of_whole_numbers() {
        assert!((weight(2.0, 3.0, 0.25) / (10.0 * 27.0 / 1_024.0) - 1.0).abs() < 1e-14);
        assert!((weight(1.0, 1.0, 1e-9) / (2.0 * 1e-9 * (1.0 - 1e-9)) - 1.0).abs() < 1e-13);
    }
}
