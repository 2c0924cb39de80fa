//! Outcomes of small runs.

use std::collections::BTreeMap;
use std::ops::Range;
use synod_fault::FaultReport;
use synod_sim::{
    End, Event, EventTime, Flow, Milestone, NodeId, Observation, Observer, OperationId, Oracle, Protocol,
    RunDigest, Simulation, Time, Violation,
};

/// The outcome of a small run.
pub struct Outcome<P: Protocol> {
    /// How it ended, with all counts.
    pub end: End,
    /// The oracles that objected, each with its first objection, in order of time.
    pub violations: Vec<(&'static str, Violation)>,
    /// How often the premise of each oracle held.
    pub checked: BTreeMap<&'static str, u64>,
    /// How often each coverage mark was hit.
    pub coverage: BTreeMap<&'static str, u64>,
    /// Milestones of operations that were claimed: when, by whom, which.
    pub milestones: Vec<(Time, NodeId, Milestone)>,
    /// What each fault did, in the order in which they were given.
    pub faults: Vec<FaultReport>,
    pub(super) simulation: Simulation<P, Judges<P>>,
}

impl<P: Protocol> Outcome<P> {
    /// Returns the run digest, which is equal for identical runs.
    pub fn digest(&self) -> RunDigest {
        self.end.digest
    }

    /// Returns true if `oracle` objected.
    pub fn violates(&self, oracle: &str) -> bool {
        self.violations.iter().any(|&(name, _)| name == oracle)
    }

    /// Returns the state machine of `node` as it was at the end; `None` if it was down.
    pub fn machine(&self, node: u32) -> Option<&P> {
        self.simulation.machine(NodeId(node))
    }

    /// Copies of messages of `kind` that were sent for the first time.
    pub fn sent(&self, kind: &str) -> u64 {
        self.end.tally.kinds.iter().filter(|tally| tally.kind.name == kind).map(|tally| tally.sent).sum()
    }

    /// Returns who decided which operation, and when.
    pub fn decided(&self) -> impl Iterator<Item = (Time, NodeId, OperationId)> {
        self.milestones.iter().filter_map(|&(at, node, milestone)| match milestone {
            Milestone::Decided(operation, _) => Some((at, node, operation)),
            _ => None,
        })
    }

    /// Asserts that no oracle objected; returns the outcome.
    ///
    /// # Panics
    /// If an oracle did; the message names all of them.
    #[track_caller]
    pub fn clean(self) -> Outcome<P> {
        let objections: Vec<String> = self
            .violations
            .iter()
            .map(|(oracle, violation)| format!("{oracle}: {}", violation.message))
            .collect();
        assert!(objections.is_empty(), "{} violations\n{}", objections.len(), objections.join("\n"));
        self
    }
}

/// Observer of a run: its oracles, and what claims of all protocols have in common.
pub(super) struct Judges<P: Protocol> {
    pub(super) oracles: Vec<Box<dyn Oracle<P>>>,
    /// The oracle whose violation ends the run; any, if `None`.
    pub(super) wanted: Option<&'static str>,
    pub(super) until: Option<Until<P>>,
    pub(super) violations: Vec<(&'static str, Violation)>,
    pub(super) coverage: BTreeMap<&'static str, u64>,
    pub(super) milestones: Vec<(Time, NodeId, Milestone)>,
}

/// Returns true once a run is done.
pub(super) type Until<P> = Box<dyn FnMut(EventTime, &Event<'_, P>) -> bool>;

impl<P: Protocol> Judges<P> {
    /// Asks every oracle; returns whether the run continues.
    pub(super) fn ask(&mut self, mut ask: impl FnMut(&mut dyn Oracle<P>) -> Result<(), Violation>) -> Flow {
        let mut flow = Flow::Continue;
        for oracle in &mut self.oracles {
            let Err(violation) = ask(oracle.as_mut()) else { continue };
            let name = oracle.name();
            if self.violations.iter().all(|&(other, _)| other != name) {
                self.violations.push((name, violation));
            }
            if self.wanted.is_none_or(|wanted| wanted == name) {
                flow = Flow::Violated;
            }
        }
        flow
    }
}

impl<P: Protocol> Observer<P> for Judges<P> {
    fn wants_copies(&self) -> bool {
        self.oracles.iter().any(|oracle| oracle.wants_copies())
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Flow {
        if let Event::Observed { node, observation } = event {
            if let Some(mark) = observation.mark() {
                *self.coverage.entry(mark.name).or_default() += 1;
            }
            self.milestones.extend(observation.milestone().map(|milestone| (moment.at, *node, milestone)));
        }
        match self.ask(|oracle| oracle.on_event(moment, event)) {
            Flow::Continue if self.until.as_mut().is_some_and(|until| until(moment, event)) => Flow::Done,
            flow => flow,
        }
    }
}

/// Runs all of these seeds, none of which may violate anything; returns how often the premise of each oracle held in
/// all of them together. A sum of zero means that an oracle was never exercised.
///
/// ```
/// use synod_testing::TestRun;
/// use synod_testing::script::Actor;
/// use synod_testing::{seeds, survey};
///
/// let checked = survey(seeds(3), |seed| TestRun::<Actor>::scripted(2, |_, _, _| {}).seed(seed).run());
/// assert!(checked.is_empty(), "no oracles, no premises");
/// ```
///
/// # Panics
/// If an oracle objects; the message has all objections with their seeds.
#[track_caller]
pub fn survey<P: Protocol>(
    seeds: Range<u64>,
    mut run: impl FnMut(u64) -> Outcome<P>,
) -> BTreeMap<&'static str, u64> {
    let mut wrong = Vec::new();
    let mut checked = BTreeMap::new();
    for seed in seeds {
        let outcome = run(seed);
        outcome.checked.iter().for_each(|(&name, &count)| *checked.entry(name).or_default() += count);
        let objections = outcome.violations.iter();
        wrong.extend(objections.map(|(oracle, why)| format!("seed {seed}: {oracle}: {}", why.message)));
    }
    assert!(wrong.is_empty(), "{} violations\n{}", wrong.len(), wrong.join("\n"));
    checked
}

/// Returns the seeds from 0: `usual` of them, or as many as the environment variable `SYNOD_SEEDS` says.
///
/// # Panics
/// If the variable is no number.
pub fn seeds(usual: u64) -> Range<u64> {
    0..std::env::var("SYNOD_SEEDS").map_or(usual, |seeds| seeds.parse().expect("a number of seeds"))
}
