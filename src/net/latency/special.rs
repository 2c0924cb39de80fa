//! The special functions that closed forms and fits need. None of them is called while a run is going on.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Where an increasing function crosses zero, to the last bit; `low` or `high` if it does so outside them.
pub(super) fn root(mut low: f64, mut high: f64, increasing: impl Fn(f64) -> f64) -> f64 {
    assert!(low < high, "a root lies between two bounds");
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if increasing(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The standard normal density.
pub(super) fn normal_density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / TAU.sqrt()
}

/// The standard normal distribution function.
pub(super) fn normal_cdf(x: f64) -> f64 {
    libm::erfc(-x * FRAC_1_SQRT_2) / 2.0
}

/// The standard normal quantile function.
pub(super) fn normal_quantile(p: f64) -> f64 {
    // Only the lower half is resolved finely by the distribution function.
    if p > 0.5 { -normal_quantile(1.0 - p) } else { root(-40.0, 0.0, |x| normal_cdf(x) - p) }
}

/// The distribution function of the gamma law of this shape and scale 1: the regularised incomplete gamma function
/// P(shape, x).
///
/// Source: W. H. Press et al., *Numerical Recipes* (3rd ed., 2007), section 6.2.
pub(super) fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let factor = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    // Each expansion converges fast on its own side of the bulk of the law.
    if x < shape + 1.0 { factor * lower_series(shape, x) } else { 1.0 - factor * upper_fraction(shape, x) }
}

/// The sum over k of x^k / (shape (shape + 1) … (shape + k)).
fn lower_series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    let mut above = shape;
    while term > sum * f64::EPSILON {
        above += 1.0;
        term *= x / above;
        sum += term;
    }
    sum
}

/// Legendre's continued fraction of the upper incomplete gamma function, by Lentz's method.
fn upper_fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away_from_zero(b);
    let mut fraction = d;
    let mut step = 0.0;
    loop {
        step += 1.0;
        let a = step * (shape - step);
        b += 2.0;
        d = 1.0 / away_from_zero(a * d + b);
        c = away_from_zero(b + a / c);
        let change = c * d;
        fraction *= change;
        // The last two bits may never settle.
        if (change - 1.0).abs() <= f64::EPSILON * 4.0 {
            return fraction;
        }
    }
}

/// The quantile function of the gamma law of this shape and scale 1.
pub(super) fn gamma_quantile(shape: f64, p: f64) -> f64 {
    let mut high = shape + 1.0;
    while gamma_cdf(shape, high) < p {
        high *= 2.0;
    }
    root(0.0, high, |x| gamma_cdf(shape, x) - p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma, Normal};

    #[test]
    fn the_normal_law_agrees_with_tables() {
        assert!((normal_quantile(0.99) - 2.326_347_874_040_841).abs() < 1e-13);
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-13);
        assert!((normal_quantile(1e-10) + 6.361_340_902_404_056).abs() < 1e-9);
        assert!(normal_quantile(0.5).abs() < 1e-15);
        let normal = Normal::standard();
        for x in [-5.0, -1.0, 0.0, 0.3, 4.0] {
            assert!((normal_cdf(x) - normal.cdf(x)).abs() < 1e-10);
        }
    }

    #[test]
    fn the_gamma_law_agrees_with_another_implementation() {
        for shape in [0.05, 0.5, 1.0, 3.7, 40.0, 9_000.0] {
            let gamma = Gamma::new(shape, 1.0).unwrap();
            for p in [0.01, 0.5, 0.9, 0.99, 0.999] {
                let x = gamma_quantile(shape, p);
                assert!((gamma_cdf(shape, x) - p).abs() < 1e-9, "shape {shape}, p {p}");
                assert!((gamma.cdf(x) - p).abs() < 1e-9, "shape {shape}, p {p}");
            }
        }
    }
}
