//! A run over time: what was decided, how fast, and how far each agent had come, with the windows of faults shaded.

use super::axis::Axis;
use super::frame::{Frame, Place, picture};
use super::palette::{FAULT, INK, curve};
use crate::format;
use plotters::style::text_anchor::HPos;
use synod_campaign::Timeline;

const WIDTH: u32 = 760;
/// How high each of the parts is, and how far apart they are.
const PART: f64 = 120.0;
const GAP: f64 = 62.0;

/// Returns a run over time.
pub(crate) fn timeline(title: &str, run: &Timeline) -> String {
    let has_figure = run.figure.is_some();
    let parts = if has_figure { 3 } else { 2 };
    let height = 56.0 + (PART + GAP) * f64::from(parts);
    picture(WIDTH, height as u32, title, |sheet| {
        let until = (run.span_ns * run.decided.len() as u64) as f64;
        let middle = |place: usize| (place as f64 + 0.5) * run.span_ns as f64;
        let frame = |number: u32, y: Axis| {
            let top = 56.0 + (PART + GAP) * f64::from(number);
            let place = Place { left: 84.0, top, right: 736.0, bottom: top + PART };
            let frame = sheet.frame(place, Axis::within("virtual time", 0.0, until, format::time), y);
            for fault in &run.faults {
                frame.shade(fault.from_ns as f64, fault.until_ns.map_or(until, |end| end as f64), FAULT);
            }
            frame
        };
        let seconds = run.span_ns as f64 / 1e9;
        let rates: Vec<f64> = run.decided.iter().map(|count| *count as f64 / seconds).collect();
        let fastest = rates.iter().copied().fold(0.0, f64::max);
        let first = frame(0, Axis::linear("decided, 1/s", 0.0, fastest, format::count));
        for (place, rate) in rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
            let from = place as f64 * run.span_ns as f64;
            first.bar(from, from + run.span_ns as f64, *rate, curve(0));
        }
        name_faults(&first, run);
        let slowest = run.latency_ns.iter().flatten().copied().max().unwrap_or(1) as f64;
        let second = frame(1, Axis::linear("latency", 0.0, slowest, format::time));
        let dots: Vec<(f64, f64)> = run
            .latency_ns
            .iter()
            .enumerate()
            .filter_map(|(place, latency)| Some((middle(place), (*latency)? as f64)))
            .collect();
        second.dots(&dots, curve(1), 2.5);
        if let Some(figure) = &run.figure {
            let highest = run.agents.iter().flatten().map(|(_, value)| *value).max().unwrap_or(1);
            let third = frame(2, Axis::whole(&format!("{figure} of each agent"), highest, format::count));
            climb(&third, run, until, highest as f64);
        }
    })
}

/// The figure of each agent against time, each a little above the one before, so that none hides another.
fn climb(frame: &Frame<'_, '_>, run: &Timeline, until: f64, highest: f64) {
    let apart = 0.03 * highest.max(1.0) / run.agents.len().max(1) as f64 * 4.0;
    for (number, steps) in run.agents.iter().enumerate() {
        let offset = apart * number as f64 / 4.0;
        let mut points = vec![(0.0, offset)];
        for &(at, value) in steps {
            let last = points.last().map_or(offset, |&(_, y)| y);
            points.extend([(at as f64, last), (at as f64, value as f64 + offset)]);
        }
        let last = points.last().map_or(offset, |&(_, y)| y);
        points.push((until, last));
        frame.curve(&points, curve(number), 1.25);
    }
}

/// The names of faults above their windows; the first of each name only.
fn name_faults(frame: &Frame<'_, '_>, run: &Timeline) {
    let mut named: Vec<&str> = Vec::new();
    for fault in &run.faults {
        if !named.contains(&fault.name.as_str()) {
            let (x, _) = frame.spot((fault.from_ns as f64, 0.0));
            let row = named.len() as f64 % 2.0;
            frame.sheet.text(x, frame.place.top - 8.0 - 12.0 * row, &fault.name, 11.0, INK, HPos::Left);
            named.push(&fault.name);
        }
    }
}
