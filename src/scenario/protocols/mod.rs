//! How each protocol of Synod stands in a scenario file.

mod pbft;

pub use pbft::{Arrival, Batching, Decision, PbftHarness, PbftParams, PbftWorkload, Requests};
