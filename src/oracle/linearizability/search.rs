//! The search for an order: of all orders that respect who preceded whom, is there one that explains what clients
//! were told?
//!
//! Sources: J. Wing and C. Gong, *Testing and verifying concurrent objects*, JPDC 17, 1993: depth first over what may
//! come next. G. Lowe, *Testing for linearizability*, Concurrency and Computation 29(4), 2017: a cache of the
//! configurations visited. A. Horn and D. Kroening, *Faster linearizability checking via P-compositionality*, FORTE
//! 2015: key by key.
//!
//! States go by numbers, and a model is asked once where an operation leads from a state, since it may take a while. So
//! do sets of operations: many configurations share one.
//!
//! Two observations keep the search small. A read that fits can come at once: no order is lost. And of
//! two configurations that differ in nothing but that one has used up more operations of unknown outcome, the other
//! can do all that the one can.

use super::model::{Model, OperationOf};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use synod_sim::collections::TreeMap;

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

/// How far an order has come: the numbers of what has been ordered, of the state that it led to, and of the operations
/// of unknown outcome that were used up on the way.
#[derive(Copy, Clone)]
struct Configuration {
    ordered: u32,
    state: u32,
    taken: u32,
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
        // One operation after one prefix, as most often, takes no search.
        if let ([only], [], [prefix]) = (&self.known[..], &self.unknown[..], prefixes) {
            let Some(left) = fuel.checked_sub(1) else { return Answer::Unknown };
            *fuel = left;
            return match self.model.step(&prefix.state, &only.input, only.output()) {
                Some(state) => {
                    Answer::Linearizable(vec![LinearizedPrefix { state, taken: prefix.taken.clone() }])
                }
                None => Answer::NotLinearizable,
            };
        }
        let (mut orders, mut states, mut sets) = (Orders::new(&self.known), States::new(), Sets::new());
        let mut found: BTreeMap<u32, Antichain> = BTreeMap::new();
        let mut start = |LinearizedPrefix { state, taken }: &LinearizedPrefix<M::State>| Configuration {
            ordered: NOTHING,
            state: states.number(state.clone()),
            taken: sets.number(taken.clone()),
        };
        let mut open: Vec<Configuration> = prefixes.iter().rev().map(&mut start).collect();
        while let Some(configuration) = open.pop() {
            let Configuration { ordered, state, taken } = configuration;
            let ordered = &mut orders.all[ordered as usize];
            if ordered.followers.is_empty() {
                sets.admit(found.entry(state).or_default(), taken);
                if extent == Extent::One {
                    break;
                }
                continue;
            }
            if !sets.admit(ordered.seen.entry(state).or_default(), taken) {
                continue;
            }
            let Some(left) = fuel.checked_sub(1) else { return Answer::Unknown };
            *fuel = left;
            self.expand(configuration, &mut orders, &mut states, &mut sets, &mut open);
        }
        if found.is_empty() {
            return Answer::NotLinearizable;
        }
        let state = |number: u32| &states.states[number as usize];
        let mut found: Vec<_> =
            found.into_iter().map(|(number, antichain)| (state(number), antichain)).collect();
        found.sort_by_key(|&(state, _)| state);
        let prefixes = found.into_iter().flat_map(|(state, antichain)| {
            let taken = antichain.into_iter().map(|taken| sets.get(taken).clone());
            taken.map(|taken| LinearizedPrefix { state: state.clone(), taken })
        });
        Answer::Linearizable(prefixes.collect())
    }

    /// Puts onto `open` what may follow `configuration`, what to try first on top.
    fn expand(
        &self,
        configuration: Configuration,
        orders: &mut Orders<'a, M>,
        states: &mut States<M::State>,
        sets: &mut Sets,
        open: &mut Vec<Configuration>,
    ) {
        let Configuration { ordered, state: before, taken } = configuration;
        let first = open.len();
        for place in 0..orders.all[ordered as usize].followers.len() {
            let at = orders.all[ordered as usize].followers[place].0;
            let operation = self.known[at as usize];
            let step = |state: &M::State| self.model.step(state, &operation.input, operation.output());
            let Some(state) = states.step(before, at, step) else { continue };
            // What changed the state is no read: models need not be asked, which may take them a while.
            let is_read = state == before
                && operation.output().is_some_and(|output| self.model.is_read(&operation.input, output));
            if is_read {
                open.truncate(first);
            }
            open.push(Configuration { ordered: orders.follower(ordered, place), state, taken });
            if is_read {
                return;
            }
        }
        let bound = orders.all[ordered as usize].bound;
        for (at, operation) in (self.known.len() as u32..).zip(&self.unknown) {
            let number = operation.invoked.number;
            let step = |state: &M::State| self.model.step(state, &operation.input, None);
            if number < bound
                && let Err(place) = sets.get(taken).binary_search(&number)
                && let Some(state) = states.step(before, at, step)
                && state != before
            {
                let mut taken = sets.get(taken).clone();
                taken.insert(place, number);
                open.push(Configuration { ordered, state, taken: sets.number(taken) });
            }
        }
        open[first..].reverse();
    }
}

