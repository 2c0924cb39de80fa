//! A run as one JSON object.

use serde::Serialize;
use synod_campaign::Host;
use synod_harness::Outcome;

/// The object of a run: its outcome, and beside it, under `host`, what it took of the machine.
#[derive(Serialize)]
struct Run<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    host: &'a Host,
}

/// `outcome` and `host` as JSON, in lines that people can read too.
///
/// Everything but `host` is the same to the byte for the same scenario, seed and version.
///
/// # Panics
/// Never: every name and number in an outcome has a JSON form.
pub fn object(outcome: &Outcome, host: &Host) -> String {
    serde_json::to_string_pretty(&Run { outcome, host }).expect("an outcome has a JSON form")
}
