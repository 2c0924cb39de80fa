//! Replicated services under the harness: what a log of any kind is given, and what watches the service that it
//! replicates.

use crate::Requests;
use std::rc::Rc;
use synod_common::kv::{Generator, Store};
use synod_log::{Executed, Machine, Workload, history};
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_sim::{GroundTruth, Oracle, Protocol};

/// A protocol that replicates services.
pub trait Replicates: Protocol {
    /// Returns what `observation` says of the service, if anything.
    fn claim(observation: &Self::Observation) -> Option<Claim<'_>>;
}

/// What a node says of the service.
#[derive(Copy, Clone, Debug)]
pub enum Claim<'a> {
    /// An entry of a client's history.
    Call(&'a history::Call),
    /// A command of a machine that knows the time has taken effect.
    Executed(Executed),
}

/// Names of the oracles that watch services.
pub const ORACLES: &[&str] = &["linearizability"];

/// Returns the machine that `requests` are made to, and what their clients ask of it; `None` if they ask nothing of any.
pub fn of(requests: &Requests) -> Option<(Machine, Workload)> {
    let commands = requests.commands?;
    Some((Machine::new(Store::default()), Workload::new(Generator::new(commands.mix()))))
}

/// Returns the oracles that watch `machine` on a log `P`.
pub fn oracles<P: Replicates>(machine: &Machine, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<P>>> {
    let model = MachineModel(machine.clone());
    let linearizability =
        Linearizability::<P, _>::new(&Rc::new(ground_truth.clone()), model, |observation| {
            Some(match P::claim(observation)? {
                Claim::Call(call) => MachineModel::call(call),
                Claim::Executed(executed) => MachineModel::executed(executed),
            })
        });
    vec![Box::new(linearizability)]
}
