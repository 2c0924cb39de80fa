//! The gamma distribution of scale 1.

use crate::root;

/// P(X ≤ `x`) for the gamma distribution of this shape and scale 1: the regularised incomplete gamma function
/// P(`shape`, `x`).
///
/// The absolute error is below 1e-11 for shapes up to 10³ and below 1e-8 up to 10⁶.
///
/// Source: W. H. Press et al., *Numerical Recipes* (3rd ed., 2007), section 6.2.
///
/// # Panics
/// Unless `shape` is positive and finite and `x` is a number.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    assert!(shape > 0.0 && shape.is_finite(), "a shape is a positive number, not {shape}");
    assert!(!x.is_nan(), "a value is a number");
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    let factor = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    // Each expansion converges fast on its own side of the bulk of the distribution.
    if x < shape + 1.0 { factor * lower_series(shape, x) } else { 1.0 - factor * upper_fraction(shape, x) }
}

/// Returns the sum over k of x^k / (shape (shape + 1) … (shape + k)).
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

/// Returns the value that the gamma distribution of this shape and scale 1 does not exceed with probability `p`; ∞ at
/// 1.
///
/// # Panics
/// Unless `shape` is positive and finite and 0 ≤ `p` ≤ 1.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not at {p}");
    match p {
        0.0 => return 0.0,
        1.0 => return f64::INFINITY,
        _ => {}
    }
    let mut high = shape + 1.0;
    while gamma_cdf(shape, high) < p {
        high *= 2.0;
    }
    root(0.0, high, |x| gamma_cdf(shape, x) - p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma};

    #[test]
    fn it_agrees_with_another_implementation() {
        for (shape, tolerance) in [
            (0.05, 1e-11),
            (0.5, 1e-11),
            (1.0, 1e-11),
            (3.7, 1e-11),
            (40.0, 1e-11),
            (1_000.0, 1e-11),
            (9_000.0, 1e-9),
            (1e6, 1e-7),
        ] {
            let gamma = Gamma::new(shape, 1.0).expect("it is one");
            for p in [1e-12, 1e-6, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0 - 1e-9] {
                let x = gamma_quantile(shape, p);
                assert!((gamma_cdf(shape, x) - p).abs() < tolerance, "shape {shape}, p {p}");
                let exact = gamma.cdf(x);
                assert!((exact - p).abs() < tolerance, "shape {shape}, p {p}: {exact}");
            }
        }
    }

    #[test]
    fn of_shape_one_it_is_exponential() {
        for x in [1e-300, 1e-9, 0.1, 1.0, 3.0, 30.0, 700.0, 1e9] {
            let (found, exact) = (gamma_cdf(1.0, x), -libm::expm1(-x));
            assert!((found / exact - 1.0).abs() < 1e-12, "{x}: {found}, not {exact}");
        }
    }

    #[test]
    fn nothing_is_below_zero_and_all_below_infinity() {
        assert_eq!([-1.0, 0.0, f64::INFINITY].map(|x| gamma_cdf(2.0, x)), [0.0, 0.0, 1.0]);
        assert_eq!([0.0, 1.0].map(|p| gamma_quantile(2.0, p)), [0.0, f64::INFINITY]);
    }
}
