//! Degradation: what becomes of a protocol as the share of faulty agents grows.

use super::axis::Axis;
use super::frame::{Place, picture};
use super::labels::Label;
use super::palette::{ALARM, curve};
use crate::format;

/// What runs came to with so many faulty agents.
pub(crate) struct Step {
    pub(crate) faulty: u32,
    pub(crate) values: Vec<f64>,
}

/// Shares of runs, each with its name, against how many of `agents` are faulty; from `borne` + 1 on they are more than
/// the protocol claims to tolerate.
pub(crate) fn degradation(
    title: &str,
    names: &[&str],
    steps: &[Step],
    agents: u32,
    borne: Option<u32>,
) -> String {
    let most = steps.iter().map(|step| step.faulty).max().unwrap_or(1);
    let x = Axis::linear("faulty agents, and their share of all", 0.0, f64::from(most), format::count);
    let words = |faulty: u32| {
        format!(
            "{faulty} ({})",
            format::share(libm::round(f64::from(faulty) * 100.0 / f64::from(agents)) / 100.0)
        )
    };
    let every = (steps.len() / 8).max(1);
    let x = x.ticked(
        steps.iter().step_by(every).map(|step| (f64::from(step.faulty), words(step.faulty))).collect(),
    );
    let y = Axis::linear("share of runs", 0.0, 1.0, words_of_share);
    picture(760, 360, title, |sheet| {
        let place = Place { left: 84.0, top: 66.0, right: 640.0, bottom: 306.0 };
        let frame = sheet.frame(place, x, y);
        if let Some(borne) = borne {
            frame.shade(f64::from(borne) + 1.0, f64::from(most), super::palette::NOTHING);
            frame.mark(f64::from(borne) + 1.0, "f + 1", ALARM);
        }
        let mut labels = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let points: Vec<(f64, f64)> =
                steps.iter().map(|step| (f64::from(step.faulty), step.values[place])).collect();
            frame.curve(&points, curve(place), 1.75);
            frame.dots(&points, curve(place), 3.5);
            labels.extend(points.last().map(|&last| Label {
                words: (*name).to_owned(),
                color: curve(place),
                y: frame.spot(last).1,
            }));
        }
        frame.name(labels);
    })
}

fn words_of_share(share: f64) -> String {
    format::share(share)
}
