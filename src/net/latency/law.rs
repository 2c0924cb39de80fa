//! Laws of delay: what a link's latency is distributed like.

use super::empirical::Empirical;
use super::error::LawError;
use std::fmt;
use synod_sim::Duration;
use synod_stats::{gamma_quantile, normal_cdf, normal_density, normal_quantile, truncated_normal_quantile};

/// A probability law of delays. Every value is valid: the constructors refuse what is not.
///
/// ```
/// use synod_net::{Law, LawError};
/// use synod_sim::Duration;
///
/// let ms = Duration::from_millis;
/// let law = Law::uniform(ms(10), ms(30))?;
/// assert_eq!((law.mean(), law.quantile(0.25)), (ms(20), ms(15)));
/// assert!(Law::uniform(ms(30), ms(10)).is_err());
/// # Ok::<(), LawError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Law(pub(super) Parameters);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameters {
    Constant(Duration),
    Uniform { min: Duration, max: Duration },
    Exponential { mean: Duration, min: Duration },
    Normal { mean: Duration, sd: Duration, min: Duration },
    LogNormal { median: Duration, sigma: f64 },
    Gamma { shape: f64, mean: Duration },
    Pareto { scale: Duration, shape: f64 },
    Empirical(Empirical),
}

impl Law {
    /// Always `delay`.
    pub const fn constant(delay: Duration) -> Law {
        Law(Parameters::Constant(delay))
    }

    /// Returns every whole nanosecond from `min` to `max`, both included, equally likely.
    ///
    /// # Errors
    /// [`LawError::EmptyRange`] if `max` < `min`.
    pub fn uniform(min: Duration, max: Duration) -> Result<Law, LawError> {
        if max < min {
            return Err(LawError::EmptyRange { min, max });
        }
        Ok(Law(Parameters::Uniform { min, max }))
    }

    /// At least `min`, and beyond it exponential; `mean` is that of the whole delay, `min` included.
    ///
    /// # Errors
    /// [`LawError::MeanBelowMinimum`] if `mean` < `min`.
    pub fn exponential(mean: Duration, min: Duration) -> Result<Law, LawError> {
        at_least(mean, min)?;
        Ok(Law(Parameters::Exponential { mean, min }))
    }

    /// Returns a normal law with this mean and standard deviation, conditioned on being at least `min`.
    ///
    /// # Errors
    /// [`LawError::MeanBelowMinimum`] if `mean` < `min`: more than half of the law would be cut away.
    pub fn normal(mean: Duration, sd: Duration, min: Duration) -> Result<Law, LawError> {
        at_least(mean, min)?;
        Ok(Law(Parameters::Normal { mean, sd, min }))
    }

    /// Returns the exponential of a normal law: `median` × exp(`sigma` × Z).
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless `sigma` is a positive number.
    pub fn lognormal(median: Duration, sigma: f64) -> Result<Law, LawError> {
        positive("sigma", sigma)?;
        Ok(Law(Parameters::LogNormal { median, sigma }))
    }

    /// Returns a gamma law of this shape and mean; its scale is `mean` / `shape`.
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless `shape` is a positive number.
    pub fn gamma(shape: f64, mean: Duration) -> Result<Law, LawError> {
        positive("shape", shape)?;
        Ok(Law(Parameters::Gamma { shape, mean }))
    }

    /// Returns a gamma law of this shape and scale; its mean is `scale` × `shape`.
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless `shape` is a positive number.
    pub fn gamma_with_scale(shape: f64, scale: Duration) -> Result<Law, LawError> {
        Law::gamma(shape, span(nanos(scale) * shape))
    }

    /// Returns a Pareto law: at least `scale`, and longer than x with probability (`scale` / x)^`shape`.
    ///
    /// # Errors
    /// [`LawError::NotPositive`] unless `shape` is a positive number.
    pub fn pareto(scale: Duration, shape: f64) -> Result<Law, LawError> {
        positive("shape", shape)?;
        Ok(Law(Parameters::Pareto { scale, shape }))
    }

