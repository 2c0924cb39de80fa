//! Trying: every candidate in the same world, under the same seeds, ranked. A candidate is any protocol of the registry
//! that says what it suits.
//!
//! Runs are allocated by [`Ucb1`]: after some runs of each, the next goes to the candidate with the highest upper
//! confidence bound. The reward of a run that decides is the higher the sooner it does. A candidate that has violated
//! an invariant is eliminated. Candidates are ranked by success, then by latency, then by messages; nothing compensates
//! for a safety violation.

use serde::Serialize;
use std::collections::BTreeMap;
use synod_harness::{Demand, Outcome, Prepared, Registry, ScenarioError};
use synod_oracle::{Measure, metric};
use synod_scenario::Document;
use synod_sim::Ending;
use synod_stats::{Ucb1, median_ranks, wilson};

/// What came of trying.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The candidates that ran, best first.
    pub arms: Vec<BanditArm>,
    /// Those that did not, and why.
    pub refused: Vec<Refusal>,
}

/// A candidate and what it has shown.
#[derive(Clone, Debug, Serialize)]
pub struct BanditArm {
    /// The protocol.
    pub protocol: &'static str,
    /// Runs.
    pub runs: u64,
    /// Runs in which an invariant was violated.
    pub unsafe_runs: u64,
    /// Runs in which everything was decided.
    pub decided: u64,
    /// Why the others did not decide: the commonest reason.
    pub obstacle: Option<Obstacle>,
    /// The share of those, between two bounds.
    pub success_ci95: [f64; 2],
    /// The median latency of runs that decided, in nanoseconds, and the bounds of its 95 % interval.
    pub latency_p50_ns: Option<[u64; 3]>,
    /// The median number of messages of runs that decided, and the bounds of its 95 % interval.
    pub messages_p50: Option<[u64; 3]>,
}

/// Why runs of a candidate did not decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// Why, in words.
    pub why: String,
    /// In how many runs.
    pub runs: u64,
}

/// A candidate that did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The protocol.
    pub protocol: &'static str,
    /// Why.
    pub why: String,
}

/// A candidate at work.
struct Bandit {
    protocol: &'static str,
    scenario: Box<dyn Prepared>,
    latencies: Vec<u64>,
    messages: Vec<u64>,
    runs: u64,
    unsafe_runs: u64,
    /// In how many runs what kept it from deciding.
    obstacles: BTreeMap<String, u64>,
}

/// How many runs everybody gets before the rest is given out; fewer, but one at least, where there are not so many.
const FIRST_RUNS: u64 = 10;

/// Runs `budget` runs of the candidates that bear what is demanded in the world of the scenario `yaml`, whose faults
/// are named and resolved.
///
/// # Errors
/// If the scenario cannot be read again.
pub fn measure(
    registry: &Registry,
    yaml: &str,
    demand: &Demand,
    budget: u64,
) -> Result<Trial, ScenarioError> {
    let mut bandits: Vec<Bandit> = Vec::new();
    let mut refused = Vec::new();
    let candidates = registry.entries().filter_map(|entry| Some((entry.name(), entry.candidate()?)));
    for (protocol, candidate) in candidates {
        let Demand { task, fault_class, .. } = *demand;
        if !candidate.tasks.contains(&task) {
            refused.push(Refusal { protocol, why: format!("it is for other tasks than {task} ones") });
            continue;
        }
        if candidate.tolerates < fault_class {
            let tolerates = candidate.tolerates;
            let why = format!("it tolerates {tolerates} faults, and what is demanded is {fault_class}");
            refused.push(Refusal { protocol, why });
            continue;
        }
        let mut document = Document::parse("the scenario with another protocol", yaml)?;
        let (params, workload) = candidate.trial(demand);
        document.replace("protocol", params);
        document.replace("workload", workload);
        for assignment in ["expect={}", "oracles=all", "stop=decided"] {
            document.set(assignment)?;
        }
        match document.prepare(registry) {
            Ok(scenario) => bandits.push(Bandit::new(protocol, scenario)),
            Err(error) => {
                // Where the trouble is tells nothing: nobody wrote this file.
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                let why = first.split_once("error: ").map_or(first, |(_, why)| why).to_owned();
                refused.push(Refusal { protocol, why });
            }
        }
    }
    let each = FIRST_RUNS.min(budget / bandits.len().max(1) as u64).max(1);
    let mut shares = Ucb1::new(bandits.len());
    for (place, bandit) in bandits.iter_mut().enumerate() {
        (0..each).for_each(|_| shares.record(place, bandit.play()));
    }
    while shares.trials() < budget
        && let Some(next) = shares.next(|place| bandits[place].unsafe_runs == 0)
    {
        shares.record(next, bandits[next].play());
    }
    let mut arms: Vec<BanditArm> = bandits.iter().map(Bandit::arm).collect();
    arms.sort_by(|a, b| {
        let success = |arm: &BanditArm| arm.decided as f64 / arm.runs as f64;
        let middle = |figure: Option<[u64; 3]>| figure.map_or(u64::MAX, |[_, middle, _]| middle);
        (a.unsafe_runs > 0)
            .cmp(&(b.unsafe_runs > 0))
            .then(success(b).total_cmp(&success(a)))
            .then(middle(a.latency_p50_ns).cmp(&middle(b.latency_p50_ns)))
            .then(middle(a.messages_p50).cmp(&middle(b.messages_p50)))
    });
    Ok(Trial { arms, refused })
}

