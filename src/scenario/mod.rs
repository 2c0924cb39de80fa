//! Scenario files: YAML text -> a checked [`Scenario`].
//!
//! A file is read in three passes. The first makes a tree in which every value knows its place ([`Document`]), so
//! that overrides can be laid over it and every later error can name line and column. The second, lenient, finds the
//! protocol's name, by which the caller picks the types of its parameters and workload; the third reads the whole
//! file strictly as a [`Scenario`] of these types and checks what types cannot say.
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use synod::scenario::{Document, Scenario, Vocabulary};
//!
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Flood { rounds: u32 }
//!
//! let text = "
//! name: example
//! agents: 4
//! network: {latency: {constant: 5ms}}
//! protocol: {flood: {rounds: 3}}
//! workload: {}
//! ";
//! let mut document = Document::parse("example.yaml", text).unwrap();
//! document.set("network.loss=5%").unwrap();
//! assert_eq!(document.protocol(&["flood"]).unwrap(), "flood");
//!
//! let vocabulary = Vocabulary { metrics: &["messages.sent"], oracles: &["agreement"], marks: &[] };
//! let scenario: Scenario<Flood, ()> = document.read(&vocabulary).unwrap();
//! assert_eq!(scenario.network.loss.to_string(), "5%");
//!
//! document.set("network.latancy=1ms").unwrap();
//! let error = document.read::<Flood, ()>(&vocabulary).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"--set network.latancy=1ms: error: unknown field "latancy", did you mean "latency"?"#
//! );
//! ```

mod document;
mod edit;
mod error;
mod expect;
mod faults;
mod figure;
mod file;
mod files;
mod finding;
mod graft;
mod groups;
mod harness;
mod latency;
mod machine;
mod mismatch;
mod models;
mod network;
mod overrides;
mod parse;
mod path;
mod phases;
pub mod protocols;
mod regions;
mod schema;
mod source;
mod topology;
mod tree;
mod typed;

pub use document::{Document, Vocabulary};
pub use error::{Position, Problem, ScenarioError};
pub use expect::{Bounds, Expect};
pub use faults::Tolerance;
pub use figure::{Dimension, Figure};
pub use file::{Limits, MAX_AGENTS, OracleChoice, Protocol, Scenario, Stop};
pub use finding::{Finding, Unmet, Violated};
pub use groups::{FactorsShape, Group, RecordShape, TasksShape};
pub use harness::{Harness, Instance, Theory};
pub use latency::LatencyLaw;
pub use machine::{Clocks, Cpu, Storage};
pub use models::{Aim, FaultModel};
pub use network::{NetworkShape, ReorderingShape};
pub use path::Path;
pub use regions::{Between, Members, RegionsShape};
pub use schema::{Draft, ProtocolSchema, schema};
pub use source::MAX_FILE_BYTES;
pub use topology::TopologyShape;
