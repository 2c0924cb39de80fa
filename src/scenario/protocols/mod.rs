//! How each protocol of Synod stands in a scenario file.

mod kv_history;
mod pbft;
mod requests;

pub use kv_history::KeyValue;
pub use pbft::{Batching, Decision, PbftHarness, PbftParams, PbftWorkload};
pub use requests::{Arrival, Commands, Requests};
