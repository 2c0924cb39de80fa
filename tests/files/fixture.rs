//! A small protocol's types, and a scenario that uses them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::harness::Vocabulary;
use synod::harness::metric::COMMON;
use synod::sim::CoverageMark;
use synod::units::{Rate, Span};

/// The parameters of a protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) rounds: u32,
    #[serde(default)]
    pub(crate) timeout: Span,
}

/// What a protocol is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Workload {
    Idle,
    Open { rate: Rate },
}

/// What scenarios of the protocol may name.
pub(crate) fn vocabulary() -> Vocabulary<'static> {
    Vocabulary {
        metrics: COMMON,
        oracles: &["agreement", "validity"],
        marks: &[CoverageMark { name: "relay", help: "A message was passed on." }],
    }
}

/// A scenario with nothing wrong.
pub(crate) const VALID: &str = "\
name: valid
agents: 4
network:
  topology: full_mesh
  latency: {lognormal: {median: 20ms, p99: 80ms}}
  loss: 5%
  fifo: true
protocol:
  flood: {rounds: 3}
workload:
  open: {rate: 500/s}
faults:
  - silent: {agents: [0], from: 1s, until: 10s}
  - crash: {agents: [3], from: 2s, until: 5s}
  - partition: {groups: [[0, 1], [2, 3]], from: 1s, until: 5s}
stop: decided
expect:
  latency.p99_ns: {at_most: 1s}
  messages.sent: 24
";
