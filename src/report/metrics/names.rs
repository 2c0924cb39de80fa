//! Position of each metric in OpenMetrics text.

use super::exposition::{Family, Kind, Unit};
use synod_oracle::metric::{self, Metric};

/// A metric's family, and the label that distinguishes it within the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) family: Family,
    pub(super) label: Option<(&'static str, String)>,
}

/// Returns the family and label of the value of `metric` that is called `name`.
pub(super) fn place(metric: &Metric, name: &str) -> Place {
    let unit = match metric.unit {
        metric::Unit::Nanoseconds | metric::Unit::Milliseconds => Unit::Seconds,
        metric::Unit::Bytes => Unit::Bytes,
        metric::Unit::Share | metric::Unit::Growth => Unit::Ratio,
        metric::Unit::Count | metric::Unit::PerSecond | metric::Unit::PartsPerMillion => Unit::One,
    };
    let (kind, own) = match metric.kind {
        metric::Kind::Counter => (Kind::Counter, None),
        metric::Kind::Gauge => (Kind::Gauge, None),
        metric::Kind::Percentile(percent) => {
            (Kind::Summary, Some(("quantile", (f64::from(percent) / 100.0).to_string())))
        }
        metric::Kind::Low => (Kind::Gauge, Some(("bound", "lower".to_owned()))),
        metric::Kind::High => (Kind::Gauge, Some(("bound", "upper".to_owned()))),
    };
    let label = metric.label.map(|label| (label.name, metric.label_in(name).unwrap_or(name).to_owned()));
    let family = match metric.exported {
        Some(family) => family.to_owned(),
        None => family(metric),
    };
    Place { family: Family { name: family, kind, unit, help: metric.help.to_owned() }, label: label.or(own) }
}

/// Returns its name in letters that OpenMetrics knows, without the unit, which every family's name ends in.
fn family(metric: &Metric) -> String {
    let unit = match metric.unit {
        metric::Unit::Nanoseconds => "_ns",
        metric::Unit::Bytes => "_bytes",
        _ => "",
    };
    let stem = metric.name.strip_suffix(unit).unwrap_or(metric.name);
    stem.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use synod_oracle::metric::{COMMON, ROUNDS};

    #[test]
    fn every_metric_has_a_place_of_its_own_and_families_agree_on_what_they_are() {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut places: BTreeMap<(String, Option<String>), &str> = BTreeMap::new();
        for metric in COMMON.iter().copied().chain([&ROUNDS]) {
            let Place { family, label } = place(metric, metric.name);
            let known = families.entry(family.name.clone()).or_insert_with(|| family.clone());
            assert_eq!(*known, family, "{}", metric.name);
            let other = places.insert((family.name, label.map(|(_, value)| value)), metric.name);
            assert_eq!(other, None, "{} has the same place", metric.name);
        }
        assert_eq!(families["sent"].unit, Unit::Bytes);
    }

    #[test]
    fn labels_say_what_the_star_stood_for() {
        let label = |name: &str| {
            let metric = metric::find(COMMON, name).expect("there is such a metric");
            place(metric, name).label.expect("it has one")
        };
        assert_eq!(label("messages.kind.view-change"), ("kind", "view-change".to_owned()));
        assert_eq!(label("recovery.cut_ns"), ("fault", "cut".to_owned()));
        assert_eq!(label("recovery.cut_ns_ns"), ("fault", "cut_ns".to_owned()), "a fault may be called so");
        assert_eq!(label("decisions.within.cut.side1"), ("window", "cut.side1".to_owned()));
        assert_eq!(label("latency.p95_ns"), ("quantile", "0.95".to_owned()));
        assert_eq!(label("latency.max_ns"), ("quantile", "1".to_owned()));
        assert_eq!(label("soak.rest_growth_low"), ("bound", "lower".to_owned()));
    }

    #[test]
    fn a_protocols_own_metrics_are_called_as_they_are_without_their_unit() {
        let stands = |name, unit| {
            let Family { name, unit, .. } = place(&Metric::gauge(name, unit, "Something."), name).family;
            (name, unit)
        };
        let lease = stands("raft.lease_ns", metric::Unit::Nanoseconds);
        assert_eq!(lease, ("raft_lease".to_owned(), Unit::Seconds));
        let ballot = stands("vote.ballot_bytes", metric::Unit::Bytes);
        assert_eq!(ballot, ("vote_ballot".to_owned(), Unit::Bytes));
        let named_so = stands("vote.odd_ns", metric::Unit::Count);
        assert_eq!(named_so, ("vote_odd_ns".to_owned(), Unit::One), "a name says nothing about the unit");
    }
}
