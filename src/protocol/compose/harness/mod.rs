//! Compositions in scenario files.

mod pipeline;
mod sessions;

pub use pipeline::{PipelineHarness, PipelineParams, PipelineWorkload, StageShape};
pub use sessions::{SessionsHarness, SessionsParams, SessionsWorkload};

use synod_harness::{Entry, entry};

/// Returns the protocols of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<SessionsHarness>(), entry::<PipelineHarness>()]
}
