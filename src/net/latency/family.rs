//! The families of laws that quantiles can determine.

use std::fmt;

/// The families of laws that quantiles can determine.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Family {
    /// [`Law::uniform`](super::Law::uniform).
    Uniform,
    /// [`Law::exponential`](super::Law::exponential): from zero if one quantile is given; if two are, they determine
    /// its `min` as well.
    Exponential,
    /// [`Law::normal`](super::Law::normal) with `min` zero.
    Normal,
    /// [`Law::lognormal`](super::Law::lognormal).
    LogNormal,
    /// [`Law::gamma`](super::Law::gamma).
    Gamma,
    /// [`Law::pareto`](super::Law::pareto).
    Pareto,
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Family::Uniform => "uniform",
            Family::Exponential => "exponential",
            Family::Normal => "normal",
            Family::LogNormal => "lognormal",
            Family::Gamma => "gamma",
            Family::Pareto => "Pareto",
        })
    }
}
