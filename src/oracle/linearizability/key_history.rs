//! The history of operations on one key, as far as it has not been checked for linearizability.
//!
//! A key is quiescent while no operation that may still return is pending. Then its history can be checked and
//! discarded, except for the linearized prefixes in which it may have ended. Operations of unknown outcome do not delay
//! this: each prefix records which of them have taken effect, and the others may do so at any later time. A key that is
//! never quiescent is checked at the end of the run.

use super::minimize::{Counterexample, minimize};
use super::model::{Model, OperationOf, Place};
use super::search::{Answer, Extent, LinearizedPrefix, Problem};
use std::collections::BTreeSet;
use synod_sim::{NodeId, Time};

/// Maximum number of configurations that the search visits for a quiescent key.
const QUIESCENT_FUEL: usize = 20_000;
/// Maximum number of configurations that the search visits at the end of the run.
const FINAL_FUEL: usize = 1_000_000;

/// Maximum number of linearized prefixes that are kept.
const MAX_PREFIXES: usize = 64;
/// Maximum number of unchecked operations; a key with more is given up.
const MAX_OPERATIONS: usize = 1 << 17;

/// Checked operations are kept, as context for a counterexample, until they are this many: then those checked next
/// replace them.
const EXPLAINED: usize = 32;

/// The history of one key.
pub(super) struct KeyHistory<M: Model> {
    /// The linearized prefixes that may precede `operations`.
    prefixes: Vec<LinearizedPrefix<M::State>>,
    /// Unchecked operations in the order of their invocations. One without a return is pending or of unknown outcome.
    operations: Vec<OperationOf<M>>,
    /// Operations of unknown outcome that were invoked before `operations`.
    indeterminate: Vec<OperationOf<M>>,
    /// Number of pending operations: those that may still return.
    pending: usize,
    /// Number of unchecked operations from which on they are checked. After a search without a usable result it is
    /// larger than their number by a quarter, so that failing searches become rare.
    judged_from: usize,
    /// The operations that were checked last, and the linearized prefixes before them.
    explained: (Vec<LinearizedPrefix<M::State>>, Vec<OperationOf<M>>),
    /// True once the key is given up, because checking it is too expensive.
    is_given_up: bool,
    /// Number of operations that have been checked.
    pub(super) judged: u64,
}

impl<M: Model> KeyHistory<M> {
    pub(super) fn new(model: &M) -> KeyHistory<M> {
        let prefixes = vec![LinearizedPrefix::none(model.initial())];
        KeyHistory {
            explained: (prefixes.clone(), Vec::new()),
            prefixes,
            operations: Vec::new(),
            indeterminate: Vec::new(),
            pending: 0,
            judged_from: 1,
            is_given_up: false,
            judged: 0,
        }
    }

    /// Returns true if the key is given up: with so many concurrent operations, checking it is too expensive.
    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Returns the number of operations held in memory.
    pub(super) fn kept(&self) -> usize {
        self.operations.len() + self.indeterminate.len() + self.explained.1.len()
    }

    pub(super) fn invoke(&mut self, invoked: Place, node: NodeId, client: u32, input: M::Input) {
        self.pending += 1;
        if !self.is_given_up {
            self.operations.push(OperationOf::<M> { client, node, input, invoked, returned: None });
        }
    }

    /// Records that the operation that was invoked at `invoked` has returned `output`.
    pub(super) fn succeed(&mut self, invoked: Place, returned: Place, output: M::Output) {
        self.pending -= 1;
        if let Some(index) = self.find(invoked) {
            self.operations[index].returned = Some((returned, output));
        }
    }

    /// Removes the operation that was invoked at `invoked`, which is known to have had no effect.
    pub(super) fn fail(&mut self, invoked: Place) {
        self.pending -= 1;
        if let Some(index) = self.find(invoked) {
            self.operations.remove(index);
        }
    }

    /// Records that a pending operation will never return: its outcome is unknown.
    pub(super) fn mark_indeterminate(&mut self) {
        self.pending -= 1;
    }

