//! Figures against the number of agents: percentiles of latency, messages, and what a run takes of the machine.

use super::axis::Axis;
use super::frame::{Frame, Place, picture};
use super::labels::Label;
use super::palette::{FAINT, INK, curve};
use crate::format;
use std::collections::BTreeMap;
use synod_campaign::{Estimate, PointCost, PointResult};
use synod_oracle::metric;

/// Points on a plane.
type Points = Vec<(f64, f64)>;

const WIDTH: u32 = 760;
const HEIGHT: u32 = 400;

fn inside(width_of_labels: f64) -> Place {
    Place {
        left: 84.0,
        top: 50.0,
        right: f64::from(WIDTH) - width_of_labels,
        bottom: f64::from(HEIGHT) - 54.0,
    }
}

/// Room at the right for labels like these.
fn room<'a>(labels: impl Iterator<Item = &'a str>) -> f64 {
    let longest = labels.map(|label| label.chars().count()).max().unwrap_or(0);
    (24.0 + 7.2 * longest as f64).clamp(60.0, 300.0)
}

/// Returns the axis of sizes: each size that occurs, as far as there is room.
fn sizes(points: &[&PointResult]) -> Axis {
    let mut sizes: Vec<u32> = points.iter().map(|point| point.agents).collect();
    sizes.sort_unstable();
    sizes.dedup();
    of_sizes(&sizes)
}

fn of_sizes(sizes: &[u32]) -> Axis {
    let (low, high) = (f64::from(sizes[0]), f64::from(sizes[sizes.len() - 1]));
    let axis = Axis::log("agents", low, high, format::count);
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for size in sizes.iter().map(|size| f64::from(*size)) {
        if ticks.last().is_none_or(|(last, _)| axis.at(size) - axis.at(*last) > 0.055) {
            ticks.push((size, format::count(size)));
        }
    }
    axis.ticked(ticks)
}

/// Returns an axis of times that holds all of `values`: even, unless they are far apart.
fn times(title: &str, values: impl Iterator<Item = f64> + Clone) -> Axis {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(0.0, f64::max);
    if high > 30.0 * low && low > 0.0 {
        Axis::log(title, low, high, format::time)
    } else {
        Axis::linear(title, 0.0, high, format::time)
    }
}

/// Returns the percentiles of latency of one curve of points, with their bands, against the number of agents; with what
/// theory says of them, and with those of an earlier benchmark.
pub(crate) fn percentiles(title: &str, points: &[&PointResult], earlier: &[&PointResult]) -> String {
    const NAMES: [&str; 3] = ["p50", "p95", "p99"];
    let of = |point: &PointResult, place: usize| -> Option<Estimate> {
        let latency = point.latency.as_ref()?;
        Some([latency.p50, latency.p95, latency.p99][place])
    };
    let values = points.iter().chain(earlier).flat_map(|point| {
        (0..3).filter_map(|place| of(point, place)).flat_map(|e| [Some(e.value), e.low, e.high]).flatten()
    });
    let values: Vec<f64> = values.map(|reading| reading.0).collect();
    let (x, y) = (sizes(points), times("latency", values.iter().copied()));
    picture(WIDTH, HEIGHT, title, |sheet| {
        let frame = sheet.frame(inside(96.0), x, y);
        let mut labels = Vec::new();
        let mut has_theory = false;
        for (place, name) in NAMES.into_iter().enumerate() {
            let color = curve(place);
            let line = |points: &[&PointResult], value: &dyn Fn(Estimate) -> f64| -> Points {
                let spots = points
                    .iter()
                    .filter_map(|point| Some((f64::from(point.agents), value(of(point, place)?))));
                spots.collect()
            };
            let middle = line(points, &|estimate| estimate.value.0);
            let lower = line(points, &|e| e.low.unwrap_or(e.value).0);
            // Without an upper bound the band is open.
            let upper = line(points, &|e| e.high.map_or(f64::INFINITY, |high| high.0));
            frame.band(&lower, &upper, color);
            let before = line(earlier, &|estimate| estimate.value.0);
            frame.dashed(&before, color, 1.25);
            frame.rings(&before, color, 3.5);
            frame.curve(&middle, color, 1.75);
            frame.dots(&middle, color, 3.5);
            let percentile = [&metric::LATENCY.p50, &metric::LATENCY.p95, &metric::LATENCY.p99][place];
            let law = |point: &&PointResult| {
                point.latency_law(percentile).map(|law| (f64::from(point.agents), law.value.0))
            };
            let theory: Points = points.iter().filter_map(law).collect();
            has_theory |= !theory.is_empty();
            for spot in theory {
                cross(&frame, spot);
            }
            labels.extend(middle.last().map(|&last| Label {
                words: name.to_owned(),
                color,
                y: frame.spot(last).1,
            }));
        }
        frame.name(labels);
        key(&frame, has_theory, !earlier.is_empty());
    })
}

