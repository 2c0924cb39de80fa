//! P5: one history, in order, nothing twice.

use super::super::{ClientId, Config, Observation, Outcome, Pbft, Request, Sequence};
use super::watermarks::Watermarks;
use std::rc::Rc;
use synod_sim::collections::TreeMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, OperationId, Oracle, Violation};

/// P5: in each life a correct replica executes slot after slot without a gap, from the state that it took up; a
/// client's request is applied in one slot, with one outcome, everywhere; and clients are told that outcome.
#[derive(Debug)]
pub struct Order {
    ground_truth: Rc<GroundTruth>,
    /// The last slot that each node has executed, or whose state it has taken over, in its present life.
    last: Vec<Sequence>,
    /// By client and timestamp, where a request was first applied at a correct replica.
    history: TreeMap<(ClientId, u64), Applied>,
    watermarks: Watermarks,
    /// Of what all have left behind, the last request of each client: it may not have its reply.
    latest: TreeMap<ClientId, (u64, Applied)>,
    checked: u64,
}

#[derive(Clone, Debug)]
struct Applied {
    node: NodeId,
    sequence: Sequence,
    request: OperationId,
    outcome: Outcome,
}

impl Order {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> Order {
        Order {
            last: vec![0; ground_truth.correct.len()],
            history: TreeMap::new(),
            watermarks: Watermarks::new(config, ground_truth),
            latest: TreeMap::new(),
            ground_truth: Rc::clone(ground_truth),
            checked: 0,
        }
    }

    /// Nothing more comes of the slots up to `forgotten`.
    fn forget(&mut self, forgotten: Sequence) {
        let is_past = |_: &(ClientId, u64), applied: &mut Applied| applied.sequence <= forgotten;
        for ((client, timestamp), applied) in self.history.extract_if(.., is_past) {
            self.latest.insert(client, (timestamp, applied));
        }
    }

    fn on_executed(&mut self, node: NodeId, sequence: Sequence) -> Result<(), Violation> {
        self.checked += 1;
        let last = std::mem::replace(&mut self.last[node.index()], sequence);
        if sequence == last + 1 {
            return Ok(());
        }
        Err(Violation::new([node], format_args!("agent {node} executed slot {sequence} after slot {last}"))
            .with("sequence", sequence))
    }

    fn on_installed(&mut self, node: NodeId, sequence: Sequence) -> Result<(), Violation> {
        self.checked += 1;
        let last = std::mem::replace(&mut self.last[node.index()], sequence);
        if sequence >= last {
            return Ok(());
        }
        let message =
            format_args!("agent {node} went back from slot {last} to the state after slot {sequence}");
        Err(Violation::new([node], message).with("sequence", sequence))
    }

    /// All correct replicas share one history. So a request that is applied in another slot than before is applied
    /// twice there, if the replica had executed the earlier slot or taken over a state that covers it, and if not, it
    /// will be; a request applied twice in one slot has two outcomes, for the ledger's height is part of it.
    fn on_applied(&mut self, applied: Applied, request: &Request) -> Result<(), Violation> {
        self.checked += 1;
        let Applied { node, sequence, request: id, .. } = applied;
        let (client, timestamp) = (request.client, request.timestamp);
        let last = self.last[node.index()];
        if sequence != last {
            let message = format_args!("agent {node} applied a request of slot {sequence} in slot {last}");
            return Err(Violation::new([node], message).with("sequence", sequence).with("operation", id));
        }
        if sequence <= self.watermarks.forgotten() {
            return Ok(());
        }
        if let Some((later, earlier)) = self.latest.get(&client).filter(|(later, _)| *later >= timestamp) {
            let message = format_args!(
                "request {timestamp} of client {} was applied in slot {sequence} at agent {node}, though its request \
                 {later} was applied in slot {} at agent {}",
                client.0, earlier.sequence, earlier.node
            );
            return Err(Violation::new([earlier.node, node], message)
                .with("client", client)
                .held(node, "sequence", sequence)
                .held(earlier.node, "sequence", earlier.sequence)
                .with("operation", id));
        }
        let outcome = applied.outcome.clone();
        let first = self.history.entry((client, timestamp)).or_insert(applied);
        if (first.sequence, first.request, &first.outcome) == (sequence, id, &outcome) {
            return Ok(());
        }
        let message = format_args!(
            "request {timestamp} of client {} was applied in slot {} at agent {} with {:?}, and in slot {sequence} at \
             agent {node} with {outcome:?}",
            client.0, first.sequence, first.node, first.outcome
        );
        Err(Violation::new([first.node, node], message)
            .with("client", client)
            .held(node, "sequence", sequence)
            .held(first.node, "sequence", first.sequence)
            .with("operation", id))
    }

    fn on_completed(
        &mut self,
        node: NodeId,
        client: ClientId,
        request: OperationId,
        told: &Outcome,
    ) -> Result<(), Violation> {
        self.checked += 1;
        let requests = self.history.range((client, 0)..=(client, u64::MAX)).rev();
        let before = self.latest.get(&client).map(|(_, applied)| applied);
        let mut all = requests.map(|(_, applied)| applied).chain(before);
        let applied = all.find(|applied| applied.request == request);
        if applied.is_some_and(|applied| applied.outcome == *told) {
            return Ok(());
        }
        let truth = match applied {
            Some(applied) => format!("agent {} applied it with {:?}", applied.node, applied.outcome),
            None => "no correct replica has applied it".to_string(),
        };
        let message = format_args!("client {} was told {told:?} for {}, but {truth}", client.0, request.0);
        Err(Violation::new([node], message).with("client", client).with("operation", request))
    }
}

