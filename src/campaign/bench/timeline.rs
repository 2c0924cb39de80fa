//! A run over time: what was decided when and how fast, how far each agent had come, and when a fault was on.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use synod_harness::Outcome;
use synod_harness::{AnyEvent, Recorder};
use synod_sim::{EventTime, Milestone, OperationId, Time};

/// Into how many spans of equal length a run is divided.
const SPANS: u64 = 120;

/// A run over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// The seed of the run.
    pub seed: u64,
    /// How long each span is, in nanoseconds.
    pub span_ns: u64,
    /// Number of operations that were decided in each span: those of clients once they know, others once the first
    /// replica has decided.
    pub decided: Vec<u64>,
    /// The median of what they took, in nanoseconds.
    pub latency_ns: Vec<Option<u64>>,
    /// When faults were on.
    pub faults: Vec<FaultWindow>,
    /// The figure of the protocol's own that is followed for each agent, such as its view.
    pub figure: Option<String>,
    /// For each agent when that figure changed, in nanoseconds, and to what.
    pub agents: Vec<Vec<(u64, u64)>>,
}

/// When a fault was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultWindow {
    /// The fault's name; `cut` where several cuts follow each other.
    pub name: String,
    /// When it began.
    pub from_ns: u64,
    /// When it ended, if it did before the run.
    pub until_ns: Option<u64>,
}

/// Records a run for its timeline.
#[derive(Debug, Default)]
pub(super) struct TimelineRecorder {
    submitted: BTreeMap<OperationId, Time>,
    first: BTreeMap<OperationId, Time>,
    completed: BTreeMap<OperationId, Time>,
    cuts: BTreeMap<u32, Time>,
    windows: Vec<(Time, Option<Time>)>,
    figure: Option<&'static str>,
    agents: BTreeMap<u32, Vec<(u64, u64)>>,
}

impl Recorder for TimelineRecorder {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        match event {
            AnyEvent::Observed { node, milestone, peak, .. } => {
                if let Some(milestone) = milestone {
                    self.pass(moment.at, milestone);
                }
                if let Some((figure, value)) = peak
                    && *self.figure.get_or_insert(figure) == figure
                {
                    let steps = self.agents.entry(node.0).or_default();
                    if steps.last().is_none_or(|&(_, last)| last != value) {
                        steps.push((moment.at.as_nanos(), value));
                    }
                }
            }
            AnyEvent::Cut { id, .. } => drop(self.cuts.insert(id, moment.at)),
            AnyEvent::Healed { id } => {
                self.windows.extend(self.cuts.remove(&id).map(|begin| (begin, Some(moment.at))));
            }
            _ => {}
        }
    }
}

impl TimelineRecorder {
    fn pass(&mut self, at: Time, milestone: Milestone) {
        let (into, id) = match milestone {
            Milestone::Submitted(id) => (&mut self.submitted, id),
            Milestone::Decided(id, _) => (&mut self.first, id),
            Milestone::Completed(id) => (&mut self.completed, id),
            Milestone::Served(_) | Milestone::CaughtUp(_) | Milestone::Abandoned(_) => return,
        };
        into.entry(id).or_insert(at);
    }

    /// Returns the timeline of the run that came to `outcome`.
    pub(super) fn into_timeline(mut self, outcome: &Outcome) -> Timeline {
        let span = outcome.end.at.as_nanos().div_ceil(SPANS).max(1);
        let done = if self.completed.is_empty() { &self.first } else { &self.completed };
        let mut spans = vec![Vec::new(); SPANS as usize];
        for (id, at) in done {
            let place = (at.as_nanos() / span).min(SPANS - 1) as usize;
            spans[place].push(self.submitted.get(id).map_or(0, |begin| at.since(*begin).as_nanos()));
        }
        spans.iter_mut().for_each(|latencies| latencies.sort_unstable());
        self.windows.extend(self.cuts.values().map(|&begin| (begin, None)));
        self.windows.sort_unstable();
        let window = |name: &str, from: Time, until: Option<Time>| FaultWindow {
            name: name.to_owned(),
            from_ns: from.as_nanos(),
            until_ns: until.map(Time::as_nanos),
        };
        let cuts = self.windows.iter().map(|&(from, until)| window("cut", from, until));
        let faults = outcome.faults.iter().map(|fault| window(&fault.name, fault.from, fault.until));
        Timeline {
            seed: outcome.seed,
            span_ns: span,
            decided: spans.iter().map(|latencies| latencies.len() as u64).collect(),
            latency_ns: spans.iter().map(|latencies| latencies.get(latencies.len() / 2).copied()).collect(),
            // A fault that comes and goes is one fault and many cuts.
            faults: if self.windows.is_empty() { faults.collect() } else { cuts.collect() },
            figure: self.figure.map(str::to_owned),
            agents: (0..outcome.agents).map(|agent| self.agents.remove(&agent).unwrap_or_default()).collect(),
        }
    }
}
