//! A history that is judged while it is written.

use super::model::{Call, Model, Place, Step};
use super::record::Record;
use super::smallest::Offence;
use std::collections::BTreeMap;
use synod_sim::{NodeId, OperationId, Time};

/// What clients did to an object and saw of it, as far as it has not been judged and forgotten.
pub struct History<M: Model> {
    records: BTreeMap<M::Key, Record<M>>,
    under_way: BTreeMap<OperationId, UnderWay<M::Key>>,
    /// The number of the last invocation or return.
    number: u64,
}

/// An operation that may return.
struct UnderWay<K> {
    node: NodeId,
    key: K,
    invoked: Place,
}

impl<M: Model> History<M> {
    /// A history without entries.
    pub fn new() -> History<M> {
        History { records: BTreeMap::new(), under_way: BTreeMap::new(), number: 0 }
    }

    /// An entry, by a client that `node` speaks for.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    ///
    /// # Panics
    /// If an operation is invoked twice, or ends without being under way.
    pub fn on_call(&mut self, at: Time, node: NodeId, call: Call<M>) -> Result<(), Offence<M>> {
        self.number += 1;
        let place = Place { number: self.number, at };
        if let Step::Invoke(input) = call.step {
            let key = M::key(&input);
            self.records.entry(key).or_insert_with(Record::new).invoke(place, node, call.client, input);
            let before = self.under_way.insert(call.operation, UnderWay { node, key, invoked: place });
            assert!(before.is_none(), "an operation is invoked once");
            return Ok(());
        }
        let ended = self.under_way.remove(&call.operation);
        let UnderWay { key, invoked, .. } = ended.expect("an operation ends once, after its invocation");
        let record = self.records.get_mut(&key).expect("its key has a record");
        match call.step {
            Step::Ok(output) => record.succeed(invoked, place, output),
            Step::Fail => record.fail(invoked),
            Step::Info | Step::Invoke(_) => record.leave_open(),
        }
        record.judge_at_rest()
    }

    /// A node has crashed: nobody will learn what came of its clients' operations.
    ///
    /// # Errors
    /// If there is no order by now, for certain.
    pub fn on_crash(&mut self, crashed: NodeId) -> Result<(), Offence<M>> {
        let lost = self.under_way.extract_if(.., |_, operation| operation.node == crashed);
        for (_, UnderWay { key, .. }) in lost {
            let record = self.records.get_mut(&key).expect("its key has a record");
            record.leave_open();
            record.judge_at_rest()?;
        }
        Ok(())
    }

    /// The end: what is under way will not return.
    ///
    /// # Errors
    /// If there is no order.
    pub fn on_end(&mut self) -> Result<(), Offence<M>> {
        self.records.values_mut().try_for_each(Record::judge_at_end)
    }

    /// How many operations have been found to have an order.
    pub fn judged(&self) -> u64 {
        self.records.values().map(|record| record.judged).sum()
    }

    /// The keys of which nothing can be said: to look for every order would have taken too long.
    pub fn given_up(&self) -> impl Iterator<Item = M::Key> {
        self.records.iter().filter(|(_, record)| record.is_given_up()).map(|(&key, _)| key)
    }

    /// How many operations are kept.
    pub fn kept(&self) -> usize {
        self.records.values().map(Record::kept).sum()
    }
}

impl<M: Model> Default for History<M> {
    fn default() -> History<M> {
        History::new()
    }
}
