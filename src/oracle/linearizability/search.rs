//! The search for an order: of all orders that respect who preceded whom, is there one that explains what clients
//! were told?
//!
//! Sources: J. Wing and C. Gong, *Testing and verifying concurrent objects*, JPDC 17, 1993: depth first over what may
//! come next. G. Lowe, *Testing for linearizability*, Concurrency and Computation 29(4), 2017: a cache of the
//! configurations visited. A. Horn and D. Kroening, *Faster linearizability checking via P-compositionality*, FORTE
//! 2015: key by key.
//!
//! Sets of operations and states go by numbers, since many configurations share one.
//!
//! These observations keep the search small.
//!
//! - A read that fits can come at once: no order is lost.
//! - An operation of unknown outcome to which nothing owes what it was told is left out.
//! - One that nobody sees is tried only where an operation cannot come next without it.
//! - Of two configurations that differ in nothing but that one has used up more operations of unknown outcome, the other
//!   can do all that the one can. Of two operations of unknown outcome that do the same the one that was invoked first can
//!   do all that the other can.
//! - States of which nobody will tell anything are one.
//! - Where an operation does not fit, and none that may still come before it could change that, no order is left. The next
//!   reads are looked at before they may come. What only grows has to be where they began, however many come before them.

use super::antichains::Antichains;
use super::model::{Model, OperationOf};
use super::numbering::Numbering;
use super::orders::{NOTHING, Orders};
use super::relevance::{is_seen, is_settled, relevant};
use super::states::States;
use std::collections::{BTreeMap, BTreeSet};

/// The most memory that one search takes, in bytes: it is given up when its tables are larger.
pub const MEMORY: usize = 64 << 20;

/// The most operations of unknown outcome that are tried though nothing is known to owe them anything: each of them
/// doubles the pasts in which a history can end.
const MOST_IDLE: usize = 8;

/// The most operations that are looked through for one that may help another: if there are more, one of them may.
const FAR: usize = 64;

/// So many of the reads that may not come yet are looked at.
const FORESIGHT: usize = 2;

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
    /// There is an order; these are the pasts in which it can end, as far as they were asked for. A past is left out if
    /// it follows from another when operations of unknown outcome take effect at the end.
    Linearizable(Vec<LinearizedPrefix<S>>),
    /// There is none.
    NotLinearizable,
    /// The search was given up: fuel or memory ended.
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
    open: Vec<&'a OperationOf<M>>,
}

impl<'a, M: Model> Problem<'a, M> {
    /// Creates the problem of ordering `operations` on an object of `model`; they come in the order of their invocations.
    pub fn new(model: &'a M, operations: impl IntoIterator<Item = &'a OperationOf<M>>) -> Problem<'a, M> {
        let (known, open): (Vec<_>, Vec<_>) =
            operations.into_iter().partition(|operation| operation.returned.is_some());
        debug_assert!(known.is_sorted_by_key(|operation| operation.invoked.number));
        Problem { model, known, open }
    }

    /// Looks for orders that begin after one of `prefixes`. Every configuration that it visits uses up some `fuel`;
    /// without fuel, or with more than [`MEMORY`], it gives up.
    pub fn solve(
        &self,
        prefixes: &[LinearizedPrefix<M::State>],
        extent: Extent,
        fuel: &mut usize,
    ) -> Answer<M::State> {
        let mut open = relevant(self.model, &self.known, &self.open);
        // What nobody has seen so far may be seen later, in the state that is left behind.
        let is_whole = extent == Extent::One || is_settled(self.model, &self.known);
        if !is_whole && open.len() < self.open.len() {
            if self.open.len() > open.len() + MOST_IDLE {
                return Answer::Unknown;
            }
            open.clone_from(&self.open);
        }
        // One operation after one prefix, as most often, takes no search.
        if let ([only], [], [prefix]) = (&self.known[..], &open[..], prefixes) {
            let Some(left) = fuel.checked_sub(1) else { return Answer::Unknown };
            *fuel = left;
            return match self.model.step(&prefix.state, &only.input, only.output()) {
                Some(state) => {
                    Answer::Linearizable(vec![LinearizedPrefix { state, taken: prefix.taken.clone() }])
                }
                None => Answer::NotLinearizable,
            };
        }
        Search::new(self.model, &self.known, open, is_whole, extent).run(prefixes, extent, fuel)
    }
}

