//! The `repro:` map, which makes a scenario file a repro file: what its run came to when the file was written.

use super::error::{Problem, quote};
use super::outcome::Outcome;
use super::path::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::units::Span;
use synod_sim::{Time, VERSION};

/// What the run of a repro file came to when the file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The version of Synod that made the run.
    pub version: String,
    /// Why the run ended, in one word.
    pub ended: String,
    /// What oracles objected to, in order of time.
    pub violations: Vec<Violated>,
    /// Expectations that were not met and have to be.
    pub unmet: Vec<Unmet>,
    /// The digest of the run, in hexadecimal. It comes last, so that a file that was cut off lacks it.
    pub digest: String,
}

/// An oracle's objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Violated {
    /// The oracle.
    pub oracle: String,
    /// When it objected.
    pub at: Span,
    /// At which event.
    pub event: u64,
    /// The agents concerned.
    pub agents: Vec<u32>,
    /// What happened.
    pub message: String,
    /// Where a panic happened: file, line and column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmet {
    /// What was looked at.
    pub metric: String,
    /// What was expected of it.
    pub bound: String,
    /// What it was, as JSON.
    pub value: String,
}

impl Finding {
    /// Checks what types cannot say.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.digest.len() == 32 && self.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(())
        } else {
            let message = format!("{} is no digest of a run", quote(&self.digest));
            let problem = Problem::new(Path::of(["repro", "digest"]), message);
            Err(problem.help("a digest has 32 hexadecimal digits: was the file cut off?"))
        }
    }

    /// Returns what a run came to.
    pub fn of(outcome: &Outcome) -> Finding {
        Finding {
            version: VERSION.to_owned(),
            ended: outcome.ended().to_owned(),
            violations: outcome
                .violations
                .iter()
                .map(|violation| Violated {
                    oracle: violation.oracle.to_owned(),
                    at: Span(violation.at.since(Time::ZERO)),
                    event: violation.event,
                    agents: violation.agents.iter().map(|agent| agent.0).collect(),
                    message: violation.message.clone(),
                    place: violation.place().map(str::to_owned),
                })
                .collect(),
            unmet: outcome
                .expectations
                .iter()
                .filter(|expectation| expectation.verdict.failed())
                .map(|expectation| Unmet {
                    metric: expectation.metric.clone(),
                    bound: expectation.bound.clone(),
                    value: expectation.value.to_string(),
                })
                .collect(),
            digest: outcome.end.digest.to_string(),
        }
    }
}
