//! The search: the smallest failing scenario so far, and the check of candidates.

use super::reductions::Reduction;
use super::{FailureSignature, Pass, ShrinkError, ShrinkResult};
use crate::Repro;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use synod_harness::{Outcome, Prepared, Registry};
use synod_harness::{Path, ScenarioError};
use synod_oracle::metric;
use synod_scenario::Document;
use synod_scenario::to_yaml;
use synod_sim::{Digest, Ending};

/// How far a search has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ShrinkProgress {
    /// What is being simplified.
    pub about: &'static str,
    /// Candidates run.
    pub tried: u64,
    /// Candidates that failed in the same way.
    pub kept: u64,
    /// Faults that are left.
    pub faults: usize,
}

/// Maximum number of a candidate's events, as a multiple of the original's.
const PATIENCE: u64 = 4;
/// Number of events that a candidate may always take.
const EVENTS: u64 = 100_000;

/// The smallest failing scenario so far.
pub(super) struct Search<'a> {
    registry: &'a Registry,
    name: String,
    best: Best,
    target: FailureSignature,
    control: Control,
    /// Candidates that did not fail in the same way.
    refused: BTreeSet<Digest>,
    events_max: u64,
    pass: Pass,
    tried: u64,
    kept: u64,
    on_progress: &'a mut dyn FnMut(ShrinkProgress) -> ControlFlow<()>,
    is_over: bool,
}

/// A scenario, its text and its run.
struct Best {
    text: String,
    document: Document,
    prepared: Box<dyn Prepared>,
    outcome: Outcome,
}

/// What tells an expectation that faults make a run miss from one that no run could meet.
///
/// Oracles judge by what is promised. An expectation is a mere figure, which a scenario that asks for less misses too:
/// `decisions: 100` fails with one request, and so does anything within a horizon of a nanosecond.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Control {
    /// None is needed.
    Unneeded,
    /// Without its faults a candidate must meet the expectation, as the original does.
    FaultFree,
    /// The original misses it without faults too: how much it asks for must stay as it is.
    Impossible,
}

