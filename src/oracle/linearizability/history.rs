//! A history that is checked online.

use super::key_history::KeyHistory;
use super::message;
use super::minimize::Counterexample;
use super::model::{Call, Model, Place, Step};
use std::collections::BTreeMap;
use synod_sim::{NodeId, OperationId, Time, Violation};

/// A history of client operations on an object, without the prefix that has been checked and discarded.
pub struct History<M: Model> {
    model: M,
    /// The places of the keys' histories, by key: comparing keys may take a while.
    keys: BTreeMap<M::Key, usize>,
    histories: Vec<KeyHistory<M>>,
    pending: BTreeMap<OperationId, PendingOperation>,
    /// Where the operations of unknown outcome are that may still turn out to take effect at a time of the object's own.
    untimed: BTreeMap<OperationId, (usize, Place)>,
    /// The number of the last invocation or return.
    number: u64,
}

/// A pending operation.
struct PendingOperation {
    node: NodeId,
    /// The place of its key's history.
    key: usize,
    invoked: Place,
}

impl<M: Model> History<M> {
    /// Creates a history without entries.
    pub fn new(model: M) -> History<M> {
        History {
            model,
            keys: BTreeMap::new(),
            histories: Vec::new(),
            pending: BTreeMap::new(),
            untimed: BTreeMap::new(),
            number: 0,
        }
    }

    /// An entry, by a client that `node` speaks for.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    ///
    /// # Panics
    /// If an operation is invoked twice, or ends without being under way.
    pub fn on_call(&mut self, at: Time, node: NodeId, call: Call<M>) -> Result<(), Counterexample<M>> {
        if let Step::TookEffect(at) = call.step {
            self.set_time(call.operation, at);
            return Ok(());
        }
        self.number += 1;
        let place = Place { number: self.number, at };
        if let Step::Invoke(input) = call.step {
            let key = *self.keys.entry(self.model.key(&input)).or_insert_with(|| {
                self.histories.push(KeyHistory::new(&self.model));
                self.histories.len() - 1
            });
            self.histories[key].invoke(place, node, call.client, input);
            let before = self.pending.insert(call.operation, PendingOperation { node, key, invoked: place });
            assert!(before.is_none(), "an operation is invoked once");
            return Ok(());
        }
        let ended = self.pending.remove(&call.operation);
        let PendingOperation { key, invoked, .. } =
            ended.expect("an operation ends once, after its invocation");
        let key_history = &mut self.histories[key];
        match call.step {
            Step::Ok(output) => key_history.succeed(invoked, place, output),
            Step::Fail => key_history.fail(invoked),
            Step::Info | Step::Invoke(_) | Step::TookEffect(_) => {
                key_history.mark_indeterminate();
                if self.model.has_time() {
                    self.untimed.insert(call.operation, (key, invoked));
                }
            }
        }
        key_history.check_quiescent(&self.model)
    }

    fn set_time(&mut self, operation: OperationId, at: Time) {
        let pending = self.pending.get(&operation).map(|pending| (pending.key, pending.invoked));
        if let Some((key, invoked)) = pending.or_else(|| self.untimed.remove(&operation)) {
            let key_history = &mut self.histories[key];
            key_history.set_time(&self.model, invoked, at);
        }
    }

    /// Returns the objection to a counterexample.
    pub(super) fn violation(&self, counterexample: &Counterexample<M>) -> Violation {
        message::violation(&self.model, counterexample)
    }

    /// A node has crashed: nobody will learn what came of its clients' operations.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    pub fn on_crash(&mut self, crashed: NodeId) -> Result<(), Counterexample<M>> {
        let lost = self.pending.extract_if(.., |_, operation| operation.node == crashed);
        for (id, PendingOperation { key, invoked, .. }) in lost {
            let key_history = &mut self.histories[key];
            key_history.mark_indeterminate();
            if self.model.has_time() {
                self.untimed.insert(id, (key, invoked));
            }
            key_history.check_quiescent(&self.model)?;
        }
        Ok(())
    }

    /// The end: what is under way will not return.
    ///
    /// # Errors
    /// If there is no order.
    pub fn on_end(&mut self) -> Result<(), Counterexample<M>> {
        self.keys.values().try_for_each(|&key| self.histories[key].check_final(&self.model))
    }

    /// Returns the number of operations that have been found to have an order.
    pub fn judged(&self) -> u64 {
        self.histories.iter().map(|key_history| key_history.judged).sum()
    }

    /// Returns the keys of which nothing can be said: to look for every order would have taken too long.
    pub fn given_up(&self) -> impl Iterator<Item = M::Key> {
        self.keys.iter().filter(|&(_, &key)| self.histories[key].is_given_up()).map(|(key, _)| key.clone())
    }

    /// Returns the number of operations that are kept.
    pub fn kept(&self) -> usize {
        self.histories.iter().map(KeyHistory::kept).sum()
    }
}
