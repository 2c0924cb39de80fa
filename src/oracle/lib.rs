//! Who judges a run from outside: the panel of a protocol's oracles, and the figures that every protocol is measured
//! by.

mod detection;
mod drift;
pub mod linearizability;
mod measure;
pub mod metric;
mod panel;
mod progress;
mod sample;
mod soak;
mod windows;

pub use detection::{Detection, DetectionReport, Proof};
pub use drift::Drift;
pub use measure::{Measure, Percentiles};
pub use metric::{Metric, Metrics};
pub use panel::{Expected, Panel, Ruling, Verdict, ViolationReport};
pub use progress::Progress;
pub use sample::Sample;
pub use soak::Soak;
pub use windows::{Spells, Windows};
