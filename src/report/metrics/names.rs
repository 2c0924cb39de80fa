//! What each figure is called in OpenMetrics text, and what is said of it.

use super::exposition::{Family, Kind, Unit};

/// Where a figure stands: its family, and the label that sets it apart from its siblings there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) family: Family,
    pub(super) label: Option<(&'static str, String)>,
}

/// A row: the figure, `*` standing for any ending; the family, its type and unit; the label, whose value is what the `*`
/// stood for unless it is given; the help.
type Row = (&'static str, &'static str, Kind, Unit, Option<(&'static str, &'static str)>, &'static str);

use Kind::{Counter, Gauge, Summary};
use Unit::{Bytes, One, Ratio, Seconds};

const LATENCY: &str = "From handing an operation in to its outcome, as whoever handed it in sees it.";
const GROWTH: &str = "The 95 % interval of the growth of the latency (Student's t).";
const REST_GROWTH: &str = "The 95 % interval of the growth of what is held at rest (Student's t).";
const REPLICA: &str = "From handing an operation in to the decision of each agent.";

const ROWS: &[Row] = &[
    ("abandoned", "abandoned_operations", Counter, One, None, "Operations that who handed them in gave up."),
    ("bytes.sent", "sent", Counter, Bytes, None, "Bytes that were sent, counted for every copy."),
    (
        "cpu.utilisation",
        "cpu_utilisation",
        Gauge,
        Ratio,
        None,
        "The part of the run for which processors were busy, over all agents.",
    ),
    ("decisions", "decisions", Counter, One, None, "Operations decided by all who have to."),
    (
        "decisions.within.*",
        "decisions_within_window",
        Counter,
        One,
        Some(("window", "")),
        "Operations handed in and decided while a fault was on, by fault and side.",
    ),
    ("detection.false", "false_accusations", Counter, One, None, "Proofs shown against correct agents."),
    (
        "detection.proven",
        "agents_proven_faulty",
        Counter,
        One,
        None,
        "Corrupted agents against which a correct one had proof.",
    ),
    (
        "detection.recovery_ns",
        "detection_recovery",
        Gauge,
        Seconds,
        None,
        "From the first proof to the next decision of all.",
    ),
    (
        "detection.suspicions",
        "suspicions",
        Counter,
        One,
        None,
        "Times that a correct agent suspected somebody without proof.",
    ),
    (
        "detection.time_ns",
        "detection",
        Gauge,
        Seconds,
        None,
        "From an agent's corruption to the proof of it, on average.",
    ),
    (
        "fault.effect.*",
        "fault_effects",
        Counter,
        One,
        Some(("fault", "")),
        "Copies and timers that a fault touched.",
    ),
    (
        "latency.first_ns",
        "first_decision_latency",
        Gauge,
        Seconds,
        None,
        "From handing an operation in to the first decision, on average.",
    ),
    (
        "latency.last_ns",
        "last_decision_latency",
        Gauge,
        Seconds,
        None,
        "From handing an operation in to the last decision, on average.",
    ),
    ("latency.max_ns", "latency", Summary, Seconds, Some(("quantile", "1")), LATENCY),
    ("latency.mean_ns", "latency_mean", Gauge, Seconds, None, LATENCY),
    ("latency.p50_ns", "latency", Summary, Seconds, Some(("quantile", "0.5")), LATENCY),
    ("latency.p95_ns", "latency", Summary, Seconds, Some(("quantile", "0.95")), LATENCY),
    ("latency.p99_ns", "latency", Summary, Seconds, Some(("quantile", "0.99")), LATENCY),
    ("latency.replica.max_ns", "replica_latency", Summary, Seconds, Some(("quantile", "1")), REPLICA),
    ("latency.replica.mean_ns", "replica_latency_mean", Gauge, Seconds, None, REPLICA),
    ("latency.replica.p50_ns", "replica_latency", Summary, Seconds, Some(("quantile", "0.5")), REPLICA),
    ("latency.replica.p95_ns", "replica_latency", Summary, Seconds, Some(("quantile", "0.95")), REPLICA),
    ("latency.replica.p99_ns", "replica_latency", Summary, Seconds, Some(("quantile", "0.99")), REPLICA),
    ("messages.delivered", "messages_delivered", Counter, One, None, "Copies that reached their receivers."),
    ("messages.dropped", "messages_dropped", Counter, One, None, "Copies that never arrived."),
    (
        "messages.kind.*",
        "messages_of_kind",
        Counter,
        One,
        Some(("kind", "")),
        "Copies sent for the first time, by kind.",
    ),
    ("messages.per_decision", "messages_per_decision", Gauge, One, None, "Copies sent for each decision."),
    (
        "messages.sent",
        "messages_sent",
        Counter,
        One,
        None,
        "Copies sent for the first time that are not upkeep.",
    ),
    (
        "messages.upkeep",
        "messages_upkeep",
        Counter,
        One,
        None,
        "Copies sent that only keep the system going.",
    ),
    (
        "recovery.*",
        "fault_recovery",
        Gauge,
        Seconds,
        Some(("fault", "")),
        "The longest that a side took to decide again once a fault was over.",
    ),
    (
        "soak.decisions_per_second",
        "decisions_per_second",
        Gauge,
        One,
        None,
        "Operations decided for each second of the run's time.",
    ),
    (
        "soak.p95_growth",
        "latency_growth",
        Gauge,
        Ratio,
        None,
        "What the 95th percentile of the latency becomes in a day, over spans without a fault.",
    ),
    ("soak.p95_growth_high", "latency_growth_interval", Gauge, Ratio, Some(("bound", "upper")), GROWTH),
    ("soak.p95_growth_low", "latency_growth_interval", Gauge, Ratio, Some(("bound", "lower")), GROWTH),
    (
        "soak.rest_growth",
        "state_at_rest_growth",
        Gauge,
        Ratio,
        None,
        "What becomes in a day of what all nodes hold together while nothing is under way, over spans without a fault.",
    ),
    (
        "soak.rest_growth_high",
        "state_at_rest_growth_interval",
        Gauge,
        Ratio,
        Some(("bound", "upper")),
        REST_GROWTH,
    ),
    (
        "soak.rest_growth_low",
        "state_at_rest_growth_interval",
        Gauge,
        Ratio,
        Some(("bound", "lower")),
        REST_GROWTH,
    ),
    ("soak.spans", "calm_spans", Gauge, One, None, "Spans of the run in which no fault was on."),
    ("state.retained_bytes_max", "retained_state", Gauge, Bytes, None, "The most that an agent held."),
    ("storage.records", "storage_records", Counter, One, None, "Records that agents persisted."),
    (
        "storage.syncs",
        "storage_syncs",
        Counter,
        One,
        None,
        "Times that agents made what they had persisted durable.",
    ),
    (
        "success_rate",
        "success",
        Gauge,
        Ratio,
        None,
        "The part of the operations that was decided by all who have to.",
    ),
    (
        "undecided",
        "undecided_operations",
        Gauge,
        One,
        None,
        "Operations that were not decided by all who have to.",
    ),
];

/// Where the figure called `metric` stands. A protocol's own figures are gauges under their own names.
pub(super) fn place(metric: &str) -> Place {
    for &(pattern, name, kind, unit, label, help) in ROWS {
        let rest = match pattern.strip_suffix('*') {
            Some(stem) => metric.strip_prefix(stem),
            None => (metric == pattern).then_some(""),
        };
        let Some(rest) = rest else { continue };
        let value = |given: &str| match given {
            "" if unit == Seconds => rest.strip_suffix("_ns").unwrap_or(rest).to_owned(),
            "" => rest.to_owned(),
            given => given.to_owned(),
        };
        let label = label.map(|(name, given)| (name, value(given)));
        return Place { family: Family::new(name, kind, unit, help), label };
    }
    let (stem, unit) = match (metric.strip_suffix("_ns"), metric.strip_suffix("_bytes")) {
        (Some(stem), _) => (stem, Seconds),
        (None, Some(stem)) => (stem, Bytes),
        (None, None) => (metric, One),
    };
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = stem.chars().map(plain).collect();
    let help = format!("The protocol's own figure {metric}.");
    Place { family: Family::new(&name, Gauge, unit, &help), label: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use synod_harness::Harness;
    use synod_harness::Registry;
    use synod_vote::harness::SimpleHarness;

    #[test]
    fn every_figure_has_a_place_of_its_own_and_families_agree_on_what_they_are() {
        let registry = synod::standard();
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut places: BTreeMap<(String, Option<String>), &str> = BTreeMap::new();
        for metric in registry.entries().flat_map(|entry| entry.metrics()) {
            let Place { family, label } = place(metric);
            let known = families.entry(family.name.clone()).or_insert_with(|| family.clone());
            assert_eq!(*known, family, "{metric}");
            let other = places.insert((family.name, label.map(|(_, value)| value)), metric);
            assert!(other.is_none_or(|other| other == metric), "{metric} and {other:?} have one place");
        }
        assert_eq!(families["sent"].unit, Bytes);
    }

    #[test]
    fn what_all_protocols_report_is_named_by_hand() {
        let common = Registry::empty().with::<SimpleHarness>();
        let own = |metric: &&str| SimpleHarness::METRICS.contains(metric);
        let metrics: Vec<&str> = common.entries().flat_map(|entry| entry.metrics()).collect();
        for metric in metrics.iter().filter(|metric| !own(metric)) {
            assert!(ROWS.iter().any(|row| row.0 == *metric), "{metric}");
        }
    }

    #[test]
    fn labels_say_what_the_star_stood_for() {
        let label = |metric: &str| place(metric).label.expect("it has one");
        assert_eq!(label("messages.kind.view-change"), ("kind", "view-change".to_owned()));
        assert_eq!(label("recovery.cut_ns"), ("fault", "cut".to_owned()));
        assert_eq!(label("recovery.cut_ns_ns"), ("fault", "cut_ns".to_owned()), "a fault may be called so");
        assert_eq!(label("decisions.within.cut.side1"), ("window", "cut.side1".to_owned()));
        assert_eq!(label("latency.p95_ns"), ("quantile", "0.95".to_owned()));
        let own = place("raft.lease_ns");
        assert_eq!((own.family.name.as_str(), own.family.unit), ("raft_lease", Seconds));
        let own = place("vote.ballot_bytes");
        assert_eq!((own.family.name.as_str(), own.family.unit), ("vote_ballot", Bytes));
    }
}
