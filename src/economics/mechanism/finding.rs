//! Whether a property holds, and the witness if it does not.

use std::fmt::{self, Debug};

/// Whether a property holds on a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<T> {
    /// The worst failure, and of equal ones the first; `None` if the property holds.
    pub worst: Option<Witness<T>>,
    /// How many cases were looked at.
    pub evaluations: u64,
}

/// A case in which a property fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness<T> {
    /// What all agents are.
    pub types: Vec<T>,
    /// Whom it is about.
    pub agents: Vec<usize>,
    /// What these say instead of the truth; under a false name, what the one agent says under its two names. Empty if
    /// all are honest.
    pub reports: Vec<T>,
    /// By how much the property fails, in minor units: a gain, a loss, a shortfall.
    pub amount: i128,
}

impl<T> Finding<T> {
    /// Returns whether the property holds.
    pub fn holds(&self) -> bool {
        self.worst.is_none()
    }

    /// Returns by how much the property fails at worst, in minor units: 0 if it holds.
    pub fn amount(&self) -> i128 {
        self.worst.as_ref().map_or(0, |worst| worst.amount)
    }

    pub(super) fn new() -> Finding<T> {
        Finding { worst: None, evaluations: 0 }
    }

    /// Takes note of a case; `amount` is positive if the property fails in it.
    pub(super) fn note(&mut self, amount: i128, witness: impl FnOnce() -> Witness<T>) {
        self.evaluations += 1;
        if amount > self.amount() {
            self.worst = Some(witness());
        }
    }
}

impl<T: Debug> fmt::Display for Finding<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.worst {
            None => write!(out, "holds in {} cases", self.evaluations),
            Some(worst) => write!(out, "fails in {} cases, at worst by {worst}", self.evaluations),
        }
    }
}

impl<T: Debug> fmt::Display for Witness<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Witness { types, agents, reports, amount } = self;
        write!(out, "{amount}: agents {agents:?} of types {types:?}")?;
        if reports.is_empty() { Ok(()) } else { write!(out, " say {reports:?}") }
    }
}