impl<'a> Search<'a> {
    /// Creates a search that begins at the scenario `text`, which is called `name`.
    ///
    /// # Errors
    /// If there is nothing to shrink.
    pub(super) fn new(
        registry: &'a Registry,
        name: &str,
        text: String,
        on_progress: &'a mut dyn FnMut(ShrinkProgress) -> ControlFlow<()>,
    ) -> Result<Search<'a>, ShrinkError> {
        let document = Document::parse(name, &text)?;
        let prepared = document.clone().prepare(registry)?;
        let outcome = prepared.run(prepared.seed(), None)?;
        let target = FailureSignature::of(&outcome).ok_or(ShrinkError::NothingFails)?;
        let events_max = outcome.end.events.saturating_mul(PATIENCE).max(EVENTS);
        let mut search = Search {
            registry,
            name: name.to_owned(),
            best: Best { text, document, prepared, outcome },
            target,
            control: Control::Unneeded,
            refused: BTreeSet::new(),
            events_max,
            pass: super::PASSES[0],
            tried: 0,
            kept: 0,
            on_progress,
            is_over: false,
        };
        if let FailureSignature::Expectation(_) = search.target {
            let original = search.best.document.clone();
            let is_possible = search.passes_without_faults(&original)?;
            search.control = if is_possible { Control::FaultFree } else { Control::Impossible };
        }
        Ok(search)
    }

    /// Returns the smallest failing scenario so far, complete.
    pub(super) fn document(&self) -> &Document {
        &self.best.document
    }

    /// Returns its run.
    pub(super) fn outcome(&self) -> &Outcome {
        &self.best.outcome
    }

    /// Returns what must go on failing.
    pub(super) fn target(&self) -> &FailureSignature {
        &self.target
    }

    /// Returns the number of candidates that failed in the same way.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// Begins a pass. False if it is to be left out.
    pub(super) fn begin(&mut self, pass: Pass) -> bool {
        self.pass = pass;
        !(self.is_over || pass.resizes && self.control == Control::Impossible)
    }

    /// Returns true if the smallest so far is as good with `edit`: see [`Search::attempt`].
    pub(super) fn attempt_with(
        &mut self,
        edit: impl FnOnce(&mut Document) -> Result<(), ScenarioError>,
    ) -> bool {
        let mut candidate = self.best.document.clone();
        edit(&mut candidate).is_ok() && self.attempt(candidate)
    }

    /// Returns true if `candidate` is sound, is another scenario and fails in the same way: then the search goes on
    /// from there.
    pub(super) fn attempt(&mut self, candidate: Document) -> bool {
        if self.is_over {
            return false;
        }
        // What is not sound, or cannot be run, is no candidate.
        self.judge(candidate).unwrap_or(false)
    }

    fn judge(&mut self, candidate: Document) -> Result<bool, ScenarioError> {
        let text = to_yaml(&candidate.prepare(self.registry)?.resolved(self.best.prepared.seed()))?;
        let digest = Digest::of_bytes(text.as_bytes());
        if text == self.best.text || self.refused.contains(&digest) {
            return Ok(false);
        }
        self.tried += 1;
        let document = Document::parse(&self.name, &text)?;
        let failing = self.fails_alike(&document)?;
        let is_smaller = failing.is_some();
        match failing {
            None => {
                self.refused.insert(digest);
            }
            Some(outcome) => {
                let prepared = document.clone().prepare(self.registry)?;
                self.best = Best { text, document, prepared, outcome };
                self.kept += 1;
            }
        }
        let faults = self.best.document.children(&Path::of(["faults"])).len();
        let Search { pass: Pass { about, .. }, tried, kept, .. } = *self;
        self.is_over = (self.on_progress)(ShrinkProgress { about, tried, kept, faults }).is_break();
        Ok(is_smaller)
    }

    /// Returns the run of `document`, if it fails like the original.
    fn fails_alike(&self, document: &Document) -> Result<Option<Outcome>, ScenarioError> {
        let outcome = self.run(document.clone())?;
        if !self.target.occurs_in(&outcome) || matches!(outcome.end.ending, Ending::Events(_)) {
            return Ok(None);
        }
        if self.pass.must_end_no_later && outcome.end.at > self.best.outcome.end.at {
            return Ok(None);
        }
        let alike = match self.target {
            FailureSignature::Oracle(_) | FailureSignature::Panic(_) => true,
            FailureSignature::Expectation(_) => {
                outcome.ended() == self.best.outcome.ended()
                    && (self.control == Control::Impossible || self.passes_without_faults(document)?)
            }
        };
        Ok(alike.then_some(outcome))
    }

    /// Runs `document`, but not for much longer than the original ran.
    fn run(&self, mut document: Document) -> Result<Outcome, ScenarioError> {
        let path = Path::of(["limits", "events"]);
        let limit = document.text(&path).and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
        document.put(&path, &self.events_max.min(limit).to_string())?;
        let prepared = document.prepare(self.registry)?;
        prepared.run(prepared.seed(), None)
    }

    /// Returns true if `document` would not fail in this way if it had no faults.
    fn passes_without_faults(&self, document: &Document) -> Result<bool, ScenarioError> {
        let mut calm = document.clone();
        calm.put(&Path::of(["faults"]), "[]")?;
        for path in calm.children(&Path::of(["expect"])) {
            if metric::FAULT_EFFECT.is_called(&path.steps()[1]) {
                calm.remove(&path);
            }
        }
        // An expectation of a fault's effect cannot be met without faults.
        match &self.target {
            FailureSignature::Expectation(name) if metric::FAULT_EFFECT.is_called(name) => Ok(false),
            target => Ok(!target.occurs_in(&self.run(calm)?)),
        }
    }

    /// Returns what the search came to.
    pub(super) fn conclude(self, reductions: Vec<Reduction>) -> Result<ShrinkResult, ShrinkError> {
        let repro = Repro::of(&*self.best.prepared, &self.best.outcome)?;
        Ok(ShrinkResult {
            repro,
            outcome: self.best.outcome,
            target: self.target,
            reductions,
            tried: self.tried,
            kept: self.kept,
            complete: !self.is_over,
        })
    }
}
