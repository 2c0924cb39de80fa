//! Tracks the operations of a run: progress and latency.

use super::drift::Drift;
use super::sample::Sample;
use super::soak::Soak;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Milestone, NodeId, OperationId, Time};

/// Follows every operation from its submission to the last decision.
#[derive(Debug)]
pub struct OperationTracker {
    /// Operations that the run is asked for.
    expected: u64,
    /// Who has to decide, by node; nobody else's decision counts.
    deciders: Vec<bool>,
    required: u32,
    /// Whose decisions tell the place of an operation, by node; nobody else is believed.
    correct: Vec<bool>,
    /// Up to which place each node holds everything by a state that it installed; empty before anybody has.
    held: Vec<u64>,
    /// The ids of faults on the current leader that leave it out of the run permanently.
    permanent_leader_faults: Vec<u32>,
    /// True if whoever submits an operation learns its outcome, apart from the deciders.
    has_clients: bool,
    /// Operations in progress.
    operations: TreeMap<OperationId, Operation>,
    /// Those that are, where there are no clients: after a crash a node may decide one of them anew.
    over: TreeSet<OperationId>,
    /// Durations of finished operations.
    spans: Spans,
    finished: u64,
    /// Operations that are waited for no longer: finished, or given up by the submitter.
    closed: u64,
    abandoned: u64,
    /// From submission to the decision of each decider.
    replica_latencies: Sample,
    /// How the latencies of a long run drift, if that is asked.
    soak: Option<Soak>,
}

/// From submission, for each operation in the order in which they were finished.
#[derive(Debug, Default)]
struct Spans {
    /// To the outcome as the submitter sees it.
    outcome: Sample,
    /// To the first decision.
    first: Sample,
    /// To the last.
    last: Sample,
}

#[derive(Debug, Default)]
struct Operation {
    submitted: Option<Time>,
    completed: Option<Time>,
    first: Option<Time>,
    last: Option<Time>,
    /// Where correct nodes have it in their order of decisions, once one of them has decided it.
    place: Option<u64>,
    /// Which deciders have decided it, a bit each.
    decided: Vec<u64>,
    count: u32,
    /// True if one decider's answer is enough.
    served: bool,
    /// True if the submitter has given it up.
    given_up: bool,
}

/// What an operation needs to be finished: so many decisions, or to be served, and that its client, if there are
/// clients, knows the outcome or has given it up.
#[derive(Copy, Clone)]
struct Needs {
    deciders: u32,
    has_clients: bool,
}

impl OperationTracker {
    /// Creates a run that is asked for `expected` operations, each of which all `deciders` have to decide, and whose
    /// submitter has to learn the outcome if there are clients.
    pub fn new(expected: u64, deciders: Vec<bool>, has_clients: bool) -> OperationTracker {
        OperationTracker {
            expected,
            required: deciders.iter().filter(|&&decides| decides).count() as u32,
            permanent_leader_faults: Vec::new(),
            correct: deciders.clone(),
            held: Vec::new(),
            deciders,
            has_clients,
            operations: TreeMap::new(),
            over: TreeSet::new(),
            spans: Spans::default(),
            finished: 0,
            closed: 0,
            abandoned: 0,
            replica_latencies: Sample::default(),
            soak: None,
        }
    }

    /// The same, but the current leader when a fault under one of the ids `permanent_leader_faults` strikes has nothing
    /// to decide any more.
    pub fn with_permanent_leader_faults(self, permanent_leader_faults: Vec<u32>) -> OperationTracker {
        OperationTracker { permanent_leader_faults, ..self }
    }

    /// The same, but all that are `correct`, by node, tell at which place an operation was decided, whether or not they
    /// are deciders: one that leaves the run later may have been the first to decide.
    pub fn with_correct(self, correct: Vec<bool>) -> OperationTracker {
        OperationTracker { correct, ..self }
    }

