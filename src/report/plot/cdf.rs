//! Plots of cumulative distribution functions (CDFs) of latency.

use super::axis::Axis;
use super::frame::{Place, picture};
use super::palette::curve;
use crate::format;
use plotters::style::text_anchor::HPos;
use std::ops::RangeInclusive;
use synod_stats::Histogram;

/// Approximate maximum number of steps drawn for a curve.
const STEPS: u64 = 200;

/// Returns a plot, as SVG, of the CDF of each named sample: the share of runs that have decided by a time.
pub(crate) fn distributions(title: &str, samples: &[(String, &Histogram)]) -> String {
    let ends = samples.iter().filter_map(|(_, sample)| sample.at_rank(1).zip(sample.max()));
    let (low, high) =
        ends.fold((f64::INFINITY, 0.0_f64), |(low, high), (first, last)| (low.min(first), high.max(last)));
    let x = Axis::log("latency", low, high, format::time);
    let y = Axis::linear("share of runs", 0.0, 1.0, format::share);
    picture(760, 400, title, |sheet| {
        let place = Place { left: 84.0, top: 50.0, right: 736.0, bottom: 346.0 };
        let frame = sheet.frame(place, x, y);
        let curves: Vec<Vec<(f64, f64)>> = samples.iter().map(|(_, sample)| steps(sample)).collect();
        for (number, points) in curves.iter().enumerate() {
            frame.curve(points, curve(number), 1.75);
        }
        let crossings = |height: f64| -> Vec<f64> {
            let at = |points: &Vec<(f64, f64)>| {
                points.iter().find(|(_, share)| *share >= height).map_or(0.0, |p| p.0)
            };
            curves.iter().map(|points| frame.spot((at(points), height)).0).collect()
        };
        for (number, name, x, y) in places(samples, crossings, place.left + 4.0..=place.right) {
            let y = frame.spot((0.0, y)).1;
            sheet.text(x, y, name, 12.0, curve(number), HPos::Left);
        }
    })
}

/// Returns the points of a sample's CDF, a step function.
fn steps(sample: &Histogram) -> Vec<(f64, f64)> {
    let count = sample.count();
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut last = 0;
    for (value, seen) in sample.steps() {
        if seen == count || (seen - last) * STEPS >= count || points.is_empty() {
            let below = points.last().map_or(0.0, |&(_, share)| share);
            points.extend([(value, below), (value, seen as f64 / count as f64)]);
            last = seen;
        }
    }
    points
}

/// Returns the place of each curve's label: the number of the curve, its name, the left end in pixels, and the height
/// as a share. A label stands beside its curve at the height where the gap to the other curves is widest; no two labels
/// have the same height. `crossings` returns the x of every curve at a height, and labels stay within `room`.
fn places<'a>(
    samples: &'a [(String, &Histogram)],
    crossings: impl Fn(f64) -> Vec<f64>,
    room: RangeInclusive<f64>,
) -> Vec<(usize, &'a str, f64, f64)> {
    let mut free: Vec<f64> = (2..=18).map(|step| f64::from(step) / 20.0).collect();
    let mut places = Vec::new();
    for (number, (name, _)) in samples.iter().enumerate() {
        let width = 7.5 * name.chars().count() as f64 + 8.0;
        // The gap to the next curve on the better side, capped at twice the label's width: more is no better.
        let choice = |height: f64| {
            let crossed = crossings(height);
            let here = crossed[number];
            let gap = |distance: &dyn Fn(f64) -> f64| {
                let others = crossed.iter().enumerate().filter(|(other, _)| *other != number);
                others.map(|(_, x)| distance(*x)).filter(|gap| *gap >= 0.0).fold(2.0 * width, f64::min)
            };
            let fits = |left: f64, gap: f64| {
                if room.contains(&left) && room.contains(&(left + width)) { gap } else { -1.0 }
            };
            let right = fits(here + 8.0, gap(&|x| x - here));
            let left = fits(here - width, gap(&|x| here - x));
            if right >= left { (right, here + 8.0) } else { (left, here - width) }
        };
        let best =
            free.iter().map(|height| (choice(*height), *height)).max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0));
        if let Some(((_, x), height)) = best {
            places.push((number, name.as_str(), x, height));
            free.retain(|other| (other - height).abs() > 0.06);
        }
    }
    places
}
