//! The plan: where mutants are planted, and which checks have to notice them.

use crate::error::Error;
use crate::files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// As many seeds as a check may take to notice a mutant.
const MOST_SEEDS: u64 = 2_000;

/// `plan.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The seed of the draw.
    pub seed: u64,
    /// How many mutants are drawn of each module.
    pub per_module: usize,
    /// Names of files and folders in which nothing is planted, wherever they are.
    pub without: Vec<String>,
    /// The modules, by name.
    pub modules: BTreeMap<String, Module>,
}

/// Where mutants are planted, and what has to notice them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The folder of the crate.
    pub sources: String,
    /// Files and folders of it in which nothing is planted.
    #[serde(default)]
    pub without: Vec<String>,
    /// The checks, in the order in which they are tried.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged, deny_unknown_fields)]
pub enum Check {
    /// A sweep of a scenario.
    Sweep {
        /// The scenario's file, below `scenarios`, without its ending.
        sweep: String,
        /// How many seeds, from 0 on.
        seeds: u64,
    },
    /// The unit tests of a package, or those of one target of it.
    Tests {
        /// The package.
        tests: String,
        /// The target in the package's folder of tests.
        target: Option<String>,
    },
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Sweep { sweep, seeds } => write!(f, "{sweep}, {seeds} seeds"),
            Check::Tests { tests, target: None } => write!(f, "tests of {tests}"),
            Check::Tests { tests, target: Some(target) } => write!(f, "tests of {tests}, {target}"),
        }
    }
}

impl Plan {
    /// Reads the plan.
    pub fn read(path: &Path) -> Result<Plan, Error> {
        let wrong = |what: String| Error::new(format!("{}: {what}", path.display()));
        let plan: Plan =
            serde_yaml::from_str(&files::read(path)?).map_err(|error| wrong(error.to_string()))?;
        for (name, module) in &plan.modules {
            if module.checks.is_empty() {
                return Err(wrong(format!("{name} has no checks")));
            }
            for check in &module.checks {
                if matches!(check, Check::Sweep { seeds, .. } if !(1..=MOST_SEEDS).contains(seeds)) {
                    return Err(wrong(format!("{name}: {check}: from 1 to {MOST_SEEDS} seeds are allowed")));
                }
            }
        }
        Ok(plan)
    }

    /// What the checks of a module are called.
    pub fn names(&self, module: &str) -> Vec<String> {
        self.modules[module].checks.iter().map(Check::to_string).collect()
    }

    /// Every check of the plan once.
    pub fn checks(&self) -> Vec<&Check> {
        let mut all: Vec<&Check> = self.modules.values().flat_map(|module| &module.checks).collect();
        all.sort();
        all.dedup();
        all
    }
}
