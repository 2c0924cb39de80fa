//! The panel: everyone who looks on at a run, behind the one seat that the kernel has for them.

use super::detection::Detection;
use super::drift::Drift;
use super::progress::Progress;
use super::windows::{Spells, Windows};
use serde::Serialize;
use std::collections::BTreeMap;
use synod_sim::{
    Duration, End, Event, Evidence, Flow, Interleaving, Moment, NodeId, Observation, Oracle, Protocol, Time,
    Violation, Watch,
};

/// What ends a run before its bounds do.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The last decision.
    Decisions,
    /// Nothing: it runs until nothing is left to happen, or to the horizon.
    Nothing,
}

/// Oracles, progress and coverage of a run, and whatever else looks on.
pub struct Panel<P: Protocol> {
    seats: Vec<Seat<P>>,
    progress: Progress,
    detection: Detection,
    windows: Windows,
    coverage: BTreeMap<&'static str, u64>,
    peaks: BTreeMap<&'static str, u64>,
    violations: Vec<ViolationReport>,
    stop: Expected,
    /// Something that sees every event, such as a trace.
    recorder: Option<Box<dyn Watch<P>>>,
    wants_copies: bool,
}

struct Seat<P: Protocol> {
    oracle: Box<dyn Oracle<P>>,
    wants_copies: bool,
    objected: bool,
}

/// An oracle's objection, with its place in the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ViolationReport {
    /// Whose.
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
    /// What the message names, as data.
    pub evidence: Vec<Evidence>,
    /// The operations concerned, side by side, where their times are what matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interleaving: Option<Interleaving>,
}

/// What an oracle found in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// The oracle.
    pub name: &'static str,
    /// Its finding.
    pub verdict: Verdict,
    /// How often its premise held.
    pub checked: u64,
    /// What it could not judge, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// By when at the latest it demands it, if it says so.
    #[serde(rename = "bound_ns", skip_serializing_if = "Option::is_none")]
    pub bound: Option<Duration>,
    /// What it demands.
    #[serde(skip)]
    pub claim: &'static str,
}

/// A finding.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The invariant held.
    Held,
    /// It was broken.
    Violated,
    /// Its premise never held, so nothing was checked.
    Vacuous,
    /// It was found broken nowhere, but not all could be judged.
    Unknown,
}

impl<P: Protocol> Panel<P> {
    /// A panel of `oracles` over a run whose operations `progress` follows, and its proofs `detection`.
    pub fn new(
        oracles: Vec<Box<dyn Oracle<P>>>,
        progress: Progress,
        detection: Detection,
        stop: Expected,
    ) -> Panel<P> {
        let seat = |oracle: Box<dyn Oracle<P>>| Seat {
            wants_copies: oracle.wants_copies(),
            oracle,
            objected: false,
        };
        let seats: Vec<Seat<P>> = oracles.into_iter().map(seat).collect();
        Panel {
            wants_copies: seats.iter().any(|seat| seat.wants_copies),
            seats,
            progress,
            detection,
            windows: Windows::default(),
            coverage: BTreeMap::new(),
            peaks: BTreeMap::new(),
            violations: Vec::new(),
            stop,
            recorder: None,
        }
    }

    /// Lets `recorder` see every event as well.
    pub fn record(&mut self, recorder: Box<dyn Watch<P>>) {
        self.wants_copies |= recorder.wants_copies();
        self.recorder = Some(recorder);
    }

    /// Counts what is decided while these faults are on.
    pub fn watch(&mut self, faults: Vec<Spells>) {
        self.windows = Windows::new(faults);
    }

    /// What was decided while faults were on.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// How far the operations have come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How the figures have drifted by `end`, if that is asked. Nothing is watched any longer.
    pub fn drift(&mut self, end: Time) -> Option<Drift> {
        self.progress.drift(end)
    }

    /// What correct agents have proven.
    pub fn detection(&self) -> &Detection {
        &self.detection
    }

    /// The names of coverage marks and how often each was hit.
    pub fn coverage(&self) -> &BTreeMap<&'static str, u64> {
        &self.coverage
    }

    /// The highest value of each figure that nodes claimed.
    pub fn peaks(&self) -> &BTreeMap<&'static str, u64> {
        &self.peaks
    }

    /// Lets every oracle judge the whole, and returns the rulings with all objections.
    pub fn conclude(mut self, end: &End) -> (Vec<Ruling>, Vec<ViolationReport>) {
        let moment = Moment { at: end.at, event: end.events };
        for seat in &mut self.seats {
            if !seat.objected
                && let Err(violation) = seat.oracle.on_end(end)
            {
                seat.objected = true;
                self.violations.push(report(seat.oracle.name(), moment, violation));
            }
        }
        let rulings = self.seats.iter().map(|seat| {
            let unknown = seat.oracle.unknown();
            Ruling {
                name: seat.oracle.name(),
                verdict: match (seat.objected, &unknown, seat.oracle.checked()) {
                    (true, ..) => Verdict::Violated,
                    (false, Some(_), _) => Verdict::Unknown,
                    (false, None, 0) => Verdict::Vacuous,
                    (false, None, _) => Verdict::Held,
                },
                checked: seat.oracle.checked(),
                unknown,
                bound: seat.oracle.bound(),
                claim: seat.oracle.claim(),
            }
        });
        (rulings.collect(), self.violations)
    }

    fn judge(&mut self, moment: Moment, event: &Event<'_, P>, is_copy: bool) -> Flow {
        let mut flow = Flow::Continue;
        for seat in &mut self.seats {
            if (is_copy && !seat.wants_copies) || seat.objected {
                continue;
            }
            if let Err(violation) = seat.oracle.on_event(moment, event) {
                seat.objected = true;
                self.violations.push(report(seat.oracle.name(), moment, violation));
                flow = Flow::Violated;
            }
        }
        flow
    }

    fn follow(&mut self, moment: Moment, event: &Event<'_, P>) -> Flow {
        if let Event::Struck { id, node } = *event
            && self.progress.strike(moment.at, id, node)
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
            let decided = self.progress.decided();
            // It is forgotten once it is finished.
            let submitted = milestone.operation().and_then(|id| self.progress.submitted(id));
            self.progress.note(moment.at, *node, milestone);
            if self.progress.decided() > decided {
                self.detection.note_decision(moment.at);
            }
            if self.progress.decides(*node) {
                self.windows.note(moment.at, *node, milestone, submitted);
            }
            return self.flow();
        }
        Flow::Continue
    }

    fn flow(&self) -> Flow {
        match self.stop == Expected::Decisions && self.progress.is_done() {
            true => Flow::Done,
            false => Flow::Continue,
        }
    }
}

fn report(oracle: &'static str, moment: Moment, violation: Violation) -> ViolationReport {
    let Violation { agents, message, evidence, interleaving } = violation;
    ViolationReport { oracle, at: moment.at, event: moment.event, agents, message, evidence, interleaving }
}

impl<P: Protocol> Watch<P> for Panel<P> {
    fn wants_copies(&self) -> bool {
        self.wants_copies
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, P>) -> Flow {
        let is_copy = matches!(event, Event::Delivered { .. } | Event::Lost { .. });
        if let Some(recorder) = &mut self.recorder {
            recorder.on_event(moment, event);
        }
        match (self.judge(moment, event, is_copy), self.follow(moment, event)) {
            (Flow::Violated, _) => Flow::Violated,
            (_, flow) => flow,
        }
    }

    fn on_sample(&mut self, at: Time, retained: usize) {
        self.progress.hold(at, retained as u64);
    }
}
