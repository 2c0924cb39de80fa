//! A sweep's figures as OpenMetrics text: rates, counts, and every figure of the runs as a histogram over them, with count
//! and sum. Of one that may be negative a sum need not grow, so that its percentiles, mean and standard error are gauges.

use super::exposition::{Exposition, Family, Kind, Label, Unit};
use super::names::{Place, place};
use crate::sweep::SweepTitle;
use std::collections::{BTreeMap, BTreeSet};
use synod_campaign::{SweepResult, SweepTally};
use synod_oracle::metric::{self, Metric};
use synod_stats::{Histogram, wilson};

/// Returns the figures of the sweep, each labelled with its scenario and, with a grid, its point.
///
/// What a sweep keeps of a value is its first ten bits and its exponent: near a bound a value up to 0.1 % above it is
/// counted as not exceeding it.
pub fn sweep_metrics(title: &SweepTitle<'_>, swept: &SweepResult) -> String {
    let mut exposition = Exposition::default();
    let digest = swept.total.digest();
    let family = Family::new("sweep", Kind::Info, Unit::One, "Which sweep this is.");
    let version = ("version", synod_sim::VERSION);
    let labels = [("scenario", title.scenario), ("seeds", title.seeds), ("digest", digest.as_str()), version];
    exposition.add(&family, &labels, 1.0);
    let family = Family::new("sweep_complete", Kind::Gauge, Unit::One, "1 unless the sweep was interrupted.");
    let complete = f64::from(u8::from(swept.complete));
    exposition.add(&family, &[("scenario", title.scenario)], complete);
    let points: Vec<(Vec<Label<'_>>, &SweepTally)> = title
        .points
        .iter()
        .zip(&swept.tallies)
        .map(|(&point, tally)| {
            let point = title.has_grid().then_some(("point", point));
            (std::iter::once(("scenario", title.scenario)).chain(point).collect(), tally)
        })
        .collect();
    for (labels, tally) in &points {
        counts(&mut exposition, labels, tally);
    }
    for (name, (metric, bounds)) in all_bounds(title.metrics, &swept.tallies) {
        let place = place(metric, name);
        for (labels, tally) in &points {
            match tally.metrics.get(name) {
                Some(histogram) if metric.signed => gauges(&mut exposition, labels, &place, histogram),
                Some(histogram) => buckets(&mut exposition, labels, &place, histogram, &bounds),
                None => {}
            }
        }
    }
    exposition.text()
}

/// How many runs came to what.
fn counts(exposition: &mut Exposition, point: &[Label<'_>], tally: &SweepTally) {
    let mut add = |name: &str, kind: Kind, unit: Unit, help: &str, label: Option<Label<'_>>, value: f64| {
        let labels: Vec<Label<'_>> = point.iter().copied().chain(label).collect();
        exposition.add(&Family::new(name, kind, unit, help), &labels, value);
    };
    let (counter, one) = (Kind::Counter, Unit::One);
    add("sweep_runs", counter, one, "Runs made.", None, tally.runs as f64);
    add("sweep_failed_runs", counter, one, "Runs that failed.", None, tally.failed as f64);
    let help = "Runs that did not fail, but could not be judged.";
    add("sweep_unknown_runs", counter, one, help, None, tally.unknown as f64);
    for (bound, share) in ["lower", "upper"].into_iter().zip(wilson(tally.passed(), tally.runs)) {
        let help = "The 95 % interval of the part of all runs that passes (Wilson).";
        add("sweep_passing", Kind::Gauge, Unit::Ratio, help, Some(("bound", bound)), share);
    }
    for (counts, name, label, help) in [
        (&tally.violations, "sweep_violated_runs", "oracle", "Runs in which an oracle was violated."),
        (&tally.unmet, "sweep_unmet_runs", "expectation", "Runs in which an expectation was not met."),
        (&tally.faults, "sweep_faulty_runs", "fault", "Runs in which a fault had an effect."),
        (&tally.coverage, "sweep_coverage_hits", "mark", "Hits of a coverage mark over all runs."),
    ] {
        for (value, count) in counts {
            add(name, counter, one, help, Some((label, value)), *count as f64);
        }
    }
}

/// Returns every metric's declaration and its bucket bounds: the same at all points so that they can be aggregated.
fn all_bounds<'a>(
    metrics: &[&'static Metric],
    tallies: &'a [SweepTally],
) -> BTreeMap<&'a str, (&'static Metric, Vec<f64>)> {
    let names: BTreeSet<&String> = tallies.iter().flat_map(|tally| tally.metrics.keys()).collect();
    let of = |name: &String| {
        let histograms = tallies.iter().filter_map(|tally| tally.metrics.get(name));
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for histogram in histograms {
            low = histogram.steps().next().map_or(low, |(value, _)| low.min(value));
            high = histogram.max().map_or(high, |value| high.max(value));
        }
        let metric = metric::find(metrics, name)?;
        let bounds = bounds(place(metric, name).family.unit, low, high);
        Some((metric, bounds))
    };
    names.into_iter().filter_map(|name| Some((name.as_str(), of(name)?))).collect()
}

