//! The beta distribution, from which binomial and Student's probabilities follow.

use crate::root;
use crate::stirling::weight;

/// P(X ≤ `x`) for the beta distribution of shapes `a` and `b`: the regularised incomplete beta function
/// I_`x`(`a`, `b`).
///
/// The relative error is below 1e-11 for shapes up to 10⁶, in the lower tail too; the time grows as √(`a` + `b`).
///
/// Source: W. H. Press et al., *Numerical Recipes* (3rd ed., 2007), section 6.4.
///
/// # Panics
/// Unless `a` and `b` are positive and finite and `x` is a number.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    let [lower, _] = beta_sides(a, b, x);
    lower
}

/// Returns the value that the beta distribution of shapes `a` and `b` does not exceed with probability `p`.
///
/// # Panics
/// Unless `a` and `b` are positive and finite and 0 ≤ `p` ≤ 1.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not at {p}");
    if p == 0.0 || p == 1.0 {
        return p;
    }
    root(0.0, 1.0, |x| {
        let [lower, upper] = beta_sides(a, b, x);
        // The smaller side is the more precise one.
        if p <= 0.5 { lower - p } else { 1.0 - p - upper }
    })
}

/// P(X ≤ `x`) and P(X ≥ `x`); the smaller has as many digits as the other.
pub(crate) fn beta_sides(a: f64, b: f64, x: f64) -> [f64; 2] {
    assert!(
        a > 0.0 && a.is_finite() && b > 0.0 && b.is_finite(),
        "shapes are positive numbers, not {a} and {b}"
    );
    assert!(!x.is_nan(), "a value is a number");
    if x <= 0.0 {
        return [0.0, 1.0];
    }
    if x >= 1.0 {
        return [1.0, 0.0];
    }
    // x^a (1 − x)^b / B(a, b)
    let factor = weight(a, b, x) * a / (a + b) * b;
    // The fraction converges fast on its own side of the bulk of the distribution.
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = factor * fraction(a, b, x) / a;
        [lower, 1.0 - lower]
    } else {
        let upper = factor * fraction(b, a, 1.0 - x) / b;
        [1.0 - upper, upper]
    }
}

/// Returns the continued fraction of the incomplete beta function, by Lentz's method, for `x` below the mean or not far
/// above.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    let mut step = 0.0;
    loop {
        step += 1.0;
        let twice = a + 2.0 * step;
        let even = step * (b - step) * x / ((twice - 1.0) * twice);
        let odd = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        // The last two bits may never settle.
        if (change - 1.0).abs() <= f64::EPSILON * 4.0 {
            return fraction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Beta, ContinuousCDF};

    const SHAPES: [f64; 7] = [0.5, 1.0, 2.5, 30.0, 500.0, 99_999.5, 1e6];

    #[test]
    fn it_agrees_with_another_implementation() {
        for a in SHAPES {
            for b in SHAPES {
                let beta = Beta::new(a, b).expect("it is one");
                for p in [1e-9, 0.025, 0.3, 0.5, 0.9, 0.999] {
                    let x = beta_quantile(a, b, p);
                    let (found, exact) = (beta_cdf(a, b, x), beta.cdf(x));
                    // statrs gives up after 140 steps: for larger shapes see the binomial distribution.
                    if a.max(b) < 1_000.0 {
                        assert!((found - exact).abs() < 1e-11, "a {a}, b {b}, x {x}: {found}, not {exact}");
                    }
                    // Where the distribution is steep, neighbouring values of x are far apart in probability.
                    let next = beta_cdf(a, b, x.next_up()) - found;
                    assert!(
                        (found - p).abs() <= 2.0 * next.abs() + 1e-11 * p,
                        "a {a}, b {b}, p {p}: {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn closed_forms() {
        for x in [1e-300, 1e-12, 0.2, 0.5, 0.97, 1.0 - 1e-12] {
            for shape in SHAPES {
                // X^(1/a) of a uniform X; and its mirror image.
                let (found, exact) = (beta_cdf(shape, 1.0, x), libm::exp(shape * libm::log(x)));
                assert!((found - exact).abs() <= 1e-11 * exact, "a {shape}, x {x}: {found}, not {exact}");
                let (found, exact) = (beta_cdf(1.0, shape, x), -libm::expm1(shape * libm::log1p(-x)));
                assert!((found - exact).abs() <= 1e-11 * exact, "b {shape}, x {x}: {found}, not {exact}");
            }
            // The arcsine law.
            let arcsine = |x: f64| libm::asin(x.sqrt()) / std::f64::consts::FRAC_PI_2;
            let exact = if x < 0.5 { arcsine(x) } else { 1.0 - arcsine(1.0 - x) };
            let found = beta_cdf(0.5, 0.5, x);
            assert!((found - exact).abs() <= 1e-13 * exact, "x {x}: {found}, not {exact}");
        }
    }

    #[test]
    fn ends() {
        assert_eq!([-1.0, 0.0, 1.0, 2.0].map(|x| beta_cdf(2.0, 3.0, x)), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!([0.0, 1.0].map(|p| beta_quantile(2.0, 3.0, p)), [0.0, 1.0]);
    }

    proptest! {
        #[test]
        fn both_sides_are_one_and_mirror_each_other(a in 0.1..2_000.0, b in 0.1..2_000.0, x in 0.0..1.0) {
            let [lower, upper] = beta_sides(a, b, x);
            prop_assert!((lower + upper - 1.0).abs() < 1e-15);
            let mirrored = beta_cdf(b, a, 1.0 - x);
            prop_assert!((mirrored - upper).abs() < 1e-10 * upper.max(1e-200), "{} and {}", mirrored, upper);
        }
    }
}
