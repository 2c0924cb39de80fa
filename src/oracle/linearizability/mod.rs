//! Linearizability: what clients saw of an object is what they could have seen had each of their operations taken
//! effect at one moment between its invocation and its return.
//!
//! An operation whose outcome the client never learns may take effect at any moment after its invocation, or never; one
//! that failed never has. A check that would take too long is given up, and the oracle says that it does not know.
//!
//! Source: M. Herlihy and J. Wing, *Linearizability: a correctness condition for concurrent objects*, TOPLAS 12(3),
//! 1990.

mod antichains;
mod history;
mod judge;
mod key_history;
mod machine;
mod message;
mod minimize;
mod model;
mod numbering;
mod orders;
mod relevance;
mod search;
mod states;

pub use history::History;
pub use judge::Judge;
pub use machine::{Asked, MachineModel};
pub use minimize::{Counterexample, minimize};
pub use model::{Call, Model, Operation, OperationOf, Place, Step};
pub use search::{Answer, Extent, LinearizedPrefix, MEMORY, Problem};

use std::rc::Rc;
use synod_sim::{End, Event, EventTime, GroundTruth, Oracle, Protocol, Violation};

/// The oracle: judges what the clients of `P` saw of an object that a model describes.
pub struct Linearizability<P: Protocol, M: Model> {
    ground_truth: Rc<GroundTruth>,
    /// The entry of a history that an observation is, if it is one.
    call: Box<Pick<P, M>>,
    history: Box<dyn Judge<M>>,
}

/// Picks the entries of clients' histories out of what nodes claim.
type Pick<P, M> = dyn Fn(&<P as Protocol>::Observation) -> Option<Call<M>>;

impl<P: Protocol, M: Model> Linearizability<P, M> {
    /// Creates the oracle for runs of which `ground_truth` is true, and an object that `model` describes; `call` picks
    /// the entries of clients' histories out of what nodes claim. The clients must all be correct, for what a faulty
    /// one writes is in no history.
    pub fn new(
        ground_truth: &Rc<GroundTruth>,
        model: impl Into<Box<dyn Judge<M>>>,
        call: impl Fn(&P::Observation) -> Option<Call<M>> + 'static,
    ) -> Linearizability<P, M> {
        Linearizability { ground_truth: Rc::clone(ground_truth), call: Box::new(call), history: model.into() }
    }
}

impl<P: Protocol, M: Model> Oracle<P> for Linearizability<P, M> {
    fn name(&self) -> &'static str {
        "linearizability"
    }

    fn claim(&self) -> &'static str {
        "one order, true to calls and returns, explains what clients saw"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event {
            self.history.on_crash(node)
        } else if let Some((node, observation)) = self.ground_truth.claim(event)
            && let Some(call) = (self.call)(observation)
        {
            self.history.on_call(moment.at, node, call)
        } else {
            Ok(())
        }
    }

    fn on_end(&mut self, _: &End) -> Result<(), Violation> {
        self.history.on_end()
    }

    fn checked(&self) -> u64 {
        self.history.checked()
    }

    fn unknown(&self) -> Option<String> {
        self.history.unknown()
    }
}
