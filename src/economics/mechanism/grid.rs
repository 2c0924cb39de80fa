//! All profiles of types on a grid.

use std::fmt;

/// Why properties cannot be examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetError {
    /// The grid is for another number of agents.
    Agents {
        /// How many agents the mechanism has.
        agents: usize,
        /// For how many agents there are types.
        types: usize,
    },
    /// There are no types for an agent.
    NoTypes(usize),
    /// There are too many profiles of types, or too many evaluations.
    TooMany {
        /// How many there are.
        found: u128,
        /// How many there may be.
        most: u128,
    },
    /// The mechanism decides nothing for some reports.
    Undecided {
        /// The reports.
        reports: String,
        /// Why.
        why: String,
    },
}

/// The greatest number of profiles.
pub const PROFILES_MAX: u128 = 1_000_000;

/// The types that each agent may have. Profiles are numbered; the first agent's type changes fastest.
#[derive(Clone, Debug)]
pub(super) struct Grid<'a, T> {
    types: &'a [Vec<T>],
    profiles: usize,
}

impl<'a, T: Clone> Grid<'a, T> {
    pub(super) fn new(agents: usize, types: &'a [Vec<T>]) -> Result<Grid<'a, T>, SheetError> {
        if types.len() != agents {
            return Err(SheetError::Agents { agents, types: types.len() });
        }
        if let Some(agent) = types.iter().position(Vec::is_empty) {
            return Err(SheetError::NoTypes(agent));
        }
        let found = types.iter().fold(1_u128, |found, own| found.saturating_mul(own.len() as u128));
        check(found, PROFILES_MAX)?;
        Ok(Grid { types, profiles: found as usize })
    }

    pub(super) fn agents(&self) -> usize {
        self.types.len()
    }

    pub(super) fn profiles(&self) -> usize {
        self.profiles
    }

    pub(super) fn of(&self, agent: usize) -> &'a [T] {
        &self.types[agent]
    }

    /// The profile of this number.
    pub(super) fn profile(&self, number: usize) -> Vec<T> {
        (0..self.agents()).map(|agent| self.types[agent][self.place(number, agent)].clone()).collect()
    }

    /// Which of its types the agent has in a profile.
    pub(super) fn place(&self, number: usize, agent: usize) -> usize {
        number / self.stride(agent) % self.types[agent].len()
    }

    /// The number of the profile in which the agent has another type.
    pub(super) fn with(&self, number: usize, agent: usize, place: usize) -> usize {
        number + place * self.stride(agent) - self.place(number, agent) * self.stride(agent)
    }

    fn stride(&self, agent: usize) -> usize {
        self.types[..agent].iter().map(Vec::len).product()
    }
}

pub(super) fn check(found: u128, most: u128) -> Result<(), SheetError> {
    if found > most { Err(SheetError::TooMany { found, most }) } else { Ok(()) }
}

impl fmt::Display for SheetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SheetError::Agents { agents, types } => {
                write!(out, "there are types for {types} agents: there have to be some for each of {agents}")
            }
            SheetError::NoTypes(agent) => write!(out, "agent {agent} has no type: it has to have at least 1"),
            SheetError::TooMany { found, most } => {
                write!(out, "there are {found} to try: there may be {most}")
            }
            SheetError::Undecided { reports, why } => write!(out, "nothing is decided for {reports}: {why}"),
        }
    }
}

impl std::error::Error for SheetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_agent_changes_fastest() {
        let types = [vec![0, 1, 2], vec![5, 6]];
        let grid = Grid::new(2, &types).unwrap();
        let profiles: Vec<_> = (0..grid.profiles()).map(|number| grid.profile(number)).collect();
        assert_eq!(profiles, [[0, 5], [1, 5], [2, 5], [0, 6], [1, 6], [2, 6]]);
        assert_eq!((grid.with(1, 1, 1), grid.with(4, 0, 2), grid.with(4, 0, 0)), (4, 5, 3));
    }

    #[test]
    fn grids_that_are_none_are_errors() {
        assert_eq!(Grid::new(2, &[vec![1]]).unwrap_err(), SheetError::Agents { agents: 2, types: 1 });
        assert_eq!(Grid::new(2, &[vec![1], vec![]]).unwrap_err(), SheetError::NoTypes(1));
        let large = vec![vec![0; 1_000]; 3];
        let most = PROFILES_MAX;
        assert_eq!(Grid::new(3, &large).unwrap_err(), SheetError::TooMany { found: 1_000_000_000, most });
    }
}
