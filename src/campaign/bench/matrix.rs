//! From a suite to its points.

use super::suite::{Failures, Series, Suite};
use crate::filter::{Filter, FilterError, PointAttributes};
use crate::goals::Goals;
use crate::sweep::{Point, Seeds};
use std::path::PathBuf;
use synod_harness::Registry;
use synod_harness::{Path, Problem, ScenarioError};
use synod_scenario::Document;

/// The specification of a point of a benchmark.
#[derive(Debug)]
pub struct PointSpec {
    /// The name of the series that it belongs to.
    pub series: String,
    /// The name of the faults that strike, where the series names some.
    pub fault: Option<String>,
    /// Parameters by path, with their values in words.
    pub parameters: Vec<(String, String)>,
    /// The scenario's file.
    pub file: PathBuf,
    /// All that the suite lays over the scenario, each `path=value`, in order.
    pub settings: Vec<String>,
    /// What a run that fails means.
    pub failures: Failures,
    /// True if its first run is to be shown over time.
    pub timeline: bool,
    /// True if it measures the simulator.
    pub host: bool,
}

/// A suite and all its points.
#[derive(Debug)]
pub struct Matrix {
    /// The suite's name.
    pub name: String,
    /// What it measures.
    pub about: String,
    /// The name of each series and what it measures.
    pub series: Vec<(String, String)>,
    /// What each point is of: series by series, sizes vary fastest.
    pub specs: Vec<PointSpec>,
    /// The points themselves, in the same order: scenarios with seeds, under names of their own.
    pub points: Vec<Point>,
    /// What their figures have to be, and what that says of the whole.
    pub goals: Option<Goals>,
}

impl PointSpec {
    /// Returns what a filter can ask of this spot, with its point.
    pub fn attributes(&self, point: &Point) -> PointAttributes {
        PointAttributes::of(
            &point.label,
            &self.series,
            self.fault.as_deref(),
            &*point.scenario,
            &self.parameters,
        )
    }
}

impl Matrix {
    /// Leaves the points that `filter` admits.
    ///
    /// # Errors
    /// If the filter asks for what no point has.
    pub fn filter(&mut self, filter: &Filter) -> Result<(), FilterError> {
        let attributes: Vec<PointAttributes> =
            self.specs.iter().zip(&self.points).map(|(spec, point)| spec.attributes(point)).collect();
        filter.check(&attributes)?;
        let both = std::mem::take(&mut self.specs).into_iter().zip(std::mem::take(&mut self.points));
        let wanted = both.zip(&attributes).filter(|(_, attributes)| filter.admits(attributes));
        (self.specs, self.points) = wanted.map(|(both, _)| both).unzip();
        self.series.retain(|(name, _)| self.specs.iter().any(|spec| spec.series == *name));
        Ok(())
    }
}

/// The seeds of a benchmark.
#[derive(Clone, Debug)]
pub enum SeedChoice {
    /// Those of the suite.
    Full,
    /// Those that the suite has for a quick benchmark.
    Quick,
    /// These, at every point.
    Seeds(Seeds),
}

/// The most points that a scenario of a series has.
const MAX_POINTS: usize = 10_000;

/// A choice of an axis: its name, and where in the suite its value stands.
type AxisValue = (String, Path);

/// Returns the points of the suite in `document`.
///
/// # Errors
/// What is wrong with the suite, or with a scenario that it asks for, and where.
pub fn matrix(
    registry: &Registry,
    document: &Document,
    seed_choice: &SeedChoice,
) -> Result<Matrix, ScenarioError> {
    let suite = Suite::read(registry, document)?;
    let (mut specs, mut points) = (Vec::new(), Vec::new());
    for (index, series) in suite.series.iter().enumerate() {
        let here = Path::of(["series"]).to(index);
        let seeds = match seed_choice {
            SeedChoice::Full => &series.seeds,
            SeedChoice::Quick => series.quick.as_ref().unwrap_or(&series.seeds),
            SeedChoice::Seeds(seeds) => seeds,
        };
        for place in 0..series.scenarios.len() {
            let (file, scenario) = document.load_referred(&here.to("scenarios").to(place))?;
            let base = Base { registry, suite: document, here: &here, series, seeds, file, scenario };
            for (spec, point) in base.points()? {
                specs.push(spec);
                points.push(point);
            }
        }
    }
    let mut labels: Vec<&str> = points.iter().map(|point: &Point| point.label.as_str()).collect();
    labels.sort_unstable();
    if let Some(twice) = labels.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("two points are called {:?}", twice[0]);
        let advice = "give the scenarios of a series different names";
        return Err(document.error(Problem::new(Path::of(["series"]), message).help(advice)));
    }
    let series = suite.series.into_iter().map(|series| (series.name, series.about)).collect();
    Ok(Matrix { name: suite.name, about: suite.about, series, specs, points, goals: suite.readiness })
}

/// Returns true if `document` is a suite rather than a scenario.
pub fn is_suite(document: &Document) -> bool {
    document.children(&Path::root()).contains(&Path::of(["series"]))
}

