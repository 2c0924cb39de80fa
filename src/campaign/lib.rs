//! Many runs: sweeps, benchmarks, validation, shrinking, selection, the explanation of a run.
//!
//! From here on up a wall clock may be read; what it says never reaches a run.

mod bench;
mod build_id;
mod draft;
mod explanation;
mod files;
mod filter;
#[cfg(test)]
mod fixture;
mod goals;
mod history;
mod host;
mod repro;
mod sealed;
mod select;
mod shards;
mod shrink;
mod sweep;
mod validate;

pub use bench::{
    Baseline, BaselineError, BenchPlan, BenchResult, Comparison, Estimate, Failures, FaultWindow,
    FigureChange, Latency, Law, Machine, Matrix, Number, Percentiles, PointCost, PointResult, PointSpec,
    Results, Sample, SeedChoice, SeriesTitle, Timeline, bench, is_suite, matrix, suite_schema,
};
pub use draft::{Draft, open_no_link};
pub use explanation::{
    Arrow, Chain, CutWindow, Diagram, DiagramOptions, Explanation, Link, Step, StepKind, Subject,
    causal_past, chain,
};
pub use files::yaml_files;
pub use filter::{Filter, FilterError, PointAttributes};
pub use goals::Goals;
pub use history::{
    Datum, HistoryError, HistoryReport, HistoryVerdict, LARGEST_FILE, Notation, ObjectKind, OrderedBy,
    Record, Spot, Stage, check_history, read_history,
};
pub use host::{Host, Stopwatch};
pub use repro::Repro;
pub use select::{
    BanditArm, Demand, FaultClass, NoMatchingRow, Obstacle, ROWS, Recommendation, Refusal, Row, Task, Trial,
    choose, measure,
};
pub use shards::{
    CampaignFolder, CampaignPlan, CampaignSource, CampaignStatus, Disagreement, Extent, MergeError, Merged,
    MissingShards, PlanOptions, Shard, ShardFrom, ShardPlan, ShardStatus, ShardSummary, SlurmJob,
    SlurmScripts, array_of, merge, run_shard, status,
};
pub use shrink::{FailureSignature, Reduction, ShrinkError, ShrinkProgress, ShrinkResult, shrink};
pub use sweep::{
    Cost, Excess, Failed, Point, Seeds, SweepError, SweepPlan, SweepProgress, SweepResult,
    Tally as SweepTally, Unjudged, grid, is_misplaced, sweep,
};
pub use validate::{
    Catalogue, CatalogueError, CriterionResult, FailedRun, Readiness, ReadinessVerdict, RequirementResult,
    ScenarioResult, State, TargetResult, ValidatePlan, validate,
};