    /// The same, but `soak` sees how its figures drift.
    pub fn soaking(self, soak: Option<Soak>) -> OperationTracker {
        OperationTracker { soak, ..self }
    }

    /// Records that `node` was struck under `id` at `at`; true if nothing is demanded of it any more.
    pub fn strike(&mut self, at: Time, id: u32, node: NodeId) -> bool {
        if !self.permanent_leader_faults.contains(&id) || !self.decides(node) {
            return false;
        }
        self.deciders[node.index()] = false;
        self.required -= 1;
        let operations: Vec<OperationId> = self.operations.keys().copied().collect();
        self.operations.values_mut().for_each(|operation| operation.unmark(node));
        operations.into_iter().for_each(|id| self.settle(at, id));
        true
    }

    /// Records a milestone that `node` passed at `at`.
    pub fn note(&mut self, at: Time, node: NodeId, milestone: Milestone) {
        match milestone {
            Milestone::Submitted(id) if self.over.contains(&id) => {}
            Milestone::Submitted(id) => {
                self.operations.entry(id).or_default().submitted.get_or_insert(at);
            }
            Milestone::Decided(id, place) => self.decide(at, node, id, place),
            Milestone::Served(id) => self.serve(at, id),
            Milestone::CaughtUp(place) => self.catch_up(at, node, place),
            Milestone::Completed(id) => {
                self.operations.entry(id).or_default().completed.get_or_insert(at);
                self.settle(at, id);
            }
            Milestone::Abandoned(id) => {
                self.abandoned += 1;
                if self.has_clients {
                    let operation = self.operations.entry(id).or_default();
                    self.closed += u64::from(!operation.given_up);
                    operation.given_up = true;
                    self.settle(at, id);
                }
            }
        }
    }

    /// Returns true if `node` has to decide.
    pub fn decides(&self, node: NodeId) -> bool {
        self.deciders.get(node.index()).copied().unwrap_or(false)
    }

    fn decide(&mut self, at: Time, node: NodeId, id: OperationId, place: u64) {
        if self.decides(node) {
            let nodes = self.deciders.len();
            let Some(operation) = self.unfinished(id) else { return };
            if operation.mark(node, nodes) {
                operation.first.get_or_insert(at);
                operation.last = Some(at);
                let latency = operation.submitted.map(|submitted| at.since(submitted));
                self.replica_latencies.extend(latency);
            }
        }
        if self.operations.contains_key(&id) {
            self.locate(at, node, id, place);
            self.settle(at, id);
        }
    }

    /// Notes where a correct node has an operation in its order: who holds everything up to there holds it.
    fn locate(&mut self, at: Time, node: NodeId, id: OperationId, place: u64) {
        let operation = self.operations.get_mut(&id).expect("it is in progress");
        let is_correct = self.correct.get(node.index()).copied().unwrap_or(false);
        if !is_correct || operation.place.is_some() {
            return;
        }
        operation.place = Some(place);
        for holder in 0..self.held.len() {
            if self.deciders[holder]
                && self.held[holder] >= place
                && operation.mark(NodeId(holder as u32), self.deciders.len())
            {
                operation.last = Some(at);
            }
        }
    }

    /// Returns an operation, unless it was finished before. Clients say what they want before anybody decides it, so that
    /// what is unknown then was.
    fn unfinished(&mut self, id: OperationId) -> Option<&mut Operation> {
        if self.has_clients {
            self.operations.get_mut(&id)
        } else if self.over.contains(&id) {
            None
        } else {
            Some(self.operations.entry(id).or_default())
        }
    }

    fn serve(&mut self, at: Time, id: OperationId) {
        let needs = self.needs();
        let Some(operation) = self.unfinished(id) else { return };
        operation.served = true;
        operation.first.get_or_insert(at);
        operation.last.get_or_insert(at);
        if operation.is_over(needs) {
            self.finish(at, id);
        }
    }

