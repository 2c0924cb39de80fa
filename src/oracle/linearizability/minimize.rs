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

/// Of more operations than these the last are tried first, as many as these and more.
const LATEST: usize = 512;

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
    let operations = minimizer.shortest_beginning(operations);
    let mut operations = minimizer.latest(operations);
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

    /// Returns some of those that returned last, and all to which these owe their outcome, by themselves or through others:
    /// of a long history the end is mostly enough.
    fn latest(&mut self, operations: Vec<OperationOf<M>>) -> Vec<OperationOf<M>> {
        let returned = |place: &usize| operations[*place].returned.as_ref().map(|(returned, _)| *returned);
        let mut latest: Vec<usize> = (0..operations.len()).collect();
        latest.sort_unstable_by_key(|place| std::cmp::Reverse(returned(place)));
        let mut count = LATEST;
        while count < operations.len() {
            let part = self.with_creditors(&operations, &latest[..count]);
            if part.len() < operations.len() && self.is_counterexample(&part) {
                return part;
            }
            count *= 4;
        }
        operations
    }

    /// Returns the operations at `places`, and all to which one of those that are returned owes its outcome.
    fn with_creditors(&self, operations: &[OperationOf<M>], places: &[usize]) -> Vec<OperationOf<M>> {
        let mut is_in = vec![false; operations.len()];
        let mut reached = Vec::from(places);
        places.iter().for_each(|&place| is_in[place] = true);
        while let Some(place) = reached.pop() {
            for (other, operation) in operations.iter().enumerate() {
                if !is_in[other] && self.model.owes(&operations[place], operation) {
                    is_in[other] = true;
                    reached.push(other);
                }
            }
        }
        operations
            .iter()
            .zip(is_in)
            .filter(|(_, is_in)| *is_in)
            .map(|(operation, _)| operation.clone())
            .collect()
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
