//! From runs to the figure of a target.

use super::catalogue::{Catalogue, stands_for};
use super::goals::{Measure, Target, Within};
use super::proof;
use crate::campaign::bench::interval;
use crate::campaign::registry::{Entry, Registry};
use crate::campaign::sweep::{Histogram, Tally};
use std::collections::BTreeSet;

/// What is looked at: all runs of a validation.
pub(super) struct Evidence<'a> {
    pub(super) registry: &'a Registry,
    pub(super) catalogue: &'a Catalogue,
    /// What the runs of each point came to.
    pub(super) tallies: &'a [Tally],
    /// What those of the scenarios came to when they were made again.
    pub(super) again: &'a [Tally],
}

/// A figure that was measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    /// The figure, in the unit of results; no number where it would have to lie among runs that have none.
    pub(super) value: f64,
    /// Between what the true one lies, each bound with 95 % confidence; none where the figure is no estimate or the
    /// sample is too small.
    pub(super) interval: [Option<f64>; 2],
    /// True if it is an estimate, of which only the interval proves anything.
    pub(super) is_estimate: bool,
    /// How many things were looked at.
    pub(super) samples: u64,
    /// What they are.
    pub(super) unit: &'static str,
    /// The point that it was measured on; of several, the one that it is worst on.
    pub(super) point: Option<usize>,
    /// What is missing from the whole, by name.
    pub(super) missing: Vec<String>,
}

impl Figure {
    /// A figure that is no estimate.
    fn exact(value: f64, samples: u64, unit: &'static str) -> Figure {
        let interval = [None; 2];
        Figure { value, interval, is_estimate: false, samples, unit, point: None, missing: Vec::new() }
    }

    /// The share of runs that `hits` counts.
    fn rate(hits: u64, trials: u64) -> Option<Figure> {
        let interval = proof::bounds(hits, trials).map(Some);
        let value = hits as f64 / trials as f64;
        (trials > 0).then(|| Figure { interval, is_estimate: true, ..Figure::exact(value, trials, "run") })
    }

    /// The share of a whole that is there, with the names of what is not.
    fn census(all: BTreeSet<&str>, has: impl Fn(&str) -> bool, unit: &'static str) -> Option<Figure> {
        let missing: Vec<String> =
            all.iter().filter(|name| !has(name)).map(|name| (*name).to_owned()).collect();
        let count = all.len() as u64;
        let value = (count - missing.len() as u64) as f64 / count as f64;
        (count > 0).then(|| Figure { missing, ..Figure::exact(value, count, unit) })
    }
}

