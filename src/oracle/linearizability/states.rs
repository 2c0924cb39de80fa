//! The states that a search has met, by number, and where operations lead from them.

use super::numbering::Numbering;
use std::collections::{BTreeMap, BTreeSet};

/// States by number. A model is asked once where an operation leads from a state, since it may take a while.
pub(super) struct States<S> {
    states: Vec<S>,
    numbers: BTreeMap<S, u32>,
    /// Pairs of a state and an operation that was tried there.
    tried: Numbering,
    /// The state that follows, for each pair.
    steps: Vec<u32>,
    /// How much memory the states take, in bytes.
    weight: usize,
    /// The states of which somebody may tell, if that is known.
    glimpses: Option<BTreeSet<S>>,
    /// One of those of which nobody will: it stands for all of them.
    lost: Option<u32>,
}

/// The operation cannot be told that.
const IMPOSSIBLE: u32 = u32::MAX;

impl<S: Ord + Clone> States<S> {
    /// No states yet, of which those but the `glimpses` are all the same, if these are known.
    pub(super) fn new(glimpses: Option<BTreeSet<S>>) -> States<S> {
        let (states, numbers, steps) = (Vec::new(), BTreeMap::new(), Vec::new());
        States { states, numbers, tried: Numbering::default(), steps, weight: 0, glimpses, lost: None }
    }

    pub(super) fn get(&self, number: u32) -> &S {
        &self.states[number as usize]
    }

    /// Returns the number of `state`, which takes so many bytes by `weight`.
    pub(super) fn number(&mut self, state: S, weight: impl FnOnce(&S) -> usize) -> u32 {
        let next = self.states.len() as u32;
        if self.glimpses.as_ref().is_some_and(|glimpses| !glimpses.contains(&state)) {
            let lost = *self.lost.get_or_insert(next);
            if lost < next {
                return lost;
            }
        }
        *self.numbers.entry(state).or_insert_with_key(|state| {
            // It is kept twice, in a list and in a tree.
            self.weight += weight(state) + 3 * size_of::<S>();
            self.states.push(state.clone());
            next
        })
    }

    /// Returns where operation `at` leads from the state `from`, by `step`.
    pub(super) fn step(
        &mut self,
        from: u32,
        at: u32,
        step: impl FnOnce(&S) -> Option<S>,
        weight: impl FnOnce(&S) -> usize,
    ) -> Option<u32> {
        let (pair, is_new) = self.tried.number(&[from, at]);
        if is_new {
            let before = &self.states[from as usize];
            let to = match step(before) {
                None => IMPOSSIBLE,
                Some(after) if after == *before => from,
                Some(after) => self.number(after, weight),
            };
            self.steps.push(to);
        }
        let to = self.steps[pair as usize];
        (to != IMPOSSIBLE).then_some(to)
    }

    /// Returns how much memory they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.weight + self.tried.bytes() + 4 * self.steps.capacity()
    }
}