/// Returns the median latency of several curves of points against the number of agents.
pub(crate) fn medians(title: &str, curves: &[(String, Vec<&PointResult>)]) -> String {
    let all: Vec<&PointResult> = curves.iter().flat_map(|(_, points)| points.iter().copied()).collect();
    let median = |point: &PointResult| point.latency.as_ref().map(|latency| latency.p50.value.0);
    let values: Vec<f64> = all.iter().filter_map(|point| median(point)).collect();
    let (x, y) = (sizes(&all), times("median latency", values.iter().copied()));
    picture(WIDTH, HEIGHT, title, |sheet| {
        let frame = sheet.frame(inside(room(curves.iter().map(|(name, _)| name.as_str()))), x, y);
        let lines = curves.iter().map(|(name, points)| {
            let spots = points.iter().filter_map(|point| Some((f64::from(point.agents), median(point)?)));
            (name.clone(), spots.collect())
        });
        named(&frame, lines.collect());
    })
}

/// Returns the messages for each decision against the number of agents, with what theory says of them.
pub(crate) fn messages(title: &str, curves: &[(String, Vec<&PointResult>)]) -> String {
    let all: Vec<&PointResult> = curves.iter().flat_map(|(_, points)| points.iter().copied()).collect();
    let sent = |point: &PointResult| point.median(&metric::MESSAGES_PER_DECISION);
    let law = |point: &PointResult| point.law(&metric::MESSAGES_PER_DECISION).map(|law| law.value.0);
    let values: Vec<f64> = all.iter().flat_map(|point| [sent(point), law(point)]).flatten().collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    let x = sizes(&all);
    let y = Axis::log("messages for each decision", low, high, format::count);
    let name = |(name, points): &(String, Vec<&PointResult>)| {
        let law = points.iter().find_map(|point| point.law(&metric::MESSAGES_PER_DECISION));
        law.map_or_else(|| name.clone(), |law| format!("{name}: {}", law.law.replace("^2", "²")))
    };
    let names: Vec<String> = curves.iter().map(name).collect();
    picture(WIDTH, HEIGHT, title, |sheet| {
        let frame = sheet.frame(inside(room(names.iter().map(String::as_str))), x, y);
        let mut labels = Vec::new();
        for (place, ((_, points), words)) in curves.iter().zip(names).enumerate() {
            let color = curve(place);
            let of = |value: &dyn Fn(&PointResult) -> Option<f64>| -> Points {
                let spots = points.iter().filter_map(|point| Some((f64::from(point.agents), value(point)?)));
                spots.collect()
            };
            let (measured, theory) = (of(&sent), of(&law));
            frame.curve(if theory.is_empty() { &measured } else { &theory }, color, 1.5);
            frame.dots(&measured, color, 3.5);
            labels.extend(measured.last().map(|&last| Label { words, color, y: frame.spot(last).1 }));
        }
        frame.name(labels);
        let (x, y) = (frame.place.right, frame.place.top - 12.0);
        use plotters::style::text_anchor::HPos;
        sheet.text(x, y, "dots: measured; lines: theory, where there is one", 11.0, FAINT, HPos::Right);
    })
}

/// Returns what a run takes of the machine against the number of agents, for each series.
pub(crate) fn machine(
    title: &str,
    what: &str,
    show: fn(f64) -> String,
    value: fn(&PointCost) -> f64,
    series: &BTreeMap<&str, Vec<&PointCost>>,
) -> String {
    let all = || series.values().flatten().map(|cost| value(cost)).filter(|value| *value > 0.0);
    let mut agents: Vec<u32> = series.values().flatten().map(|cost| cost.agents).collect();
    agents.sort_unstable();
    agents.dedup();
    let y = Axis::log(what, all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max), show);
    picture(WIDTH, HEIGHT, title, |sheet| {
        let frame = sheet.frame(inside(room(series.keys().copied())), of_sizes(&agents), y);
        let lines = series.iter().map(|(name, expenses)| {
            let spots = expenses.iter().map(|cost| (f64::from(cost.agents), value(cost)));
            ((*name).to_owned(), spots.filter(|(_, value)| *value > 0.0).collect())
        });
        named(&frame, lines.collect());
    })
}

/// Curves with dots, named beside their ends.
fn named(frame: &Frame<'_, '_>, lines: Vec<(String, Points)>) {
    let mut labels = Vec::new();
    for (place, (words, points)) in lines.into_iter().enumerate() {
        let color = curve(place);
        frame.curve(&points, color, 1.75);
        frame.dots(&points, color, 3.5);
        labels.extend(points.last().map(|&last| Label { words, color, y: frame.spot(last).1 }));
    }
    frame.name(labels);
}

/// A cross: what theory says.
fn cross(frame: &Frame<'_, '_>, spot: (f64, f64)) {
    let (x, y) = frame.spot(spot);
    for (dx, dy) in [(5.0, 5.0), (5.0, -5.0)] {
        frame.sheet.line(&[(x - dx, y - dy), (x + dx, y + dy)], INK, 1.5);
    }
}

/// What the signs mean, above the frame.
fn key(frame: &Frame<'_, '_>, has_theory: bool, has_earlier: bool) {
    use plotters::style::text_anchor::HPos;
    let mut words = vec!["bands: 95 % intervals"];
    words.extend(has_theory.then_some("crosses: theory"));
    words.extend(has_earlier.then_some("dashed: baseline"));
    let Place { right, top, .. } = frame.place;
    frame.sheet.text(right, top - 12.0, &words.join("; "), 11.0, FAINT, HPos::Right);
}
