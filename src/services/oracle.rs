//! The oracle of the service that a log replicates.

use crate::counter::{CounterJudge, Counters};
use crate::judge::Histories;
use crate::lock::{LockJudge, Locks};
use crate::queue::{QueueJudge, Queues};
use synod_log::{Machine, Service};
use synod_oracle::service::ServiceOracle;

/// The names of all oracles of services: those of the services.
pub const ORACLES: [&str; 3] = [Locks::NAME, Counters::NAME, Queues::NAME];

/// Returns the own oracle of the service that `machine` is, if it is one of this crate.
pub fn oracle(machine: &Machine) -> Option<Box<dyn ServiceOracle>> {
    Some(match machine.name() {
        Locks::NAME => Box::new(Histories::new(LockJudge::default())),
        Counters::NAME => {
            let initial: Counters = machine.start().snapshot().decode().expect("it is one of counters");
            Box::new(Histories::new(CounterJudge::new(initial.bounds())))
        }
        Queues::NAME => Box::new(Histories::new(QueueJudge::default())),
        _ => return None,
    })
}