    /// Records when the operation that was invoked at `invoked` took effect, by the object's own time.
    pub(super) fn set_time(&mut self, model: &M, invoked: Place, at: Time) {
        let mut kept = self.indeterminate.iter_mut().chain(&mut self.operations);
        if let Some(operation) = kept.find(|operation| operation.invoked == invoked) {
            model.set_time(&mut operation.input, at);
        }
    }

    fn find(&self, invoked: Place) -> Option<usize> {
        self.operations.binary_search_by_key(&invoked, |operation| operation.invoked).ok()
    }

    /// Checks the operations so far, if the key is quiescent.
    pub(super) fn check_quiescent(&mut self, model: &M) -> Result<(), Counterexample<M>> {
        if self.pending == 0 && self.operations.len() >= self.judged_from {
            match self.solve(model, Extent::All, QUIESCENT_FUEL) {
                Answer::Linearizable(prefixes) if prefixes.len() <= MAX_PREFIXES => self.forget(prefixes),
                Answer::NotLinearizable => return Err(self.counterexample(model)),
                Answer::Linearizable(_) | Answer::Unknown => {
                    self.judged_from = self.operations.len() + self.operations.len() / 4 + 1;
                }
            }
        }
        if self.operations.len() > MAX_OPERATIONS {
            self.give_up();
        }
        Ok(())
    }

    /// Checks the remaining operations at the end of the run, when pending operations will not return.
    pub(super) fn check_final(&mut self, model: &M) -> Result<(), Counterexample<M>> {
        match self.solve(model, Extent::One, FINAL_FUEL) {
            Answer::Linearizable(prefixes) => self.forget(prefixes),
            Answer::NotLinearizable => return Err(self.counterexample(model)),
            Answer::Unknown => self.give_up(),
        }
        Ok(())
    }

    fn solve(&self, model: &M, extent: Extent, mut fuel: usize) -> Answer<M::State> {
        let operations = self.indeterminate.iter().chain(&self.operations);
        Problem::new(model, operations).solve(&self.prefixes, extent, &mut fuel)
    }

    /// Discards the operations, which are linearizable and end in one of `prefixes`.
    fn forget(&mut self, prefixes: Vec<LinearizedPrefix<M::State>>) {
        let before = std::mem::replace(&mut self.prefixes, prefixes);
        let (explained_after, explained) = &mut self.explained;
        if explained.len() >= EXPLAINED {
            *explained_after = before;
            explained.clear();
        }
        for operation in self.operations.drain(..) {
            if operation.returned.is_some() {
                self.judged += 1;
                explained.push(operation);
            } else {
                self.indeterminate.push(operation);
            }
        }
        self.forget_taken();
        self.judged_from = 1;
    }

    /// Forgets the operations of unknown outcome that have taken effect in every past, but as context.
    fn forget_taken(&mut self) {
        let [first, others @ ..] = &self.prefixes[..] else { return };
        let is_in_all = |number: &u64| others.iter().all(|prefix| prefix.taken.binary_search(number).is_ok());
        let gone: BTreeSet<u64> = first.taken.iter().copied().filter(is_in_all).collect();
        if gone.is_empty() {
            return;
        }
        self.prefixes.iter_mut().for_each(|prefix| prefix.taken.retain(|number| !gone.contains(number)));
        let taken = |operation: &mut OperationOf<M>| gone.contains(&operation.invoked.number);
        self.explained.1.extend(self.indeterminate.extract_if(.., taken));
    }

    fn give_up(&mut self) {
        self.is_given_up = true;
        self.operations = Vec::new();
    }

    /// Returns a minimal part of the retained history that is not linearizable.
    fn counterexample(&self, model: &M) -> Counterexample<M> {
        let (prefixes, explained) = &self.explained;
        let mut operations = [explained.as_slice(), &self.indeterminate, &self.operations].concat();
        operations.sort_unstable_by_key(|operation| operation.invoked);
        minimize(model, prefixes, operations)
    }
}
