//! Linearizability: what clients saw of an object is what they could have seen had each of their operations taken
//! effect at one moment between its invocation and its return.
//!
//! An operation whose outcome the client never learns may take effect at any moment after its invocation, or never; one
//! that failed never has. A check that would take too long is given up, and the oracle says that it does not know.
//!
//! Source: M. Herlihy and J. Wing, *Linearizability: a correctness condition for concurrent objects*, TOPLAS 12(3),
//! 1990.

mod history;
mod model;
mod record;
mod search;
mod smallest;
mod telling;

pub use history::History;
pub use model::{Call, Model, Operation, OperationOf, Place, Step};
pub use search::{Answer, Extent, Past, Problem};
pub use smallest::{Offence, smallest};

use std::rc::Rc;
use synod_sim::{End, Event, Ground, Moment, Oracle, Protocol, Violation};

/// The oracle: judges what the clients of `P` saw of an object that `M` describes.
pub struct Linearizability<P: Protocol, M: Model> {
    ground: Rc<Ground>,
    /// The entry of a history that an observation is, if it is one.
    call: fn(&P::Observation) -> Option<Call<M>>,
    history: History<M>,
}

impl<P: Protocol, M: Model> Linearizability<P, M> {
    /// The oracle for runs of which `ground` is true; `call` picks the entries of clients' histories out of what nodes
    /// claim. The clients must all be correct, for what a faulty one writes is in no history.
    pub fn new(ground: &Rc<Ground>, call: fn(&P::Observation) -> Option<Call<M>>) -> Linearizability<P, M> {
        Linearizability { ground: Rc::clone(ground), call, history: History::new() }
    }
}

impl<P: Protocol, M: Model> Oracle<P> for Linearizability<P, M> {
    fn name(&self) -> &'static str {
        "linearizability"
    }

    fn claim(&self) -> &'static str {
        "one order, true to calls and returns, explains what clients saw"
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, P>) -> Result<(), Violation> {
        let judged = if let Event::Crashed { node } = *event {
            self.history.on_crash(node)
        } else if let Some((node, observation)) = self.ground.claim(event)
            && let Some(call) = (self.call)(observation)
        {
            self.history.on_call(moment.at, node, call)
        } else {
            Ok(())
        };
        judged.map_err(|offence| telling::violation(&offence))
    }

    fn on_end(&mut self, _: &End) -> Result<(), Violation> {
        self.history.on_end().map_err(|offence| telling::violation(&offence))
    }

    fn checked(&self) -> u64 {
        self.history.judged()
    }

    fn unknown(&self) -> Option<String> {
        let keys: Vec<String> = self.history.given_up().map(|key| key.to_string()).collect();
        let (first, rest) = keys.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            1 => " and one other key".to_owned(),
            more => format!(" and {more} other keys"),
        };
        Some(format!("too many orders are possible at {first}{more}"))
    }
}
