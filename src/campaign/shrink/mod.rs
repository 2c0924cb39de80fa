//! Shrinking: the smallest scenario that still fails in the same way.
//!
//! Delta debugging on the document, whatever its protocol and its faults: each pass proposes candidates that are simpler
//! in one respect, a candidate counts if it is sound and fails like the original, and passes repeat until none of them
//! finds anything. There is no randomness and no clock, so that the same file always shrinks to the same file.

mod agents;
mod edits;
mod faults;
mod machine;
mod quantity;
mod search;
mod size;
mod target;
mod thin;

pub use edits::Edit;
pub use search::Progress;
pub use target::Target;

use super::repro::Repro;
use search::Search;
use std::fmt;
use std::ops::ControlFlow;
use synod_harness::Outcome;
use synod_harness::{Path, ScenarioError};
use synod_harness::{Prepared, Registry};
use synod_scenario::Document;
use synod_scenario::to_yaml;

/// What shrinking came to.
#[derive(Debug)]
pub struct Shrunk {
    /// The smallest scenario found, with what its run came to.
    pub repro: Repro,
    /// Its run.
    pub outcome: Outcome,
    /// What fails in it, as in the original.
    pub target: Target,
    /// What became of the original.
    pub edits: Vec<Edit>,
    /// How many candidates were run.
    pub tried: u64,
    /// How many of them failed in the same way.
    pub kept: u64,
    /// False if the search was interrupted: then a smaller one may exist that it would have found.
    pub complete: bool,
}

/// Why a scenario cannot be shrunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshrinkable {
    /// It is not sound.
    Scenario(ScenarioError),
    /// Its run violates no oracle and meets every expectation.
    NothingFails,
    /// It fails by something else than its file says.
    Irreproducible {
        /// What the file says.
        then: Target,
        /// What fails now, if anything.
        now: Option<Target>,
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
    hastens: bool,
}

const fn pass(about: &'static str, run: fn(&mut Search<'_>)) -> Pass {
    Pass { about, run, resizes: false, hastens: false }
}

/// The passes, in order.
const PASSES: [Pass; 8] = [
    pass("expectations", expectations),
    pass("faults", faults::fewer),
    Pass { hastens: true, ..pass("windows of faults", faults::shorter) },
    pass("strengths of faults", faults::weaker),
    Pass { resizes: true, ..pass("agents", agents::fewer) },
    Pass { resizes: true, ..pass("workload", size::less_work) },
    pass("network", machine::simpler),
    Pass { resizes: true, ..pass("horizon", size::nearer_horizon) },
];

/// Shrinks `prepared` under its own seed. `onlooker` hears of every candidate, and can break the search off: what was
/// found until then is the result.
///
/// # Errors
/// If there is nothing to shrink.
pub fn shrink(
    registry: &Registry,
    prepared: &dyn Prepared,
    onlooker: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Shrunk, Unshrinkable> {
    let text = to_yaml(&prepared.resolved(prepared.seed()))?;
    let original = Document::parse(prepared.name(), &text)?;
    let then = prepared.finding().and_then(Target::of_finding);
    let search = Search::new(registry, prepared.name(), text, onlooker);
    let mut search = search.map_err(|error| match (error, &then) {
        (Unshrinkable::NothingFails, Some(then)) => {
            Unshrinkable::Irreproducible { then: then.clone(), now: None }
        }
        (error, _) => error,
    })?;
    if let Some(then) = then
        && !then.shows_in(search.outcome())
    {
        return Err(Unshrinkable::Irreproducible { then, now: Target::of(search.outcome()) });
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
    let edits = edits::between(&original, search.document());
    search.conclude(edits)
}

/// Expectations that do not matter are dropped first: they name faults, which could not be removed otherwise.
fn expectations(search: &mut Search<'_>) {
    let mut paths = search.document().children(&Path::of(["expect"]));
    let needed = match search.target() {
        Target::Oracle(_) => None,
        Target::Expectation(metric) => Some(metric.clone()),
    };
    // What must be violated is part of what the scenario is, not of what it measures.
    paths.retain(|path| path.steps()[1] != "violates" && Some(&path.steps()[1]) != needed.as_ref());
    thin::out(search, &paths);
}

impl From<ScenarioError> for Unshrinkable {
    fn from(error: ScenarioError) -> Unshrinkable {
        Unshrinkable::Scenario(error)
    }
}

impl fmt::Display for Unshrinkable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unshrinkable::Scenario(error) => error.fmt(out),
            Unshrinkable::NothingFails => {
                out.write_str("nothing to shrink: the run violates no oracle and meets every expectation")
            }
            Unshrinkable::Irreproducible { then, now: None } => {
                write!(out, "nothing to shrink: {then} when this file was written, and now the run passes")
            }
            Unshrinkable::Irreproducible { then, now: Some(now) } => {
                write!(out, "not what this file says: {then} when it was written, and now {now}")
            }
        }
    }
}

impl std::error::Error for Unshrinkable {}
