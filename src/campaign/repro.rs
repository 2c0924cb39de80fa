//! Repro files: a scenario file, resolved and complete, with what its run came to.

use super::draft::Draft;
use super::files::read_own;
use std::io::{self, Write};
use std::path::Path;
use synod_harness::Outcome;
use synod_harness::Prepared;
use synod_harness::{Finding, ScenarioError};
use synod_scenario::{stamp, to_yaml};

/// A scenario with nothing left to chance but what its seed draws, and what its run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repro {
    yaml: String,
    finding: Finding,
}

impl Repro {
    /// Returns the repro of the run of `prepared` that came to `outcome`.
    ///
    /// # Errors
    /// If the scenario has no YAML form.
    pub fn of(prepared: &dyn Prepared, outcome: &Outcome) -> Result<Repro, ScenarioError> {
        let finding = Finding::of(outcome);
        Ok(Repro { yaml: stamp(&finding, &to_yaml(&prepared.resolved(outcome.seed))?)?, finding })
    }

    /// Returns what the run came to.
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// Returns the text of the file.
    pub fn to_yaml(&self) -> &str {
        &self.yaml
    }

    /// Writes the file, whole or not at all. One that holds the same already is left as it is.
    ///
    /// # Errors
    /// If the file exists and holds anything else, or if it cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut draft = Draft::new(folder)?;
        draft.write_all(self.yaml.as_bytes())?;
        match draft.create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if read_own(path).is_ok_and(|bytes| bytes == self.yaml.as_bytes()) {
                    Ok(())
                } else {
                    Err(io::Error::new(io::ErrorKind::AlreadyExists, "exists and holds something else"))
                }
            }
            written => written,
        }
    }
}
