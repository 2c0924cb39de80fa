//! What a metric is. Each is declared once, as a [`Metric`]: whoever measures it enters its value through the declaration,
//! and whatever reads it (checks of scenarios, pages, exports, lists) asks the declaration what its value means.

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
    /// What it is measured in.
    pub unit: Unit,
    /// What its value is of what was measured.
    pub kind: Kind,
    /// What it tells, in one sentence.
    pub help: &'static str,
    /// How the runs of a sweep are summed up.
    pub aggregation: Aggregation,
    /// What sets metrics of this declaration apart from each other, if they are several.
    pub label: Option<Label>,
    /// The protocol whose runs tell it among their main figures; `None` if that is left to files.
    pub owner: Option<&'static str>,
    /// The name of its family in OpenMetrics text, where that does not follow from its own.
    pub exported: Option<&'static str>,
}

/// What sets metrics of one declaration apart.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name, such as `fault`.
    pub name: &'static str,
    /// What follows its value in the metric's name.
    pub suffix: &'static str,
}

/// What a metric is measured in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A number of things for each second of the run's time.
    PerSecond,
    /// Parts of a million.
    PartsPerMillion,
    /// Nanoseconds.
    Nanoseconds,
    /// Milliseconds: those of the machine, which are told less finely.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// A part of a whole, which is 1.
    Share,
    /// What something has become, as a multiple of what it was.
    Growth,
}

/// What the value of a metric is of what was measured.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A count that only grows while a run goes on.
    Counter,
    /// A value as it is at the end, or a mean.
    Gauge,
    /// A percentile of a sample; 100 is its greatest value.
    Percentile(u8),
    /// The lower end of an interval of confidence.
    Low,
    /// The upper end of an interval of confidence.
    High,
}

/// How a metric of many runs is summed up.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// By percentiles over the runs that have it.
    Percentiles,
    /// In the same way, but for files only: it is a part of another metric, which is what pages show.
    Parts,
}

impl Unit {
    /// Its symbol.
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
    /// Its name.
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
    /// A number of things that only grows while a run goes on.
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
        }
    }

    /// A value as it is at the end of a run.
    pub const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
        Metric { unit, kind: Kind::Gauge, ..Metric::counter(name, help) }
    }

    /// The same, measured in `unit`.
    pub const fn in_unit(self, unit: Unit) -> Metric {
        Metric { unit, ..self }
    }

    /// The same, of this kind.
    pub const fn of_kind(self, kind: Kind) -> Metric {
        Metric { kind, ..self }
    }

    /// One for each value of the label of this name, for which the `*` in its own stands, followed by `suffix`.
    pub const fn for_each(self, label: &'static str, suffix: &'static str) -> Metric {
        Metric { label: Some(Label { name: label, suffix }), ..self }
    }

    /// The same, but a part of another metric.
    pub const fn in_parts(self) -> Metric {
        Metric { aggregation: Aggregation::Parts, ..self }
    }

    /// The same, one of the main figures of the protocol of this name.
    pub const fn owned_by(self, protocol: &'static str) -> Metric {
        Metric { owner: Some(protocol), ..self }
    }

    /// The same, in the family of this name in OpenMetrics text.
    pub const fn exported_as(self, family: &'static str) -> Metric {
        Metric { exported: Some(family), ..self }
    }

    /// True if `name` is its name, or that of one of its values.
    pub fn is_called(&self, name: &str) -> bool {
        match self.label {
            None => self.name == name,
            Some(_) => self.label_in(name).is_some(),
        }
    }

    /// The value of its label in `name`. `None` if it has no label, or another name.
    pub fn label_in<'a>(&self, name: &'a str) -> Option<&'a str> {
        let Label { suffix, .. } = self.label?;
        name.strip_prefix(self.stem())?.strip_suffix(suffix).filter(|value| !value.is_empty())
    }

    /// Its name where its label has this value.
    pub fn named(&self, value: &str) -> String {
        let suffix = self.label.map_or("", |label| label.suffix);
        format!("{}{value}{suffix}", self.stem())
    }

    /// What all its names begin with.
    fn stem(&self) -> &'static str {
        self.name.strip_suffix('*').unwrap_or(self.name)
    }
}

/// The one of `metrics` that `name` belongs to.
pub fn find(metrics: &[&'static Metric], name: &str) -> Option<&'static Metric> {
    metrics.iter().copied().find(|metric| metric.is_called(name))
}

/// These metrics, each once, in their order.
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