/// A scenario of a series, on which its points are built.
struct Base<'a> {
    registry: &'a Registry,
    suite: &'a Document,
    here: &'a Path,
    series: &'a Series,
    seeds: &'a Seeds,
    file: PathBuf,
    scenario: Document,
}

/// A scenario to which a suite's values are grafted, and these values as `--set` takes them.
#[derive(Clone)]
struct PatchedScenario {
    scenario: Document,
    settings: Vec<String>,
}

impl PatchedScenario {
    fn put(&mut self, to: &str, suite: &Document, from: &Path) -> Result<(), ScenarioError> {
        self.scenario.graft(to, suite, from)?;
        self.settings.push(format!("{to}={}", suite.one_line(from).unwrap_or_default()));
        Ok(())
    }
}

impl Base<'_> {
    fn points(&self) -> Result<Vec<(PointSpec, Point)>, ScenarioError> {
        let mut base = PatchedScenario { scenario: self.scenario.clone(), settings: Vec::new() };
        for path in self.suite.children(&self.here.to("with")) {
            base.put(last(&path), self.suite, &path)?;
        }
        let faults = self.choices(&self.here.to("faults"));
        let axes: Vec<(String, Vec<AxisValue>)> = self
            .suite
            .children(&self.here.to("parameters"))
            .into_iter()
            .map(|path| (last(&path).to_owned(), self.choices(&path)))
            .collect();
        let sizes = self.choices(&self.here.to("sizes"));
        let counts = axes.iter().map(|(_, choices)| choices.len()).chain([faults.len(), sizes.len()]);
        let count = counts.fold(1_usize, |points, count| points.saturating_mul(count.max(1)));
        if count > MAX_POINTS {
            let message =
                format!("a scenario of this series has {count} points, and {MAX_POINTS} are possible");
            return Err(self.suite.error(Problem::new(self.here.clone(), message)));
        }
        let mut points = Vec::new();
        for fault in optional(&faults) {
            for combination in combinations(&axes) {
                for size in optional(&sizes) {
                    points.push(self.point(base.clone(), fault, &combination, size)?);
                }
            }
        }
        Ok(points)
    }

    /// Returns what there is to choose from at `path`: the entries of a map by their names, the items of a list by
    /// their values.
    fn choices(&self, path: &Path) -> Vec<AxisValue> {
        let is_list = self.suite.is_list(path);
        let name = |child: &Path| {
            if is_list { self.suite.one_line(child).unwrap_or_default() } else { last(child).to_owned() }
        };
        self.suite.children(path).into_iter().map(|child| (name(&child), child)).collect()
    }

    fn point(
        &self,
        mut patched: PatchedScenario,
        fault: Option<&AxisValue>,
        parameters: &[(&str, &AxisValue)],
        size: Option<&AxisValue>,
    ) -> Result<(PointSpec, Point), ScenarioError> {
        if let Some((_, path)) = size {
            patched.put("agents", self.suite, path)?;
        }
        if let Some((_, path)) = fault {
            patched.put("faults", self.suite, path)?;
        }
        for (to, (_, path)) in parameters {
            patched.put(to, self.suite, path)?;
        }
        let scenario = patched.scenario.prepare(self.registry)?;
        let mut words = vec![self.series.name.clone()];
        if self.series.scenarios.len() > 1 {
            // What says again which series it is, is left out.
            let name = scenario.name();
            let own = name.strip_prefix(&self.series.name).and_then(|rest| rest.strip_prefix('-'));
            words.push(own.unwrap_or(name).to_owned());
        }
        words.push(format!("n={}", scenario.agents()));
        words.extend(fault.map(|(name, _)| name.clone()));
        words.extend(parameters.iter().map(|(to, (value, _))| format!("{to}={value}")));
        let spec = PointSpec {
            series: self.series.name.clone(),
            fault: fault.map(|(name, _)| name.clone()),
            parameters: parameters.iter().map(|(to, (value, _))| ((*to).to_owned(), value.clone())).collect(),
            file: self.file.clone(),
            settings: patched.settings,
            failures: self.series.failures,
            timeline: self.series.timelines,
            host: self.series.host,
        };
        Ok((spec, Point::named(words.join(" "), scenario, self.seeds.clone())))
    }
}

fn last(path: &Path) -> &str {
    path.steps().last().expect("a child has a step")
}

/// Returns every choice; or, where there is nothing to choose, none once.
fn optional(choices: &[AxisValue]) -> impl Iterator<Item = Option<&AxisValue>> {
    let none = choices.is_empty().then_some(None);
    choices.iter().map(Some).chain(none)
}

/// Returns every combination of a choice of each axis. The last axis varies fastest.
fn combinations(axes: &[(String, Vec<AxisValue>)]) -> Vec<Vec<(&str, &AxisValue)>> {
    let mut combinations = vec![Vec::new()];
    for (to, choices) in axes {
        let extended = |combination: &Vec<_>| {
            let with = |choice| combination.iter().copied().chain([(to.as_str(), choice)]).collect();
            choices.iter().map(with).collect::<Vec<Vec<_>>>()
        };
        combinations = combinations.iter().flat_map(extended).collect();
    }
    combinations
}