impl Oracle<Pbft> for Order {
    fn name(&self) -> &'static str {
        "order"
    }

    fn claim(&self) -> &'static str {
        "P5: slots execute without a gap, a request is applied once, and its outcome is the same for all"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Event::Restarted { node, .. } = *event {
            self.last[node.index()] = 0;
        }
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.forget(forgotten);
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Executed { sequence, .. } => self.on_executed(node, sequence),
            Observation::Installed { sequence, .. } => self.on_installed(node, sequence),
            Observation::Applied { sequence, ref request, ref outcome } => {
                let outcome = outcome.clone();
                self.on_applied(Applied { node, sequence, request: request.id(), outcome }, request)
            }
            Observation::Completed { client, request, ref outcome } => {
                self.on_completed(node, client, request, outcome)
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{
        Rig, applied, config, digest, executed, ground_truth, ground_without, outcome, request,
    };
    use super::*;

    fn rig() -> Rig<Order> {
        Rig::new(Order::new(&config(4), &Rc::new(ground_truth(4))))
    }

    fn installed(sequence: u64) -> Observation {
        Observation::Installed { sequence, digest: digest(1), transferred: true }
    }

    #[test]
    fn executions_have_no_gap_within_a_life() {
        let mut rig = rig();
        rig.observe(0, executed(1, 1)).expect("first");
        rig.observe(0, executed(2, 1)).expect("next");
        rig.observe(0, installed(16)).expect("a state ahead");
        rig.observe(0, executed(17, 1)).expect("next");
        rig.restart(0).expect("a new life");
        rig.observe(0, installed(16)).expect("from its storage");
        rig.observe(0, executed(17, 1)).expect("again");
        rig.observe(0, executed(19, 1)).expect_err("a gap");
        rig.observe(1, executed(1, 1)).expect("first");
        rig.observe(1, executed(1, 1)).expect_err("again in the same life");
        rig.observe(2, installed(16)).expect("a state ahead");
        rig.observe(2, installed(15)).expect_err("an older state");
    }

    #[test]
    fn a_request_is_applied_in_one_slot_with_one_outcome() {
        let mut rig = rig();
        for node in [0, 1] {
            rig.observe(node, executed(1, 1)).expect("first");
            rig.observe(node, applied(1, request(0, 1, 10), 1)).expect("the same");
        }
        rig.observe(0, applied(1, request(0, 1, 10), 2)).expect_err("twice in its slot");
        rig.observe(2, installed(1)).expect("what covers it");
        rig.observe(2, executed(2, 2)).expect("next");
        rig.observe(2, applied(2, request(0, 1, 10), 2)).expect_err("applied in slot 1 already");
        rig.observe(3, executed(1, 1)).expect("first");
        rig.observe(3, applied(1, request(0, 1, 10), 7)).expect_err("another outcome");
        rig.observe(3, applied(2, request(1, 1, 11), 7)).expect_err("not in the slot being executed");
    }

    #[test]
    fn a_replica_that_lost_its_volatile_state_applies_again() {
        let mut rig = rig();
        for _ in 0..2 {
            rig.observe(0, executed(1, 1)).expect("in this life");
            rig.observe(0, applied(1, request(0, 1, 10), 1)).expect("the same outcome");
            rig.restart(0).expect("a new life");
        }
    }

    #[test]
    fn clients_are_told_the_truth() {
        let told = |value, height| Observation::Completed {
            client: ClientId(0),
            request: OperationId(value),
            outcome: outcome(height),
        };
        let mut rig = rig();
        rig.observe(0, executed(1, 1)).expect("first");
        rig.observe(0, applied(1, request(0, 1, 10), 1)).expect("first");
        rig.observe(4, told(10, 1)).expect("true");
        rig.observe(4, told(10, 2)).expect_err("another outcome");
        rig.observe(4, told(11, 1)).expect_err("never applied");
    }

    #[test]
    fn what_all_have_left_behind_is_one_request_a_client() {
        let mut rig = rig();
        for slot in 1..=1_000 {
            for node in 0..4 {
                rig.observe(node, executed(slot, 1)).expect("the next");
                rig.observe(node, applied(slot, request(0, slot, slot), slot)).expect("the next");
                if slot % 16 == 0 {
                    let stable = Observation::Stable { sequence: slot, digest: digest(1), signers: 3 };
                    rig.observe(node, stable).expect("a checkpoint");
                }
            }
            assert!(rig.oracle.history.len() <= 32 && rig.oracle.latest.len() <= 1, "slot {slot}");
        }
        let told = |value| Observation::Completed {
            client: ClientId(0),
            request: OperationId(value),
            outcome: outcome(value),
        };
        rig.observe(4, told(976)).expect("the last that all have left behind");
        rig.observe(4, told(1_000)).expect("within reach");
        for old in [976, 5] {
            rig.observe(0, executed(1_001, 1)).expect("the next");
            rig.observe(0, applied(1_001, request(0, old, old), 1_001)).expect_err("applied long ago");
            rig.restart(0).expect("a new life");
            rig.observe(0, installed(1_000)).expect("its state");
        }
    }

    #[test]
    fn what_faulty_nodes_claim_does_not_count() {
        let mut rig = Rig::new(Order::new(&config(4), &Rc::new(ground_without(4, 0))));
        rig.observe(0, executed(5, 1)).expect("faulty");
        rig.observe(0, applied(9, request(0, 1, 10), 1)).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
