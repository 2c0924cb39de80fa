//! The metrics of every protocol.

use super::{Kind, Metric, Unit};

const LATENCY_HELP: &str = "From handing an operation in to its outcome, as whoever handed it in sees it.";
const REPLICA_HELP: &str = "From handing an operation in to the decision of each agent.";
const GROWTH_HELP: &str = "The 95 % interval of the growth of the latency (Student's t).";
const REST_GROWTH_HELP: &str = "The 95 % interval of the growth of what is held at rest (Student's t).";

/// The metrics of a sample of durations.
#[derive(Debug)]
pub struct PercentileMetrics {
    /// The mean.
    pub mean: Metric,
    /// The median.
    pub p50: Metric,
    /// The 95th percentile.
    pub p95: Metric,
    /// The 99th percentile.
    pub p99: Metric,
    /// The longest.
    pub max: Metric,
}

/// The metrics of growth over a long run: the estimate, and the bounds of its interval.
#[derive(Debug)]
pub struct GrowthMetrics {
    /// The growth.
    pub growth: Metric,
    /// The lower bound.
    pub low: Metric,
    /// The upper bound.
    pub high: Metric,
}

/// Operations aborted.
pub static ABANDONED: Metric = Metric::counter("abandoned", "Operations that who handed them in gave up.")
    .exported_as("abandoned_operations");

/// Bytes sent.
pub static BYTES_SENT: Metric =
    Metric::counter("bytes.sent", "Bytes that were sent, counted for every copy.")
        .in_unit(Unit::Bytes)
        .exported_as("sent");

/// Processor utilization.
pub static CPU_UTILISATION: Metric = Metric::gauge(
    "cpu.utilisation",
    Unit::Share,
    "The part of the run for which processors were busy, over all agents.",
);

/// Operations decided.
pub static DECISIONS: Metric = Metric::counter("decisions", "Operations decided by all who have to.");

/// Operations decided during a fault, by the fault and its side.
pub static DECISIONS_WITHIN: Metric = Metric::counter(
    "decisions.within.*",
    "Operations handed in and decided while a fault was on, by fault and side.",
)
.for_each("window", "")
.exported_as("decisions_within_window");

/// Proofs against correct agents.
pub static FALSE_ACCUSATIONS: Metric =
    Metric::counter("detection.false", "Proofs shown against correct agents.")
        .exported_as("false_accusations");

/// Agents proven faulty.
pub static PROVEN_FAULTY: Metric =
    Metric::counter("detection.proven", "Corrupted agents against which a correct one had proof.")
        .exported_as("agents_proven_faulty");

/// Time from a proof to the next decision.
pub static DETECTION_RECOVERY: Metric = Metric::gauge(
    "detection.recovery_ns",
    Unit::Nanoseconds,
    "From the first proof to the next decision of all.",
);

/// Suspicions without proof.
pub static SUSPICIONS: Metric =
    Metric::counter("detection.suspicions", "Times that a correct agent suspected somebody without proof.")
        .exported_as("suspicions");

/// Time until an agent is proven faulty.
pub static DETECTION_TIME: Metric = Metric::gauge(
    "detection.time_ns",
    Unit::Nanoseconds,
    "From an agent's corruption to the proof of it, on average.",
)
.exported_as("detection");

/// What each fault did.
pub static FAULT_EFFECT: Metric =
    Metric::counter("fault.effect.*", "Copies and timers that a fault touched.")
        .for_each("fault", "")
        .in_parts()
        .exported_as("fault_effects");

/// The latency until the first replica decides.
pub static FIRST_LATENCY: Metric = Metric::gauge(
    "latency.first_ns",
    Unit::Nanoseconds,
    "From handing an operation in to the first decision, on average.",
)
.exported_as("first_decision_latency");

