//! Student's t distribution.

use crate::beta::beta_sides;
use crate::root;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// P(T ≤ `t`) for Student's t of so many degrees of `freedom`.
///
/// The relative error is below 1e-11 for up to 10⁶ degrees, in the lower tail too.
///
/// Source: M. Abramowitz and I. Stegun, *Handbook of Mathematical Functions*, 26.7.1.
///
/// # Panics
/// Unless `freedom` > 0 and `t` is a number.
pub fn student_cdf(t: f64, freedom: u64) -> f64 {
    let tail = both_tails(t.abs(), freedom) / 2.0;
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// Returns the value that Student's t of so many degrees of `freedom` does not exceed with probability `p`; −∞ at 0 and
/// ∞ at 1.
///
/// It is exact to some 14 digits for `p` from 10⁻¹⁰⁰ to ½, and as far as 1 − `p` is known above.
///
/// # Panics
/// Unless `freedom` > 0 and 0 ≤ `p` ≤ 1.
pub fn student_quantile(p: f64, freedom: u64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not at {p}");
    assert!(freedom > 0, "one degree of freedom is the least");
    let tails = 2.0 * p.min(1.0 - p);
    let distance = match tails {
        0.0 => f64::INFINITY,
        1.0 => 0.0,
        // The series takes as many steps as there are degrees, and what it leaves for far tails is rounding.
        _ if freedom <= 10_000 && tails >= 0.001 => {
            let (mut low, mut high) = (0.0, FRAC_PI_2);
            // Halved until the doubles end.
            for _ in 0..60 {
                let middle = (low + high) / 2.0;
                *(if within(middle, freedom) < 1.0 - tails { &mut low } else { &mut high }) = middle;
            }
            libm::sqrt(freedom as f64) * libm::tan((low + high) / 2.0)
        }
        _ => {
            let mut high = 1.0;
            while both_tails(high, freedom) > tails {
                high *= 2.0;
            }
            root(0.0, high, |t| tails - both_tails(t, freedom))
        }
    };
    if p < 0.5 { -distance } else { distance }
}

/// P(|T| ≥ `t`), for `t` ≥ 0.
fn both_tails(t: f64, freedom: u64) -> f64 {
    assert!(freedom > 0, "one degree of freedom is the least");
    let (half, ratio) = (freedom as f64 / 2.0, t / libm::sqrt(freedom as f64));
    // The argument of the beta distribution is the smaller of the two that add up to 1: it has more digits.
    if ratio < 1.0 {
        let [_, tails] = beta_sides(0.5, half, ratio * ratio / (1.0 + ratio * ratio));
        tails
    } else {
        let inverse = 1.0 / ratio;
        let [tails, _] = beta_sides(half, 0.5, inverse * inverse / (1.0 + inverse * inverse));
        tails
    }
}

/// Returns the probability of Student's t within √`freedom` tan(`angle`) of 0: a finite series.
///
/// Source: M. Abramowitz and I. Stegun, *Handbook of Mathematical Functions*, 26.7.3 and 26.7.4.
fn within(angle: f64, freedom: u64) -> f64 {
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let is_odd = freedom % 2 == 1;
    let (mut term, mut sum) = if is_odd { (cosine, 0.0) } else { (1.0, 0.0) };
    let first = if is_odd { 1 } else { 0 };
    for power in (first..freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
    }
    if is_odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal_quantile;
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn it_agrees_with_another_implementation() {
        for freedom in (1..=40).chain([100, 345, 718, 10_000, 10_001]) {
            let student = StudentsT::new(0.0, 1.0, freedom as f64).expect("it is one");
            for t in [-30.0, -4.0, -1.0, -1e-3, 0.0, 0.5, 1.96, 3.0, 12.0] {
                let (found, exact) = (student_cdf(t, freedom), student.cdf(t));
                assert!((found - exact).abs() < 1e-10, "{freedom}, {t}: {found}, not {exact}");
            }
            for p in [0.005, 0.1, 0.3, 0.6, 0.975, 0.995] {
                let (found, exact) = (student_quantile(p, freedom), student.inverse_cdf(p));
                // Theirs stops at six digits.
                assert!((found / exact - 1.0).abs() < 1e-5, "{freedom}, {p}: {found}, not {exact}");
            }
        }
    }

    #[test]
    fn a_million_degrees_are_all_but_normal() {
        // By a sixty-digit computation: theirs is wrong in the tenth digit.
        let found = student_cdf(-1.0, 1_000_000);
        assert!((found / 0.158_655_374_916_789_07 - 1.0).abs() < 1e-12, "{found}");
        // z + (z³ + z) / 4ν: the next term is below 1e-11.
        for p in [1e-6, 0.025, 0.4, 0.975] {
            let z = normal_quantile(p);
            let far = z + (z * z * z + z) / 4e6;
            assert!((student_quantile(p, 1_000_000) - far).abs() < 1e-9, "{p}");
        }
    }

    #[test]
    fn it_agrees_with_tables_and_closed_forms() {
        // Tables have three digits behind the point.
        for (freedom, table) in [(1, 12.706), (2, 4.303), (3, 3.182), (10, 2.228), (30, 2.042)] {
            assert!((student_quantile(0.975, freedom) - table).abs() < 5e-4, "{freedom}");
        }
        for p in [1e-100, 1e-12, 1e-5, 0.01, 0.2, 0.4] {
            let (found, cauchy) = (student_quantile(p, 1), -1.0 / libm::tan(std::f64::consts::PI * p));
            assert!((found / cauchy - 1.0).abs() < 1e-12, "{p}: {found}, not {cauchy}");
            let (found, second) = (student_quantile(p, 2), (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt());
            assert!((found / second - 1.0).abs() < 1e-12, "{p}: {found}, not {second}");
        }
    }

    #[test]
    fn the_series_and_the_beta_distribution_are_one() {
        for freedom in [1, 2, 3, 8, 97, 1_000, 10_000] {
            for angle in [1e-3, 0.1, 0.7, 1.2, 1.5] {
                let t = libm::sqrt(freedom as f64) * libm::tan(angle);
                let (series, beta) = (within(angle, freedom), 1.0 - both_tails(t, freedom));
                assert!((series - beta).abs() < 1e-12, "{freedom}, {angle}: {series} and {beta}");
            }
        }
    }

    #[test]
    fn ends_and_middle() {
        assert_eq!([0.0, 0.5, 1.0].map(|p| student_quantile(p, 7)), [f64::NEG_INFINITY, 0.0, f64::INFINITY]);
        assert_eq!([f64::NEG_INFINITY, 0.0, f64::INFINITY].map(|t| student_cdf(t, 7)), [0.0, 0.5, 1.0]);
    }

    proptest! {
        #[test]
        fn quantiles_invert(p in 1e-9..1.0 - 1e-9, freedom in 1u64..100_000) {
            let back = student_cdf(student_quantile(p, freedom), freedom);
            prop_assert!((back - p).abs() < 1e-12, "{} became {}", p, back);
        }
    }
}
