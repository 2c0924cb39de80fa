//! What theory says of PBFT's figures.

use crate::harness::{File, PbftWorkload};
use synod_harness::{Arrival, Requests};
use synod_harness::{LatencyLaw, Theory};
use synod_sim::units::Span;

/// The percentiles of what a client waits, over many runs of one request each.
const OVER_RUNS: [&str; 3] = ["runs.latency.p50_ns", "runs.latency.p95_ns", "runs.latency.p99_ns"];

/// D1 and D2: what a run without faults, losses and processor costs must show.
pub(super) fn theory(scenario: &File) -> Vec<Theory> {
    let n = f64::from(scenario.world.agents);
    let network = &scenario.world.network;
    let is_ideal = scenario.world.faults.is_empty()
        && network.loss == Default::default()
        && network.corruption == Default::default()
        && network.max_message.is_none();
    if !is_ideal {
        return Vec::new();
    }
    let mut laws = Vec::new();
    let mut law = |metric, value: f64, law: &str| laws.push(Theory { metric, value, law: law.to_owned() });
    let delay = match (&network.latency, &network.bandwidth) {
        (Some(LatencyLaw::Constant(delay)), None) if scenario.world.is_instant() => {
            Some(delay.0.as_nanos() as f64)
        }
        _ => None,
    };
    match &scenario.workload {
        PbftWorkload::Decision(decision) if decision.initiator == 0 => {
            law("messages.per_decision", 2.0 * n * (n - 1.0), "2n(n-1)");
            if let Some(delay) = delay {
                law("latency.p50_ns", 3.0 * delay, "3 delays");
            }
        }
        // Batches of several requests share their messages.
        PbftWorkload::Requests(Requests { clients: 1, arrival: Arrival::Closed(_), total, .. }) => {
            law("messages.per_decision", 2.0 * n * n - n + 1.0, "2n^2-n+1");
            if let Some(delay) = delay {
                law("latency.p50_ns", 5.0 * delay, "5 delays");
            }
            let simulated = network.latency.as_ref().and_then(|law| client(law, scenario.world.agents));
            if let Some(percentiles) = simulated
                && *total == 1
                && network.bandwidth.is_none()
                && scenario.world.is_instant()
            {
                for (metric, value) in OVER_RUNS.into_iter().zip(percentiles) {
                    law(metric, value, "phases");
                }
            }
        }
        _ => {}
    }
    laws
}

/// What a client of `agents` replicas waits, in nanoseconds: median, 95th and 99th percentile.
///
/// Not a sum of order statistics, for the phases depend on each other: from 200,000 trials each of a program of its own
/// that knows the phases and nothing else, with delays of mean 1 between all but a replica and itself.
fn client(law: &LatencyLaw, agents: u32) -> Option<[f64; 3]> {
    let (mean, table) = match law {
        LatencyLaw::Exponential(law) if law.min.is_none() => (
            law.mean?.0.as_nanos() as f64,
            [(4, [4.005, 6.766, 8.403]), (7, [4.366, 6.863, 8.484]), (10, [4.489, 6.871, 8.460])],
        ),
        LatencyLaw::Uniform(law) if law.min.is_some_and(|Span(min)| min.is_zero()) => (
            law.max?.0.as_nanos() as f64 / 2.0,
            [(4, [4.550, 5.933, 6.426]), (7, [4.943, 6.123, 6.525]), (13, [5.149, 6.208, 6.524])],
        ),
        _ => return None,
    };
    let (_, percentiles) = table.into_iter().find(|(n, _)| *n == agents)?;
    Some(percentiles.map(|percentile| percentile * mean))
}
