//! Laws from quantiles: what a measurement of a link usually reports.

use super::error::LawError;
use super::family::Family;
use super::law::{Law, nanos, span};
use std::f64::consts::LN_2;
use synod_sim::Duration;
use synod_stats::{gamma_quantile, normal_quantile, root, truncated_normal_quantile};

/// The quantiles that a law is to have.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Quantiles {
    /// Half of all delays are at most this long.
    Median(Duration),
    /// 99 of 100 delays are at most this long.
    P99(Duration),
    /// Both.
    MedianAndP99 {
        /// Half of all delays are at most this long.
        median: Duration,
        /// 99 of 100 delays are at most this long.
        p99: Duration,
    },
}

impl Law {
    /// Returns the law of `family` that has these quantiles, to the nanosecond in each of its durations.
    ///
    /// # Errors
    /// [`LawError::NeedsTwoQuantiles`] if one quantile is given for a family other than the exponential;
    /// [`LawError::QuantilesOutOfOrder`] unless 0 < `median` < `p99`; [`LawError::NoFit`] if no law of the family has
    /// them.
    pub fn fit(family: Family, quantiles: Quantiles) -> Result<Law, LawError> {
        match (family, quantiles) {
            (_, Quantiles::MedianAndP99 { median, p99 }) => fit_two(family, median, p99),
            (Family::Exponential, Quantiles::Median(median)) => {
                Law::exponential(span(nanos(median) / LN_2), Duration::ZERO)
            }
            (Family::Exponential, Quantiles::P99(p99)) => {
                Law::exponential(span(nanos(p99) / libm::log(100.0)), Duration::ZERO)
            }
            _ => Err(LawError::NeedsTwoQuantiles(family)),
        }
    }

    /// Returns the lognormal law of this mean and 99th percentile; of the two that exist, the one with the lighter
    /// tail.
    ///
    /// # Errors
    /// [`LawError::QuantilesOutOfOrder`] unless 0 < `mean` < `p99`; [`LawError::NoFit`] if `p99` is more than about 15
    /// times as long as `mean`.
    pub fn lognormal_with_mean(mean: Duration, p99: Duration) -> Result<Law, LawError> {
        let ratio = ratio(mean, p99)?;
        // ln(p99 / mean) = z σ − σ² / 2
        let z = normal_quantile(0.99);
        within(Family::LogNormal, ratio, 1.0, libm::exp(z * z / 2.0))?;
        let sigma = z - (z * z - 2.0 * libm::log(ratio)).sqrt();
        Law::lognormal(span(nanos(mean) * libm::exp(-sigma * sigma / 2.0)), sigma)
    }
}

fn fit_two(family: Family, median: Duration, p99: Duration) -> Result<Law, LawError> {
    let ratio = ratio(median, p99)?;
    let gap = nanos(p99) - nanos(median);
    match family {
        Family::Uniform => {
            within(family, ratio, 1.0, 1.98)?;
            let half = gap / 0.98;
            Law::uniform(span(nanos(median) - half), span(nanos(median) + half))
        }
        Family::Exponential => {
            within(family, ratio, 1.0, libm::log(100.0) / LN_2)?;
            let scale = gap / libm::log(50.0);
            let min = nanos(median) - scale * LN_2;
            Law::exponential(span(min + scale), span(min))
        }
        Family::Normal => fit_normal(median, ratio),
        Family::LogNormal => Law::lognormal(median, libm::log(ratio) / normal_quantile(0.99)),
        Family::Gamma => fit_gamma(median, ratio),
        Family::Pareto => {
            let shape = libm::log(50.0) / libm::log(ratio);
            Law::pareto(span(nanos(median) * libm::exp(-LN_2 / shape)), shape)
        }
    }
}

/// The ratio of the quantiles depends on how many standard deviations below the mean the cut at zero lies, and on
/// nothing else.
fn fit_normal(median: Duration, ratio: f64) -> Result<Law, LawError> {
    /// Beyond this many standard deviations the law is constant to one part in a million.
    const FARTHEST: f64 = 1e6;
    let above_cut = |depth: f64, q| truncated_normal_quantile(-depth, q) + depth;
    let ratio_at = |depth| above_cut(depth, 0.99) / above_cut(depth, 0.5);
    within(Family::Normal, ratio, ratio_at(FARTHEST), ratio_at(0.0))?;
    let depth = root(0.0, FARTHEST, |depth| ratio - ratio_at(depth));
    let sd = nanos(median) / above_cut(depth, 0.5);
    Law::normal(span(sd * depth), span(sd), Duration::ZERO)
}

