//! One run: from a checked scenario and a seed to an outcome.

use super::outcome::{Expectation, ExpectationVerdict, Outcome, RunVerdict};
use super::vocabulary::Names;
use crate::{Expect, Harness, Instance, Problem, Scenario, Stop, Tolerance, World};
use std::rc::Rc;
use synod_fault::{Baseline, Fault, FaultLog, FaultSchedule, InstalledPlan, Plan, RunParams, Swarm};
use synod_net::Fabric;
use synod_oracle::metric::{self, Metric, Metrics, Unit};
use synod_oracle::{
    Agreement, Detection, FaultWindows, Measure, NoPanic, OperationTracker, OracleReport, OracleSet, Soak,
    StopCondition, ViolationReport,
};
use synod_sim::collections::SortedMap;
use synod_sim::units::Span;
use synod_sim::{End, Ending, GroundTruth, NodeId, Observer, Protocol, Setup, Simulation, Streams, Time};

/// An instantiated run, with what its report needs.
pub(super) struct RunInstance<H: Harness> {
    pub(super) simulation: Simulation<H::Protocol, OracleSet<H::Protocol>>,
    fault_log: FaultLog,
    agents: u32,
    /// Agents and clients.
    pub(super) nodes: u32,
}

/// A checked scenario, with what all its runs share.
pub(super) struct PreparedRun<H: Harness> {
    pub(super) scenario: Scenario<H::Params, H::Workload>,
    /// What the protocol claims to tolerate in it.
    pub(super) tolerance: Option<Tolerance>,
    /// Its oracles, metrics and marks.
    pub(super) names: Names,
    /// The network of the scenario's own seed.
    fabric: Fabric,
}

impl<H: Harness> PreparedRun<H> {
    /// Works out what runs of `scenario` share.
    ///
    /// # Errors
    /// What is wrong with the parameters, the workload or the network, and where.
    pub(super) fn new(
        mut scenario: Scenario<H::Params, H::Workload>,
        names: Names,
    ) -> Result<PreparedRun<H>, Problem> {
        let bytes = Simulation::<H::Protocol, OracleSet<H::Protocol>>::BYTES_PER_NODE;
        scenario.world.check_affordable(bytes)?;
        let streams = Streams::new(scenario.world.seed);
        let Instance { config, clients, .. } = H::instance(&scenario, &streams)?;
        let kinds = H::Protocol::kinds(&config);
        // It grows with the agents, and some protocols make another to say what they tolerate.
        drop(config);
        let tolerance = H::tolerance(&scenario);
        let world = &mut scenario.world;
        world.tolerable_plan(world.seed, tolerance)?;
        world.check_protocol_names(H::Protocol::ATTACKS, &kinds)?;
        world.fill_in_attacks(H::Protocol::ATTACKS);
        let fabric = world.fabric(clients, &streams)?;
        let mut prepared_run = PreparedRun { scenario, tolerance, names, fabric };
        prepared_run.measure_span()?;
        Ok(prepared_run)
    }

    /// Lets a swarm whose windows have no end know how long the scenario takes without any fault: with seed 0, so that
    /// it is the same for every run.
    fn measure_span(&mut self) -> Result<(), Problem> {
        if !self.scenario.world.swarm.as_ref().is_some_and(Swarm::needs_span) {
            return Ok(());
        }
        let quiet = self.scenario.world.without_faults();
        let whole = std::mem::replace(&mut self.scenario.world, quiet);
        let end = instantiate(self, 0, None).map(|mut run| run.simulation.run());
        self.scenario.world = whole;
        let span = Span(end?.at.since(Time::ZERO));
        if let Some(swarm) = &mut self.scenario.world.swarm {
            swarm.span = Some(span);
        }
        Ok(())
    }
}

