//! Laws of latency, as a scenario file gives them.

use super::error::Problem;
use super::path::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_net::{Empirical, Family, Law, LawError, Quantiles};
use synod_sim::Duration;
use synod_sim::units::Span;

/// A probability law of delays. Where two forms are listed, one of them is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LatencyLaw {
    /// Always the same.
    Constant(Span),
    /// Equally likely from min to max: {min, max} or {median, p99}.
    Uniform(Uniform),
    /// Exponential: {mean}, {mean, min}, {median}, {p99} or {median, p99}.
    Exponential(Exponential),
    /// Normal, never below min: {mean, sd}, {mean, sd, min} or {median, p99}.
    Normal(Normal),
    /// The exponential of a normal law: {median, p99}, {median, sigma} or {mean, p99}.
    Lognormal(Lognormal),
    /// Gamma: {mean, shape}, {scale, shape} or {median, p99}.
    Gamma(Gamma),
    /// Pareto, with a heavy tail: {scale, shape} or {median, p99}.
    Pareto(Pareto),
    /// Measured delays, each equally likely: {file} or {samples}.
    Empirical(Samples),
}

/// Defines the parameters of a law: all optional, since laws can be given in several forms.
macro_rules! parameters {
    ($(#[$about:meta])* $law:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $law {
            $($(#[$doc])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,)*
        }
    };
}

parameters! {
    /// Equally likely from min to max.
    Uniform {
        /// The shortest delay.
        min: Span,
        /// The longest delay.
        max: Span,
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
    }
}
parameters! {
    /// An exponential law.
    Exponential {
        /// The mean delay.
        mean: Span,
        /// The shortest delay, zero by default.
        min: Span,
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
    }
}
parameters! {
    /// A normal law.
    Normal {
        /// The mean delay.
        mean: Span,
        /// The standard deviation.
        sd: Span,
        /// The shortest delay, zero by default.
        min: Span,
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
    }
}
parameters! {
    /// The exponential of a normal law.
    Lognormal {
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
        /// The standard deviation of the delay's logarithm.
        sigma: f64,
        /// The mean delay.
        mean: Span,
    }
}
parameters! {
    /// A gamma law.
    Gamma {
        /// The mean delay.
        mean: Span,
        /// The shape: 1 is exponential, and the greater, the narrower.
        shape: f64,
        /// The scale: mean / shape.
        scale: Span,
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
    }
}
parameters! {
    /// A Pareto law.
    Pareto {
        /// The shortest delay.
        scale: Span,
        /// The shape: the smaller, the heavier the tail.
        shape: f64,
        /// Half of all delays are at most this long.
        median: Span,
        /// 99 of 100 delays are at most this long.
        p99: Span,
    }
}
parameters! {
    /// Measured delays.
    Samples {
        /// A CSV file of one column, relative to the scenario file.
        file: String,
        /// The delays themselves.
        samples: Vec<Span>,
    }
}

impl LatencyLaw {
    /// Returns the law, if its parameters make one. `path` is where it stands in the file.
    pub fn law(&self, path: &Path) -> Result<Law, Problem> {
        let here = path.to(self.kind());
        match self.build() {
            Ok(Ok(law)) => Ok(law),
            Ok(Err(error)) => Err(Problem::new(culprit(&here, &error), error.to_string())),
            Err(NoForm(forms)) => {
                let message = format!("these parameters make no {} law", self.kind());
                Err(Problem::new(here, message).help(format!("give {forms}")))
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            LatencyLaw::Constant(_) => "constant",
            LatencyLaw::Uniform(_) => "uniform",
            LatencyLaw::Exponential(_) => "exponential",
            LatencyLaw::Normal(_) => "normal",
            LatencyLaw::Lognormal(_) => "lognormal",
            LatencyLaw::Gamma(_) => "gamma",
            LatencyLaw::Pareto(_) => "pareto",
            LatencyLaw::Empirical(_) => "empirical",
        }
    }

    fn build(&self) -> Result<Result<Law, LawError>, NoForm> {
        let zero = Span::default();
        Ok(match *self {
            LatencyLaw::Constant(delay) => Ok(Law::constant(delay.0)),
            LatencyLaw::Uniform(Uniform { min, max, median, p99 }) => match (min, max, median, p99) {
                (Some(min), Some(max), None, None) => Law::uniform(min.0, max.0),
                (None, None, Some(median), Some(p99)) => fit(Family::Uniform, median, p99),
                _ => return Err(NoForm("min and max, or median and p99")),
            },
            LatencyLaw::Exponential(Exponential { mean, min, median, p99 }) => match (mean, min, median, p99)
            {
                (Some(mean), min, None, None) => Law::exponential(mean.0, min.unwrap_or(zero).0),
                (None, None, Some(median), Some(p99)) => fit(Family::Exponential, median, p99),
                (None, None, Some(median), None) => {
                    Law::fit(Family::Exponential, Quantiles::Median(median.0))
                }
                (None, None, None, Some(p99)) => Law::fit(Family::Exponential, Quantiles::P99(p99.0)),
                _ => return Err(NoForm("mean and perhaps min, or median, p99 or both")),
            },
            LatencyLaw::Normal(Normal { mean, sd, min, median, p99 }) => match (mean, sd, min, median, p99) {
                (Some(mean), Some(sd), min, None, None) => Law::normal(mean.0, sd.0, min.unwrap_or(zero).0),
                (None, None, None, Some(median), Some(p99)) => fit(Family::Normal, median, p99),
                _ => return Err(NoForm("mean, sd and perhaps min, or median and p99")),
            },
            LatencyLaw::Lognormal(Lognormal { median, p99, sigma, mean }) => match (median, p99, sigma, mean)
            {
                (Some(median), Some(p99), None, None) => fit(Family::LogNormal, median, p99),
                (Some(median), None, Some(sigma), None) => Law::lognormal(median.0, sigma),
                (None, Some(p99), None, Some(mean)) => Law::lognormal_with_mean(mean.0, p99.0),
                _ => return Err(NoForm("median and p99, median and sigma, or mean and p99")),
            },
            LatencyLaw::Gamma(Gamma { mean, shape, scale, median, p99 }) => {
                match (mean, shape, scale, median, p99) {
                    (Some(mean), Some(shape), None, None, None) => Law::gamma(shape, mean.0),
                    (None, Some(shape), Some(scale), None, None) => Law::gamma_with_scale(shape, scale.0),
                    (None, None, None, Some(median), Some(p99)) => fit(Family::Gamma, median, p99),
                    _ => return Err(NoForm("mean and shape, scale and shape, or median and p99")),
                }
            }
            LatencyLaw::Pareto(Pareto { scale, shape, median, p99 }) => match (scale, shape, median, p99) {
                (Some(scale), Some(shape), None, None) => Law::pareto(scale.0, shape),
                (None, None, Some(median), Some(p99)) => fit(Family::Pareto, median, p99),
                _ => return Err(NoForm("scale and shape, or median and p99")),
            },
            LatencyLaw::Empirical(Samples { file: None, samples: Some(ref samples) }) => {
                let delays: Vec<Duration> = samples.iter().map(|sample| sample.0).collect();
                Empirical::new(delays).map(Law::empirical)
            }
            LatencyLaw::Empirical(_) => return Err(NoForm("file or samples")),
        })
    }
}

/// The parameters are not one of these forms.
struct NoForm(&'static str);

fn fit(family: Family, median: Span, p99: Span) -> Result<Law, LawError> {
    Law::fit(family, Quantiles::MedianAndP99 { median: median.0, p99: p99.0 })
}

/// Returns the parameter that is to blame.
fn culprit(law: &Path, error: &LawError) -> Path {
    match error {
        LawError::EmptyRange { .. } => law.to("max"),
        LawError::MeanBelowMinimum { .. } => law.to("mean"),
        LawError::NotPositive { parameter, .. } => law.to(parameter),
        LawError::NeedsTwoQuantiles(_) | LawError::QuantilesOutOfOrder { .. } | LawError::NoFit { .. } => {
            law.to("p99")
        }
        LawError::NoSamples => law.to("samples"),
    }
}
