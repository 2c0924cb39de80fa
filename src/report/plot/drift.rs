//! A long run span by span: latency and what is kept at rest, each with its trend.

use super::axis::Axis;
use super::frame::{Frame, Place, picture};
use super::palette::{FAULT, INK, curve};
use crate::format;
use plotters::style::text_anchor::HPos;
use synod_oracle::Drift;

const WIDTH: u32 = 760;
/// How high each of the parts is, and how far apart they are.
const PART: f64 = 120.0;
const GAP: f64 = 70.0;

/// Returns what became of a run's spans, of which there is one at least. Those that do not count are shaded.
pub(crate) fn drift(title: &str, run: &Drift) -> String {
    picture(WIDTH, (68.0 + (PART + GAP) * 2.0) as u32, title, |sheet| {
        let figures = [&run.p95_ns, &run.rest_bytes];
        for (number, figures) in figures.into_iter().enumerate() {
            let top = 68.0 + (PART + GAP) * number as f64;
            let place = Place { left: 84.0, top, right: 736.0, bottom: top + PART };
            let highest = run.counted(figures).map(|(_, figure)| figure).fold(1.0, f64::max);
            let (scale, axis) = match number {
                0 => (1.0, Axis::linear("95th percentile", 0.0, highest, format::time)),
                _ => sizes(highest),
            };
            let frame = sheet.frame(place, time(run), axis);
            shade(&frame, run);
            let dot = |(place, figure): (usize, f64)| (middle(run, place), figure / scale);
            let dots: Vec<(f64, f64)> = run.counted(figures).map(dot).collect();
            frame.dots(&dots, curve(number), if dots.len() > 100 { 1.5 } else { 2.5 });
            trend(&frame, run, figures, scale);
        }
    })
}

/// Returns an axis for sizes up to `highest` bytes, and the bytes of its unit: only in this are round numbers round.
fn sizes(highest: f64) -> (f64, Axis) {
    let units = [(1_048_576.0, "MiB"), (1_024.0, "KiB"), (1.0, "B")];
    let (bytes, unit) = units.into_iter().find(|(bytes, _)| highest >= *bytes).unwrap_or((1.0, "B"));
    let title = format!("kept at rest, {unit}");
    (bytes, Axis::linear(&title, 0.0, highest / bytes, format::count))
}

/// Returns the unit of the axis of time: how many of it a day has, and its name.
fn unit(run: &Drift) -> (f64, &'static str) {
    if run.days(run.calm.len()) > 3.0 { (1.0, "days") } else { (24.0, "hours") }
}

fn time(run: &Drift) -> Axis {
    let title = format!("virtual time, {}; shaded: with faults, and the first span", unit(run).1);
    Axis::within(&title, 0.0, begin(run, run.calm.len()), format::count)
}

/// Returns when the span at `place` begins, on the axis of time.
fn begin(run: &Drift, place: usize) -> f64 {
    run.days(place) * unit(run).0
}

fn middle(run: &Drift, place: usize) -> f64 {
    (begin(run, place) + begin(run, place + 1)) / 2.0
}

fn shade(frame: &Frame<'_, '_>, run: &Drift) {
    let mut place = 0;
    for spans in run.calm.chunk_by(|one, next| one == next) {
        if !spans[0] {
            frame.shade(begin(run, place), begin(run, place + spans.len()), FAULT);
        }
        place += spans.len();
    }
}

/// The line that fits best, and above it what becomes of the figure in a day.
fn trend(frame: &Frame<'_, '_>, run: &Drift, figures: &[Option<u64>], scale: f64) {
    let Some(trend) = run.trend(figures) else { return };
    // Dots stand in the middle of their spans, and so does the line.
    let ends = [0, run.calm.len() - 1].map(|place| (middle(run, place), trend.at(run.days(place)) / scale));
    frame.curve(&ends, INK, 1.0);
    if let Some(grown) = trend.growth() {
        let [growth, low, high] = grown.map(format::growth);
        let told = format!("{growth} a day, 95 % from {low} to {high}");
        frame.sheet.text(frame.place.right, frame.place.top - 10.0, &told, 12.0, INK, HPos::Right);
    }
}