/// Sets a run with `seed` up.
pub(super) fn instantiate<H: Harness>(
    prepared_run: &PreparedRun<H>,
    seed: u64,
    recorder: Option<Box<dyn Observer<H::Protocol>>>,
) -> Result<RunInstance<H>, Problem> {
    let scenario = &prepared_run.scenario;
    let world = &scenario.world;
    let streams = Streams::new(seed);
    let Instance { config, clients, operations } = H::instance(scenario, &streams)?;
    let config = Rc::new(config);
    let fabric = if world.has_random_links() {
        world.fabric(clients, &streams)?
    } else {
        prepared_run.fabric.reseeded(&streams)
    };
    let nodes = (world.agents + clients) as usize;
    let plan = world.tolerable_plan(seed, prepared_run.tolerance)?;
    let horizon = Time::ZERO + world.horizon.0;
    let agents = world.agents;
    let clocks = world.clocks.draw(nodes as u32, &streams);
    let params = RunParams { nodes, agents, streams: &streams, horizon, clocks: &clocks };
    let installed = InstalledPlan::<H::Protocol>::new(&plan, &config, &params);

    let ground_truth = ground_truth(world, &plan, &fabric, nodes);
    let deciders = (0..world.agents).map(NodeId);
    let deciders =
        deciders.map(|node| ground_truth.requires_progress(node) && H::decides(&config, node)).collect();
    let stop = match world.stop {
        Stop::Decided => StopCondition::AllDecided,
        Stop::Quiescent | Stop::Horizon => StopCondition::Never,
    };
    let mut oracles = H::oracles(&config, &ground_truth);
    oracles.push(Box::new(NoPanic::default()));
    if oracles.iter().all(|oracle| oracle.name() != Agreement::NAME) {
        oracles.push(Box::new(Agreement::new(&ground_truth)));
    }
    oracles.retain(|oracle| world.oracles.includes(oracle.name()));
    let all_intervals = || plan.faults.iter().flat_map(|fault| FaultSchedule::of(fault).intervals(horizon));
    let soak = world.soak.map(|span| Soak::new(span.0, all_intervals(), horizon));
    let operations = OperationTracker::new(operations, deciders, clients > 0)
        .with_correct(ground_truth.correct.clone())
        .with_permanent_leader_faults(ground_truth.permanent_leader_faults.clone())
        .soaking(soak);
    let detection = Detection::new(ground_truth.correct.clone(), plan.corruption());
    let mut oracle_set = OracleSet::new(oracles, operations, detection, stop);
    oracle_set.watch_plan(H::plan(&config));
    oracle_set
        .track_faults(plan.faults.iter().filter_map(|fault| fault_windows(fault, horizon, nodes)).collect());
    if let Some(recorder) = recorder {
        oracle_set.record(recorder);
    }

    let setup = Setup {
        config,
        nodes,
        streams,
        network: Box::new(fabric),
        authentication: world.authentication,
        crypto: world.cpu.crypto(),
        cpu: world.cpu.handling(),
        sync_latency: world.storage.sync.0,
        clocks,
        interventions: installed.interventions,
        interceptors: installed.interceptors,
        coalitions: installed.coalitions,
        corrupted: plan.corrupted().into_iter().collect(),
        limits: world.bounds(),
    };
    Ok(RunInstance {
        simulation: Simulation::new(setup, oracle_set),
        fault_log: installed.fault_log,
        agents: world.agents,
        nodes: nodes as u32,
    })
}

/// Returns when a fault that splits the agents is on, and how it splits them.
fn fault_windows(fault: &Fault, horizon: Time, nodes: usize) -> Option<FaultWindows> {
    let groups = match fault {
        Fault::Partition(partition) => partition.groups.clone(),
        Fault::Isolate(_) | Fault::OneWay(_) => {
            vec![fault.agents().named().iter().map(|node| node.0).collect()]
        }
        _ => return None,
    };
    let mut sides = vec![None; nodes];
    for (side, group) in groups.iter().enumerate() {
        group.iter().for_each(|&agent| sides[agent as usize] = Some(side as u32));
    }
    Some(FaultWindows {
        name: fault.name().to_owned(),
        intervals: FaultSchedule::of(fault).intervals(horizon),
        sides,
        count: groups.len() as u32,
    })
}

/// Returns what is true of a run of `world` under `plan`, whatever its nodes say.
fn ground_truth(world: &World, plan: &Plan, fabric: &Fabric, nodes: usize) -> GroundTruth {
    let baseline = Baseline {
        // Processors, devices and wrong clocks add to delays what the network knows nothing of.
        delay_max: fabric.delay_bound().filter(|_| world.is_instant()),
        lossless: fabric.is_lossless(),
        horizon: Time::ZERO + world.horizon.0,
    };
    plan.ground_truth(world.agents, nodes, baseline)
}

