//! Shrinking: the smallest scenario that still fails in the same way.
//!
//! Delta debugging on the document, whatever its protocol and its faults: each pass proposes candidates that are
//! simpler in one respect, a candidate counts if it is sound and fails like the original, and passes repeat until none
//! of them finds anything. There is no randomness and no clock, so that the same file always shrinks to the same file.

mod agents;
mod ddmin;
mod failure;
mod faults;
mod machine;
mod quantity;
mod reductions;
mod search;
mod size;

pub use failure::FailureSignature;
pub use reductions::Reduction;
pub use search::ShrinkProgress;

use super::repro::Repro;
use search::Search;
use std::fmt;
use std::ops::ControlFlow;
use synod_harness::Outcome;
use synod_harness::{Path, ScenarioError};
use synod_harness::{Prepared, Registry};
use synod_scenario::Document;
use synod_scenario::to_yaml;

/// Result of shrinking.
#[derive(Debug)]
pub struct ShrinkResult {
    /// The smallest scenario found, with what its run came to.
    pub repro: Repro,
    /// Its run.
    pub outcome: Outcome,
    /// What fails in it, as in the original.
    pub target: FailureSignature,
    /// What became of the original.
    pub reductions: Vec<Reduction>,
    /// Number of candidates that were run.
    pub tried: u64,
    /// How many of them failed in the same way.
    pub kept: u64,
    /// False if the search was interrupted: then a smaller one may exist that it would have found.
    pub complete: bool,
}

/// Why a scenario cannot be shrunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShrinkError {
    /// It is not sound.
    Scenario(ScenarioError),
    /// Its run violates no oracle and meets every expectation.
    NothingFails,
    /// It fails by something else than its file says.
    Irreproducible {
        /// What the file says.
        then: FailureSignature,
        /// What fails now, if anything.
        now: Option<FailureSignature>,
    },
}

/// A pass: it proposes candidates to the search.
#[derive(Copy, Clone)]
struct Pass {
    /// What is simplified.
    about: &'static str,
    run: fn(&mut Search<'_>),
    /// Whether it changes how much is asked for, which is no simplification of an expectation that the original misses
    /// for no fault of its faults.
    resizes: bool,
    /// Whether a candidate counts only if its run ends no later: a fault that begins later is simpler only if nothing
    /// is merely put off.
    must_end_no_later: bool,
}

const fn pass(about: &'static str, run: fn(&mut Search<'_>)) -> Pass {
    Pass { about, run, resizes: false, must_end_no_later: false }
}

/// The passes, in order.
const PASSES: [Pass; 8] = [
    pass("expectations", expectations),
    pass("faults", faults::fewer),
    Pass { must_end_no_later: true, ..pass("windows of faults", faults::shorter) },
    pass("strengths of faults", faults::weaker),
    Pass { resizes: true, ..pass("agents", agents::fewer) },
    Pass { resizes: true, ..pass("workload", size::less_work) },
    pass("network", machine::simpler),
    Pass { resizes: true, ..pass("horizon", size::nearer_horizon) },
];

/// Shrinks `prepared` under its own seed. `on_progress` hears of every candidate, and can break the search off: what
/// was found until then is the result.
///
/// # Errors
/// If there is nothing to shrink.
pub fn shrink(
    registry: &Registry,
    prepared: &dyn Prepared,
    on_progress: &mut dyn FnMut(ShrinkProgress) -> ControlFlow<()>,
) -> Result<ShrinkResult, ShrinkError> {
    let text = to_yaml(&prepared.resolved(prepared.seed()))?;
    let original = Document::parse(prepared.name(), &text)?;
    let then = prepared.finding().and_then(FailureSignature::of_finding);
    let search = Search::new(registry, prepared.name(), text, on_progress);
    let mut search = search.map_err(|error| match (error, &then) {
        (ShrinkError::NothingFails, Some(then)) => {
            ShrinkError::Irreproducible { then: then.clone(), now: None }
        }
        (error, _) => error,
    })?;
    if let Some(then) = then
        && !then.occurs_in(search.outcome())
    {
        return Err(ShrinkError::Irreproducible { then, now: FailureSignature::of(search.outcome()) });
    }
    loop {
        let kept = search.kept();
        for pass in PASSES {
            if search.begin(pass) {
                (pass.run)(&mut search);
            }
        }
        if search.kept() == kept {
            break;
        }
    }
    let reductions = reductions::between(&original, search.document());
    search.conclude(reductions)
}

/// Expectations that do not matter are dropped first: they name faults, which could not be removed otherwise.
fn expectations(search: &mut Search<'_>) {
    let mut paths = search.document().children(&Path::of(["expect"]));
    let needed = match search.target() {
        FailureSignature::Oracle(_) | FailureSignature::Panic(_) => None,
        FailureSignature::Expectation(metric) => Some(metric.clone()),
    };
    // What must be violated is part of what the scenario is, not of what it measures.
    paths.retain(|path| path.steps()[1] != "violates" && Some(&path.steps()[1]) != needed.as_ref());
    ddmin::ddmin(search, &paths);
}

impl From<ScenarioError> for ShrinkError {
    fn from(error: ScenarioError) -> ShrinkError {
        ShrinkError::Scenario(error)
    }
}

impl fmt::Display for ShrinkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShrinkError::Scenario(error) => error.fmt(out),
            ShrinkError::NothingFails => {
                out.write_str("nothing to shrink: the run violates no oracle and meets every expectation")
            }
            ShrinkError::Irreproducible { then, now: None } => {
                write!(out, "nothing to shrink: {then} when this file was written, and now the run passes")
            }
            ShrinkError::Irreproducible { then, now: Some(now) } => {
                write!(out, "not what this file says: {then} when it was written, and now {now}")
            }
        }
    }
}

impl std::error::Error for ShrinkError {}