impl Evidence<'_> {
    /// The figure of a target; none where no run says anything about it.
    pub(super) fn figure(&self, target: &Target) -> Option<Figure> {
        let measure = target.measure.as_ref()?;
        let figure = self.of(measure, &self.catalogue.about(target))?;
        if target.against.is_none() {
            return Some(figure);
        }
        let divisor = self.of(measure, &self.catalogue.divisor(target))?;
        let value = figure.value / divisor.value;
        let samples = figure.samples + divisor.samples;
        value.is_finite().then(|| Figure { point: figure.point, ..Figure::exact(value, samples, "run") })
    }

    /// What is measured on these points.
    fn of(&self, measure: &Measure, points: &[usize]) -> Option<Figure> {
        let tallies = || points.iter().map(|&place| &self.tallies[place]);
        let runs = |counted: fn(&Tally) -> u64| {
            let (hits, trials) = (tallies().map(counted).sum(), tallies().map(|tally| tally.runs).sum());
            Figure::rate(hits, trials)
        };
        let alone = match points {
            &[place] => Some(place),
            _ => None,
        };
        let figure = match measure {
            Measure::Passed => runs(Tally::passed),
            Measure::Live => runs(|tally| tally.runs - tally.stuck_runs),
            Measure::Safe => self.safe(points),
            Measure::Reproducible => self.reproducible(points),
            Measure::Documented => self.documented(points),
            Measure::Faults => self.faults(points),
            Measure::Protocols => {
                let has = |name: &str| {
                    points.iter().any(|&place| self.catalogue.points[place].scenario.protocol() == name)
                };
                Figure::census(self.registry.names().into_iter().collect(), has, "protocol")
            }
            Measure::Oracles => {
                let all = self.registry.entries().flat_map(Entry::oracles).copied().collect();
                let has = |name: &str| {
                    tallies().any(|tally| tally.checked.get(name).is_some_and(|count| *count > 0))
                };
                Figure::census(all, has, "oracle")
            }
            Measure::Metrics => {
                let all = self.registry.entries().flat_map(Entry::metrics).collect();
                let has = |known: &str| {
                    tallies().any(|tally| tally.metrics.keys().any(|name| stands_for(known, name)))
                };
                Figure::census(all, has, "metric")
            }
            Measure::P50(metric) => self.worst(points, |tally| percentile(tally, metric, 50)),
            Measure::P99(metric) => self.worst(points, |tally| percentile(tally, metric, 99)),
            Measure::Worst(metric) => self.worst(points, |tally| greatest(tally, metric)),
            Measure::Within(within) => self.within(within, points),
        };
        figure.map(|figure| Figure { point: figure.point.or(alone), ..figure })
    }

    /// Positive controls do not count: they mean to break an invariant.
    fn safe(&self, points: &[usize]) -> Option<Figure> {
        let is_control = |place: usize| !self.catalogue.points[place].scenario.violates().is_empty();
        let counted: Vec<&Tally> =
            points.iter().filter(|&&place| !is_control(place)).map(|&place| &self.tallies[place]).collect();
        let trials: u64 = counted.iter().map(|tally| tally.runs).sum();
        let broken: u64 = counted.iter().map(|tally| tally.broken_runs).sum();
        Figure::rate(trials - broken, trials)
    }

    fn reproducible(&self, points: &[usize]) -> Option<Figure> {
        let names = points.iter().map(|&place| self.catalogue.points[place].label.as_str()).collect();
        let is_same = |name: &str| {
            let place = self.catalogue.points.iter().position(|point| point.label == name);
            place.is_some_and(|place| {
                self.again.get(place).is_some_and(|again| again.digest() == self.tallies[place].digest())
            })
        };
        (!self.again.is_empty()).then(|| Figure::census(names, is_same, "scenario")).flatten()
    }

    fn documented(&self, points: &[usize]) -> Option<Figure> {
        let places = || points.iter().map(|&place| &self.catalogue.points[place]);
        let silent = |name: &str| {
            places().any(|point| point.label == name && point.scenario.about().trim().is_empty())
        };
        let names = places().map(|point| point.label.as_str()).collect();
        Figure::census(names, |name| !silent(name), "scenario")
    }

    /// What a swarm draws does not count: chance decides whether it meets anything.
    fn faults(&self, points: &[usize]) -> Option<Figure> {
        let named = points.iter().flat_map(|&place| &self.tallies[place].faults);
        let named: Vec<(&String, &u64)> = named.filter(|(name, _)| !name.starts_with("swarm-")).collect();
        let idle = named.iter().filter(|(_, runs)| **runs == 0);
        let missing: Vec<String> = idle.map(|(name, _)| (*name).clone()).collect();
        let all = named.len() as u64;
        let value = (all - missing.len() as u64) as f64 / all as f64;
        (all > 0).then(|| Figure { missing, ..Figure::exact(value, all, "fault") })
    }

    /// The figure on the point on which it is greatest, or on which there is none.
    fn worst(&self, points: &[usize], figure: impl Fn(&Tally) -> Figure) -> Option<Figure> {
        let at = |&place: &usize| Figure { point: Some(place), ..figure(&self.tallies[place]) };
        // Of equal ones the first.
        points.iter().rev().map(at).max_by(|one, other| one.value.total_cmp(&other.value))
    }

    /// A run without the metric is not within its bound.
    fn within(&self, Within { metric, at_most }: &Within, points: &[usize]) -> Option<Figure> {
        let tallies = || points.iter().map(|&place| &self.tallies[place]);
        let below = |histogram: &Histogram| {
            histogram
                .steps()
                .take_while(|(value, _)| *value <= at_most.value())
                .last()
                .map_or(0, |(_, seen)| seen)
        };
        let hits = tallies().filter_map(|tally| tally.metrics.get(metric)).map(below).sum();
        Figure::rate(hits, tallies().map(|tally| tally.runs).sum())
    }
}

/// A percentile over runs. Those without the metric, as of latency where nothing was decided, come after all others: a
/// percentile that lies among them is no number, which keeps no bound.
fn percentile(tally: &Tally, metric: &str, percent: u64) -> Figure {
    let at = |rank: u64| tally.metrics.get(metric).and_then(|histogram| histogram.at_rank(rank));
    let value = at((tally.runs * percent).div_ceil(100).max(1)).unwrap_or(f64::NAN);
    let interval = interval(tally.runs, percent).map(|rank| rank.and_then(at));
    Figure { interval, is_estimate: true, ..over_runs(tally, metric, value) }
}

/// The greatest value in any run; no number if a run has none.
fn greatest(tally: &Tally, metric: &str) -> Figure {
    let histogram = tally.metrics.get(metric).filter(|histogram| histogram.count() == tally.runs);
    over_runs(tally, metric, histogram.and_then(Histogram::max).unwrap_or(f64::NAN))
}

/// A figure of a metric over runs, which says how many do not have it.
fn over_runs(tally: &Tally, metric: &str, value: f64) -> Figure {
    let without = tally.runs - tally.metrics.get(metric).map_or(0, Histogram::count);
    let missing = (without > 0).then(|| format!("in {without} of {} runs", tally.runs));
    Figure { missing: missing.into_iter().collect(), ..Figure::exact(value, tally.runs, "run") }
}