/// 1, 2 and 5 times the powers of ten, from the last that does not exceed `low` to the first that is not below `high`;
/// of shares those that one asks for.
fn bounds(unit: Unit, low: f64, high: f64) -> Vec<f64> {
    if unit == Unit::Ratio {
        return vec![0.0, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0];
    }
    let series = (0..19).flat_map(|power| [1, 2, 5].map(|digit| (digit * 10_u64.pow(power)) as f64));
    let all: Vec<f64> = std::iter::once(0.0).chain(series).collect();
    let first = all.partition_point(|bound| *bound <= low).saturating_sub(1);
    let last = all.partition_point(|bound| *bound < high).min(all.len() - 1);
    all[first..=last.max(first)].to_vec()
}

/// One figure of one point that may be negative.
fn gauges(exposition: &mut Exposition, point: &[Label<'_>], place: &Place, histogram: &Histogram) {
    let (family, label) = over_runs(place, Kind::Gauge);
    let percentile = |percent| histogram.percentile(percent);
    for (statistic, figure) in [
        ("p50", percentile(50)),
        ("p95", percentile(95)),
        ("p99", percentile(99)),
        ("mean", histogram.mean()),
        ("standard_error", histogram.standard_error()),
    ] {
        let Some(figure) = figure else { continue };
        let labels = point.iter().copied().chain(label).chain([("statistic", statistic)]);
        exposition.add(&family, &labels.collect::<Vec<_>>(), figure);
    }
}

/// Returns the family of a figure over the runs, and the label of the figure in it.
fn over_runs(Place { family, label }: &Place, kind: Kind) -> (Family, Option<Label<'_>>) {
    let over_runs = Family {
        name: format!("sweep_{}", family.name),
        kind,
        help: format!("Over the runs: {}", family.help),
        unit: family.unit,
    };
    (over_runs, label.as_ref().map(|(name, value)| (*name, value.as_str())))
}

/// One figure of one point that is never negative.
fn buckets(
    exposition: &mut Exposition,
    point: &[Label<'_>],
    place: &Place,
    histogram: &Histogram,
    bounds: &[f64],
) {
    let (family, label) = over_runs(place, Kind::Histogram);
    let labels: Vec<Label<'_>> = point.iter().copied().chain(label).collect();
    let mut add = |bound: &str, count: u64| {
        exposition.add(&family, &[&labels[..], &[("le", bound)]].concat(), count as f64);
    };
    let mut steps = histogram.steps().peekable();
    let mut seen = 0;
    for bound in bounds {
        while let Some((_, sum)) = steps.next_if(|(value, _)| value <= bound) {
            seen = sum;
        }
        add(&family.unit.written(*bound), seen);
    }
    add("+Inf", histogram.count());
    exposition.add_sum(&family, &labels, histogram.count(), histogram.sum());
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_oracle::metric::COMMON;

    #[test]
    fn bounds_reach_from_below_the_least_to_above_the_greatest() {
        assert_eq!(bounds(Unit::Seconds, 3e6, 1.1e7), [2e6, 5e6, 1e7, 2e7]);
        assert_eq!(bounds(Unit::One, 0.0, 0.0), [0.0]);
        assert_eq!(bounds(Unit::One, 84.0, 84.0), [50.0, 100.0]);
        assert_eq!(bounds(Unit::One, 100.0, 100.0), [100.0]);
        assert_eq!(bounds(Unit::Bytes, 1.0, 1e300).len(), 57);
    }

    #[test]
    fn a_bucket_holds_all_that_does_not_exceed_its_bound() {
        let mut exposition = Exposition::default();
        let histogram = Histogram::of(&mut [1e9, 2e9, 2e9, 5e9, 9e9]);
        let median = &metric::LATENCY.p50;
        let place = place(median, median.name);
        buckets(&mut exposition, &[("point", "x")], &place, &histogram, &[1e9, 2e9, 5e9]);
        let text = exposition.text();
        let found: Vec<(&str, &str)> =
            text.lines().filter_map(|line| line.split_once(",le=\"")?.1.split_once("\"} ")).collect();
        assert_eq!(found, [("1", "1"), ("2", "3"), ("5", "4"), ("+Inf", "5")], "{text}");
        assert!(
            text.contains("\nsynod_sweep_latency_seconds_bucket{point=\"x\",quantile=\"0.5\",le=\"1\"} 1\n")
        );
        let sums = "\nsynod_sweep_latency_seconds_count{point=\"x\",quantile=\"0.5\"} 5\n\
            synod_sweep_latency_seconds_sum{point=\"x\",quantile=\"0.5\"} 19\n# EOF\n";
        assert!(text.ends_with(sums), "{text}");
    }

    #[test]
    fn what_may_be_negative_has_no_sum() {
        static SKEW: Metric =
            Metric::gauge("x.skew_ns", metric::Unit::Nanoseconds, "How far a clock is ahead.").signed();
        let title = SweepTitle {
            scenario: "x",
            about: "",
            points: &[""],
            metrics: &[&SKEW],
            seeds: "0..2",
            folder: "",
            first: None,
            program: "synod",
        };
        let mut tally = SweepTally::default();
        tally.metrics = [("x.skew_ns".to_owned(), Histogram::of(&mut [-4e9, 1_073_741_824.0]))].into();
        let (tallies, total) = (vec![tally], SweepTally::default());
        let swept = SweepResult {
            tallies,
            total,
            complete: true,
            cut_short: false,
            uncovered: Vec::new(),
            excesses: Vec::new(),
            unstable: 0,
        };
        let text = sweep_metrics(&title, &swept);
        let sample = |statistic, value| {
            format!("synod_sweep_x_skew_seconds{{scenario=\"x\",statistic=\"{statistic}\"}} {value}\n")
        };
        let samples = [
            ("p50", "-4"),
            ("p95", "1.073741824"),
            ("p99", "1.073741824"),
            ("mean", "-1.463129088"),
            ("standard_error", "2.536870912"),
        ];
        let samples: String =
            samples.into_iter().map(|(statistic, value)| sample(statistic, value)).collect();
        assert!(
            text.contains("# TYPE synod_sweep_x_skew_seconds gauge\n") && text.contains(&samples),
            "{text}"
        );
        assert!(!text.contains("x_skew_seconds_sum"), "{text}");
    }

    #[test]
    fn what_was_interrupted_is_not_complete() {
        let title = SweepTitle {
            scenario: "x",
            about: "",
            points: &[""],
            metrics: COMMON,
            seeds: "0..2",
            folder: "",
            first: None,
            program: "synod",
        };
        for complete in [false, true] {
            let (tallies, total) = (vec![SweepTally::default()], SweepTally::default());
            let swept = SweepResult {
                tallies,
                total,
                complete,
                cut_short: false,
                uncovered: Vec::new(),
                excesses: Vec::new(),
                unstable: 0,
            };
            let sample = format!("\nsynod_sweep_complete{{scenario=\"x\"}} {}\n", u8::from(complete));
            assert!(sweep_metrics(&title, &swept).contains(&sample), "{sample}");
        }
    }

    #[test]
    fn bounds_are_those_of_all_points() {
        let tally = |value: f64| {
            let mut tally = SweepTally::default();
            tally.metrics = [("decisions".to_owned(), Histogram::of(&mut [value]))].into();
            tally
        };
        let tallies = [tally(3.0), SweepTally::default(), tally(70.0)];
        assert_eq!(all_bounds(COMMON, &tallies)["decisions"].1, [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
    }
}
