//! How long each kind of fault takes to recover from, once it is over.

use super::axis::Axis;
use super::frame::{Place, picture};
use super::palette::{FAINT, INK, curve};
use crate::format;
use plotters::style::text_anchor::HPos;
use synod_campaign::Percentiles;

const ROW: f64 = 26.0;

/// For each name the median and the 99th percentile over runs.
pub(crate) fn recovery(title: &str, rows: &[(String, Percentiles)]) -> String {
    let names = 7.2 * rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) as f64 + 24.0;
    let longest = rows.iter().map(|(_, of)| of.p99.0).fold(0.0, f64::max);
    let height = 60.0 + ROW * rows.len() as f64 + 54.0;
    let x =
        Axis::linear("from the end of the fault until all sides decide again", 0.0, longest, format::time);
    let y = Axis::linear("", 0.0, 1.0, format::count).ticked(Vec::new());
    picture(760, height as u32, title, |sheet| {
        let place = Place { left: names, top: 50.0, right: 730.0, bottom: 60.0 + ROW * rows.len() as f64 };
        let frame = sheet.frame(place, x, y);
        for (number, (name, of)) in rows.iter().enumerate() {
            let y = 56.0 + ROW * (number as f64 + 0.5);
            let (middle, _) = frame.spot((of.p50.0, 0.0));
            let (end, _) = frame.spot((of.p99.0, 0.0));
            sheet.text(names - 10.0, y, name, 12.0, INK, HPos::Right);
            sheet.line(&[(middle, y), (end, y)], curve(0), 2.0);
            for (x, reach) in [(middle, 5.0), (end, 3.0)] {
                let dot = Place { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
                sheet.fill(dot, curve(0), 1.0);
            }
        }
        sheet.text(730.0, 38.0, "large: median run; small: 99th percentile", 11.0, FAINT, HPos::Right);
    })
}
