//! A sweep as a page, as JSON, as a table and as a report of tests.

mod object;
mod page;
mod tables;

pub use object::sweep_object;
pub use page::sweep_page;
use serde_json::{Value, json};
use synod_campaign::{SweepResult, SweepTally};
use synod_oracle::Metric;
pub use tables::{sweep_csv, sweep_junit};

/// What a sweep was of.
#[derive(Copy, Clone, Debug)]
pub struct SweepTitle<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// What the scenario shows, in its author's words.
    pub about: &'a str,
    /// The label of each point, empty without a grid.
    pub points: &'a [&'a str],
    /// The metrics that its runs can report.
    pub metrics: &'a [&'static Metric],
    /// The seeds, as the user typed them.
    pub seeds: &'a str,
    /// The output folder.
    pub folder: &'a str,
    /// The repro file of the first failure, as a shell reads it.
    pub first: Option<&'a str>,
    /// The program, as the user called it.
    pub program: &'a str,
}

impl SweepTitle<'_> {
    /// Returns true if there is a grid.
    pub(super) fn has_grid(&self) -> bool {
        self.points.iter().any(|label| !label.is_empty())
    }
}

/// Returns what shows that less was tried than it seems, over all points or at one.
fn warnings(tally: &SweepTally) -> Vec<String> {
    let faults = tally.idle_faults().map(|fault| format!("fault {fault} did nothing in any run"));
    let plans = tally.idle_plans().map(|plan| format!("the planned {plan} did nothing in any run"));
    faults.chain(plans).collect()
}

/// What tells that runs came to something else when they were made again, of a protocol that is no pure function.
fn unstable(swept: &SweepResult) -> Option<String> {
    let blocks = synod_sim::units::plural(swept.unstable, "block");
    (swept.unstable > 0).then(|| format!("unstable: {blocks} of runs came to something else when made again"))
}

/// What the sweep should have covered and has not.
fn vacuous(swept: &SweepResult) -> impl Iterator<Item = String> {
    swept.uncovered.iter().map(|mark| format!("vacuous: {mark} was expected in some run and hit in none"))
}

/// What fails the sweep though no run failed: what it should have covered and has not, and what was missed too often.
fn shortfalls(swept: &SweepResult) -> impl Iterator<Item = String> {
    vacuous(swept).chain(swept.excesses.iter().map(|excess| format!("too often: {excess}")))
}

/// Whole numbers without a point.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}
