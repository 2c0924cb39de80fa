//! Oracles: the set of a protocol's oracles, and the metrics that all protocols share.

mod agreement;
mod detection;
mod drift;
mod fault_windows;
pub mod linearizability;
mod measure;
pub mod metric;
mod no_panic;
mod operations;
mod oracle_set;
mod planned;
mod sample;
pub mod service;
mod soak;

pub use agreement::Agreement;
pub use detection::{Detection, DetectionReport, Proof};
pub use drift::Drift;
pub use fault_windows::{FaultWindowStats, FaultWindows};
pub use measure::{Measure, Percentiles};
pub use metric::{Metric, Metrics};
pub use no_panic::NoPanic;
pub use operations::OperationTracker;
pub use oracle_set::{OracleReport, OracleSet, OracleVerdict, StopCondition, ViolationReport};
pub use planned::{PlanReport, PlanWatch};
pub use sample::Sample;
pub use soak::Soak;
