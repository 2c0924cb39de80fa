//! OpenMetrics text: families of metrics, each with its type, unit, help and samples.
//!
//! Source: OpenMetrics 1.0, prometheus.io/docs/specs/om/open_metrics_spec.

use std::collections::BTreeMap;
use std::fmt::Write;
use synod_sim::units::printable;

/// The type of a family.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows while a run goes on.
    Counter,
    Gauge,
    /// Quantiles of a sample.
    Summary,
    /// How many values do not exceed each of some bounds.
    Histogram,
    /// What stays the same: labels, and the value 1.
    Info,
    /// One of several states, each with 1 or 0.
    StateSet,
}

/// The base unit of a family's values.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A number of things.
    One,
    /// Told in nanoseconds, written in seconds.
    Seconds,
    Bytes,
    /// A share of a whole.
    Ratio,
}

/// A label: its name and its value.
pub(super) type Label<'a> = (&'a str, &'a str);

/// What is said of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// Its name, without `synod_` and without its unit.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) unit: Unit,
    pub(super) help: String,
}

/// Families with their samples, as they are to be written.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    families: BTreeMap<String, (Family, Vec<String>)>,
}

impl Exposition {
    /// Adds a sample with `labels` to `family`: its value, or for a histogram a bucket's count, the bound of which is
    /// the last label. Buckets of one histogram come one after another.
    ///
    /// # Panics
    /// If another family has the name.
    pub(super) fn add(&mut self, family: &Family, labels: &[Label<'_>], value: f64) {
        // A bucket's value is a count.
        let unit = if family.kind == Kind::Histogram { Unit::One } else { family.unit };
        self.sample(family, family.kind.suffix(), labels, unit.written(value));
    }

    /// Adds how many values the histogram with `labels` is of, and their sum. They follow its last bucket.
    ///
    /// # Panics
    /// If another family has the name, or if the sum is negative: a sum of a histogram only grows.
    pub(super) fn add_sum(&mut self, family: &Family, labels: &[Label<'_>], count: u64, sum: f64) {
        assert!(family.kind == Kind::Histogram && sum >= 0.0, "{} has no sum", family.name);
        self.sample(family, "_count", labels, count.to_string());
        self.sample(family, "_sum", labels, family.unit.written(sum));
    }

    fn sample(&mut self, family: &Family, suffix: &str, labels: &[Label<'_>], value: String) {
        let name = family.full_name();
        let mut sample = format!("{name}{suffix}");
        let words: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        if !words.is_empty() {
            write!(sample, "{{{}}}", words.join(",")).expect("a string takes everything");
        }
        write!(sample, " {value}").expect("a string takes everything");
        let (known, samples) = self.families.entry(name).or_insert_with(|| (family.clone(), Vec::new()));
        assert_eq!(known, family, "a family has one type, one unit and one help");
        samples.push(sample);
    }

    /// Returns the whole text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, (family, samples)) in &self.families {
            text += &format!("# TYPE {name} {}\n", family.kind.name());
            if let Some(unit) = family.unit.name() {
                text += &format!("# UNIT {name} {unit}\n");
            }
            text += &format!("# HELP {name} {}\n", escaped(&family.help));
            samples.iter().for_each(|sample| text += &format!("{sample}\n"));
        }
        text + "# EOF\n"
    }
}

impl Family {
    pub(super) fn new(name: &str, kind: Kind, unit: Unit, help: &str) -> Family {
        Family { name: name.to_owned(), kind, unit, help: help.to_owned() }
    }

    fn full_name(&self) -> String {
        match self.unit.name() {
            Some(unit) => format!("synod_{}_{unit}", self.name),
            None => format!("synod_{}", self.name),
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
            Kind::Histogram => "histogram",
            Kind::Info => "info",
            Kind::StateSet => "stateset",
        }
    }

    /// Returns what the names of samples end in.
    fn suffix(self) -> &'static str {
        match self {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Histogram => "_bucket",
            Kind::Gauge | Kind::Summary | Kind::StateSet => "",
        }
    }
}

impl Unit {
    fn name(self) -> Option<&'static str> {
        match self {
            Unit::One => None,
            Unit::Seconds => Some("seconds"),
            Unit::Bytes => Some("bytes"),
            Unit::Ratio => Some("ratio"),
        }
    }

    /// Returns a value as it is written. Whole nanoseconds are divided digit by digit, so that nothing is rounded; what is
    /// less than one is left out.
    pub(super) fn written(self, value: f64) -> String {
        if self != Unit::Seconds {
            return value.to_string();
        }
        let nanos = value.abs() as u128;
        let sign = if value < 0.0 && nanos > 0 { "-" } else { "" };
        let digits = format!("{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Returns a text as the value of a label or as help. The format has no form for characters that do not show
/// themselves: they are told by their numbers.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_nanoseconds_to_the_digit() {
        let written =
            [0.0, 1.0, -1_500_000.0, -0.3, 36_893_488_147_419_103_232.0].map(|ns| Unit::Seconds.written(ns));
        assert_eq!(written, ["0", "0.000000001", "-0.0015", "0", "36893488147.419103232"]);
    }

    #[test]
    fn families_are_whole_and_values_in_base_units() {
        let mut exposition = Exposition::default();
        let latency = Family::new("latency", Kind::Summary, Unit::Seconds, "How long it takes.");
        exposition.add(&latency, &[("quantile", "0.5")], 1_500_000.0);
        let messages = Family::new("messages", Kind::Counter, Unit::One, "\"Copies\"\nof all.");
        exposition.add(&messages, &[("kind", "a \"b\"\\\nc\u{1b}\r")], 3.0);
        exposition.add(&latency, &[("quantile", "1")], 2e9);
        let expected = "# TYPE synod_latency_seconds summary\n# UNIT synod_latency_seconds seconds\n\
            # HELP synod_latency_seconds How long it takes.\nsynod_latency_seconds{quantile=\"0.5\"} 0.0015\n\
            synod_latency_seconds{quantile=\"1\"} 2\n# TYPE synod_messages counter\n\
            # HELP synod_messages \\\"Copies\\\"\\nof all.\nsynod_messages_total{kind=\"a \\\"b\\\"\\\\\\nc\\\\u{1b}\\\\u{d}\"} 3\n# EOF\n";
        assert_eq!(exposition.text(), expected);
    }
}
