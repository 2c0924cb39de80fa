//! Which service a scenario has its log replicate, and everything that follows: machine, clients, oracle.

use crate::counter::{CounterJudge, CounterParams};
use crate::judge::{Heard, ServiceOracle};
use crate::lock::{LockJudge, LockParams};
use crate::queue::{QueueJudge, QueueParams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::rc::Rc;
use synod_log::{Machine, Workload};
use synod_sim::units::Share;
use synod_sim::{GroundTruth, Oracle, Protocol};

/// A service with its parameters.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceParams {
    /// Locks with leases and fencing tokens.
    Lock(LockParams),
    /// Counters with bounds.
    Counter(CounterParams),
    /// Queues with acknowledgements.
    Queue(QueueParams),
}

/// Why parameters are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field, below the service's own name.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { field, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.message)
    }
}

impl std::error::Error for Refusal {}

impl ServiceParams {
    /// The names of all services, in scenarios; each is that of its oracle as well.
    pub const NAMES: [&'static str; 3] = ["lock", "counter", "queue"];

    /// Returns the service's name.
    pub fn name(&self) -> &'static str {
        match self {
            ServiceParams::Lock(_) => "lock",
            ServiceParams::Counter(_) => "counter",
            ServiceParams::Queue(_) => "queue",
        }
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            ServiceParams::Lock(params) => params.check(),
            ServiceParams::Counter(params) => params.check(),
            ServiceParams::Queue(params) => params.check(),
        }
    }

    /// Returns the machine that the log replicates.
    pub fn machine(&self) -> Machine {
        match self {
            ServiceParams::Lock(params) => params.machine(),
            ServiceParams::Counter(params) => params.machine(),
            ServiceParams::Queue(params) => params.machine(),
        }
    }

    /// Returns what the clients ask.
    pub fn workload(&self) -> Workload {
        match self {
            ServiceParams::Lock(params) => params.workload(),
            ServiceParams::Counter(params) => params.workload(),
            ServiceParams::Queue(params) => params.workload(),
        }
    }

    /// Returns the service's own oracle, for runs of which `ground_truth` is true; `heard` picks clients' histories out of
    /// what nodes claim.
    pub fn oracle<P: Protocol>(
        &self,
        ground_truth: &Rc<GroundTruth>,
        heard: fn(&P::Observation) -> Option<Heard<'_>>,
    ) -> Box<dyn Oracle<P>> {
        match self {
            ServiceParams::Lock(_) => Box::new(ServiceOracle::new(ground_truth, LockJudge::default(), heard)),
            ServiceParams::Counter(params) => {
                Box::new(ServiceOracle::new(ground_truth, CounterJudge::new(params.bounds()), heard))
            }
            ServiceParams::Queue(_) => {
                Box::new(ServiceOracle::new(ground_truth, QueueJudge::default(), heard))
            }
        }
    }
}

/// Returns so many per cent.
pub(crate) fn percent(share: u32) -> Share {
    Share::from_ppb(share * 10_000_000).expect("at most a hundred per cent")
}