impl Bandit {
    fn new(protocol: &'static str, scenario: Box<dyn Prepared>) -> Bandit {
        let (latencies, messages) = (Vec::new(), Vec::new());
        let obstacles = BTreeMap::new();
        Bandit { protocol, scenario, latencies, messages, runs: 0, unsafe_runs: 0, obstacles }
    }

    /// Runs the next seed (all candidates use the same ones); returns its reward, 0 if nothing was decided.
    fn play(&mut self) -> f64 {
        let seed = self.runs;
        self.runs += 1;
        let outcome = match self.scenario.run(seed, None) {
            Ok(outcome) => outcome,
            // A seed whose network cannot be made decides nothing.
            Err(error) => return self.fail(error.message),
        };
        if let Some(violation) = outcome.violations.first() {
            self.unsafe_runs += 1;
            return self.fail(format!("{} was violated", violation.oracle));
        }
        let figure = |metric| outcome.metrics.of(metric).map(|value| value.value() as u64);
        if figure(&metric::UNDECIDED) != Some(0) {
            return self.fail(obstacle(&outcome));
        }
        let latency = figure(&metric::LATENCY.p50).unwrap_or(0);
        self.latencies.push(latency);
        self.messages.push(figure(&metric::MESSAGES_SENT).unwrap_or(0));
        // Worth one if at once, a half after a second, and less the longer it takes.
        1e9 / (1e9 + latency as f64)
    }

    /// Notes why a run did not decide; it has no reward.
    fn fail(&mut self, why: String) -> f64 {
        *self.obstacles.entry(why).or_default() += 1;
        0.0
    }

    fn arm(&self) -> BanditArm {
        let commonest = self.obstacles.iter().max_by_key(|(_, runs)| **runs);
        let decided = self.latencies.len() as u64;
        BanditArm {
            protocol: self.protocol,
            runs: self.runs,
            unsafe_runs: self.unsafe_runs,
            decided,
            obstacle: commonest.map(|(why, &runs)| Obstacle { why: why.clone(), runs }),
            success_ci95: wilson(decided, self.runs),
            latency_p50_ns: median(&self.latencies),
            messages_p50: median(&self.messages),
        }
    }
}

/// Returns why a run that violated nothing left something undecided.
fn obstacle(outcome: &Outcome) -> String {
    let decided = outcome.metrics.of(&metric::DECISIONS).map_or(0.0, Measure::value);
    let what = if decided == 0.0 { "nothing was decided" } else { "not all was decided" };
    match outcome.end.ending {
        Ending::Horizon => format!("{what} by the horizon of {}", outcome.end.at),
        Ending::Quiescent => format!("nothing was left to happen, and {what}"),
        // All who were waited for have decided, or an oracle stopped the run.
        Ending::Done | Ending::Violation => what.to_owned(),
        ending @ (Ending::Events(_) | Ending::Memory(_)) => format!("{ending}, and {what}"),
    }
}

/// Returns the median of a sample between its 95 % bounds.
fn median(sample: &[u64]) -> Option<[u64; 3]> {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable();
    let ranks = median_ranks(sorted.len() as u64)?;
    Some(ranks.map(|rank| sorted[rank as usize - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_between_its_bounds() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some([7, 7, 7]));
        let sample: Vec<u64> = (0..100).rev().collect();
        assert_eq!(median(&sample), Some([40, 49, 60]));
    }
}
