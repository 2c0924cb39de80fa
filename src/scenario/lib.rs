//! Scenario files: YAML text -> a tree in which every value knows its place ([`Document`]), so that overrides can be
//! laid over it and every later error can name line and column; with the files that it refers to in their places it
//! goes to the registry, which knows the types.
//!
//! ```
//! use synod_harness::{Vocabulary, World, metric};
//! use synod_scenario::Document;
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
//!
//! let vocabulary = Vocabulary { metrics: &[&metric::MESSAGES_SENT], oracles: &["agreement"], marks: &[] };
//! let world = World::read(&document.clone().complete().unwrap(), &vocabulary).unwrap();
//! assert_eq!(world.network.loss.to_string(), "5%");
//!
//! document.set("network.latancy=1ms").unwrap();
//! let error = World::read(&document.complete().unwrap(), &vocabulary).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"--set network.latancy=1ms: error: unknown field "latancy", did you mean "latency"?"#
//! );
//! ```

mod access;
mod document;
mod edit;
mod files;
mod graft;
mod models;
mod overrides;
mod parse;
mod print;
mod reading;

pub use access::Access;
pub use document::Document;
pub use models::{Aim, FaultModel, schema as model_schema};
pub use print::{stamp, to_yaml};
pub use reading::{MAX_FILE_BYTES, read};