/// The sets of operations that a search has ordered, by number.
struct Orders<'a, M: Model> {
    known: &'a [&'a OperationOf<M>],
    all: Vec<Ordered>,
    numbers: BTreeMap<(u32, Vec<u32>), u32>,
}

/// The number of the empty one.
const NOTHING: u32 = 0;

/// Operations that have been ordered, and what may come next.
struct Ordered {
    /// From this number on in the list no operation has been ordered.
    next: u32,
    /// The operations that may come next, and the number of what has been ordered then, once that is known. Those before
    /// `next` are all that have not been ordered either: they were under way when the last of those that have been was
    /// invoked, so they are fewer than the clients.
    followers: Vec<(u32, Option<u32>)>,
    /// The first return of one that is left.
    bound: u64,
    /// The states that the orders of these operations have led to, and for each the operations of unknown outcome used up
    /// on the way.
    seen: TreeMap<u32, Antichain>,
}

impl<'a, M: Model> Orders<'a, M> {
    fn new(known: &'a [&'a OperationOf<M>]) -> Orders<'a, M> {
        let mut orders = Orders { known, all: Vec::new(), numbers: BTreeMap::new() };
        let none = orders.number(0, Vec::new());
        assert_eq!(none, NOTHING, "it is the first");
        orders
    }

    /// Returns the number of the set of all operations before `next`, without those `behind`.
    fn number(&mut self, next: u32, behind: Vec<u32>) -> u32 {
        let number = self.all.len() as u32;
        let entry = match self.numbers.entry((next, behind)) {
            Entry::Occupied(entry) => return *entry.get(),
            Entry::Vacant(entry) => entry,
        };
        // An operation may come next if none that is left returned before it was invoked.
        let returned = |at: u32| {
            let returned = &self.known[at as usize].returned;
            returned.as_ref().map_or(u64::MAX, |(place, _)| place.number)
        };
        let behind = &entry.key().1;
        let mut bound = behind.iter().map(|&at| returned(at)).min().unwrap_or(u64::MAX);
        let mut end = next;
        while (end as usize) < self.known.len() && self.known[end as usize].invoked.number < bound {
            bound = bound.min(returned(end));
            end += 1;
        }
        let followers = behind.iter().copied().chain(next..end).map(|at| (at, None)).collect();
        self.all.push(Ordered { next, followers, bound, seen: TreeMap::new() });
        *entry.insert(number)
    }

    /// Returns the number of the set `from` with its follower at `place`.
    fn follower(&mut self, from: u32, place: usize) -> u32 {
        let Ordered { next, ref followers, .. } = self.all[from as usize];
        let (at, known) = followers[place];
        if let Some(number) = known {
            return number;
        }
        let left = followers.iter().map(|&(other, _)| other).filter(|&other| other != at);
        let behind = left.filter(|&other| other < next.max(at)).collect();
        let number = self.number(next.max(at + 1), behind);
        self.all[from as usize].followers[place].1 = Some(number);
        number
    }
}

/// Sets of operations of unknown outcome, by number; each in order.
struct Sets {
    sets: Vec<Vec<u64>>,
    numbers: BTreeMap<Vec<u64>, u32>,
}

/// Sets of which none holds another.
type Antichain = Vec<u32>;

impl Sets {
    fn new() -> Sets {
        Sets { sets: Vec::new(), numbers: BTreeMap::new() }
    }

    fn get(&self, number: u32) -> &Vec<u64> {
        &self.sets[number as usize]
    }

    fn number(&mut self, set: Vec<u64>) -> u32 {
        let next = self.sets.len() as u32;
        *self.numbers.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        })
    }

    /// Takes `set` in unless it holds one of the antichain's; true if it does so.
    fn admit(&self, antichain: &mut Antichain, set: u32) -> bool {
        if antichain.iter().any(|&smaller| self.holds(set, smaller)) {
            return false;
        }
        antichain.retain(|&larger| !self.holds(larger, set));
        antichain.push(set);
        true
    }

    /// Returns true if `set` holds all of `other`.
    fn holds(&self, set: u32, other: u32) -> bool {
        let mut rest = self.get(set).iter();
        set == other || self.get(other).iter().all(|member| rest.any(|candidate| candidate == member))
    }
}