/// Judges a run that has ended.
pub(super) fn conclude<H: Harness>(
    PreparedRun { scenario, tolerance, names, .. }: &PreparedRun<H>,
    seed: u64,
    instance: RunInstance<H>,
    end: End,
) -> Outcome {
    let RunInstance { simulation, fault_log, agents, .. } = instance;
    let mut oracle_set = simulation.into_observer();
    let faults = fault_log.report(&end.tally);
    let mut metrics = figures(oracle_set.operations(), &end, agents);
    for fault in &faults {
        metrics.enter_for(&metric::FAULT_EFFECT, &fault.name, Measure::Count(fault.effect.total()));
    }
    let drift = oracle_set.drift(end.at);
    if let Some(drift) = &drift {
        drift.enter(&mut metrics, end.at, oracle_set.operations().decided());
    }
    let detection = oracle_set.detection().report();
    detection.enter(&mut metrics);
    oracle_set.windows().enter(&mut metrics);
    let coverage = oracle_set.coverage().clone();
    let stranger = coverage.keys().find(|mark| !names.marks.iter().any(|declared| declared.name == **mark));
    debug_assert_eq!(stranger, None, "a mark that the harness of {} does not name in MARKS", H::NAME);
    for own in &names.metrics {
        if let Some(value) = own.value(&coverage, oracle_set.peaks()) {
            metrics.enter(&own.metric, Measure::Count(value));
        }
    }
    let plans = oracle_set.plan_reports();
    let (oracles, violations) = oracle_set.conclude(&end);
    let expectations = judge(&scenario.world, &metrics, &violations, &end);
    let all_met = expectations.iter().all(|expectation| !expectation.verdict.failed());
    let all_judged = scenario.world.expect.allows_unknown || !oracles.iter().any(OracleReport::is_unjudged);
    let verdict = match (all_met, all_judged) {
        (false, _) => RunVerdict::Fail,
        (true, false) => RunVerdict::Unknown,
        (true, true) => RunVerdict::Pass,
    };
    Outcome {
        scenario: scenario.world.name.clone(),
        protocol: H::NAME,
        seed,
        agents,
        tolerated: tolerance.map(|tolerance| tolerance.faulty),
        verdict,
        metrics,
        theory: H::theory(scenario),
        cautions: H::cautions(scenario),
        oracles,
        violations,
        expectations,
        faults,
        plans,
        detection,
        coverage,
        drift,
        end,
    }
}

/// Returns the figures that every protocol is measured by.
fn figures(operations: &OperationTracker, end: &End, agents: u32) -> Metrics {
    let tally = &end.tally;
    let mut metrics = Metrics::new();
    let mut count = |metric, value| metrics.enter(metric, Measure::Count(value));
    count(&metric::MESSAGES_SENT, tally.sent());
    count(&metric::MESSAGES_UPKEEP, tally.upkeep());
    count(&metric::MESSAGES_DELIVERED, tally.delivered);
    count(&metric::MESSAGES_DROPPED, tally.lost_copies());
    count(&metric::BYTES_SENT, tally.bytes());
    count(&metric::STORAGE_RECORDS, tally.persisted);
    count(&metric::STORAGE_SYNCS, tally.syncs);
    count(&metric::DECISIONS, operations.decided());
    count(&metric::UNDECIDED, operations.expected() - operations.decided());
    count(&metric::ABANDONED, operations.abandoned());
    count(&metric::RETAINED_BYTES_MAX, tally.retained_bytes_max as u64);
    // Protocols inside others may have kinds of the same name.
    let mut kinds: SortedMap<&str, u64> = SortedMap::new();
    tally.kinds.iter().for_each(|tally| *kinds.entry(tally.kind.name).or_default() += tally.sent);
    for (kind, sent) in kinds {
        metrics.enter_for(&metric::MESSAGES_OF_KIND, kind, Measure::Count(sent));
    }
    let busy: u128 = (0..agents).map(|agent| u128::from(tally.busy(NodeId(agent)).as_nanos())).sum();
    let mean_busy = (busy / u128::from(agents)) as u64;
    let mut ratio = |metric, part, whole| metrics.enter(metric, Measure::ratio(part, whole));
    ratio(&metric::MESSAGES_PER_DECISION, tally.sent(), operations.decided());
    ratio(&metric::SUCCESS_RATE, operations.decided(), operations.expected());
    ratio(&metric::CPU_UTILISATION, mean_busy, end.at.as_nanos());
    for (of, sample) in [
        (&metric::LATENCY, &operations.latencies()),
        (&metric::REPLICA_LATENCY, operations.replica_latencies()),
    ] {
        if let Some(percentiles) = sample.percentiles() {
            percentiles.enter(&mut metrics, of);
        }
    }
    for (metric, sample) in [
        (&metric::FIRST_LATENCY, operations.first_latencies()),
        (&metric::LAST_LATENCY, operations.last_latencies()),
    ] {
        if let Some(percentiles) = sample.percentiles() {
            metrics.enter(metric, Measure::Count(percentiles.mean.as_nanos()));
        }
    }
    metrics
}

