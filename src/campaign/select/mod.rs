//! Protocol selection for a network, its faults and its size: by rule, and by trial runs.
//!
//! The rule ([`choose`]) is a table, as a total function: for every demand either a protocol and why, or why there is
//! none and what would be nearest. Trying ([`measure`]) runs every candidate in the scenario's own world and ranks
//! them. What a protocol tolerates is a filter in both, never a score.

mod measure;
mod rule;

pub use measure::{BanditArm, Obstacle, Refusal, Trial, measure};
pub use rule::{NoMatchingRow, ROWS, Recommendation, Row, choose};
pub use synod_harness::{Demand, FaultClass, Task};
