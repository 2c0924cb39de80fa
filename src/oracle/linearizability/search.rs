//! The search for an order: of all orders that respect who preceded whom, is there one that explains what clients
//! were told?
//!
//! Sources: J. Wing and C. Gong, *Testing and verifying concurrent objects*, JPDC 17, 1993: depth first over what may
//! come next. G. Lowe, *Testing for linearizability*, Concurrency and Computation 29(4), 2017: a cache of the
//! configurations visited. A. Horn and D. Kroening, *Faster linearizability checking via P-compositionality*, FORTE
//! 2015: key by key.
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
struct Configuration<S> {
    /// From this number on in the list no operation has been ordered.
    next: u32,
    /// The numbers before that of operations that have not been ordered either. All were under way when the last of
    /// those that have been was invoked, so they are fewer than the clients.
    behind: Vec<u32>,
    prefix: LinearizedPrefix<S>,
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
        let mut seen: Seen<M::State> = BTreeMap::new();
        let mut found: BTreeMap<M::State, Antichain> = BTreeMap::new();
        let start = |prefix: &LinearizedPrefix<M::State>| Configuration {
            next: 0,
            behind: Vec::new(),
            prefix: prefix.clone(),
        };
        let mut open: Vec<Configuration<M::State>> = prefixes.iter().rev().map(start).collect();
        while let Some(configuration) = open.pop() {
            let Configuration { next, behind, prefix: LinearizedPrefix { state, taken } } = &configuration;
            if *next as usize == self.known.len() && behind.is_empty() {
                admit(found.entry(state.clone()).or_default(), taken);
                if extent == Extent::One {
                    break;
                }
                continue;
            }
            let place = (*next, behind.clone(), state.clone());
            if !admit(seen.entry(place).or_default(), taken) {
                continue;
            }
            let Some(left) = fuel.checked_sub(1) else { return Answer::Unknown };
            *fuel = left;
            self.expand(&configuration, &mut open);
        }
        if found.is_empty() {
            return Answer::NotLinearizable;
        }
        let prefixes = found.into_iter().flat_map(|(state, antichain)| {
            antichain.into_iter().map(move |taken| LinearizedPrefix { state: state.clone(), taken })
        });
        Answer::Linearizable(prefixes.collect())
    }

    /// Puts onto `open` what may follow `configuration`, what to try first on top.
    fn expand(&self, configuration: &Configuration<M::State>, open: &mut Vec<Configuration<M::State>>) {
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
            let Some(state) = self.model.step(&prefix.state, &operation.input, operation.output()) else {
                continue;
            };
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
        for operation in &self.unknown {
            let number = operation.invoked.number;
            if number < bound
                && let Err(at) = prefix.taken.binary_search(&number)
                && let Some(state) = self.model.step(&prefix.state, &operation.input, None)
                && state != prefix.state
            {
                let mut taken = prefix.taken.clone();
                taken.insert(at, number);
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

impl<S> Configuration<S> {
    /// This with the operation with number `at` of the list ordered, which leads to `state`.
    fn ordering(&self, at: u32, state: S) -> Configuration<S> {
        let mut behind = self.behind.clone();
        behind.retain(|&other| other != at);
        behind.extend(self.next..at);
        let prefix = LinearizedPrefix { state, taken: self.prefix.taken.clone() };
        Configuration { next: self.next.max(at + 1), behind, prefix }
    }
}

/// For what has been ordered and the state that it led to: the operations of unknown outcome used up on the way.
type Seen<S> = BTreeMap<(u32, Vec<u32>, S), Antichain>;

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
