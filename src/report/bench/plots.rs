//! Which plots a benchmark has: what its matrix makes sense of.

use crate::format;
use crate::plot::{
    Heat, Panel, Step, degradation, distributions, drift, heat, machine, medians, messages, percentiles,
    recovery, timeline,
};
use std::collections::BTreeMap;
use synod_campaign::{BenchResult, Machine, PointResult, Results, SweepTally};
use synod_oracle::metric;
use synod_stats::Histogram;

/// A plot: the name of its file without ending, the series that it belongs to, what it shows, and the picture.
pub(super) struct Plot {
    pub(super) name: String,
    pub(super) series: Option<String>,
    pub(super) title: String,
    pub(super) svg: String,
}

/// Returns all plots of a benchmark, with the points of an earlier one on the same axes.
pub(super) fn plots(benched: &BenchResult, baseline: Option<&Results>) -> Vec<Plot> {
    let results = &benched.results;
    let mut plots = overview(results);
    for series in &results.series {
        let all = results.points.iter().zip(&benched.tallies);
        let members: Vec<(&PointResult, &SweepTally)> =
            all.filter(|(point, _)| point.series == series.name).collect();
        plots.extend(of_series(&series.name, &members, baseline));
    }
    plots
}

/// Plots of what a benchmark took of the machine, where it is the simulator that it measures.
pub(super) fn machine_plots(benched: &BenchResult) -> Vec<Plot> {
    let Machine { points, .. } = &benched.machine;
    let mut series: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (point, cost) in benched.results.points.iter().zip(points) {
        if point.measures_host {
            series.entry(&point.series).or_default().push(cost);
        }
    }
    if series.is_empty() {
        return Vec::new();
    }
    let draw = |name: &str, title: &str, what: &str, show, value| Plot {
        name: format!("machine-{name}"),
        series: None,
        title: title.to_owned(),
        svg: machine(title, what, show, value, &series),
    };
    vec![
        draw("speed", "Events a second of processor time", "events/s", format::count, |cost| {
            cost.events_per_second
        }),
        draw("wall", "Wall-clock time of a run", "wall", format::time, |cost| cost.wall_ms * 1e6),
        draw("cpu", "Processor time of a run", "cpu", format::time, |cost| cost.cpu_ms * 1e6),
        draw("memory", "The most memory held so far", "resident", format::size, |cost| cost.rss_bytes as f64),
    ]
}

/// Plots over all series.
fn overview(results: &Results) -> Vec<Plot> {
    let mut plots = Vec::new();
    let all: Vec<&PointResult> = results.points.iter().collect();
    let mut curves = curves(&all);
    curves.retain(|(_, points)| {
        points.iter().any(|point| point.median(&metric::MESSAGES_PER_DECISION).is_some())
    });
    // One curve for each law: what curves share, they share by their law.
    if curves.len() > 6 {
        curves.retain(|(_, points)| {
            points.iter().any(|point| point.law(&metric::MESSAGES_PER_DECISION).is_some())
        });
        curves.truncate(6);
    }
    if !curves.is_empty() {
        let title = "Messages for each decision";
        plots.push(plot("messages", None, title, messages(title, &curves)));
    }
    plots.extend(heat_map(&all));
    let recovered = |point: &&PointResult| Some((point.curve(), *point.recoveries()?));
    let rows: Vec<_> = all.iter().filter_map(recovered).collect();
    if !rows.is_empty() {
        let title = "Recovery after healing";
        plots.push(plot("recovery", None, title, recovery(title, &rows)));
    }
    plots
}

