//! Errors of latency laws.

use super::family::Family;
use std::fmt;
use synod_sim::Duration;

/// A reason why parameters, quantiles or samples do not define a latency law.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum LawError {
    /// The longest delay is shorter than the shortest.
    EmptyRange {
        /// The shortest delay.
        min: Duration,
        /// The longest delay.
        max: Duration,
    },
    /// The mean is shorter than the shortest delay.
    MeanBelowMinimum {
        /// The mean delay.
        mean: Duration,
        /// The shortest delay.
        min: Duration,
    },
    /// A parameter must be a positive number.
    NotPositive {
        /// The name of the parameter.
        parameter: &'static str,
        /// The given value.
        value: f64,
    },
    /// One quantile does not determine a law of this family.
    NeedsTwoQuantiles(Family),
    /// The lower quantile is zero, or the higher one is not longer than the lower.
    QuantilesOutOfOrder {
        /// The lower quantile, or the mean.
        lower: Duration,
        /// The higher quantile.
        upper: Duration,
    },
    /// No law of the family has quantiles in this ratio: they are too far apart or too close together.
    NoFit {
        /// The family.
        family: Family,
        /// The least possible ratio of the upper to the lower quantile.
        ratio_min: f64,
        /// The greatest possible ratio.
        ratio_max: f64,
        /// The given ratio.
        ratio: f64,
    },
    /// An empirical law has no samples.
    NoSamples,
}

impl fmt::Display for LawError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LawError::EmptyRange { min, max } => write!(out, "max ({max}) is shorter than min ({min})"),
            LawError::MeanBelowMinimum { mean, min } => {
                write!(out, "the mean ({mean}) is shorter than min ({min})")
            }
            LawError::NotPositive { parameter, value } => {
                write!(out, "{parameter} must be a positive number, not {value}")
            }
            LawError::NeedsTwoQuantiles(family) => {
                write!(
                    out,
                    "one quantile does not determine a law of the {family} family: give median and p99"
                )
            }
            LawError::QuantilesOutOfOrder { lower, upper } => {
                write!(out, "quantiles must grow, from above zero: {lower}, then {upper}")
            }
            LawError::NoFit { family, ratio_min, ratio_max, ratio } => write!(
                out,
                "no law of the {family} family fits: p99 is {ratio:.3} times as long, and can be {ratio_min:.3} to \
                 {ratio_max:.3} times"
            ),
            LawError::NoSamples => out.write_str("an empirical law needs at least one sample"),
        }
    }
}

impl std::error::Error for LawError {}
