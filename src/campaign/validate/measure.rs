//! From runs to the figure of a target.

use super::catalogue::Catalogue;
use crate::goals::{Measure, Target, Within};
use crate::sweep::Tally;
use std::collections::BTreeSet;
use synod_harness::{Entry, Registry};
use synod_sim::units::{grouped, plural};
use synod_stats::{Histogram, clopper_pearson, nearest_rank, order_statistics_interval, student_quantile};

/// Probability that a rate lies beyond its bound: at least 2,995 runs without a failure are needed to show more than
/// 99.9 %.
const DOUBT: f64 = 0.05;

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
    /// What it is an estimate of, of which only the interval proves anything; none if it is exact.
    pub(super) estimate: Option<Estimate>,
    /// Number of things that were looked at.
    pub(super) samples: u64,
    /// What they are.
    pub(super) unit: &'static str,
    /// The point that it was measured on, if it is one.
    pub(super) point: Option<usize>,
    /// What is missing from the whole, by name.
    pub(super) missing: Vec<String>,
}

/// What a sample of runs tells something of.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Estimate {
    /// The share of all runs that are like this.
    Rate,
    /// A percentile over all runs.
    Percentile,
    /// The mean over all runs.
    Mean,
}

impl Figure {
    /// Returns a figure that is no estimate.
    fn exact(value: f64, samples: u64, unit: &'static str) -> Figure {
        let interval = [None; 2];
        Figure { value, interval, estimate: None, samples, unit, point: None, missing: Vec::new() }
    }

    /// Returns the share of runs that `hits` counts.
    fn rate(hits: u64, trials: u64) -> Option<Figure> {
        let interval = clopper_pearson(hits, trials, DOUBT).map(Some);
        let value = hits as f64 / trials as f64;
        let estimate = Some(Estimate::Rate);
        (trials > 0).then(|| Figure { interval, estimate, ..Figure::exact(value, trials, "run") })
    }

    /// Returns the share of a whole that is there, with the names of what is not.
    fn census(all: BTreeSet<&str>, has: impl Fn(&str) -> bool, unit: &'static str) -> Option<Figure> {
        let missing: Vec<String> =
            all.iter().filter(|name| !has(name)).map(|name| (*name).to_owned()).collect();
        let count = all.len() as u64;
        let value = (count - missing.len() as u64) as f64 / count as f64;
        (count > 0).then(|| Figure { missing, ..Figure::exact(value, count, unit) })
    }

    /// This figure divided by `other`; none where that has no meaning.
    fn over(&self, other: &Figure) -> Option<Figure> {
        let (value, samples) = (self.value / other.value, self.samples + other.samples);
        let (point, missing) = (self.point, self.missing.clone());
        let is_quotient = other.value.is_finite() && other.value != 0.0;
        is_quotient.then(|| Figure { point, missing, ..Figure::exact(value, samples, self.unit) })
    }
}

