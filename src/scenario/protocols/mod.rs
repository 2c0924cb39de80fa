//! How each protocol of Synod stands in a scenario file.

mod adaptive;
mod distributed;
mod hierarchical;
mod inner;
mod iterative;
mod kv_history;
mod names;
mod pbft;
mod pbft_theory;
mod pipeline;
mod raft;
mod requests;
mod series;
mod sessions;
mod simple;
mod values;
mod voting;
mod weighted;

pub use adaptive::{AdaptiveHarness, AdaptiveParams, AdaptiveWorkload, RungShape};
pub use distributed::{DistributedHarness, DistributedParams, DistributedWorkload};
pub use hierarchical::{HierarchicalHarness, HierarchicalParams, Placement, ReportShape};
pub use inner::InnerProtocol;
pub use iterative::{
    AgreementShape, ConvergedShape, IterativeHarness, IterativeParams, MethodShape, RefineWorkload,
};
pub use kv_history::KeyValue;
pub use pbft::{Batching, Decision, PbftHarness, PbftParams, PbftWorkload};
pub use pipeline::{PipelineHarness, PipelineParams, PipelineWorkload, StageShape};
pub use raft::{Membership, PlannedChange, RaftHarness, RaftParams, RaftReads, RaftWorkload};
pub use requests::{Arrival, Commands, Requests};
pub use sessions::{SessionsHarness, SessionsParams, SessionsWorkload};
pub use simple::{SimpleHarness, SimpleParams};
pub use values::{CategoryShape, FieldShape, NumberShape, OfShape, ScaleShape, TextShape, ValueShape};
pub use voting::VoteWorkload;
pub use weighted::{
    LegacyShape, LogOddsShape, MedianShape, OfCastShape, RuleShape, WeightedHarness, WeightedParams,
    WeightsShape,
};