/// A search on its way.
struct Search<'a, M: Model> {
    model: &'a M,
    known: &'a [&'a OperationOf<M>],
    open: Vec<Open<'a, M>>,
    /// The numbers of the invocations that sets of operations of unknown outcome are made of, in order.
    members: Vec<u64>,
    orders: Orders,
    /// For each operation, the first one from it on that is a read and tells the whole state.
    reads: Vec<u32>,
    states: States<M::State>,
    /// Sets of operations of unknown outcome: the places of their invocations among `members`, in order.
    sets: Numbering,
    /// The configurations met, as pairs of what has been ordered and the state.
    met: Numbering,
    /// For each of them the sets that were used up on the way.
    taken: Antichains,
    /// Where to go on, the last first.
    ahead: Vec<Configuration>,
    /// What fits after the configuration at hand: its place among those that may come next, and the state that follows.
    fitting: Vec<(usize, u32)>,
    /// What does not fit there yet.
    waiting: Vec<u32>,
    /// The states in which an order can end, each with its place among the sets that were used up on the way.
    found: BTreeMap<u32, u32>,
    found_taken: Antichains,
}

/// An operation of unknown outcome that is tried.
struct Open<'a, M: Model> {
    operation: &'a OperationOf<M>,
    /// Its place among the members of sets.
    member: u32,
    /// The one before it that does the same, and is tried first.
    twin: Option<u32>,
    /// True if nothing tells that it took effect.
    is_hidden: bool,
}

