//! Parameter grids: every combination of some values, as scenarios.

use super::seeds::Seeds;
use std::fmt;
use synod_harness::ScenarioError;
use synod_harness::{Prepared, Registry};
use synod_scenario::Document;
use synod_sim::units::printable;

/// A scenario with one combination of a grid's values, and the seeds that it is to run with.
pub struct Point {
    /// The combination, such as `agents=4 network.loss=5%`; empty without a grid.
    pub label: String,
    /// The scenario.
    pub scenario: Box<dyn Prepared>,
    /// The seeds.
    pub seeds: Seeds,
    assignments: Vec<String>,
}

impl Point {
    /// `scenario` with the values of these assignments, each `path=value`.
    pub fn new(assignments: Vec<String>, scenario: Box<dyn Prepared>, seeds: Seeds) -> Point {
        Point { label: printable(&assignments.join(" ")).into_owned(), scenario, seeds, assignments }
    }

    /// A point of a plan.
    pub(crate) fn planned(
        label: String,
        assignments: Vec<String>,
        scenario: Box<dyn Prepared>,
        seeds: Seeds,
    ) -> Point {
        Point { label, scenario, seeds, assignments }
    }

    /// `scenario` under a name of its own.
    pub fn named(label: String, scenario: Box<dyn Prepared>, seeds: Seeds) -> Point {
        Point { label, scenario, seeds, assignments: Vec::new() }
    }

    /// Returns what sets the scenario apart from those of other points, each `path=value`.
    pub fn assignments(&self) -> impl Iterator<Item = &str> {
        self.assignments.iter().map(String::as_str)
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Point({:?})", self.label)
    }
}

/// `document` with every combination of the values of `axes`, each `path=value,value`, to
/// run with `seeds`. The last axis varies fastest.
///
/// # Errors
/// If there are more than `most` combinations, or if one is no sound scenario.
pub fn grid(
    registry: &Registry,
    document: &Document,
    axes: &[String],
    seeds: &Seeds,
    most: u64,
) -> Result<Vec<Point>, ScenarioError> {
    let axes: Vec<Vec<String>> = axes.iter().map(|axis| assignments(axis)).collect();
    let points = axes.iter().fold(1_u64, |points, axis| points.saturating_mul(axis.len() as u64));
    if points > most {
        let mut error =
            ScenarioError::of_file("--grid", format!("these are {points} points, and {most} are possible"));
        error.help = Some("name fewer values, or raise --max-points".to_owned());
        return Err(error);
    }
    let mut combinations = vec![Vec::new()];
    for assignments in axes {
        let extended = |combination: &Vec<String>| {
            let with = |one: &String| combination.iter().chain([one]).cloned().collect();
            assignments.iter().map(with).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(extended).collect();
    }
    let point = |combination: Vec<String>| {
        let mut document = document.clone();
        combination.iter().try_for_each(|assignment| document.set(assignment))?;
        Ok(Point::new(combination, document.prepare(registry)?, seeds.clone()))
    };
    combinations.into_iter().map(point).collect()
}

/// `path=a,b` as `path=a` and `path=b`. Commas inside brackets part nothing.
fn assignments(axis: &str) -> Vec<String> {
    let Some((path, values)) = axis.split_once('=') else { return vec![axis.to_owned()] };
    let mut depth = 0_usize;
    let is_comma = |character: char| {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    };
    values.split(is_comma).map(|value| format!("{path}={}", value.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_brackets_part_nothing() {
        assert_eq!(assignments("agents=4, 7"), ["agents=4", "agents=7"]);
        assert_eq!(assignments("a.b=[0, 1],[2]"), ["a.b=[0, 1]", "a.b=[2]"]);
    }
}
