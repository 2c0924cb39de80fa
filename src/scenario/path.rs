//! Paths: the names that lead to a value in a scenario file.

use std::fmt;

/// The way to a value: keys of maps and indices of lists, from the top, as in `faults.0.silent.agents`.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// The whole file.
    pub fn root() -> Path {
        Path::default()
    }

    /// The path of these steps.
    pub fn of<S: ToString>(steps: impl IntoIterator<Item = S>) -> Path {
        Path(steps.into_iter().map(|step| step.to_string()).collect())
    }

    /// This path and one step further: a key, or an index from 0.
    pub fn to(&self, step: impl ToString) -> Path {
        let mut steps = self.0.clone();
        steps.push(step.to_string());
        Path(steps)
    }

    /// The steps, from the top.
    pub fn steps(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("."))
    }
}