    /// A state that holds a decision is as good as having decided; it took no latency that would mean anything. What is
    /// decided up to its place may be known only later.
    fn catch_up(&mut self, at: Time, node: NodeId, place: u64) {
        if !self.decides(node) {
            return;
        }
        let nodes = self.deciders.len();
        self.held.resize(nodes, 0);
        let held = &mut self.held[node.index()];
        *held = place.max(*held);
        let mut marked = Vec::new();
        for (&id, operation) in &mut self.operations {
            if operation.place.is_some_and(|decided| decided <= place) && operation.mark(node, nodes) {
                operation.last = Some(at);
                marked.push(id);
            }
        }
        marked.into_iter().for_each(|id| self.settle(at, id));
    }

    /// Returns what an operation needs to be finished.
    fn needs(&self) -> Needs {
        Needs { deciders: self.required, has_clients: self.has_clients }
    }

    /// Finishes an operation if it has all that it needs.
    fn settle(&mut self, at: Time, id: OperationId) {
        if self.operations[&id].is_over(self.needs()) {
            self.finish(at, id);
        }
    }

    fn finish(&mut self, at: Time, id: OperationId) {
        let operation = self.operations.remove(&id).expect("it was just touched");
        let submitted = operation.submitted.expect("it has all that it needs");
        self.finished += 1;
        self.closed += u64::from(!operation.given_up);
        // Millions of them may follow: what is kept of each is how long it took.
        let outcome = if self.has_clients { operation.completed } else { operation.first };
        let latency = outcome.map(|at| at.since(submitted));
        if let (Some(soak), Some(latency)) = (&mut self.soak, latency) {
            soak.finish(at, latency);
        }
        self.spans.outcome.extend(latency);
        self.spans.first.extend(operation.first.map(|at| at.since(submitted)));
        self.spans.last.extend(operation.last.map(|at| at.since(submitted)));
        if !self.has_clients {
            self.over.insert(id);
        }
    }

    /// True once everything that was asked is decided by all who have to, and known to who asked, or given up by them.
    pub fn is_done(&self) -> bool {
        self.closed == self.expected
    }

    /// Operations asked for.
    pub fn expected(&self) -> u64 {
        self.expected
    }

    /// Operations decided by all who have to.
    pub fn decided(&self) -> u64 {
        self.finished
    }

    /// Returns when an operation was submitted that is not finished.
    pub fn submitted(&self, id: OperationId) -> Option<Time> {
        self.operations.get(&id)?.submitted
    }

    /// Records what all nodes hold together at `at`.
    pub fn hold(&mut self, at: Time, bytes: u64) {
        let is_at_rest = self.operations.is_empty();
        if let Some(soak) = self.soak.as_mut().filter(|_| is_at_rest) {
            soak.rest(at, bytes);
        }
    }

    /// How the figures have drifted by `end`, if that is asked. Nothing is watched any longer.
    pub fn drift(&mut self, end: Time) -> Option<Drift> {
        Some(self.soak.take()?.conclude(end))
    }

    /// Times that an observer gave an operation up.
    pub fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// Returns the latency of each operation as the submitter sees it: to its outcome, or where there are no clients to
    /// the first decision.
    pub fn latencies(&self) -> Sample {
        let outcome =
            |operation: &Operation| if self.has_clients { operation.completed } else { operation.first };
        self.all_spans(&self.spans.outcome, outcome)
    }

    /// From submission to the first decision, for each operation.
    pub fn first_latencies(&self) -> Sample {
        self.all_spans(&self.spans.first, |operation| operation.first)
    }

    /// From submission to the last decision, for each operation that all have decided.
    pub fn last_latencies(&self) -> Sample {
        let last = |operation: &Operation| operation.last.filter(|_| operation.is_decided(self.required));
        self.all_spans(&self.spans.last, last)
    }

    /// From submission to decision, for each operation and each decider.
    pub fn replica_latencies(&self) -> &Sample {
        &self.replica_latencies
    }

