//! A history, as the oracle knows it.

use super::history::History;
use super::model::{Call, Model};
use synod_sim::{NodeId, Time, Violation};

/// A history that objects to what has no order.
///
/// The search is behind it. It is compiled where a model becomes one (`impl From<Model> for Box<dyn Judge<Model>>`), which
/// is once for all protocols if that is where the model is.
pub trait Judge<M: Model> {
    /// Takes an entry, by a client that `node` speaks for.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    fn on_call(&mut self, at: Time, node: NodeId, call: Call<M>) -> Result<(), Violation>;

    /// Takes note that a node has crashed: nobody will learn what came of its clients' operations.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    fn on_crash(&mut self, node: NodeId) -> Result<(), Violation>;

    /// Judges the whole: what is under way will not return.
    ///
    /// # Errors
    /// If there is no order.
    fn on_end(&mut self) -> Result<(), Violation>;

    /// Returns the number of operations that have been found to have an order.
    fn checked(&self) -> u64;

    /// Returns what could not be judged, if there is something.
    fn unknown(&self) -> Option<String>;
}

impl<M: Model> Judge<M> for History<M> {
    fn on_call(&mut self, at: Time, node: NodeId, call: Call<M>) -> Result<(), Violation> {
        History::on_call(self, at, node, call).map_err(|counterexample| self.violation(&counterexample))
    }

    fn on_crash(&mut self, node: NodeId) -> Result<(), Violation> {
        History::on_crash(self, node).map_err(|counterexample| self.violation(&counterexample))
    }

    fn on_end(&mut self) -> Result<(), Violation> {
        History::on_end(self).map_err(|counterexample| self.violation(&counterexample))
    }

    fn checked(&self) -> u64 {
        self.judged()
    }

    fn unknown(&self) -> Option<String> {
        let keys: Vec<String> = self.given_up().map(|key| key.to_string()).collect();
        let (first, rest) = keys.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            1 => " and one other key".to_owned(),
            more => format!(" and {more} other keys"),
        };
        Some(format!("too many orders are possible at {first}{more}"))
    }
}
