//! What theory says.

use std::borrow::Cow;
use synod_oracle::Metric;

/// A figure that theory gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Theory {
    /// The metric.
    pub metric: &'static Metric,
    /// True if it holds over many runs together, rather than in every run.
    pub over_runs: bool,
    /// Its value.
    pub value: f64,
    /// The law, as people write it.
    pub law: String,
}

impl Theory {
    /// Returns the value of `metric` in every run.
    pub fn of(metric: &'static Metric, value: f64, law: &str) -> Theory {
        Theory { metric, over_runs: false, value, law: law.to_owned() }
    }

    /// Returns its name.
    pub fn name(&self) -> Cow<'static, str> {
        Theory::name_of(self.metric, self.over_runs)
    }

    /// Returns the name of `metric` in every run, or over many runs.
    pub fn name_of(metric: &Metric, over_runs: bool) -> Cow<'static, str> {
        if over_runs { Cow::Owned(format!("runs.{}", metric.name)) } else { Cow::Borrowed(metric.name) }
    }
}
