//! The metrics of a run: values, each under the name that its declaration gives it.

use super::Metric;
use crate::Measure;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Index;

/// What was measured in a run, in the order of names. Serializes as a map of names and values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    values: BTreeMap<Cow<'static, str>, (&'static Metric, Measure)>,
}

/// A value that was measured.
#[derive(Copy, Clone, Debug)]
pub struct MetricValue<'a> {
    /// Its name.
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

    /// Enters the value of `metric`.
    ///
    /// # Panics
    /// If it has a label.
    pub fn enter(&mut self, metric: &'static Metric, value: Measure) {
        assert!(metric.label.is_none(), "{} has a value for each label", metric.name);
        self.values.insert(Cow::Borrowed(metric.name), (metric, value));
    }

    /// Enters the value of `metric` where its label is `label`.
    ///
    /// # Panics
    /// If it has no label.
    pub fn enter_for(&mut self, metric: &'static Metric, label: &str, value: Measure) {
        assert!(metric.label.is_some(), "{} has one value", metric.name);
        self.values.insert(Cow::Owned(metric.named(label)), (metric, value));
    }

    /// The value under this name.
    pub fn get(&self, name: &str) -> Option<Measure> {
        self.values.get(name).map(|(_, value)| *value)
    }

    /// The value of a metric without a label.
    pub fn of(&self, metric: &Metric) -> Option<Measure> {
        self.get(metric.name)
    }

    /// What `name` is, if it was measured.
    pub fn metric(&self, name: &str) -> Option<&'static Metric> {
        self.values.get(name).map(|(metric, _)| *metric)
    }

    /// All values, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = MetricValue<'_>> {
        self.values.iter().map(|(name, (metric, value))| MetricValue { name, metric, value: *value })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True if there is none.
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
