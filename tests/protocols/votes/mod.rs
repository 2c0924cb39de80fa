//! Simple, weighted and hierarchical votes: their scenarios show what they say, their oracles catch every known bug,
//! and the true protocol passes them all whatever goes wrong.

mod chaos;
mod files;
mod hierarchy;
mod mutants;
mod scenarios;

use synod::harness::{Outcome, Prepared};
use synod::scenario::Document;

/// The scenario of this text.
fn prepare(text: &str) -> Box<dyn Prepared> {
    let document = Document::parse("vote.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// What oracles object to in a run.
fn objections(outcome: &Outcome) -> Vec<String> {
    outcome
        .violations
        .iter()
        .map(|violation| format!("{}: {}", violation.oracle, violation.message))
        .collect()
}