fn of_series(name: &str, members: &[(&PointResult, &SweepTally)], baseline: Option<&Results>) -> Vec<Plot> {
    let mut plots = Vec::new();
    let points: Vec<&PointResult> = members.iter().map(|(point, _)| *point).collect();
    let curves = curves(&points);
    let earlier = |curve: &[&PointResult]| -> Vec<&PointResult> {
        let of = |point: &&PointResult| baseline?.points.iter().find(|other| other.point == point.point);
        curve.iter().filter_map(of).collect()
    };
    match &curves[..] {
        [] => {}
        [(_, points)] => {
            let title = format!("{name}: latency against size");
            plots.push(plot("latency", Some(name), &title, percentiles(&title, points, &earlier(points))));
        }
        several => {
            let own: Vec<_> =
                several.iter().take(6).map(|(label, points)| (short(label, name), points.clone())).collect();
            let title = format!("{name}: median latency against size");
            plots.push(plot("latency", Some(name), &title, medians(&title, &own)));
        }
    }
    let samples: Vec<(String, &Histogram)> = members
        .iter()
        .filter_map(|(point, tally)| Some((short(&point.point, name), sample(tally)?)))
        .collect();
    if (1..=6).contains(&samples.len()) {
        let title = format!("{name}: distribution of latency");
        plots.push(plot("cdf", Some(name), &title, distributions(&title, &samples)));
    }
    plots.extend(degradations(name, &points));
    for point in points.iter().filter(|point| point.timeline.is_some()) {
        let run = point.timeline.as_ref().expect("it was looked for");
        let title = format!("{}: seed {} over time", point.point, run.seed);
        let file = format!("time-{}", file_name(&short(&point.point, name)));
        plots.push(plot(&file, Some(name), &title, timeline(&title, run)));
    }
    for point in &points {
        let Some(run) = point.drift.as_ref().filter(|run| run.spans() > 0) else { continue };
        let title = format!("{}: span by span, and the trend", point.point);
        let file = format!("drift-{}", file_name(&short(&point.point, name)));
        plots.push(plot(&file, Some(name), &title, drift(&title, run)));
    }
    plots
}

fn plot(kind: &str, series: Option<&str>, title: &str, svg: String) -> Plot {
    let name = match series {
        Some(series) => format!("{}-{kind}", file_name(series)),
        None => kind.to_owned(),
    };
    Plot { name, series: series.map(str::to_owned), title: title.to_owned(), svg }
}

/// Returns a sample of latencies of which a distribution says something: 30 runs at least.
fn sample(tally: &SweepTally) -> Option<&Histogram> {
    tally.metrics.get(metric::LATENCY.p50.name).filter(|histogram| histogram.count() >= 30)
}

/// Points that differ in size alone, where there are several sizes, in ascending order.
fn curves<'a>(points: &[&'a PointResult]) -> Vec<(String, Vec<&'a PointResult>)> {
    let mut curves: Vec<(String, Vec<&PointResult>)> = Vec::new();
    for point in points {
        let name = point.curve();
        match curves.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => members.push(point),
            None => curves.push((name, vec![point])),
        }
    }
    curves.retain(|(_, points)| points.len() > 1);
    curves.iter_mut().for_each(|(_, points)| points.sort_by_key(|point| point.agents));
    curves
}

