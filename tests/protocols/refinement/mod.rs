//! Iterative refinement: its scenarios show what they say, its oracles catch every known bug, the true protocol passes
//! them all whatever goes wrong, and what theory says of it holds.

mod chaos;
mod files;
mod laws;
mod mutants;
mod scenarios;

use synod::harness::{Outcome, Prepared};
use synod::scenario::Document;

/// The scenario of this text.
fn prepare(text: &str) -> Box<dyn Prepared> {
    let document = Document::parse("refinement.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// A run of it.
fn run(scenario: &dyn Prepared, seed: u64) -> Outcome {
    scenario.run(seed, None).unwrap_or_else(|error| panic!("{error}"))
}

/// What oracles object to in a run.
fn objections(outcome: &Outcome) -> Vec<String> {
    outcome
        .violations
        .iter()
        .map(|violation| format!("{}: {}", violation.oracle, violation.message))
        .collect()
}
