//! Plots: SVG that needs no font of the machine's, and PNG made of it.

mod axis;
mod cdf;
mod drift;
mod frame;
mod heat;
mod labels;
mod palette;
#[cfg(feature = "png")]
mod png;
mod recovery;
mod share;
mod size;
mod time;

pub(super) use cdf::distributions;
pub(super) use drift::drift;
pub(super) use heat::{Heat, Panel, heat};
pub(super) use palette::dark;
#[cfg(feature = "png")]
pub(super) use png::Painter;
pub(super) use recovery::recovery;
pub(super) use share::{Step, degradation};
pub(super) use size::{machine, medians, messages, percentiles};
pub(super) use time::timeline;
