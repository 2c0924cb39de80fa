//! What theory says.

use std::borrow::Cow;
use synod_oracle::Metric;

/// A figure that theory gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Theory {
    /// The metric.
    pub metric: &'static Metric,
    /// True if it is not of every run, but of many runs together.
    pub over_runs: bool,
    /// Its value.
    pub value: f64,
    /// The law, as people write it.
    pub law: String,
}

impl Theory {
    /// The value of `metric` in every run.
    pub fn of(metric: &'static Metric, value: f64, law: &str) -> Theory {
        Theory { metric, over_runs: false, value, law: law.to_owned() }
    }

    /// The name of what it is about.
    pub fn name(&self) -> Cow<'static, str> {
        Theory::name_of(self.metric, self.over_runs)
    }

    /// The name of `metric` in every run, or over many runs.
    pub fn name_of(metric: &Metric, over_runs: bool) -> Cow<'static, str> {
        match over_runs {
            false => Cow::Borrowed(metric.name),
            true => Cow::Owned(format!("runs.{}", metric.name)),
        }
    }
}
