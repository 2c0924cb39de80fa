//! Declarations of metrics. Each is declared once, as a [`Metric`]: values are recorded through the declaration, and
//! every reader (checks of scenarios, pages, exports, lists) takes its meaning from the declaration.

mod common;
mod set;

pub use common::*;
pub use set::{MetricValue, Metrics};

use std::borrow::Cow;

/// The declaration of a metric.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in results. With a [`label`](Metric::label) it is one metric for each value of the label, for which `*`
    /// stands.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The kind of its value.
    pub kind: Kind,
    /// Its description, in one sentence.
    pub help: &'static str,
    /// How the runs of a sweep are aggregated.
    pub aggregation: Aggregation,
    /// The label that distinguishes the metrics of this declaration, if they are several.
    pub label: Option<Label>,
    /// The protocol whose pages show it among the main metrics; `None` if only files have it.
    pub owner: Option<&'static str>,
    /// The name of its family in OpenMetrics text, where that does not follow from its own.
    pub exported: Option<&'static str>,
    /// True if its values may be negative.
    pub signed: bool,
}

/// A label, which distinguishes the metrics of one declaration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name, such as `fault`.
    pub name: &'static str,
    /// What follows its value in the metric's name.
    pub suffix: &'static str,
}

/// The unit of a metric.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A rate per second of virtual time.
    PerSecond,
    /// Parts of a million.
    PartsPerMillion,
    /// Nanoseconds.
    Nanoseconds,
    /// Milliseconds of machine time, which are shown with fewer digits.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// A share, from 0 to 1.
    Share,
    /// A ratio of a value to an earlier one.
    Growth,
}

/// The kind of a metric's value.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A count that only grows during a run.
    Counter,
    /// A value at the end of the run, or a mean.
    Gauge,
    /// A percentile of a sample; 100 is its maximum.
    Percentile(u8),
    /// The lower bound of a confidence interval.
    Low,
    /// The upper bound of a confidence interval.
    High,
}

/// How a metric of many runs is aggregated.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// By percentiles over the runs that have it.
    Percentiles,
    /// By percentiles, in files only: it is a part of another metric, which pages show instead.
    Parts,
}

impl Unit {
    /// Returns its symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::PerSecond => "1/s",
            Unit::PartsPerMillion => "ppm",
            Unit::Nanoseconds => "ns",
            Unit::Milliseconds => "ms",
            Unit::Bytes => "bytes",
            Unit::Share => "share",
            Unit::Growth => "times",
        }
    }
}

impl Kind {
    /// Returns the name.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Percentile(100) => "max",
            Kind::Percentile(percent) => return Cow::Owned(format!("p{percent}")),
            Kind::Low => "low",
            Kind::High => "high",
        })
    }
}

impl Metric {
    /// Declares a counter: it only grows during a run.
    pub const fn counter(name: &'static str, help: &'static str) -> Metric {
        Metric {
            name,
            unit: Unit::Count,
            kind: Kind::Counter,
            help,
            aggregation: Aggregation::Percentiles,
            label: None,
            owner: None,
            exported: None,
            signed: false,
        }
    }

    /// Declares a gauge: its value is that at the end of a run.
    pub const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
        Metric { unit, kind: Kind::Gauge, ..Metric::counter(name, help) }
    }

    /// Sets its unit.
    pub const fn in_unit(self, unit: Unit) -> Metric {
        Metric { unit, ..self }
    }

    /// Sets its kind.
    pub const fn of_kind(self, kind: Kind) -> Metric {
        Metric { kind, ..self }
    }

    /// Adds a label: there is one metric for each of its values, which, followed by `suffix`, replaces the `*` in the
    /// name.
    pub const fn for_each(self, label: &'static str, suffix: &'static str) -> Metric {
        Metric { label: Some(Label { name: label, suffix }), ..self }
    }

    /// Marks it as a part of another metric.
    pub const fn in_parts(self) -> Metric {
        Metric { aggregation: Aggregation::Parts, ..self }
    }

    /// Marks it as one of the main metrics of the protocol of this name.
    pub const fn owned_by(self, protocol: &'static str) -> Metric {
        Metric { owner: Some(protocol), ..self }
    }

    /// Sets the name of its family in OpenMetrics text.
    pub const fn exported_as(self, family: &'static str) -> Metric {
        Metric { exported: Some(family), ..self }
    }

    /// Marks it as one whose values may be negative.
    pub const fn signed(self) -> Metric {
        Metric { signed: true, ..self }
    }

    /// Returns true if `name` is its name, or that of one of its values.
    pub fn is_called(&self, name: &str) -> bool {
        match self.label {
            None => self.name == name,
            Some(_) => self.label_in(name).is_some(),
        }
    }

    /// Returns the value of its label in `name`. `None` if it has no label, or another name.
    pub fn label_in<'a>(&self, name: &'a str) -> Option<&'a str> {
        let Label { suffix, .. } = self.label?;
        name.strip_prefix(self.stem())?.strip_suffix(suffix).filter(|value| !value.is_empty())
    }

    /// Returns its name where its label has this value.
    pub fn named(&self, value: &str) -> String {
        let suffix = self.label.map_or("", |label| label.suffix);
        format!("{}{value}{suffix}", self.stem())
    }

    /// Returns the common prefix of its names.
    fn stem(&self) -> &'static str {
        self.name.strip_suffix('*').unwrap_or(self.name)
    }
}

/// Returns the one of `metrics` that `name` belongs to.
pub fn find(metrics: &[&'static Metric], name: &str) -> Option<&'static Metric> {
    metrics.iter().copied().find(|metric| metric.is_called(name))
}

/// Returns these metrics, each once, in their order.
pub fn distinct(metrics: impl IntoIterator<Item = &'static Metric>) -> Vec<&'static Metric> {
    let mut all: Vec<&'static Metric> = Vec::new();
    for metric in metrics {
        if !all.iter().any(|other| other.name == metric.name) {
            all.push(metric);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_leads_to_one_declaration_and_its_label() {
        let names: BTreeSet<&str> = COMMON.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), COMMON.len(), "each is declared once");
        assert!(COMMON.is_sorted_by_key(|metric| metric.name));
        for metric in COMMON {
            assert_eq!(metric.label.is_some(), metric.name.ends_with('*'), "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
            let name = metric.label.map_or(metric.name.to_owned(), |_| metric.named("x.y_ns"));
            assert_eq!(find(COMMON, &name), Some(*metric), "{name}");
            assert_eq!(metric.label_in(&name), metric.label.map(|_| "x.y_ns"));
        }
        assert_eq!(RECOVERY.label_in("recovery.cut"), None, "a time ends in its unit");
        assert_eq!(MESSAGES_OF_KIND.label_in("messages.kind."), None);
        assert_eq!(find(COMMON, "messages.kindred"), None);
    }
}
