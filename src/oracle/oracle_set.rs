//! The set of oracles, metrics and recorders of a run, behind the kernel's single observer.

use super::detection::Detection;
use super::drift::Drift;
use super::fault_windows::{FaultWindowStats, FaultWindows};
use super::no_panic::NoPanic;
use super::operations::OperationTracker;
use super::planned::{PlanReport, PlanWatch};
use serde::Serialize;
use synod_sim::collections::SortedMap;
use synod_sim::{
    Cause, Duration, End, Event, EventTime, Evidence, Flow, Interleaving, NodeId, Observation, Observer,
    Oracle, Protocol, Time, Value, Violation,
};

/// Condition that ends a run before its limits.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum StopCondition {
    /// The last decision.
    AllDecided,
    /// None: it runs until no event is pending, or to the horizon.
    Never,
}

/// Oracles, operation metrics and coverage of a run, and its recorder.
pub struct OracleSet<P: Protocol> {
    slots: Vec<OracleSlot<P>>,
    operations: OperationTracker,
    detection: Detection,
    windows: FaultWindowStats,
    coverage: SortedMap<&'static str, u64>,
    peaks: SortedMap<&'static str, u64>,
    violations: Vec<ViolationReport>,
    stop: StopCondition,
    /// Whether what is planned takes effect.
    plan: Option<Box<dyn PlanWatch<P>>>,
    /// An observer of every event, such as a trace.
    recorder: Option<Box<dyn Observer<P>>>,
    wants_copies: bool,
}

struct OracleSlot<P: Protocol> {
    oracle: Box<dyn Oracle<P>>,
    wants_copies: bool,
    objected: bool,
}

/// A violation, with its place in the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ViolationReport {
    /// The owner.
    pub oracle: &'static str,
    /// When.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// At which event.
    pub event: u64,
    /// The nodes concerned.
    pub agents: Vec<NodeId>,
    /// What happened.
    pub message: String,
    /// The facts that the message mentions, as data.
    pub evidence: Vec<Evidence>,
    /// The operations concerned, side by side, where their times are what matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interleaving: Option<Interleaving>,
}

impl ViolationReport {
    /// Returns where a panic happened: file, line and column.
    pub fn place(&self) -> Option<&str> {
        let of_panic = self.oracle == NoPanic::NAME;
        let place = self.evidence.iter().find(|evidence| of_panic && evidence.name == NoPanic::PLACE)?;
        if let Value::Text(place) = &place.value { Some(place) } else { None }
    }
}

/// The result of an oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OracleReport {
    /// The oracle.
    pub name: &'static str,
    /// Its finding.
    pub verdict: OracleVerdict,
    /// How often its premise held.
    pub checked: u64,
    /// What could not be checked, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The bound within which it requires it, if it has one.
    #[serde(rename = "bound_ns", skip_serializing_if = "Option::is_none")]
    pub bound: Option<Duration>,
    /// The property.
    #[serde(skip)]
    pub claim: &'static str,
}

impl OracleReport {
    /// Returns true if it demands safety, found no violation and could not judge everything.
    pub fn is_unjudged(&self) -> bool {
        self.bound.is_none() && self.verdict == OracleVerdict::Unknown
    }
}

/// The verdict of an oracle.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OracleVerdict {
    /// The invariant held.
    Held,
    /// It was broken.
    Violated,
    /// Vacuous: its premise never held, so nothing was checked.
    Vacuous,
    /// It was found broken nowhere, but not all could be judged.
    Unknown,
}

impl<P: Protocol> OracleSet<P> {
    /// Creates a panel of `oracles` over a run whose operations `operations` follows, and its proofs `detection`.
    pub fn new(
        oracles: Vec<Box<dyn Oracle<P>>>,
        operations: OperationTracker,
        detection: Detection,
        stop: StopCondition,
    ) -> OracleSet<P> {
        let slot = |oracle: Box<dyn Oracle<P>>| OracleSlot {
            wants_copies: oracle.wants_copies(),
            oracle,
            objected: false,
        };
        let slots: Vec<OracleSlot<P>> = oracles.into_iter().map(slot).collect();
        OracleSet {
            wants_copies: slots.iter().any(|slot| slot.wants_copies),
            slots,
            operations,
            detection,
            windows: FaultWindowStats::default(),
            coverage: SortedMap::new(),
            peaks: SortedMap::new(),
            violations: Vec::new(),
            stop,
            plan: None,
            recorder: None,
        }
    }

    /// Lets `recorder` see every event as well.
    pub fn record(&mut self, recorder: Box<dyn Observer<P>>) {
        self.wants_copies |= recorder.wants_copies();
        self.recorder = Some(recorder);
    }

    /// Watches whether what is planned takes effect.
    pub fn watch_plan(&mut self, plan: Option<Box<dyn PlanWatch<P>>>) {
        self.plan = plan;
    }

    /// Returns what became of what is planned.
    pub fn plan_reports(&self) -> Vec<PlanReport> {
        self.plan.as_ref().map_or_else(Vec::new, |plan| plan.reports())
    }