/// Checks the run against the scenario's expectations, explicit and implicit: that it ends in time, decides everything
/// and violates nothing.
fn judge(world: &World, metrics: &Metrics, violations: &[ViolationReport], end: &End) -> Vec<Expectation> {
    let expect = &world.expect;
    let mut violated: Vec<&str> = violations.iter().map(|violation| violation.oracle).collect();
    violated.sort_unstable();
    let mut wanted: Vec<&str> = expect.violates.iter().flatten().map(String::as_str).collect();
    wanted.sort_unstable();
    let mut judged = vec![Expectation {
        metric: "violates".to_owned(),
        unit: Unit::Count,
        bound: if wanted.is_empty() { "nothing".to_owned() } else { wanted.join(", ") },
        value: violated.clone().into(),
        // A control may show nothing, where it may; what it shows besides is no matter of chance.
        verdict: ExpectationVerdict::of(
            violated == wanted,
            expect.may_miss.contains_key("violates") && violated.iter().all(|name| wanted.contains(name)),
        ),
    }];
    if let Ending::Events(_) | Ending::Memory(_) = end.ending {
        judged.push(Expectation {
            metric: "ended".to_owned(),
            unit: Unit::Count,
            bound: "within the limits".to_owned(),
            value: end.ending.to_string().into(),
            verdict: ExpectationVerdict::Fail,
        });
    }
    if expect.demands_decisions() {
        judged.push(none(&metric::UNDECIDED, metrics, expect));
    }
    if wanted.is_empty() {
        let accused = none(&metric::FALSE_ACCUSATIONS, metrics, expect);
        judged.extend((!accused.verdict.passed()).then_some(accused));
    }
    for (name, bounds) in &expect.bounds {
        let value = metrics.get(name);
        let words = |(name, figure): (&str, _)| format!("{} {figure}", name.replace('_', " "));
        judged.push(Expectation {
            metric: name.clone(),
            // Metrics with a unit are omitted if they were not measured.
            unit: metrics.metric(name).map_or(Unit::Count, |metric| metric.unit),
            bound: bounds.given().map(words).collect::<Vec<_>>().join(", "),
            value: serde_json::to_value(value).unwrap_or_default(),
            verdict: ExpectationVerdict::of(
                value.is_some_and(|value| bounds.admit(value.value())),
                expect.may_miss.contains_key(name),
            ),
        });
    }
    judged
}

/// Returns the expectation that `metric`, which every run has, is 0.
fn none(metric: &Metric, metrics: &Metrics, expect: &Expect) -> Expectation {
    let value = metrics.of(metric);
    Expectation {
        metric: metric.name.to_owned(),
        unit: metric.unit,
        bound: "exactly 0".to_owned(),
        value: serde_json::to_value(value).unwrap_or_default(),
        verdict: ExpectationVerdict::of(
            value == Some(Measure::Count(0)),
            expect.may_miss.contains_key(metric.name),
        ),
    }
}