/// The latency until the last replica decides.
pub static LAST_LATENCY: Metric = Metric::gauge(
    "latency.last_ns",
    Unit::Nanoseconds,
    "From handing an operation in to the last decision, on average.",
)
.exported_as("last_decision_latency");

/// The latency that clients see.
pub static LATENCY: PercentileMetrics = PercentileMetrics {
    mean: Metric::gauge("latency.mean_ns", Unit::Nanoseconds, LATENCY_HELP).exported_as("latency_mean"),
    p50: percentile("latency.p50_ns", 50, LATENCY_HELP, "latency"),
    p95: percentile("latency.p95_ns", 95, LATENCY_HELP, "latency"),
    p99: percentile("latency.p99_ns", 99, LATENCY_HELP, "latency"),
    max: percentile("latency.max_ns", 100, LATENCY_HELP, "latency"),
};

/// The latency at each replica.
pub static REPLICA_LATENCY: PercentileMetrics = PercentileMetrics {
    mean: Metric::gauge("latency.replica.mean_ns", Unit::Nanoseconds, REPLICA_HELP)
        .exported_as("replica_latency_mean"),
    p50: percentile("latency.replica.p50_ns", 50, REPLICA_HELP, "replica_latency"),
    p95: percentile("latency.replica.p95_ns", 95, REPLICA_HELP, "replica_latency"),
    p99: percentile("latency.replica.p99_ns", 99, REPLICA_HELP, "replica_latency"),
    max: percentile("latency.replica.max_ns", 100, REPLICA_HELP, "replica_latency"),
};

/// Copies delivered.
pub static MESSAGES_DELIVERED: Metric =
    Metric::counter("messages.delivered", "Copies that reached their receivers.");

/// Copies not delivered.
pub static MESSAGES_DROPPED: Metric = Metric::counter("messages.dropped", "Copies that never arrived.");

/// Copies sent, by kind.
pub static MESSAGES_OF_KIND: Metric =
    Metric::counter("messages.kind.*", "Copies sent for the first time, by kind.")
        .for_each("kind", "")
        .in_parts()
        .exported_as("messages_of_kind");

/// Copies sent for each decision.
pub static MESSAGES_PER_DECISION: Metric =
    Metric::gauge("messages.per_decision", Unit::Count, "Copies sent for each decision.");

/// Copies sent, without upkeep.
pub static MESSAGES_SENT: Metric =
    Metric::counter("messages.sent", "Copies sent for the first time that are not upkeep.");

/// Copies sent for upkeep.
pub static MESSAGES_UPKEEP: Metric =
    Metric::counter("messages.upkeep", "Copies sent that only keep the system going.");

/// Recovery time after each fault.
pub static RECOVERY: Metric = Metric::gauge(
    "recovery.*",
    Unit::Nanoseconds,
    "The longest that a side took to decide again once a fault was over.",
)
.for_each("fault", "_ns")
.exported_as("fault_recovery");

/// Rounds of a run. Only protocols with rounds have it: they declare it as one of their own.
pub static ROUNDS: Metric =
    Metric::gauge("rounds", Unit::Count, "Rounds taken; of several sessions the most.");

/// Throughput of a long run.
pub static DECISIONS_PER_SECOND: Metric = Metric::gauge(
    "soak.decisions_per_second",
    Unit::PerSecond,
    "Operations decided for each second of the run's time.",
)
.exported_as("decisions_per_second");

/// The growth of the latency over a long run.
pub static LATENCY_GROWTH: GrowthMetrics = GrowthMetrics {
    growth: Metric::gauge(
        "soak.p95_growth",
        Unit::Growth,
        "What the 95th percentile of the latency becomes in a day, over spans without a fault.",
    )
    .exported_as("latency_growth"),
    low: bound("soak.p95_growth_low", Kind::Low, GROWTH_HELP, "latency_growth_interval"),
    high: bound("soak.p95_growth_high", Kind::High, GROWTH_HELP, "latency_growth_interval"),
};

