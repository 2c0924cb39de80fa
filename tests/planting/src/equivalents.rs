//! Mutants that do nothing wrong, each with the reason why.

use crate::error::Error;
use crate::files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// `equivalents.yaml`: reasons by fingerprint.
#[derive(Default)]
pub struct Equivalents(BTreeMap<String, String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalent {
    mutant: String,
    why: String,
}

impl Equivalents {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Equivalents, Error> {
        let wrong = |what: String| Error::new(format!("{}: {what}", path.display()));
        let list: Vec<Equivalent> =
            serde_yaml::from_str(&files::read(path)?).map_err(|error| wrong(error.to_string()))?;
        let mut reasons = BTreeMap::new();
        for Equivalent { mutant, why } in list {
            if why.trim().is_empty() {
                return Err(wrong(format!("no reason for {mutant}")));
            }
            if reasons.insert(mutant.clone(), why).is_some() {
                return Err(wrong(format!("twice: {mutant}")));
            }
        }
        Ok(Equivalents(reasons))
    }

    /// Why a mutant does nothing wrong, if it is said to.
    pub fn reason(&self, fingerprint: &str) -> Option<&str> {
        self.0.get(fingerprint).map(String::as_str)
    }

    /// All fingerprints.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
