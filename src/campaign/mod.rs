//! Running scenarios: one run, the same run twice, and many.
//!
//! From here on up a wall clock may be read; what it says never reaches a run.

mod bench;
mod determinism;
mod diff;
mod files;
mod filter;
mod host;
mod outcome;
mod recorder;
mod registry;
mod replay;
mod repro;
mod run;
mod select;
mod shrink;
mod steps;
mod story;
mod sweep;
mod validate;

pub use bench::{
    Baseline, BaselineError, BenchPlan, Benched, Comparison, Effort, Estimate, Expense, Failures,
    FaultWindow, Latency, Law, Machine, Matrix, Moved, Percentiles, PointResult, Reading, Results, Sample,
    SeriesTitle, Spot, Timeline, bench, is_suite, matrix, suite_schema,
};
pub use determinism::Difference;
pub use diff::{Same, diff};
pub use files::yaml_files;
pub use filter::{Filter, FilterError, Traits};
pub use host::{Host, Stopwatch};
pub use outcome::{Expectation, Outcome, RunVerdict};
pub use recorder::{Happening, Recorder, Recorders, SharedRecorder};
pub use registry::{Entry, Prepared, Registry};
pub use replay::{Blind, Change, Glimpse, Replay, glimpse, replay};
pub use repro::Repro;
pub use select::{Arm, Choice, Demand, NoRow, Peril, ROWS, Refusal, Row, Task, Trial, choose, measure};
pub use shrink::{Edit, Progress, Shrunk, Target, Unshrinkable, shrink};
pub use steps::{Look, Steps};
pub use story::{
    Arrow, Chain, CutWindow, Deed, Link, Scene, Step, Story, Subject, Wish, causal_past, chain, headline,
    readable,
};
pub use sweep::{
    Cost, Failed, Headway, Histogram, Point, Seeds, SweepError, SweepPlan, Swept, Tally as SweepTally, grid,
    sweep, wilson,
};
pub use validate::{
    Catalogue, CatalogueError, CriterionResult, FailedRun, Goals, Readiness, RequirementResult,
    ScenarioResult, State, TargetResult, ValidatePlan, Verdict, validate,
};
