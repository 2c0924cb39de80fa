//! The record of one key: what clients did to it and saw of it, as far as it has not been judged.
//!
//! Whenever no operation is under way that will return, all that came before can be judged and forgotten, but for the
//! pasts in which it can have ended. Operations of unknown outcome hold nothing up: which of them have taken effect is
//! part of each past, and the others may do so at any later time. A key that is never at rest is judged at the end.

use super::minimize::{Counterexample, minimize};
use super::model::{Model, OperationOf, Place};
use super::search::{Answer, Extent, LinearizedPrefix, Problem};
use synod_sim::NodeId;

/// The fuel of the search at a moment of rest, and at the end.
const AT_REST: usize = 20_000;
const AT_END: usize = 1_000_000;

/// No more pasts are carried on, and no more operations kept.
const MAX_PREFIXES: usize = 64;
const MAX_OPERATIONS: usize = 1 << 17;

/// So many operations that have been judged are kept at least, if there are so many: they tell how an offence came
/// about.
const EXPLAINED: usize = 32;

/// The record of one key.
pub(super) struct KeyHistory<M: Model> {
    /// The pasts before `operations`.
    prefixes: Vec<LinearizedPrefix<M::State>>,
    /// What has been invoked since, in this order; what has not returned is under way or of unknown outcome.
    operations: Vec<OperationOf<M>>,
    /// Operations of unknown outcome that were invoked before.
    indeterminate: Vec<OperationOf<M>>,
    /// Number of operations that are under way.
    pending: usize,
    /// How many operations there must be before they are judged: where a search was given up, twice as many.
    judged_from: usize,
    /// What has been judged last, and the pasts before it.
    explained: (Vec<LinearizedPrefix<M::State>>, Vec<OperationOf<M>>),
    /// True once nothing can be said of this key.
    is_given_up: bool,
    /// Number of operations that have been judged.
    pub(super) judged: u64,
}

impl<M: Model> KeyHistory<M> {
    pub(super) fn new() -> KeyHistory<M> {
        let prefixes = vec![LinearizedPrefix::none(M::initial())];
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

    /// Returns true if nothing can be said of this key: too much was under way at once for too long.
    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Returns the number of operations that are kept.
    pub(super) fn kept(&self) -> usize {
        self.operations.len() + self.indeterminate.len() + self.explained.1.len()
    }

    pub(super) fn invoke(&mut self, invoked: Place, node: NodeId, client: u32, input: M::Input) {
        self.pending += 1;
        if !self.is_given_up {
            self.operations.push(OperationOf::<M> { client, node, input, invoked, returned: None });
        }
    }

    /// The operation that was invoked at `invoked` has returned.
    pub(super) fn succeed(&mut self, invoked: Place, returned: Place, output: M::Output) {
        self.pending -= 1;
        if let Some(at) = self.find(invoked) {
            self.operations[at].returned = Some((returned, output));
        }
    }

    /// The operation that was invoked at `invoked` never happened.
    pub(super) fn fail(&mut self, invoked: Place) {
        self.pending -= 1;
        if let Some(at) = self.find(invoked) {
            self.operations.remove(at);
        }
    }

    /// Nobody will learn what came of an operation.
    pub(super) fn mark_indeterminate(&mut self) {
        self.pending -= 1;
    }

    fn find(&self, invoked: Place) -> Option<usize> {
        self.operations.binary_search_by_key(&invoked, |operation| operation.invoked).ok()
    }

    /// Judges what it can, if no operation is under way that will return.
    pub(super) fn judge_at_rest(&mut self) -> Result<(), Counterexample<M>> {
        if self.pending == 0 && self.operations.len() >= self.judged_from {
            match self.solve(Extent::All, AT_REST) {
                Answer::Linearizable(prefixes) if prefixes.len() <= MAX_PREFIXES => self.forget(prefixes),
                Answer::NotLinearizable => return Err(self.counterexample()),
                Answer::Linearizable(_) | Answer::Unknown => self.judged_from = 2 * self.operations.len(),
            }
        }
        if self.operations.len() > MAX_OPERATIONS {
            self.give_up();
        }
        Ok(())
    }

    /// Judges the rest: the run has ended, and what is under way will not return.
    pub(super) fn judge_at_end(&mut self) -> Result<(), Counterexample<M>> {
        match self.solve(Extent::One, AT_END) {
            Answer::Linearizable(prefixes) => self.forget(prefixes),
            Answer::NotLinearizable => return Err(self.counterexample()),
            Answer::Unknown => self.give_up(),
        }
        Ok(())
    }

    fn solve(&self, extent: Extent, mut fuel: usize) -> Answer<M::State> {
        Problem::<M>::new(self.indeterminate.iter().chain(&self.operations)).solve(
            &self.prefixes,
            extent,
            &mut fuel,
        )
    }

    /// Forgets operations that have an order, after which stands one of `prefixes`.
    fn forget(&mut self, prefixes: Vec<LinearizedPrefix<M::State>>) {
        let before = std::mem::replace(&mut self.prefixes, prefixes);
        let (known, unknown): (Vec<_>, Vec<_>) =
            self.operations.drain(..).partition(|operation| operation.returned.is_some());
        self.judged += known.len() as u64;
        self.judged_from = 1;
        self.indeterminate.extend(unknown);
        if self.explained.1.len() >= EXPLAINED {
            self.explained = (before, Vec::new());
        }
        self.explained.1.extend(known);
    }

    fn give_up(&mut self) {
        self.is_given_up = true;
        self.operations = Vec::new();
    }

    /// Returns the smallest part of the record that has no order, though the whole may tell it from further back.
    fn counterexample(&self) -> Counterexample<M> {
        let (prefixes, explained) = &self.explained;
        let mut operations = [explained.as_slice(), &self.indeterminate, &self.operations].concat();
        operations.sort_unstable_by_key(|operation| operation.invoked);
        minimize(prefixes, operations)
    }
}
