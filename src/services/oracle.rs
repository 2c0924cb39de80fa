//! The oracle of the service that a log replicates.

use crate::counter::{CounterJudge, Counters};
use crate::judge::{Heard, ServiceOracle};
use crate::lock::{LockJudge, Locks};
use crate::queue::{QueueJudge, Queues};
use std::rc::Rc;
use synod_log::{Machine, Service};
use synod_sim::{GroundTruth, Oracle, Protocol};

/// The names of all oracles of services: those of the services.
pub const ORACLES: [&str; 3] = [Locks::NAME, Counters::NAME, Queues::NAME];

/// Returns the own oracle of the service that `machine` is, if it is one of this crate, for runs of which `ground_truth`
/// is true; `heard` picks clients' histories out of what nodes claim.
pub fn oracle<P: Protocol>(
    machine: &Machine,
    ground_truth: &Rc<GroundTruth>,
    heard: impl Fn(&P::Observation) -> Option<Heard<'_>> + 'static,
) -> Option<Box<dyn Oracle<P>>> {
    Some(match machine.name() {
        Locks::NAME => Box::new(ServiceOracle::new(ground_truth, LockJudge::default(), heard)),
        Counters::NAME => {
            let initial: Counters = machine.start().snapshot().decode().expect("it is one of counters");
            Box::new(ServiceOracle::new(ground_truth, CounterJudge::new(initial.bounds()), heard))
        }
        Queues::NAME => Box::new(ServiceOracle::new(ground_truth, QueueJudge::default(), heard)),
        _ => return None,
    })
}