/// The ratio of the quantiles falls as the shape grows, and depends on nothing else.
fn fit_gamma(median: Duration, ratio: f64) -> Result<Law, LawError> {
    const SHAPE_MIN: f64 = 0.05;
    const SHAPE_MAX: f64 = 10_000.0;
    let ratio_at = |shape| gamma_quantile(shape, 0.99) / gamma_quantile(shape, 0.5);
    within(Family::Gamma, ratio, ratio_at(SHAPE_MAX), ratio_at(SHAPE_MIN))?;
    // Shapes span orders of magnitude, so the search goes by their logarithm.
    let shape_log = root(libm::log(SHAPE_MIN), libm::log(SHAPE_MAX), |log| ratio - ratio_at(libm::exp(log)));
    let shape = libm::exp(shape_log);
    Law::gamma(shape, span(nanos(median) / gamma_quantile(shape, 0.5) * shape))
}

fn ratio(lower: Duration, upper: Duration) -> Result<f64, LawError> {
    if lower.is_zero() || upper <= lower {
        return Err(LawError::QuantilesOutOfOrder { lower, upper });
    }
    Ok(nanos(upper) / nanos(lower))
}

fn within(family: Family, ratio: f64, ratio_min: f64, ratio_max: f64) -> Result<(), LawError> {
    if (ratio_min..=ratio_max).contains(&ratio) {
        Ok(())
    } else {
        Err(LawError::NoFit { family, ratio_min, ratio_max, ratio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(median_us: u64, p99_us: u64) -> Quantiles {
        Quantiles::MedianAndP99 {
            median: Duration::from_micros(median_us),
            p99: Duration::from_micros(p99_us),
        }
    }

    fn assert_quantile(law: &Law, q: f64, micros: u64) {
        let (found, wanted) = (law.quantile(q).as_nanos() as f64, micros as f64 * 1e3);
        assert!((found / wanted - 1.0).abs() < 1e-5, "{law}: quantile {q} is {found}, not {wanted}");
    }

    #[test]
    fn a_fitted_law_has_the_quantiles_it_was_fitted_to() {
        for (family, ratios) in [
            (Family::Uniform, &[1_010, 1_500, 1_980][..]),
            (Family::Exponential, &[1_010, 3_000, 6_600]),
            (Family::Normal, &[1_001, 1_300, 2_500, 3_800]),
            (Family::LogNormal, &[1_001, 2_000, 100_000]),
            (Family::Gamma, &[1_030, 2_000, 6_644, 50_000]),
            (Family::Pareto, &[1_001, 2_000, 100_000]),
        ] {
            for &p99 in ratios {
                let law = Law::fit(family, both(1_000, p99)).unwrap();
                assert_quantile(&law, 0.5, 1_000);
                assert_quantile(&law, 0.99, p99);
            }
        }
    }

    #[test]
    fn one_quantile_determines_an_exponential_law_only() {
        let median = Law::fit(Family::Exponential, Quantiles::Median(Duration::from_micros(700))).unwrap();
        assert_quantile(&median, 0.5, 700);
        let p99 = Law::fit(Family::Exponential, Quantiles::P99(Duration::from_micros(700))).unwrap();
        assert_quantile(&p99, 0.99, 700);
        for family in [Family::Uniform, Family::Normal, Family::LogNormal, Family::Gamma, Family::Pareto] {
            let error = Law::fit(family, Quantiles::P99(Duration::from_micros(1)));
            assert_eq!(error, Err(LawError::NeedsTwoQuantiles(family)));
        }
    }

    #[test]
    fn a_mean_and_a_percentile_determine_a_lognormal_law() {
        let (mean, p99) = (Duration::from_millis(1), Duration::from_millis(5));
        let law = Law::lognormal_with_mean(mean, p99).unwrap();
        assert_quantile(&law, 0.99, 5_000);
        assert!(law.mean().as_nanos().abs_diff(mean.as_nanos()) <= 1);
        assert!(Law::lognormal_with_mean(mean, Duration::from_millis(15)).is_err());
    }

    #[test]
    fn quantiles_that_no_law_has_are_refused() {
        for (median, p99) in [(0, 5), (5, 5), (6, 5)] {
            let error = Law::fit(Family::LogNormal, both(median, p99));
            assert!(matches!(error, Err(LawError::QuantilesOutOfOrder { .. })), "{error:?}");
        }
        for (family, p99) in [
            (Family::Uniform, 1_990),
            (Family::Exponential, 7_000),
            (Family::Normal, 3_900),
            (Family::Gamma, 1_010),
        ] {
            let error = Law::fit(family, both(1_000, p99));
            assert!(matches!(error, Err(LawError::NoFit { .. })), "{family}: {error:?}");
        }
    }
}
