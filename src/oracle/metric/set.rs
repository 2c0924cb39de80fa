//! The metrics of a run: values by name.

use super::{Metric, PercentileMetrics};
use crate::{Measure, Percentiles};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::ops::Index;
use synod_sim::collections::SortedMap;

/// The values measured in a run, in the order of names. Serializes as a map from names to values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    values: SortedMap<Cow<'static, str>, (&'static Metric, Measure)>,
}

/// A measured value.
#[derive(Copy, Clone, Debug)]
pub struct MetricValue<'a> {
    /// The name.
    pub name: &'a str,
    /// What it is.
    pub metric: &'static Metric,
    /// The value.
    pub value: Measure,
}

impl Metrics {
    /// None.
    pub fn new() -> Metrics {
        Metrics::default()
    }

    /// Records the value of `metric`.
    ///
    /// # Panics
    /// If it has a label, or if the value is negative and the metric not signed.
    pub fn enter(&mut self, metric: &'static Metric, value: Measure) {
        assert!(metric.label.is_none(), "{} has a value for each label", metric.name);
        self.insert(Cow::Borrowed(metric.name), metric, value);
    }

    /// Records the value of `metric` for this value of its label.
    ///
    /// # Panics
    /// If it has no label, or if the value is negative and the metric not signed.
    pub fn enter_for(&mut self, metric: &'static Metric, label: &str, value: Measure) {
        assert!(metric.label.is_some(), "{} has one value", metric.name);
        self.insert(Cow::Owned(metric.named(label)), metric, value);
    }

    fn insert(&mut self, name: Cow<'static, str>, metric: &'static Metric, value: Measure) {
        // What reads metrics relies on it: sums of what is never negative only grow.
        assert!(
            metric.signed || value.value() >= 0.0,
            "{name} is not signed and cannot be {}",
            value.value()
        );
        self.values.insert(name, (metric, value));
    }

    /// Returns the value under this name.
    pub fn get(&self, name: &str) -> Option<Measure> {
        self.values.get(name).map(|(_, value)| *value)
    }

    /// Returns the value of a metric without a label.
    pub fn of(&self, metric: &Metric) -> Option<Measure> {
        self.get(metric.name)
    }

    /// Returns the declaration of `name`, if it was measured.
    pub fn metric(&self, name: &str) -> Option<&'static Metric> {
        self.values.get(name).map(|(metric, _)| *metric)
    }

    /// Returns all values, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = MetricValue<'_>> {
        self.values.iter().map(|(name, (metric, value))| MetricValue { name, metric, value: *value })
    }

    /// Returns their number.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns true if there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Index<&str> for Metrics {
    type Output = Measure;

    /// # Panics
    /// If nothing was measured under this name.
    fn index(&self, name: &str) -> &Measure {
        let (_, value) = self.values.get(name).unwrap_or_else(|| panic!("{name} was not measured"));
        value
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.values.iter().map(|(name, (_, value))| (name, value)))
    }
}

impl Percentiles {
    /// Records them as the values of these metrics.
    pub fn enter(&self, metrics: &mut Metrics, of: &'static PercentileMetrics) {
        let Percentiles { mean, p50, p95, p99, max } = *self;
        let PercentileMetrics { mean: of_mean, p50: of_p50, p95: of_p95, p99: of_p99, max: of_max } = of;
        for (metric, span) in [(of_mean, mean), (of_p50, p50), (of_p95, p95), (of_p99, p99), (of_max, max)] {
            metrics.enter(metric, Measure::Count(span.as_nanos()));
        }
    }
}