/// The growth of retained state over a long run.
pub static REST_GROWTH: GrowthMetrics = GrowthMetrics {
    growth: Metric::gauge(
        "soak.rest_growth",
        Unit::Growth,
        "What becomes in a day of what all nodes hold together while nothing is under way, over spans without a fault.",
    )
    .exported_as("state_at_rest_growth"),
    low: bound("soak.rest_growth_low", Kind::Low, REST_GROWTH_HELP, "state_at_rest_growth_interval"),
    high: bound("soak.rest_growth_high", Kind::High, REST_GROWTH_HELP, "state_at_rest_growth_interval"),
};

/// The measured windows of a long run.
pub static CALM_SPANS: Metric =
    Metric::gauge("soak.spans", Unit::Count, "Spans of the run in which no fault was on.")
        .exported_as("calm_spans");

/// The maximum state of an agent.
pub static RETAINED_BYTES_MAX: Metric =
    Metric::gauge("state.retained_bytes_max", Unit::Bytes, "The most that an agent held.")
        .exported_as("retained_state");

/// Records persisted.
pub static STORAGE_RECORDS: Metric = Metric::counter("storage.records", "Records that agents persisted.");

/// Syncs of storage.
pub static STORAGE_SYNCS: Metric =
    Metric::counter("storage.syncs", "Times that agents made what they had persisted durable.");

/// The share of operations decided.
pub static SUCCESS_RATE: Metric = Metric::gauge(
    "success_rate",
    Unit::Share,
    "The part of the operations that was decided by all who have to.",
)
.exported_as("success");

/// Operations not decided.
pub static UNDECIDED: Metric =
    Metric::gauge("undecided", Unit::Count, "Operations that were not decided by all who have to.")
        .exported_as("undecided_operations");

/// The metrics that every protocol's runs can report, in the order of their names.
pub static COMMON: &[&Metric] = &[
    &ABANDONED,
    &BYTES_SENT,
    &CPU_UTILISATION,
    &DECISIONS,
    &DECISIONS_WITHIN,
    &FALSE_ACCUSATIONS,
    &PROVEN_FAULTY,
    &DETECTION_RECOVERY,
    &SUSPICIONS,
    &DETECTION_TIME,
    &FAULT_EFFECT,
    &FIRST_LATENCY,
    &LAST_LATENCY,
    &LATENCY.max,
    &LATENCY.mean,
    &LATENCY.p50,
    &LATENCY.p95,
    &LATENCY.p99,
    &REPLICA_LATENCY.max,
    &REPLICA_LATENCY.mean,
    &REPLICA_LATENCY.p50,
    &REPLICA_LATENCY.p95,
    &REPLICA_LATENCY.p99,
    &MESSAGES_DELIVERED,
    &MESSAGES_DROPPED,
    &MESSAGES_OF_KIND,
    &MESSAGES_PER_DECISION,
    &MESSAGES_SENT,
    &MESSAGES_UPKEEP,
    &RECOVERY,
    &DECISIONS_PER_SECOND,
    &LATENCY_GROWTH.growth,
    &LATENCY_GROWTH.high,
    &LATENCY_GROWTH.low,
    &REST_GROWTH.growth,
    &REST_GROWTH.high,
    &REST_GROWTH.low,
    &CALM_SPANS,
    &RETAINED_BYTES_MAX,
    &STORAGE_RECORDS,
    &STORAGE_SYNCS,
    &SUCCESS_RATE,
    &UNDECIDED,
];

const fn percentile(name: &'static str, percent: u8, help: &'static str, family: &'static str) -> Metric {
    Metric::gauge(name, Unit::Nanoseconds, help).of_kind(Kind::Percentile(percent)).exported_as(family)
}

const fn bound(name: &'static str, kind: Kind, help: &'static str, family: &'static str) -> Metric {
    Metric::gauge(name, Unit::Growth, help).of_kind(kind).exported_as(family)
}
