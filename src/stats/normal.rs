//! The standard normal distribution.

use crate::root;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Returns the density at `x`.
pub fn normal_density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / TAU.sqrt()
}

/// P(Z ≤ `x`), with a small relative error far out on the left too.
pub fn normal_cdf(x: f64) -> f64 {
    libm::erfc(-x * FRAC_1_SQRT_2) / 2.0
}

/// Returns the value that Z does not exceed with probability `p`; −∞ at 0 and ∞ at 1.
///
/// # Panics
/// Unless 0 ≤ `p` ≤ 1.
pub fn normal_quantile(p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not at {p}");
    match p {
        0.0 => f64::NEG_INFINITY,
        // Only the lower half is resolved finely by the distribution function.
        _ if p > 0.5 => -normal_quantile(1.0 - p),
        _ => root(-40.0, 0.0, |x| normal_cdf(x) - p),
    }
}

/// Returns the value that Z, given that it is at least `cut`, does not exceed with probability `q`.
///
/// # Panics
/// Unless 0 ≤ `q` ≤ 1.
pub fn truncated_normal_quantile(cut: f64, q: f64) -> f64 {
    let below = normal_cdf(cut);
    normal_quantile(below + q * (1.0 - below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Continuous, ContinuousCDF, Normal};

    #[test]
    fn it_agrees_with_another_implementation() {
        let normal = Normal::standard();
        for step in -80..=80 {
            let x = f64::from(step) / 10.0;
            // Theirs is good to 1e-10 of itself.
            let (found, exact) = (normal_cdf(x), normal.cdf(x));
            assert!((found / exact - 1.0).abs() < 1e-9, "cdf of {x}: {found}, not {exact}");
            let (found, exact) = (normal_density(x), normal.pdf(x));
            assert!((found / exact - 1.0).abs() < 1e-14, "density at {x}: {found}, not {exact}");
        }
        for p in [1e-100, 1e-30, 1e-10, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.6, 0.9, 0.999, 1.0 - 1e-9] {
            let (found, exact) = (normal_quantile(p), normal.inverse_cdf(p));
            assert!((found - exact).abs() < 1e-9 * exact.abs().max(1e-3), "{p}: {found}, not {exact}");
        }
    }

    #[test]
    fn it_agrees_with_tables() {
        for (p, table, tolerance) in [
            (0.99, 2.326_347_874_040_841, 1e-13),
            (0.975, 1.959_963_984_540_054, 1e-13),
            (1e-10, -6.361_340_902_404_056, 1e-9),
            (0.5, 0.0, 1e-15),
        ] {
            assert!((normal_quantile(p) - table).abs() < tolerance, "{p}");
        }
        assert_eq!([0.0, 1.0].map(normal_quantile), [f64::NEG_INFINITY, f64::INFINITY]);
    }

    #[test]
    fn what_is_cut_away_moves_the_quantiles() {
        // Far below nothing is cut away; half of the rest of a half is a quarter from the top.
        assert_eq!(truncated_normal_quantile(-40.0, 0.3), normal_quantile(0.3));
        assert_eq!(truncated_normal_quantile(0.0, 0.5), normal_quantile(0.75));
    }

    #[test]
    #[should_panic(expected = "between 0 and 1, not at 1.5")]
    fn what_is_no_probability_is_refused() {
        normal_quantile(1.5);
    }
}