    /// Counts what is decided while these faults are on.
    pub fn track_faults(&mut self, faults: Vec<FaultWindows>) {
        self.windows = FaultWindowStats::new(faults);
    }

    /// What was decided while faults were on.
    pub fn windows(&self) -> &FaultWindowStats {
        &self.windows
    }

    /// How far the operations have come.
    pub fn operations(&self) -> &OperationTracker {
        &self.operations
    }

    /// How the figures have drifted by `end`, if that is asked. Nothing is watched any longer.
    pub fn drift(&mut self, end: Time) -> Option<Drift> {
        self.operations.drift(end)
    }

    /// Returns what correct agents have proven.
    pub fn detection(&self) -> &Detection {
        &self.detection
    }

    /// Returns the names of coverage marks and how often each was hit.
    pub fn coverage(&self) -> &SortedMap<&'static str, u64> {
        &self.coverage
    }

    /// Returns the highest value of each figure that nodes claimed.
    pub fn peaks(&self) -> &SortedMap<&'static str, u64> {
        &self.peaks
    }

    /// Lets every oracle judge the whole, and returns the rulings with all objections.
    pub fn conclude(mut self, end: &End) -> (Vec<OracleReport>, Vec<ViolationReport>) {
        let moment = EventTime { at: end.at, event: end.events, cause: Cause::Nobody };
        for slot in &mut self.slots {
            if !slot.objected
                && let Err(violation) = slot.oracle.on_end(end)
            {
                slot.objected = true;
                self.violations.push(report(slot.oracle.name(), moment, violation));
            }
        }
        let reports = self.slots.iter().map(|slot| {
            let unknown = slot.oracle.unknown();
            OracleReport {
                name: slot.oracle.name(),
                verdict: match (slot.objected, &unknown, slot.oracle.checked()) {
                    (true, ..) => OracleVerdict::Violated,
                    (false, Some(_), _) => OracleVerdict::Unknown,
                    (false, None, 0) => OracleVerdict::Vacuous,
                    (false, None, _) => OracleVerdict::Held,
                },
                checked: slot.oracle.checked(),
                unknown,
                bound: slot.oracle.bound(),
                claim: slot.oracle.claim(),
            }
        });
        (reports.collect(), self.violations)
    }

    fn judge(&mut self, moment: EventTime, event: &Event<'_, P>, is_copy: bool) -> Flow {
        let mut flow = Flow::Continue;
        for slot in &mut self.slots {
            if (is_copy && !slot.wants_copies) || slot.objected {
                continue;
            }
            if let Err(violation) = slot.oracle.on_event(moment, event) {
                slot.objected = true;
                self.violations.push(report(slot.oracle.name(), moment, violation));
                flow = Flow::Violated;
            }
        }
        flow
    }

    fn follow(&mut self, moment: EventTime, event: &Event<'_, P>) -> Flow {
        if let Event::Struck { id, node } = *event
            && self.operations.strike(moment.at, id, node)
        {
            return self.flow();
        }
        let Event::Observed { node, observation } = event else { return Flow::Continue };
        if let Some(mark) = observation.mark() {
            *self.coverage.entry(mark.name).or_default() += 1;
        }
        if let Some((figure, value)) = observation.peak() {
            let peak = self.peaks.entry(figure).or_default();
            *peak = value.max(*peak);
        }
        self.detection.note(moment.at, *node, *observation);
        if let Some(milestone) = observation.milestone() {
            let decided = self.operations.decided();
            // It is forgotten once it is finished.
            let watched = milestone.operation().filter(|_| !self.windows.is_empty());
            let submitted = watched.and_then(|id| self.operations.submitted(id));
            self.operations.note(moment.at, *node, milestone);
            if self.operations.decided() > decided {
                self.detection.note_decision(moment.at);
            }
            if self.operations.decides(*node) {
                self.windows.note(moment.at, *node, milestone, submitted);
            }
            return self.flow();
        }
        Flow::Continue
    }

    fn flow(&self) -> Flow {
        if self.stop == StopCondition::AllDecided && self.operations.is_done() {
            Flow::Done
        } else {
            Flow::Continue
        }
    }
}

fn report(oracle: &'static str, moment: EventTime, violation: Violation) -> ViolationReport {
    let Violation { agents, message, evidence, interleaving } = violation;
    ViolationReport { oracle, at: moment.at, event: moment.event, agents, message, evidence, interleaving }
}

impl<P: Protocol> Observer<P> for OracleSet<P> {
    fn wants_copies(&self) -> bool {
        self.wants_copies
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Flow {
        let is_copy = matches!(event, Event::Delivered { .. } | Event::Lost { .. });
        if let Some(recorder) = &mut self.recorder {
            recorder.on_event(moment, event);
        }
        if let Some(plan) = &mut self.plan
            && !is_copy
        {
            plan.on_event(moment, event);
        }
        match (self.judge(moment, event, is_copy), self.follow(moment, event)) {
            (Flow::Violated, _) => Flow::Violated,
            (_, flow) => flow,
        }
    }

    fn on_sample(&mut self, at: Time, retained: usize) {
        self.operations.hold(at, retained as u64);
    }
}
