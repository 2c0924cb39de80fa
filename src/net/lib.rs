//! The network: when, and whether, each copy of a message arrives.
//!
//! * [`Law`] says how long a link takes: a probability law of delays, given by its parameters, fitted to quantiles
//!   or resampled from measurements;
//! * [`Topology`] says who is linked to whom; building it gives a [`Layout`];
//! * [`Link`] says everything about one class of links: latency, loss, duplication, reordering, corruption,
//!   bandwidth;
//! * [`Fabric`] puts the three together and is the [`Network`](synod_sim::Network) that the kernel asks.
//!
//! Everything random about one copy is a pure function of (seed, purpose, sender, receiver, message number), and
//! every kind of chance has its own purpose: switching loss on shifts no delay.

mod fabric;
mod latency;
mod probability;
mod table;
mod topology;

pub use fabric::{Fabric, Link, Reordering};
pub use latency::{Empirical, Family, Law, LawError, Quantiles, Sampler};
pub use probability::Probability;
pub use table::{CsvError, CsvProblem};
pub use topology::{Layout, LinkClass, MAX_ROUTED_NODES, Topology, TopologyError, edges_from_csv};