    /// Delays that were measured, each equally likely.
    pub const fn empirical(samples: Empirical) -> Law {
        Law(Parameters::Empirical(samples))
    }

    /// Returns the mean delay; [`Duration::MAX`] where it is infinite (a Pareto law of shape ≤ 1).
    pub fn mean(&self) -> Duration {
        match &self.0 {
            Parameters::Constant(delay) => *delay,
            Parameters::Uniform { min, max } => span(nanos(*min) + nanos(*max - *min) / 2.0),
            Parameters::Exponential { mean, .. } | Parameters::Gamma { mean, .. } => *mean,
            Parameters::Normal { mean, sd, .. } if sd.is_zero() => *mean,
            Parameters::Normal { mean, sd, min } => {
                let cut = (nanos(*min) - nanos(*mean)) / nanos(*sd);
                span(nanos(*mean) + nanos(*sd) * normal_density(cut) / normal_cdf(-cut))
            }
            Parameters::LogNormal { median, sigma } => span(nanos(*median) * libm::exp(sigma * sigma / 2.0)),
            Parameters::Pareto { shape, .. } if *shape <= 1.0 => Duration::MAX,
            Parameters::Pareto { scale, shape } => span(nanos(*scale) * shape / (shape - 1.0)),
            Parameters::Empirical(samples) => samples.mean(),
        }
    }

    /// Returns the delay that a share `q` of all delays does not exceed.
    ///
    /// # Panics
    /// Unless 0 < `q` < 1.
    pub fn quantile(&self, q: f64) -> Duration {
        assert!(0.0 < q && q < 1.0, "a quantile lies between 0 and 1, not at {q}");
        match &self.0 {
            Parameters::Constant(delay) => *delay,
            Parameters::Uniform { min, max } => span(nanos(*min) + nanos(*max - *min) * q),
            Parameters::Exponential { mean, min } => {
                span(nanos(*min) - nanos(*mean - *min) * libm::log1p(-q))
            }
            Parameters::Normal { mean, sd, .. } if sd.is_zero() => *mean,
            Parameters::Normal { mean, sd, min } => {
                let cut = (nanos(*min) - nanos(*mean)) / nanos(*sd);
                span(nanos(*mean) + nanos(*sd) * truncated_normal_quantile(cut, q))
            }
            Parameters::LogNormal { median, sigma } => {
                span(nanos(*median) * libm::exp(sigma * normal_quantile(q)))
            }
            Parameters::Gamma { shape, mean } => span(nanos(*mean) / shape * gamma_quantile(*shape, q)),
            Parameters::Pareto { scale, shape } => span(nanos(*scale) * libm::exp(-libm::log1p(-q) / shape)),
            Parameters::Empirical(samples) => samples.quantile(q),
        }
    }
}

/// `span` in nanoseconds, for arithmetic.
pub(super) fn nanos(span: Duration) -> f64 {
    span.as_nanos() as f64
}

/// Returns the nearest whole nanosecond; negative numbers become zero, and what is beyond the end of time its end.
#[inline]
pub(super) fn span(nanos: f64) -> Duration {
    Duration::from_nanos((nanos + 0.5) as u64)
}

fn at_least(mean: Duration, min: Duration) -> Result<(), LawError> {
    if mean < min { Err(LawError::MeanBelowMinimum { mean, min }) } else { Ok(()) }
}

fn positive(parameter: &'static str, value: f64) -> Result<(), LawError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(LawError::NotPositive { parameter, value }) }
}

impl fmt::Display for Law {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Parameters::Constant(delay) => write!(out, "constant({delay})"),
            Parameters::Uniform { min, max } => write!(out, "uniform(min {min}, max {max})"),
            Parameters::Exponential { mean, min } => write!(out, "exponential(mean {mean}, min {min})"),
            Parameters::Normal { mean, sd, min } => write!(out, "normal(mean {mean}, sd {sd}, min {min})"),
            Parameters::LogNormal { median, sigma } => {
                write!(out, "lognormal(median {median}, sigma {sigma})")
            }
            Parameters::Gamma { shape, mean } => write!(out, "gamma(shape {shape}, mean {mean})"),
            Parameters::Pareto { scale, shape } => write!(out, "pareto(scale {scale}, shape {shape})"),
            Parameters::Empirical(samples) => write!(out, "empirical({} samples)", samples.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Purpose, Streams};

