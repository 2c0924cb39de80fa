//! Running scenarios: one run, the same run twice, and later many.
//!
//! From here on up a wall clock may be read; what it says never reaches a run.

mod determinism;
mod host;
mod outcome;
mod recorder;
mod registry;
mod repro;
mod run;

pub use determinism::Difference;
pub use host::{Host, Stopwatch};
pub use outcome::{Expectation, Outcome, RunVerdict};
pub use recorder::{Happening, Recorder, SharedRecorder};
pub use registry::{Entry, Prepared, Registry};
pub use repro::Repro;
