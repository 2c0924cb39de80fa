//! How each protocol of Synod stands in a scenario file.

mod pbft;
mod requests;

pub use pbft::{Batching, Decision, PbftHarness, PbftParams, PbftWorkload};
pub use requests::{Arrival, Commands, Requests};
