//! The search for an order: of all orders that respect who preceded whom, is there one that explains what clients
//! were told?
//!
//! Sources: J. Wing and C. Gong, *Testing and verifying concurrent objects*, JPDC 17, 1993: depth first over what may
//! come next. G. Lowe, *Testing for linearizability*, Concurrency and Computation 29(4), 2017: a cache of the
//! configurations visited. A. Horn and D. Kroening, *Faster linearizability checking via P-compositionality*, FORTE
//! 2015: key by key.
//!
//! States go by numbers, and a model is asked once where an operation leads from a state, since it may take a while.
//!
//! Two observations keep the search small. A read that fits can come at once: no order is lost. And of
//! two configurations that differ in nothing but that one has used up more operations of unknown outcome, the other
//! can do all that the one can.

use super::model::{Model, OperationOf};
use std::collections::BTreeMap;

/// What may lie behind: a state, and which operations of unknown outcome have taken effect on the way to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinearizedPrefix<S> {
    /// The state.
    pub state: S,
    /// The operations of unknown outcome that have taken effect, by the numbers of their invocations, in order.
    pub taken: Vec<u64>,
}

impl<S> LinearizedPrefix<S> {
    /// Nothing lies behind.
    pub fn none(state: S) -> LinearizedPrefix<S> {
        LinearizedPrefix { state, taken: Vec::new() }
    }
}

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<S> {
    /// There is an order; these are the pasts in which it can end, as far as they were asked for.
    Linearizable(Vec<LinearizedPrefix<S>>),
    /// There is none.
    NotLinearizable,
    /// The search was given up.
    Unknown,
}

/// How far a search goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// To the first order.
    One,
    /// To every past in which an order can end.
    All,
}

/// What is searched: operations of one key, those with an output in the order of their invocations.
pub struct Problem<'a, M: Model> {
    model: &'a M,
    known: Vec<&'a OperationOf<M>>,
    unknown: Vec<&'a OperationOf<M>>,
}

/// How far an order has come.
struct Configuration {
    /// From this number on in the list no operation has been ordered.
    next: u32,
    /// The numbers before that of operations that have not been ordered either. All were under way when the last of
    /// those that have been was invoked, so they are fewer than the clients.
    behind: Vec<u32>,
    /// What lies behind, with the number of its state.
    prefix: LinearizedPrefix<u32>,
}

/// The states that a search has met, by number, and where operations lead from them.
struct States<S> {
    states: Vec<S>,
    numbers: BTreeMap<S, u32>,
    /// By state, the operations that were tried there, in order, with the state that follows, if there is one.
    steps: Vec<Vec<(u32, Option<u32>)>>,
}

impl<S: Ord + Clone> States<S> {
    fn new() -> States<S> {
        States { states: Vec::new(), numbers: BTreeMap::new(), steps: Vec::new() }
    }

    fn number(&mut self, state: S) -> u32 {
        let next = self.states.len() as u32;
        *self.numbers.entry(state).or_insert_with_key(|state| {
            self.states.push(state.clone());
            self.steps.push(Vec::new());
            next
        })
    }

    /// Returns where operation `at` leads from the state `from`, by `step`.
    fn step(&mut self, from: u32, at: u32, step: impl FnOnce(&S) -> Option<S>) -> Option<u32> {
        let place = match self.steps[from as usize].binary_search_by_key(&at, |&(at, _)| at) {
            Ok(place) => return self.steps[from as usize][place].1,
            Err(place) => place,
        };
        let before = &self.states[from as usize];
        let to = step(before)
            .map(|after| if after == *before { None } else { Some(after) })
            .map(|changed| changed.map_or(from, |after| self.number(after)));
        self.steps[from as usize].insert(place, (at, to));
        to
    }
}