/// How far an order has come: the numbers of what has been ordered, of the state that it led to, and of the operations
/// of unknown outcome that were used up on the way.
#[derive(Copy, Clone)]
struct Configuration {
    ordered: u32,
    state: u32,
    taken: u32,
    /// The number of the first two.
    met: u32,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(
        model: &'a M,
        known: &'a [&'a OperationOf<M>],
        open: Vec<&'a OperationOf<M>>,
        is_whole: bool,
        extent: Extent,
    ) -> Search<'a, M> {
        // Where all pasts are asked for, what nobody tells of is one of them.
        let glimpses = if extent == Extent::One { glimpses(model, known, &open) } else { None };
        let returned = |operation: &OperationOf<M>| {
            operation.returned.as_ref().map_or(u64::MAX, |(place, _)| place.number)
        };
        let times = known.iter().map(|operation| (operation.invoked.number, returned(operation)));
        let is_hidden = |operation: &OperationOf<M>| is_whole && !is_seen(model, known, &open, operation);
        let open = open.iter().map(|&operation| {
            let is_hidden = is_hidden(operation);
            Open { operation, member: 0, twin: None, is_hidden }
        });
        Search {
            model,
            known,
            open: open.collect(),
            members: Vec::new(),
            orders: Orders::new(times.collect()),
            reads: reads(model, known),
            states: States::new(glimpses),
            sets: Numbering::default(),
            met: Numbering::default(),
            taken: Antichains::default(),
            ahead: Vec::new(),
            fitting: Vec::new(),
            waiting: Vec::new(),
            found: BTreeMap::new(),
            found_taken: Antichains::default(),
        }
    }

    fn run(
        mut self,
        prefixes: &[LinearizedPrefix<M::State>],
        extent: Extent,
        fuel: &mut usize,
    ) -> Answer<M::State> {
        self.number_members(prefixes, extent);
        for LinearizedPrefix { state, taken } in prefixes.iter().rev() {
            let state = self.states.number(state.clone(), |state| self.model.weight(state));
            let place = |number: &u64| self.members.binary_search(number).expect("it is a member") as u32;
            let (taken, _) = self.sets.number(&taken.iter().map(place).collect::<Vec<_>>());
            self.push(NOTHING, state, taken);
        }
        while let Some(configuration) = self.ahead.pop() {
            if extent == Extent::One && !self.found.is_empty() {
                break;
            }
            // A better one has come in the meantime.
            if !self.taken.sets(configuration.met).any(|taken| taken == configuration.taken) {
                continue;
            }
            let Some(left) = fuel.checked_sub(1).filter(|_| self.bytes() <= MEMORY) else {
                return Answer::Unknown;
            };
            *fuel = left;
            self.expand(configuration);
        }
        if self.found.is_empty() { Answer::NotLinearizable } else { Answer::Linearizable(self.pasts()) }
    }

    /// Gives the operations of unknown outcome their places in sets.
    fn number_members(&mut self, prefixes: &[LinearizedPrefix<M::State>], extent: Extent) {
        let taken = prefixes.iter().flat_map(|prefix| prefix.taken.iter().copied());
        self.members = self.open.iter().map(|open| open.operation.invoked.number).chain(taken).collect();
        self.members.sort_unstable();
        self.members.dedup();
        for place in 0..self.open.len() {
            let (before, rest) = self.open.split_at_mut(place);
            let open = &mut rest[0];
            let number = open.operation.invoked.number;
            open.member = self.members.binary_search(&number).expect("it is a member") as u32;
            let is_twin = |before: &&Open<'a, M>| {
                let [one, other] = [&before.operation.input, &open.operation.input];
                // Which of those that nobody sees have been used up may matter later.
                let are_hidden = extent == Extent::One && before.is_hidden && open.is_hidden;
                one == other || are_hidden && self.model.are_alike(one, other)
            };
            let twin = before.iter().rev().find(is_twin);
            open.twin = twin.map(|twin| twin.member);
        }
    }

    /// Puts onto `ahead` what may follow `configuration`, what to try first on top.
    fn expand(&mut self, Configuration { ordered, state: before, taken, .. }: Configuration) {
        let count = self.orders.count(ordered);
        self.fitting.clear();
        self.waiting.clear();
        for place in 0..count {
            let at = self.orders.next(ordered, place);
            let operation = self.known[at as usize];
            let Some(state) = self.step(before, at, operation) else {
                self.waiting.push(at);
                continue;
            };
            // What changed the state is no read: models need not be asked, which may take them a while.
            if state == before
                && operation.output().is_some_and(|output| self.model.is_read(&operation.input, output))
            {
                let ordered = self.orders.follower(ordered, place);
                self.push(ordered, state, taken);
                return;
            }
            self.fitting.push((place, state));
        }
        if !self.waiting.iter().all(|&at| self.may_fit(ordered, before, taken, at)) {
            return;
        }
        if !self.may_tell(ordered, before, taken) {
            return;
        }
        let bound = self.orders.bound(ordered);
        for place in (0..self.open.len()).rev() {
            let Open { operation, member, twin, is_hidden } = self.open[place];
            let set = self.sets.get(taken);
            if operation.invoked.number < bound
                && twin.is_none_or(|twin| set.binary_search(&twin).is_ok())
                && let Err(gap) = set.binary_search(&member)
                && (!is_hidden || self.is_awaited(before, operation))
                && let Some(state) = self.step(before, (self.known.len() + place) as u32, operation)
                && state != before
            {
                let mut set = self.sets.get(taken).to_vec();
                set.insert(gap, member);
                let (taken, _) = self.sets.number(&set);
                self.push(ordered, state, taken);
            }
        }
        while let Some((place, state)) = self.fitting.pop() {
            let ordered = self.orders.follower(ordered, place);
            self.push(ordered, state, taken);
        }
    }

    /// Returns where `operation`, which has the number `at`, leads from the state `from`.
    fn step(&mut self, from: u32, at: u32, operation: &OperationOf<M>) -> Option<u32> {
        let step = |state: &M::State| self.model.step(state, &operation.input, operation.output());
        self.states.step(from, at, step, |state| self.model.weight(state))
    }

    /// Returns true if one of those that do not fit in the state `before` may do so after `other`.
    fn is_awaited(&self, before: u32, other: &OperationOf<M>) -> bool {
        let state = self.states.get(before);
        self.waiting.iter().any(|&at| self.model.awaits(state, self.known[at as usize], other))
    }

    /// Returns true if the next reads, which may not come yet, may still fit after the state `before`: they tell early which
    /// order was wrong.
    fn may_tell(&mut self, ordered: u32, before: u32, taken: u32) -> bool {
        let mut from = self.orders.end(ordered);
        for _ in 0..FORESIGHT {
            let at = self.reads[from as usize];
            let Some(&operation) = self.known.get(at as usize) else { return true };
            if self.step(before, at, operation).is_none() && !self.may_fit(ordered, before, taken, at) {
                return false;
            }
            from = at + 1;
        }
        true
    }

    /// Returns true if operation `at`, which does not fit in the state `before`, may do so after another that may still
    /// come first.
    fn may_fit(&self, ordered: u32, before: u32, taken: u32, at: u32) -> bool {
        let (state, operation) = (self.states.get(before), self.known[at as usize]);
        if !self.model.may_lead_to(state, operation) {
            return false;
        }
        let may_help = |other: &OperationOf<M>| self.model.awaits(state, operation, other);
        let set = self.sets.get(taken);
        let is_left = |open: &&Open<'a, M>| {
            open.operation.invoked.number < self.orders.returned(at)
                && set.binary_search(&open.member).is_err()
        };
        let beside = (0..self.orders.count(ordered)).map(|place| self.orders.next(ordered, place));
        let between = self.orders.between(ordered, at);
        beside.filter(|&other| other != at).any(|other| may_help(self.known[other as usize]))
            || between.clone().take(FAR).any(|other| other != at && may_help(self.known[other as usize]))
            || between.len() > FAR
            || self.open.iter().filter(is_left).any(|open| may_help(open.operation))
    }

    /// Takes a configuration in, unless another can do all that it can.
    fn push(&mut self, ordered: u32, state: u32, taken: u32) {
        if self.orders.count(ordered) == 0 {
            let next = self.found.len() as u32;
            let place = *self.found.entry(state).or_insert(next);
            self.found_taken.admit(&self.sets, place, taken);
            return;
        }
        let (met, _) = self.met.number(&[ordered, state]);
        if self.taken.admit(&self.sets, met, taken) {
            self.ahead.push(Configuration { ordered, state, taken, met });
        }
    }

    /// Returns how much memory it takes, in bytes, near enough.
    fn bytes(&self) -> usize {
        self.orders.bytes()
            + self.states.bytes()
            + self.sets.bytes()
            + self.met.bytes()
            + self.taken.bytes()
            + size_of::<Configuration>() * self.ahead.capacity()
    }

    /// Returns the pasts found, in order.
    fn pasts(&self) -> Vec<LinearizedPrefix<M::State>> {
        let mut found: Vec<_> = Vec::with_capacity(self.found.len());
        for (&state, &place) in &self.found {
            found.extend(self.found_taken.sets(place).map(|taken| LinearizedPrefix {
                state: self.states.get(state).clone(),
                taken: self.sets.get(taken).iter().map(|&place| self.members[place as usize]).collect(),
            }));
        }
        found.sort_unstable();
        found
    }
}

/// Returns for each of `known`, and for their end, the first one from it on that is a read and tells the whole state; their
/// number if there is none.
fn reads<M: Model>(model: &M, known: &[&OperationOf<M>]) -> Vec<u32> {
    let mut reads = vec![known.len() as u32; known.len() + 1];
    for (place, operation) in known.iter().enumerate().rev() {
        let tells = operation.output().is_some_and(|output| {
            model.is_read(&operation.input, output) && model.determines(&operation.input, output)
        });
        reads[place] = if tells { place as u32 } else { reads[place + 1] };
    }
    reads
}

/// Returns the states of which somebody may tell, if that is known.
fn glimpses<M: Model>(
    model: &M,
    known: &[&OperationOf<M>],
    open: &[&OperationOf<M>],
) -> Option<BTreeSet<M::State>> {
    let mut all = BTreeSet::new();
    for operation in known.iter().chain(open) {
        all.extend(model.glimpses(operation)?);
    }
    Some(all)
}