    const MS: Duration = Duration::from_millis(1);

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_makes_no_law_is_refused() {
        let two = Duration::from_millis(2);
        assert_eq!(Law::uniform(two, MS), Err(LawError::EmptyRange { min: two, max: MS }));
        assert_eq!(Law::exponential(MS, two), Err(LawError::MeanBelowMinimum { mean: MS, min: two }));
        assert_eq!(Law::normal(MS, MS, two), Err(LawError::MeanBelowMinimum { mean: MS, min: two }));
        for value in [0.0, -1.0, f64::INFINITY] {
            let error = |parameter| Err(LawError::NotPositive { parameter, value });
            assert_eq!(Law::lognormal(MS, value), error("sigma"));
            assert_eq!(Law::gamma(value, MS), error("shape"));
            assert_eq!(Law::pareto(MS, value), error("shape"));
        }
    }

    #[test]
    fn draws_have_the_quantiles_and_the_mean_of_their_law() {
        const DRAWS: u32 = 20_000;
        let laws = [
            Law::uniform(ms(1), ms(9)),
            Law::exponential(ms(10), ms(2)),
            Law::normal(ms(20), ms(3), ms(1)),
            Law::lognormal(ms(10), 0.5),
            Law::gamma(0.4, ms(10)),
            Law::gamma(1.0, ms(10)),
            Law::gamma(3.0, ms(10)),
            Law::gamma_with_scale(2.0, ms(4)),
            Law::pareto(ms(5), 3.0),
        ];
        for law in laws.map(|law| law.expect("a law")) {
            let (sampler, mut stream) = (law.sampler(), Streams::new(3).stream(Purpose::Node, 0));
            let draws: Vec<Duration> = (0..DRAWS).map(|_| sampler.sample(&mut stream)).collect();
            for share in [0.02, 0.1, 0.5, 0.9, 0.98] {
                let below = draws.iter().filter(|&&draw| draw <= law.quantile(share)).count() as f64;
                let error = (share * (1.0 - share) * f64::from(DRAWS)).sqrt();
                assert!(
                    (below - share * f64::from(DRAWS)).abs() < 4.0 * error,
                    "{law}: {below} below {share}"
                );
            }
            let mean = draws.iter().map(|&draw| nanos(draw)).sum::<f64>() / f64::from(DRAWS);
            assert!((mean / nanos(law.mean()) - 1.0).abs() < 0.05, "{law}: {mean}");
        }
    }

    #[test]
    fn degenerate_laws_are_constant() {
        for law in [
            Law::constant(MS),
            Law::uniform(MS, MS).unwrap(),
            Law::exponential(MS, MS).unwrap(),
            Law::normal(MS, Duration::ZERO, MS).unwrap(),
        ] {
            assert_eq!((law.mean(), law.quantile(0.5), law.quantile(0.99)), (MS, MS, MS), "{law}");
        }
    }

    #[test]
    fn a_heavy_tail_has_no_mean() {
        assert_eq!(Law::pareto(MS, 1.0).unwrap().mean(), Duration::MAX);
        assert_eq!(Law::pareto(MS, 2.0).unwrap().mean(), Duration::from_millis(2));
    }

    #[test]
    fn a_gamma_law_can_be_given_by_its_scale() {
        assert_eq!(Law::gamma_with_scale(2.5, MS), Law::gamma(2.5, Duration::from_micros(2_500)));
    }

    #[test]
    fn laws_print_their_parameters() {
        let law = Law::lognormal(MS, 0.5).unwrap();
        assert_eq!(law.to_string(), "lognormal(median 1ms, sigma 0.5)");
    }
}
