//! A history that is checked online.

use super::key_history::KeyHistory;
use super::minimize::Counterexample;
use super::model::{Call, Model, Place, Step};
use std::collections::BTreeMap;
use synod_sim::{NodeId, OperationId, Time};

/// A history of client operations on an object, without the prefix that has been checked and discarded.
pub struct History<M: Model> {
    keys: BTreeMap<M::Key, KeyHistory<M>>,
    pending: BTreeMap<OperationId, PendingOperation<M::Key>>,
    /// The number of the last invocation or return.
    number: u64,
}

/// A pending operation.
struct PendingOperation<K> {
    node: NodeId,
    key: K,
    invoked: Place,
}

impl<M: Model> History<M> {
    /// Creates a history without entries.
    pub fn new() -> History<M> {
        History { keys: BTreeMap::new(), pending: BTreeMap::new(), number: 0 }
    }

    /// An entry, by a client that `node` speaks for.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    ///
    /// # Panics
    /// If an operation is invoked twice, or ends without being under way.
    pub fn on_call(&mut self, at: Time, node: NodeId, call: Call<M>) -> Result<(), Counterexample<M>> {
        self.number += 1;
        let place = Place { number: self.number, at };
        if let Step::Invoke(input) = call.step {
            let key = M::key(&input);
            self.keys.entry(key).or_insert_with(KeyHistory::new).invoke(place, node, call.client, input);
            let before = self.pending.insert(call.operation, PendingOperation { node, key, invoked: place });
            assert!(before.is_none(), "an operation is invoked once");
            return Ok(());
        }
        let ended = self.pending.remove(&call.operation);
        let PendingOperation { key, invoked, .. } =
            ended.expect("an operation ends once, after its invocation");
        let key_history = self.keys.get_mut(&key).expect("its key has a record");
        match call.step {
            Step::Ok(output) => key_history.succeed(invoked, place, output),
            Step::Fail => key_history.fail(invoked),
            Step::Info | Step::Invoke(_) => key_history.mark_indeterminate(),
        }
        key_history.judge_at_rest()
    }

    /// A node has crashed: nobody will learn what came of its clients' operations.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    pub fn on_crash(&mut self, crashed: NodeId) -> Result<(), Counterexample<M>> {
        let lost = self.pending.extract_if(.., |_, operation| operation.node == crashed);
        for (_, PendingOperation { key, .. }) in lost {
            let key_history = self.keys.get_mut(&key).expect("its key has a record");
            key_history.mark_indeterminate();
            key_history.judge_at_rest()?;
        }
        Ok(())
    }

    /// The end: what is under way will not return.
    ///
    /// # Errors
    /// If there is no order.
    pub fn on_end(&mut self) -> Result<(), Counterexample<M>> {
        self.keys.values_mut().try_for_each(KeyHistory::judge_at_end)
    }

    /// Returns the number of operations that have been found to have an order.
    pub fn judged(&self) -> u64 {
        self.keys.values().map(|key_history| key_history.judged).sum()
    }

    /// Returns the keys of which nothing can be said: to look for every order would have taken too long.
    pub fn given_up(&self) -> impl Iterator<Item = M::Key> {
        self.keys.iter().filter(|(_, key_history)| key_history.is_given_up()).map(|(&key, _)| key)
    }

    /// Returns the number of operations that are kept.
    pub fn kept(&self) -> usize {
        self.keys.values().map(KeyHistory::kept).sum()
    }
}

impl<M: Model> Default for History<M> {
    fn default() -> History<M> {
        History::new()
    }
}
