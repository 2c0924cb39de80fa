//! The figures of a run or a sweep as OpenMetrics text, which Prometheus and its kin read.
//!
//! Names begin with `synod_`, times are seconds and sizes bytes, counters end in `_total`. Nothing in it is of the
//! machine: the same run gives the same bytes.

mod exposition;
mod names;
mod run;
mod sweep;

pub use run::run_metrics;
pub use sweep::sweep_metrics;
