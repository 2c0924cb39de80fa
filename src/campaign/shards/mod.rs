//! Campaigns in shards: the runs of a sweep, a suite or a catalogue, made by any number of processes that share a folder and
//! nothing else, and merged to what one process would have come to, to the bit.
//!
//! A plan is a file that is never changed. It cuts the runs into blocks; shard i of n makes each nth block from the one of
//! number i on, and keeps what they came to in a result of its own, which takes its place as a whole. Merging adds the
//! results up, in any order, and says what is missing.

mod block;
mod folder;
mod merge;
mod pace;
mod plan;
mod result;
mod run;
mod shard;
mod shrunk;
mod slurm;
mod status;

pub use folder::CampaignFolder;
pub use merge::{Disagreement, MergeError, Merged, MissingShards, merge};
pub use plan::{CampaignPlan, CampaignSource, Extent, PlanOptions};
pub use run::{ShardPlan, ShardSummary, run_shard};
pub use shard::{Shard, ShardFrom};
pub use slurm::{SlurmJob, SlurmScripts, array_of};
pub use status::{CampaignStatus, ShardStatus, status};