impl<'a, M: Model> Problem<'a, M> {
    /// Creates the problem of ordering `operations` on an object of `model`; they come in the order of their invocations.
    pub fn new(model: &'a M, operations: impl IntoIterator<Item = &'a OperationOf<M>>) -> Problem<'a, M> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            operations.into_iter().partition(|operation| operation.returned.is_some());
        debug_assert!(known.is_sorted_by_key(|operation| operation.invoked.number));
        Problem { model, known, unknown }
    }

    /// Looks for orders that begin after one of `prefixes`. Every configuration that it visits uses up some `fuel`;
    /// without fuel it gives up.
    pub fn solve(
        &self,
        prefixes: &[LinearizedPrefix<M::State>],
        extent: Extent,
        fuel: &mut usize,
    ) -> Answer<M::State> {
        let mut states = States::new();
        let mut seen: Seen = BTreeMap::new();
        let mut found: BTreeMap<u32, Antichain> = BTreeMap::new();
        let mut start = |LinearizedPrefix { state, taken }: &LinearizedPrefix<M::State>| Configuration {
            next: 0,
            behind: Vec::new(),
            prefix: LinearizedPrefix { state: states.number(state.clone()), taken: taken.clone() },
        };
        let mut open: Vec<Configuration> = prefixes.iter().rev().map(&mut start).collect();
        while let Some(configuration) = open.pop() {
            let Configuration { next, behind, prefix: LinearizedPrefix { state, taken } } = &configuration;
            if *next as usize == self.known.len() && behind.is_empty() {
                admit(found.entry(*state).or_default(), taken);
                if extent == Extent::One {
                    break;
                }
                continue;
            }
            let place = (*next, behind.clone(), *state);
            if !admit(seen.entry(place).or_default(), taken) {
                continue;
            }
            let Some(left) = fuel.checked_sub(1) else { return Answer::Unknown };
            *fuel = left;
            self.expand(&configuration, &mut states, &mut open);
        }
        if found.is_empty() {
            return Answer::NotLinearizable;
        }
        let state = |number: u32| &states.states[number as usize];
        let mut found: Vec<_> =
            found.into_iter().map(|(number, antichain)| (state(number), antichain)).collect();
        found.sort_by_key(|&(state, _)| state);
        let prefixes = found.into_iter().flat_map(|(state, antichain)| {
            antichain.into_iter().map(move |taken| LinearizedPrefix { state: state.clone(), taken })
        });
        Answer::Linearizable(prefixes.collect())
    }

    /// Puts onto `open` what may follow `configuration`, what to try first on top.
    fn expand(
        &self,
        configuration: &Configuration,
        states: &mut States<M::State>,
        open: &mut Vec<Configuration>,
    ) {
        let Configuration { next, behind, prefix } = configuration;
        // An operation may come next if none that is left returned before it was invoked.
        let invoked = |at: u32| self.known[at as usize].invoked.number;
        let returned =
            |at: u32| self.known[at as usize].returned.as_ref().map_or(u64::MAX, |(place, _)| place.number);
        let mut bound = behind.iter().map(|&at| returned(at)).min().unwrap_or(u64::MAX);
        let mut end = *next;
        while (end as usize) < self.known.len() && invoked(end) < bound {
            bound = bound.min(returned(end));
            end += 1;
        }
        let first = open.len();
        for at in behind.iter().copied().chain(*next..end) {
            let operation = self.known[at as usize];
            let step = |state: &M::State| self.model.step(state, &operation.input, operation.output());
            let Some(state) = states.step(prefix.state, at, step) else { continue };
            // What changed the state is no read: models need not be asked, which may take them a while.
            let is_read = state == prefix.state
                && operation.output().is_some_and(|output| self.model.is_read(&operation.input, output));
            let follower = configuration.ordering(at, state);
            if is_read {
                open.truncate(first);
                open.push(follower);
                return;
            }
            open.push(follower);
        }
        for (at, operation) in (self.known.len() as u32..).zip(&self.unknown) {
            let number = operation.invoked.number;
            let step = |state: &M::State| self.model.step(state, &operation.input, None);
            if number < bound
                && let Err(place) = prefix.taken.binary_search(&number)
                && let Some(state) = states.step(prefix.state, at, step)
                && state != prefix.state
            {
                let mut taken = prefix.taken.clone();
                taken.insert(place, number);
                open.push(Configuration {
                    next: *next,
                    behind: behind.clone(),
                    prefix: LinearizedPrefix { state, taken },
                });
            }
        }
        open[first..].reverse();
    }
}

impl Configuration {
    /// This with the operation with number `at` of the list ordered, which leads to `state`.
    fn ordering(&self, at: u32, state: u32) -> Configuration {
        let mut behind = self.behind.clone();
        behind.retain(|&other| other != at);
        behind.extend(self.next..at);
        let prefix = LinearizedPrefix { state, taken: self.prefix.taken.clone() };
        Configuration { next: self.next.max(at + 1), behind, prefix }
    }
}

/// For what has been ordered and the state that it led to: the operations of unknown outcome used up on the way.
type Seen = BTreeMap<(u32, Vec<u32>, u32), Antichain>;

/// Sets of which none holds another.
type Antichain = Vec<Vec<u64>>;

/// Takes `set` in unless it holds one of the antichain's; true if it does so.
fn admit(antichain: &mut Antichain, set: &[u64]) -> bool {
    if antichain.iter().any(|smaller| holds(set, smaller)) {
        return false;
    }
    antichain.retain(|larger| !holds(larger, set));
    antichain.push(set.to_vec());
    true
}

/// Returns true if `set` holds all of `other`; both are in order.
fn holds(set: &[u64], other: &[u64]) -> bool {
    let mut rest = set.iter();
    other.iter().all(|member| rest.any(|candidate| candidate == member))
}