/// Attacks by protocols, or by sizes where a series has several.
fn heat_map(points: &[&PointResult]) -> Option<Plot> {
    let struck: Vec<&PointResult> = points.iter().copied().filter(|point| point.fault.is_some()).collect();
    let mut rows: Vec<String> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    let sizes = |series: &str| {
        let mut sizes: Vec<u32> =
            struck.iter().filter(|point| point.series == series).map(|point| point.agents).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes.len()
    };
    let column = |point: &PointResult| match sizes(&point.series) {
        1 => point.series.clone(),
        _ => format!("{} {}", point.series, point.agents),
    };
    for point in &struck {
        let row = point.fault.clone().unwrap_or_default();
        if !rows.contains(&row) {
            rows.push(row);
        }
        if !columns.contains(&column(point)) {
            columns.push(column(point));
        }
    }
    if rows.len() < 2 || struck.iter().any(|point| !point.parameters.is_empty()) {
        return None;
    }
    let find = |row: &str, wanted: &str| {
        let is_it = |point: &&&PointResult| point.fault.as_deref() == Some(row) && column(point) == wanted;
        struck.iter().find(is_it).copied()
    };
    let calm = |wanted: &str| find("none", wanted).and_then(median);
    let cells = |value: &dyn Fn(&PointResult, &str) -> Option<Heat>| -> Vec<Vec<Option<Heat>>> {
        let row = |row: &String| {
            columns.iter().map(|column| find(row, column).and_then(|point| value(point, column))).collect()
        };
        rows.iter().map(row).collect()
    };
    let lost = |runs: fn(&PointResult) -> u64| {
        move |point: &PointResult, _: &str| {
            if is_idle(point) {
                return Some(Heat { words: "idle".to_owned(), badness: 0.0 });
            }
            let share = point.share(runs(point));
            Some(Heat { words: format::share(libm::round((1.0 - share) * 1e3) / 1e3), badness: share })
        }
    };
    let panels = [
        Panel { title: "safe runs", cells: cells(&lost(|point| point.unsafe_runs)) },
        Panel { title: "live runs", cells: cells(&lost(|point| point.stuck_runs)) },
        Panel {
            title: "median latency, ×",
            cells: cells(&|point, column| {
                if is_idle(point) {
                    return Some(Heat { words: "idle".to_owned(), badness: 0.0 });
                }
                let times = median(point)? / calm(column)?;
                let badness = libm::log(times.max(1.0)) / libm::log(20.0);
                Some(Heat { words: format!("{times:.2}"), badness })
            }),
        },
    ];
    let title = "What each attack does";
    Some(plot("attacks", None, title, heat(title, &rows, &columns, &panels)))
}

/// Returns true if its faults did nothing in any run: then it shows nothing of them.
fn is_idle(point: &PointResult) -> bool {
    !point.faults.is_empty() && point.faults.values().all(|runs| *runs == 0)
}

fn median(point: &PointResult) -> Option<f64> {
    point.latency.as_ref().map(|latency| latency.p50.value.0)
}

/// Returns what becomes of a protocol as more agents are faulty: where a parameter is a number of faulty agents.
fn degradations(series: &str, points: &[&PointResult]) -> Vec<Plot> {
    let faulty = |point: &PointResult| {
        let is_number = |path: &str| path.starts_with("faults.") && path.ends_with(".agents");
        let (_, value) = point.parameters.iter().find(|(path, _)| is_number(path))?;
        value.parse::<u32>().ok()
    };
    let mut sizes: Vec<u32> = points.iter().map(|point| point.agents).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut plots = Vec::new();
    for agents in sizes {
        let of_size = points.iter().filter(|point| point.agents == agents);
        let mut members: Vec<(u32, &PointResult)> =
            of_size.filter_map(|point| Some((faulty(point)?, *point))).collect();
        members.sort_by_key(|(faulty, _)| *faulty);
        if members.len() < 2 {
            continue;
        }
        let names = ["safe", "live", "passed"];
        let steps: Vec<Step> = members
            .iter()
            .map(|(faulty, point)| Step {
                faulty: *faulty,
                values: vec![
                    1.0 - point.share(point.unsafe_runs),
                    1.0 - point.share(point.stuck_runs),
                    point.share(point.passed),
                ],
            })
            .collect();
        let title = format!("{series}: {agents} agents, of which more and more are faulty");
        let svg = degradation(&title, &names, &steps, agents, members[0].1.tolerated);
        plots.push(plot(&format!("degradation-{agents}"), Some(series), &title, svg));
    }
    plots
}

/// Returns a label without the name of its series.
fn short(label: &str, series: &str) -> String {
    label.strip_prefix(series).map_or(label, str::trim_start).to_owned()
}

/// Returns a label as the name of a file.
fn file_name(label: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    // Two of them and what kind of plot it is are no name too long for a file.
    label.chars().map(safe).take(100).collect()
}
