//! Paths: the names that lead to a value in a scenario file.

use std::fmt;

/// The way to a value: keys of maps and indices of lists, from the top, as in `faults.0.silent.agents`.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Returns the whole file.
    pub fn root() -> Path {
        Path::default()
    }

    /// Returns the path of these steps.
    pub fn of<S: ToString>(steps: impl IntoIterator<Item = S>) -> Path {
        Path(steps.into_iter().map(|step| step.to_string()).collect())
    }

    /// This path and one step further: a key, or an index from 0.
    pub fn to(&self, step: impl ToString) -> Path {
        let mut steps = self.0.clone();
        steps.push(step.to_string());
        Path(steps)
    }

    /// This path without the steps of `prefix`, and with those of `instead` in their place; `None` if it does not begin
    /// with them.
    pub fn moved(&self, prefix: &[&str], instead: &Path) -> Option<Path> {
        let rest = self.0.get(prefix.len()..)?;
        let begins = self.0.iter().zip(prefix).all(|(step, prefix)| step == prefix);
        begins.then(|| Path(instead.0.iter().chain(rest).cloned().collect()))
    }

    /// Returns the steps, from the top.
    pub fn steps(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("."))
    }
}