    /// Returns the spans of finished operations, and those of the others to their `end` if they have come so far.
    fn all_spans(&self, finished: &Sample, end: impl Fn(&Operation) -> Option<Time>) -> Sample {
        let both = |operation: &Operation| Some(end(operation)?.since(operation.submitted?));
        let mut all = finished.clone();
        all.extend(self.operations.values().filter_map(both));
        all
    }
}

impl Operation {
    /// Returns true if it has all that it needs to be finished.
    fn is_over(&self, needs: Needs) -> bool {
        let is_known = self.completed.is_some() || self.given_up || !needs.has_clients;
        is_known && self.is_decided(needs.deciders) && self.submitted.is_some()
    }

    /// Returns true if as many have decided it as have to.
    fn is_decided(&self, required: u32) -> bool {
        self.served || self.count >= required
    }

    /// Forgets that `node` decided.
    fn unmark(&mut self, node: NodeId) {
        let (word, bit) = (node.index() / 64, 1 << (node.index() % 64));
        if let Some(bits) = self.decided.get_mut(word)
            && *bits & bit != 0
        {
            *bits &= !bit;
            self.count -= 1;
        }
    }

    /// Marks that `node` decided; false if it had before.
    fn mark(&mut self, node: NodeId, nodes: usize) -> bool {
        self.decided.resize(nodes.div_ceil(64), 0);
        let (word, bit) = (node.index() / 64, 1 << (node.index() % 64));
        let is_new = self.decided[word] & bit == 0;
        self.decided[word] |= bit;
        self.count += u32::from(is_new);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: OperationId = OperationId(1);

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn an_operation_is_done_when_all_deciders_have_it_and_its_client_knows() {
        let mut progress = OperationTracker::new(1, vec![true, true, false], true);
        progress.note(at(10), NodeId(2), Milestone::Submitted(A));
        progress.note(at(20), NodeId(0), Milestone::Decided(A, 1));
        progress.note(at(21), NodeId(0), Milestone::Decided(A, 1));
        progress.note(at(22), NodeId(2), Milestone::Decided(A, 1));
        progress.note(at(30), NodeId(2), Milestone::Completed(A));
        assert!(!progress.is_done(), "one decider is missing");
        progress.note(at(50), NodeId(1), Milestone::CaughtUp(1));
        assert!(progress.is_done());
        let nanos = |sample: &Sample| {
            let spans = sample.exact().expect("they are few");
            spans.iter().map(|span| span.as_nanos()).collect::<Vec<_>>()
        };
        assert_eq!(nanos(&progress.latencies()), [20]);
        assert_eq!(nanos(&progress.first_latencies()), [10]);
        assert_eq!(nanos(&progress.last_latencies()), [40]);
        assert_eq!(nanos(progress.replica_latencies()), [10], "a transfer is no decision");
    }

    #[test]
    fn an_answer_from_one_state_is_enough_where_nothing_is_decided() {
        let mut progress = OperationTracker::new(1, vec![true, true], true);
        progress.note(at(0), NodeId(2), Milestone::Submitted(A));
        progress.note(at(1), NodeId(0), Milestone::Served(A));
        assert!(!progress.is_done(), "the client does not know");
        progress.note(at(2), NodeId(2), Milestone::Completed(A));
        assert!(progress.is_done());
        assert_eq!(progress.decided(), 1);
    }

    /// All have decided, crash, and decide again.
    #[test]
    fn an_operation_is_finished_once() {
        let mut progress = OperationTracker::new(1, vec![true], false);
        for _ in 0..2 {
            progress.note(at(0), NodeId(0), Milestone::Submitted(A));
            progress.note(at(1), NodeId(0), Milestone::Decided(A, 1));
        }
        assert_eq!((progress.decided(), progress.is_done()), (1, true));
    }

    #[test]
    fn what_its_client_gives_up_is_waited_for_no_longer_but_counts_once_it_is_decided() {
        let mut progress = OperationTracker::new(1, vec![true], true);
        progress.note(at(0), NodeId(1), Milestone::Submitted(A));
        progress.note(at(9), NodeId(1), Milestone::Abandoned(A));
        assert!(progress.is_done());
        assert_eq!((progress.decided(), progress.abandoned()), (0, 1));
        progress.note(at(10), NodeId(0), Milestone::Decided(A, 1));
        assert!(progress.is_done());
        assert_eq!(progress.decided(), 1);
    }

    #[test]
    fn who_is_out_of_the_run_for_good_is_waited_for_no_longer() {
        let mut progress =
            OperationTracker::new(1, vec![true, true, true], false).with_permanent_leader_faults(vec![7]);
        progress.note(at(0), NodeId(0), Milestone::Submitted(A));
        progress.note(at(1), NodeId(0), Milestone::Decided(A, 1));
        progress.note(at(1), NodeId(1), Milestone::Decided(A, 1));
        assert!(!progress.strike(at(1), 6, NodeId(2)) && !progress.is_done(), "this fault ends");
        assert!(progress.strike(at(1), 7, NodeId(1)) && !progress.is_done(), "agent 2 is still to decide");
        progress.note(at(2), NodeId(2), Milestone::Decided(A, 1));
        assert!(progress.is_done());
    }

    #[test]
    fn what_is_decided_again_after_its_end_takes_no_space() {
        let mut progress = OperationTracker::new(1, vec![true], true);
        progress.note(at(0), NodeId(1), Milestone::Submitted(A));
        assert_eq!(progress.submitted(A), Some(at(0)));
        progress.note(at(1), NodeId(0), Milestone::Decided(A, 1));
        progress.note(at(2), NodeId(1), Milestone::Completed(A));
        // A replica that has lost its state decides anew.
        progress.note(at(9), NodeId(0), Milestone::Decided(A, 1));
        progress.note(at(9), NodeId(0), Milestone::Served(A));
        assert_eq!((progress.decided(), progress.submitted(A)), (1, None));
        assert!(progress.operations.is_empty());
    }

    #[test]
    fn a_state_does_not_hold_what_was_decided_after_it() {
        let mut progress = OperationTracker::new(1, vec![true, true], false);
        progress.note(at(0), NodeId(0), Milestone::Submitted(A));
        progress.note(at(1), NodeId(0), Milestone::Decided(A, 9));
        progress.note(at(2), NodeId(1), Milestone::CaughtUp(8));
        assert!(!progress.is_done());
    }

    /// Agent 0 decides, and leaves the run before anybody else does; the others get its state.
    #[test]
    fn who_is_correct_tells_the_place_though_nothing_is_demanded_of_it() {
        let place_told = |correct: bool| {
            let mut progress = OperationTracker::new(1, vec![false, true, true], true)
                .with_correct(vec![correct, true, true, true]);
            progress.note(at(0), NodeId(3), Milestone::Submitted(A));
            progress.note(at(1), NodeId(0), Milestone::Decided(A, 5));
            progress.note(at(2), NodeId(3), Milestone::Completed(A));
            progress.note(at(3), NodeId(1), Milestone::CaughtUp(5));
            assert!(!progress.is_done(), "agent 2 is still to decide");
            progress.note(at(4), NodeId(2), Milestone::CaughtUp(6));
            progress
        };
        let told = place_told(true);
        assert!(told.is_done());
        assert!(told.first_latencies().percentiles().is_none(), "no decider decided it itself");
        assert!(!place_told(false).is_done(), "a liar places it where it likes");
    }

    #[test]
    fn a_state_that_came_before_the_first_decision_that_counts_holds_it_all_the_same() {
        for (place, is_done) in [(5, true), (6, false)] {
            let mut progress = OperationTracker::new(1, vec![true, true], false);
            progress.note(at(0), NodeId(0), Milestone::Submitted(A));
            progress.note(at(1), NodeId(1), Milestone::CaughtUp(5));
            progress.note(at(2), NodeId(0), Milestone::Decided(A, place));
            assert_eq!(progress.is_done(), is_done);
        }
    }
}