impl Evidence<'_> {
    /// Returns the figures of a target, each of which has to be what the target expects; none where no run says
    /// anything about it.
    pub(super) fn figures(&self, target: &Target) -> Vec<Figure> {
        let Some(measure) = &target.measure else { return Vec::new() };
        let figures = self.of(measure, &self.catalogue.about(target));
        if target.against.is_none() {
            return figures;
        }
        let divisors = self.of(measure, &self.catalogue.divisor(target));
        let pairs = figures.iter().flat_map(|figure| divisors.iter().map(|divisor| figure.over(divisor)));
        pairs.collect::<Option<Vec<Figure>>>().unwrap_or_default()
    }

    /// Returns what is measured on these points: figures of a metric on each, all else on all together.
    fn of(&self, measure: &Measure, points: &[usize]) -> Vec<Figure> {
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
                let all = self.registry.entries().flat_map(Entry::oracles).collect();
                let has = |name: &str| {
                    tallies().any(|tally| tally.checked.get(name).is_some_and(|count| *count > 0))
                };
                Figure::census(all, has, "oracle")
            }
            Measure::Metrics => {
                let all = self.registry.metrics();
                let names = all.iter().map(|metric| metric.name).collect();
                let has = |known: &str| {
                    let metric = all.iter().find(|metric| metric.name == known);
                    let is_it = |name: &String| metric.is_some_and(|metric| metric.is_called(name));
                    tallies().any(|tally| tally.metrics.keys().any(is_it))
                };
                Figure::census(names, has, "metric")
            }
            Measure::Within(within) => self.within(within, points),
            Measure::P50(metric) => return self.each(points, |tally| [percentile(tally, metric, 50)]),
            Measure::P99(metric) => return self.each(points, |tally| [percentile(tally, metric, 99)]),
            Measure::Mean(metric) => return self.each(points, |tally| [mean(tally, metric)]),
            Measure::Worst(metric) => return self.each(points, |tally| extremes(tally, metric)),
        };
        figure.map(|figure| Figure { point: alone, ..figure }).into_iter().collect()
    }

    /// Positive controls do not count: they mean to break an invariant. A run that could not be judged is not known to be safe.
    fn safe(&self, points: &[usize]) -> Option<Figure> {
        let is_control = |place: usize| !self.catalogue.points[place].scenario.violates().is_empty();
        let counted: Vec<&Tally> =
            points.iter().filter(|&&place| !is_control(place)).map(|&place| &self.tallies[place]).collect();
        let trials: u64 = counted.iter().map(|tally| tally.runs).sum();
        let broken: u64 = counted.iter().map(|tally| tally.broken_runs).sum();
        let unknown: u64 = counted.iter().map(|tally| tally.unknown).sum();
        Figure::rate(trials - broken - unknown, trials)
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

    /// Share of faults with an effect, without those of swarms, for which chance decides whether they have one.
    fn faults(&self, points: &[usize]) -> Option<Figure> {
        let named = points.iter().flat_map(|&place| &self.tallies[place].faults);
        let named: Vec<(&String, &u64)> = named.filter(|(name, _)| !name.starts_with("swarm-")).collect();
        let idle = named.iter().filter(|(_, runs)| **runs == 0);
        let missing: Vec<String> = idle.map(|(name, _)| (*name).clone()).collect();
        let all = named.len() as u64;
        let value = (all - missing.len() as u64) as f64 / all as f64;
        (all > 0).then(|| Figure { missing, ..Figure::exact(value, all, "fault") })
    }

    /// Returns the figures on each point.
    fn each<const N: usize>(&self, points: &[usize], figures: impl Fn(&Tally) -> [Figure; N]) -> Vec<Figure> {
        let at = |&place: &usize| {
            figures(&self.tallies[place]).map(|figure| Figure { point: Some(place), ..figure })
        };
        points.iter().flat_map(at).collect()
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

/// Returns a percentile over runs. Those without the metric, as of latency where nothing was decided, come after all
/// others: a percentile that lies among them is no number, which keeps no bound.
fn percentile(tally: &Tally, metric: &str, percent: u64) -> Figure {
    let at = |rank: u64| tally.metrics.get(metric).and_then(|histogram| histogram.at_rank(rank));
    let value = at(nearest_rank(tally.runs, percent)).unwrap_or(f64::NAN);
    let interval = order_statistics_interval(tally.runs, percent).map(|rank| rank.and_then(at));
    Figure { interval, estimate: Some(Estimate::Percentile), ..over_runs(tally, metric, value) }
}

/// Returns the mean over runs, with its 95 % interval by Student's t; no number if a run has none.
fn mean(tally: &Tally, metric: &str) -> Figure {
    let histogram = tally.metrics.get(metric).filter(|histogram| histogram.count() == tally.runs);
    let value = histogram.and_then(Histogram::mean).unwrap_or(f64::NAN);
    let half_width = histogram
        .and_then(Histogram::standard_error)
        .map(|error| student_quantile(0.975, tally.runs - 1) * error);
    let interval = [-1.0, 1.0].map(|side| half_width.map(|half_width| value + side * half_width));
    Figure { interval, estimate: Some(Estimate::Mean), ..over_runs(tally, metric, value) }
}

/// Returns the greatest value in any run and the least, of which the bounds say which is worse; no numbers if a run has
/// none.
fn extremes(tally: &Tally, metric: &str) -> [Figure; 2] {
    let histogram = tally.metrics.get(metric).filter(|histogram| histogram.count() == tally.runs);
    let values = histogram.map_or([None; 2], |histogram| [histogram.max(), histogram.at_rank(1)]);
    values.map(|value| over_runs(tally, metric, value.unwrap_or(f64::NAN)))
}

/// Returns a figure of a metric over runs, which says how many do not have it.
fn over_runs(tally: &Tally, metric: &str, value: f64) -> Figure {
    let without = tally.runs - tally.metrics.get(metric).map_or(0, Histogram::count);
    let missing = (without > 0).then(|| format!("in {} of {}", grouped(without), plural(tally.runs, "run")));
    Figure { missing: missing.into_iter().collect(), ..Figure::exact(value, tally.runs, "run") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ValidatePlan;
    use crate::bench::SeedChoice;
    use crate::sweep::Seeds;
    use std::collections::BTreeMap;
    use std::fs;
    use std::sync::atomic::AtomicBool;
    use synod_scenario::Access;

    /// Returns a scenario, and a positive control, which means to break an invariant.
    fn catalogue(registry: &Registry, seeds: Option<Seeds>) -> Catalogue {
        let network = "network: {latency: {lognormal: {median: 20ms, p99: 80ms}}}";
        let sound = format!(
            "{{name: a, agents: 7, {network}, protocol: {{pbft: {{}}}}, workload: {{decision: {{}}}}}}"
        );
        let control = format!(
            "{{name: b, agents: 4, {network}, protocol: {{pbft: {{}}}}, workload: {{decision: {{}}}}, \
             faults: [twins: {{agents: [0, 1]}}], allow_unsafe: true, oracles: {{only: [agreement]}}, \
             expect: {{violates: [agreement]}}}}"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let paths = [("a.yaml", sound), ("b.yaml", control)].map(|(file, text)| {
            let path = folder.path().join(file);
            fs::write(&path, text).expect("it is written");
            path
        });
        Catalogue::find(registry, &paths, seeds.as_ref(), &SeedChoice::Full, Access::Own)
            .expect("they are sound")
    }

    /// Returns what so many runs came to, of which some have a metric.
    fn tally(runs: u64, values: impl IntoIterator<Item = u32>) -> Tally {
        let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let mut tally = Tally::default();
        tally.runs = runs;
        tally.metrics = BTreeMap::from([("x.late".to_owned(), Histogram::of(&mut values))]);
        tally
    }

    /// Returns the figure of a measure over two points of which this is known.
    fn of(measure: &Measure, tallies: &[Tally; 2]) -> Option<Figure> {
        let registry = synod::standard();
        let catalogue = catalogue(&registry, None);
        let evidence = Evidence { registry: &registry, catalogue: &catalogue, tallies, again: &[] };
        let mut figures = evidence.of(measure, &[0, 1]);
        assert!(figures.len() <= 1, "{figures:?}");
        figures.pop()
    }

    #[test]
    fn rates_are_over_the_runs_of_all_points() {
        let (mut first, mut control) = (tally(10, []), tally(30, []));
        (first.failed, first.stuck_runs, first.broken_runs) = (4, 3, 1);
        (control.failed, control.stuck_runs, control.broken_runs) = (0, 0, 30);
        let tallies = [first, control];
        let rate = |measure| of(&measure, &tallies).map(|figure| (figure.value, figure.samples));
        assert_eq!(rate(Measure::Passed), Some((0.9, 40)));
        assert_eq!(rate(Measure::Live), Some((0.925, 40)));
        assert_eq!(rate(Measure::Safe), Some((0.9, 10)), "a positive control does not count");
    }

    #[test]
    fn a_run_without_the_metric_is_within_no_bound() {
        let at_most = serde_json::from_value(5.into()).expect("it is a figure");
        let within = |metric: &str| {
            let measure = Measure::Within(Within { metric: metric.to_owned(), at_most });
            of(&measure, &[tally(12, 1..=10), tally(4, [5, 6])]).map(|figure| figure.value)
        };
        assert_eq!(within("x.late"), Some(6.0 / 16.0));
        assert_eq!(within("x.early"), Some(0.0));
    }

    #[test]
    fn what_had_no_effect_or_was_never_seen_is_missing_by_name() {
        let counts = |counts: &[(&str, u64)]| -> BTreeMap<String, u64> {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let mut tally = Tally::default();
        tally.faults = counts(&[("cut", 3), ("lag", 0), ("swarm-1", 0)]);
        tally.checked = counts(&[("agreement", 1), ("validity", 0)]);
        let late = Histogram::of(&mut [1.0]);
        tally.metrics =
            ["latency.max_ns", "messages.kind.prepare"].map(|name| (name.to_owned(), late.clone())).into();
        let tallies = [tally, Tally::default()];
        let figure = |measure| of(&measure, &tallies).expect("there is one");
        let faults = figure(Measure::Faults);
        assert_eq!((faults.value, faults.samples, faults.missing), (0.5, 2, vec!["lag".to_owned()]));
        for (measure, seen, missing) in [
            (Measure::Oracles, &["agreement"][..], "validity"),
            (Measure::Metrics, &["latency.max_ns", "messages.kind.*"], "undecided"),
            (Measure::Protocols, &["pbft"], "raft"),
        ] {
            let Figure { value, samples, missing: names, .. } = figure(measure.clone());
            assert!(names.contains(&missing.to_owned()), "{measure:?}: {names:?}");
            assert!(
                !seen.iter().any(|name| names.iter().any(|other| other == name)),
                "{measure:?}: {names:?}"
            );
            assert_eq!(value, seen.len() as f64 / samples as f64, "{measure:?}");
        }
    }

    #[test]
    fn only_the_same_runs_are_reproducible() {
        let registry = synod::standard();
        let run = |seed| {
            let catalogue = catalogue(&registry, Some(Seeds(seed..seed + 1)));
            let plan = ValidatePlan { registry: &registry, catalogue: &catalogue, jobs: 1 };
            let stop = AtomicBool::new(false);
            super::super::run(&plan, &catalogue.points, &stop, &mut |_| {}).expect("it runs").tallies
        };
        let (first, second) = (run(1), run(2));
        let catalogue = catalogue(&registry, None);
        let figure = |again: &[Tally]| {
            let evidence = Evidence { registry: &registry, catalogue: &catalogue, tallies: &first, again };
            let figures = evidence.of(&Measure::Reproducible, &[0, 1]);
            figures.first().map(|figure| (figure.value, figure.missing.clone()))
        };
        let name = |place: usize| catalogue.points[place].label.clone();
        assert_eq!(figure(&first), Some((1.0, vec![])));
        assert_eq!(figure(&[first[0].clone(), second[1].clone()]), Some((0.5, vec![name(1)])));
        assert_eq!(figure(&[]), None, "nothing has run again");
    }

    #[test]
    fn a_percentile_is_over_all_runs_and_no_number_among_those_without() {
        let value = |tally: &Tally, percent| percentile(tally, "x.late", percent).value;
        let whole = tally(11, 1..=11);
        assert_eq!([50, 99].map(|percent| value(&whole, percent)), [6.0, 11.0]);
        let part = tally(10, 1..=8);
        let median = percentile(&part, "x.late", 50);
        // Ranks 2 and 9 of ten, of which eight have a value.
        assert_eq!((median.value, median.interval), (5.0, [Some(2.0), None]));
        assert_eq!(median.missing, ["in 2 of 10 runs"]);
        assert!(value(&part, 99).is_nan() && percentile(&part, "x.early", 50).value.is_nan());
    }

    #[test]
    fn a_mean_has_the_interval_of_student_and_is_no_number_where_a_run_has_none() {
        // By hand: 1 to 5 have the mean 3 and the error √(10 / 4 / 5); t of four degrees is 2.776.
        let whole = mean(&tally(5, 1..=5), "x.late");
        let half_width = 2.776_445_105_197_793 * libm::sqrt(0.5);
        let [low, high] = whole.interval.map(|bound| bound.expect("there are enough runs"));
        assert_eq!((whole.value, whole.samples, whole.estimate), (3.0, 5, Some(Estimate::Mean)));
        assert!((low - 3.0 + half_width).abs() < 1e-9 && (high - 3.0 - half_width).abs() < 1e-9, "{whole:?}");
        let one = mean(&tally(1, [7]), "x.late");
        assert_eq!((one.value, one.interval), (7.0, [None; 2]), "one run shows no spread");
        let part = mean(&tally(6, 1..=5), "x.late");
        assert!(part.value.is_nan() && part.interval == [None; 2]);
        assert_eq!(part.missing, ["in 1 of 6 runs"]);
        assert!(mean(&tally(3, 1..=3), "x.early").value.is_nan());
    }

    #[test]
    fn the_worst_of_all_runs_is_at_one_of_both_ends() {
        let values = |tally: &Tally| extremes(tally, "x.late").map(|figure| figure.value);
        assert_eq!(values(&tally(3, [2, 1, 3])), [3.0, 1.0]);
        assert!(values(&tally(4, [2, 1, 3])).iter().all(|value| value.is_nan()), "a run has none");
    }

    #[test]
    fn a_figure_of_nothing_is_no_quotient_and_one_over_runs_without_is_no_number() {
        let figure = |value, samples| Figure::exact(value, samples, "run");
        let ratio = figure(3.0, 5).over(&figure(2.0, 7)).expect("it has a meaning");
        assert_eq!((ratio.value, ratio.samples, ratio.estimate), (1.5, 12, None));
        assert_eq!(figure(3.0, 5).over(&figure(0.0, 7)), None);
        assert_eq!(figure(3.0, 5).over(&figure(f64::NAN, 7)), None);
        assert!(figure(f64::NAN, 5).over(&figure(2.0, 7)).is_some_and(|ratio| ratio.value.is_nan()));
    }
}
