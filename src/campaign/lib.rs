//! Many runs: sweeps, benchmarks, validation, shrinking, selection, the story of a run.
//!
//! From here on up a wall clock may be read; what it says never reaches a run.

mod bench;
mod files;
mod filter;
mod goals;
mod host;
mod repro;
mod select;
mod shrink;
mod story;
mod sweep;
mod validate;

pub use bench::{
    Baseline, BaselineError, BenchPlan, Benched, Comparison, Effort, Estimate, Expense, Failures,
    FaultWindow, Latency, Law, Machine, Matrix, Moved, Percentiles, PointResult, Reading, Results, Sample,
    SeriesTitle, Spot, Timeline, bench, is_suite, matrix, suite_schema,
};
pub use files::yaml_files;
pub use filter::{Filter, FilterError, Traits};
pub use goals::Goals;
pub use host::{Host, Stopwatch};
pub use repro::Repro;
pub use select::{Arm, Choice, Demand, NoRow, Peril, ROWS, Refusal, Row, Task, Trial, choose, measure};
pub use shrink::{Edit, Progress, Shrunk, Target, Unshrinkable, shrink};
pub use story::{Arrow, Chain, CutWindow, Deed, Link, Scene, Step, Story, Subject, Wish, causal_past, chain};
pub use sweep::{
    Cost, Failed, Headway, Point, Seeds, SweepError, SweepPlan, Swept, Tally as SweepTally, grid, sweep,
};
pub use validate::{
    Catalogue, CatalogueError, CriterionResult, FailedRun, Readiness, RequirementResult, ScenarioResult,
    State, TargetResult, ValidatePlan, Verdict, validate,
};
