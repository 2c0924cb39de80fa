//! Minimization of a non-linearizable history: what is left when no operation can be removed.

use super::model::{Model, OperationOf, Place};
use super::search::{Answer, Extent, LinearizedPrefix, Problem};

/// Operations of one key of which no order explains what clients were told.
pub struct Counterexample<M: Model> {
    /// What the key may have held before.
    pub prefixes: Vec<LinearizedPrefix<M::State>>,
    /// The operations, in the order of their invocations.
    pub operations: Vec<OperationOf<M>>,
    /// True if without any one of them the others could be ordered, or would no longer stand for what happened.
    pub is_minimal: bool,
}

/// The fuel of a search while a history is made smaller, and of all such searches together.
const SEARCH: usize = 200_000;
const ALL_SEARCHES: usize = 2_000_000;

/// Makes `operations` on an object of `model` smaller, of which no order that begins after one of `prefixes` explains what clients were told.
pub fn minimize<M: Model>(
    model: &M,
    prefixes: &[LinearizedPrefix<M::State>],
    operations: Vec<OperationOf<M>>,
) -> Counterexample<M> {
    let mut minimizer = Minimizer { model, prefixes, left: ALL_SEARCHES, has_doubts: false };
    let mut operations = minimizer.shortest_beginning(operations);
    let mut size = operations.len().div_ceil(2);
    loop {
        let before = operations.len();
        minimizer.has_doubts = false;
        minimizer.leave_out(&mut operations, size);
        if size == 1 && operations.len() == before {
            break;
        }
        size = size.div_ceil(2).clamp(1, operations.len().div_ceil(2));
    }
    Counterexample { prefixes: prefixes.to_vec(), operations, is_minimal: !minimizer.has_doubts }
}

/// Checks candidates of the minimization.
struct Minimizer<'a, M: Model> {
    model: &'a M,
    prefixes: &'a [LinearizedPrefix<M::State>],
    /// The fuel that is left.
    left: usize,
    /// True if a search was given up.
    has_doubts: bool,
}

impl<M: Model> Minimizer<'_, M> {
    /// Returns true if `operations` are certainly not linearizable.
    fn is_counterexample(&mut self, operations: &[OperationOf<M>]) -> bool {
        let given = self.left.min(SEARCH);
        let mut fuel = given;
        let answer = Problem::new(self.model, operations).solve(self.prefixes, Extent::One, &mut fuel);
        self.left -= given - fuel;
        self.has_doubts |= answer == Answer::Unknown;
        answer == Answer::NotLinearizable
    }

    /// Returns what had happened by the first place at which there is no order any more. What returned later is open
    /// there.
    fn shortest_beginning(&mut self, operations: Vec<OperationOf<M>>) -> Vec<OperationOf<M>> {
        let returned = |operation: &OperationOf<M>| operation.returned.as_ref().map(|(place, _)| *place);
        let mut returns: Vec<Place> = operations.iter().filter_map(returned).collect();
        returns.sort_unstable();
        let beginning = |until: Place| -> Vec<OperationOf<M>> {
            let begun = operations.iter().filter(|operation| operation.invoked < until);
            let mut begun: Vec<OperationOf<M>> = begun.cloned().collect();
            for operation in &mut begun {
                operation.returned.take_if(|(place, _)| *place > until);
            }
            begun
        };
        // A beginning of a history that has an order has one too.
        let first = returns.partition_point(|&until| !self.is_counterexample(&beginning(until)));
        match returns.get(first) {
            Some(&until) => beginning(until),
            None => operations,
        }
    }

    /// Leaves out what can be left out, `size` operations in a row at a time.
    fn leave_out(&mut self, operations: &mut Vec<OperationOf<M>>, size: usize) {
        let mut start = 0;
        while start < operations.len() {
            let end = (start + size).min(operations.len());
            let gone = &operations[start..end];
            let rest: Vec<OperationOf<M>> = [&operations[..start], &operations[end..]].concat();
            let is_owed =
                |gone: &OperationOf<M>| rest.iter().any(|operation| self.model.owes(operation, gone));
            if !gone.iter().any(is_owed) && self.is_counterexample(&rest) {
                *operations = rest
            } else {
                start = end
            }
        }
    }
}
