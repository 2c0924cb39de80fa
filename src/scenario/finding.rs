//! The `repro:` map, which makes a scenario file a repro file: what its run came to when the file was written.

use super::error::{Problem, ScenarioError, quote};
use super::path::Path;
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Expectations that were not met.
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
        match self.digest.len() == 32 && self.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(()),
            false => {
                let message = format!("{} is no digest of a run", quote(&self.digest));
                let problem = Problem::new(Path::of(["repro", "digest"]), message);
                Err(problem.help("a digest has 32 hexadecimal digits: was the file cut off?"))
            }
        }
    }

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
