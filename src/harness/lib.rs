//! What a protocol implements to run under Synod, and one run of it: a checked scenario and a seed become an outcome.
//!
//! [`Harness`] says what a protocol brings along; [`entry`] makes it one of a [`Registry`], without its types. A scenario
//! reaches it as a [`tree::Tree`], from whatever syntax, and is read as a [`World`], which every protocol shares, and
//! the protocol's own parameters and workload. Nothing here opens a file, starts a thread or reads a clock.

mod describe;
mod determinism;
mod diff;
mod entry;
mod error;
mod expect;
mod faults;
mod figure;
mod finding;
mod groups;
mod harness;
mod kv_history;
mod latency;
mod machine;
pub mod names;
mod network;
mod outcome;
mod own_metric;
mod path;
mod phases;
mod recorder;
mod regions;
mod registry;
mod replay;
pub mod requests;
mod run;
mod schema;
pub mod series;
pub mod service;
mod source;
mod steps;
mod theory;
mod topology;
pub mod tree;
mod vocabulary;
mod wording;
mod world;

pub use describe::Describe;
pub use determinism::Divergence;
pub use diff::{NoDivergence, diff};
pub use entry::{Entry, Prepared, entry};
pub use error::{Problem, ScenarioError, quote};
pub use expect::{Bounds, Expect};
pub use faults::Tolerance;
pub use figure::{Dimension, Figure};
pub use finding::{Finding, Unmet, Violated};
pub use groups::{FactorsShape, Group, RecordShape, TasksShape};
pub use harness::{Harness, Instance};
pub use kv_history::KeyValue;
pub use latency::{LatencyLaw, Samples};
pub use machine::{Clocks, Cpu, Storage};
pub use network::{NetworkShape, ReorderingShape};
pub use outcome::{Expectation, Outcome, RunVerdict};
pub use own_metric::{OwnMetric, Source};
pub use path::Path;
pub use recorder::{AnyEvent, Recorder, Recorders, SharedRecorder};
pub use regions::{Between, Members, RegionsShape};
pub use registry::Registry;
pub use replay::{Change, Replay, SnapshotError, StateSnapshot, replay, state_snapshot};
pub use requests::{Arrival, Commands, Requests};
pub use schema::{Draft, ProtocolSchema, schema};
pub use source::Position;
pub use steps::{NodeView, Step, Steps};
pub use synod_oracle::metric;
pub use theory::Theory;
pub use topology::TopologyShape;
pub use vocabulary::Vocabulary;
pub use wording::{beyond_kind, headline, readable, readable_within};
pub use world::{Limits, MAX_AGENTS, OracleChoice, Scenario, Stop, World};
