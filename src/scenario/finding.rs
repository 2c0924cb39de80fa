//! The `repro:` map, which makes a scenario file a repro file: what its run came to when the file was written.

use super::error::ScenarioError;
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the run of a repro file came to when the file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The version of Synod that made the run.
    pub version: String,
    /// The digest of the run, in hexadecimal.
    pub digest: String,
    /// Why the run ended, in one word.
    pub ended: String,
    /// What oracles objected to, in order of time.
    pub violations: Vec<Violated>,
    /// Expectations that were not met.
    pub unmet: Vec<Unmet>,
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
    /// The text of a repro file: `scenario`, the text of a scenario without a finding, with this one.
    ///
    /// # Errors
    /// If the finding has no YAML form.
    pub fn stamp(&self, scenario: &str) -> Result<String, ScenarioError> {
        #[derive(Serialize)]
        struct Key<'a> {
            repro: &'a Finding,
        }
        let own = serde_yaml::to_string(&Key { repro: self })
            .map_err(|error| ScenarioError::of_file("repro", format!("cannot be printed: {error}")))?;
        Ok(format!("{}\n{own}", scenario.trim_end()))
    }
}
