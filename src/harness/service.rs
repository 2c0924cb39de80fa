//! The services that logs replicate, as scenario files ask for them: the one place of the harness that names machines.
//!
//! The harness of a log takes a [`Service`] from the [`Requests`] of a scenario, and from [`oracles`] who judges what
//! clients saw of it. One more service is a field of [`Requests`] with its commands, an arm of [`Requests::service`], and, if
//! it has oracles of its own, those in [`oracles`], by the machine's name, with their names in [`ORACLES`].

use super::requests::{Commands, Requests};
use std::rc::Rc;
use synod_common::kv::{Generator, Store};
use synod_log::{Machine, Workload};
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_oracle::service::ServiceClaim;
use synod_sim::{GroundTruth, Oracle, Protocol};

/// A service of a run, and what its clients ask of it.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its machine, in the initial state.
    pub machine: Machine,
    /// What the clients ask.
    pub workload: Workload,
}

impl Requests {
    /// Returns the service that the clients ask; `None` if the file names no commands.
    pub fn service(&self) -> Option<Service> {
        self.commands.map(Commands::service)
    }
}

impl Commands {
    /// Returns the key-value store, and clients that ask these commands of it.
    pub fn service(self) -> Service {
        Service {
            machine: Machine::new(Store::default()),
            workload: Workload::new(Generator::new(self.mix())),
        }
    }
}

/// Names of all oracles that [`oracles`] returns for any service.
pub const ORACLES: [&str; 1] = ["linearizability"];

/// Returns the oracles of what clients saw of `machine`, for runs of the log `P` of which `ground_truth` is true:
/// linearizability. `claim` tells what an observation claims of the service.
pub fn oracles<P: Protocol>(
    machine: &Machine,
    ground_truth: &GroundTruth,
    claim: fn(&P::Observation) -> Option<ServiceClaim<'_>>,
) -> Vec<Box<dyn Oracle<P>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    let call = move |observation: &P::Observation| {
        Some(match claim(observation)? {
            ServiceClaim::Call(call) => MachineModel::call(call),
            ServiceClaim::Executed(executed) => MachineModel::executed(executed),
        })
    };
    let model = MachineModel(machine.clone());
    vec![Box::new(Linearizability::new(&ground_truth, model, call))]
}
