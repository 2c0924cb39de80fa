//! R5: one history, in order, nothing twice.

use super::super::{Config, Index, Observation, Raft};
use super::log::Entry;
use super::window::Window;
use std::rc::Rc;
use synod_sim::collections::TreeMap;
use synod_sim::units::plural;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, OperationId, Oracle, Violation};

/// R5: all correct replicas apply one entry at an index, with one effect; each in the order of the log without a gap,
/// nothing before it is committed, and never back; and no operation is executed at two indices.
#[derive(Debug)]
pub struct StateMachineSafety {
    ground_truth: Rc<GroundTruth>,
    /// How far each replica has committed and applied in its present life.
    reached: Vec<Reached>,
    history: Window<Applied>,
    /// At which index the operations of the history were executed.
    executed: TreeMap<OperationId, Index>,
    checked: u64,
}

#[derive(Copy, Clone, Debug, Default)]
struct Reached {
    committed: Index,
    applied: Index,
}

#[derive(Copy, Clone, Debug)]
struct Applied {
    node: NodeId,
    entry: Entry,
    executed: Option<OperationId>,
}

impl StateMachineSafety {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> StateMachineSafety {
        StateMachineSafety {
            ground_truth: Rc::clone(ground_truth),
            reached: vec![Reached::default(); config.replicas as usize],
            history: Window::new(config),
            executed: TreeMap::new(),
            checked: 0,
        }
    }

    fn on_applied(&mut self, index: Index, applied: Applied) -> Result<(), Violation> {
        self.checked += 1;
        let node = applied.node;
        let reached = &mut self.reached[node.index()];
        let before = std::mem::replace(&mut reached.applied, index);
        if index != before + 1 {
            let message = format_args!("agent {node} applied entry {index} after entry {before}");
            return Err(Violation::new([node], message).with("index", index));
        }
        if index > reached.committed {
            let message = format_args!(
                "agent {node} applied entry {index}, but takes those up to {} for committed",
                reached.committed
            );
            return Err(Violation::new([node], message).with("index", index));
        }
        match self.history.get(index) {
            Some(first) => first.compare(index, &applied),
            None if index == self.history.last() + 1 => self.on_new(index, applied),
            // So old that it is forgotten.
            None => Ok(()),
        }
    }

    /// `applied` goes further than anybody before.
    fn on_new(&mut self, index: Index, applied: Applied) -> Result<(), Violation> {
        if let Some(Applied { executed: Some(operation), .. }) = self.history.push(applied) {
            self.executed.remove(&operation);
        }
        let Some(operation) = applied.executed else { return Ok(()) };
        let first = *self.executed.entry(operation).or_insert(index);
        if first == index {
            return Ok(());
        }
        let node = applied.node;
        let message =
            format_args!("agent {node} executed operation {} at {first} and at {index}", operation.0);
        Err(Violation::new([node], message)
            .with("operation", operation)
            .with("index", first)
            .with("index", index))
    }

    fn on_committed(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        let before = std::mem::replace(&mut self.reached[node.index()].committed, index);
        if index >= before {
            return Ok(());
        }
        let message =
            format_args!("agent {node} took {} for committed, and now {index}", plural(before, "entry"));
        Err(Violation::new([node], message).with("index", index))
    }

    fn on_installed(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        self.checked += 1;
        let state = Reached { committed: index, applied: index };
        let before = std::mem::replace(&mut self.reached[node.index()], state);
        if index >= before.committed && index >= before.applied {
            return Ok(());
        }
        let message = format_args!(
            "agent {node} went back to the state after entry {index}; it had committed {} and applied {}",
            before.committed, before.applied
        );
        Err(Violation::new([node], message).with("index", index))
    }
}

impl Applied {
    fn compare(&self, index: Index, other: &Applied) -> Result<(), Violation> {
        if self.entry != other.entry {
            let what = format_args!("applied at {index}");
            let (held, differs) = ((self.node, self.entry.1), (other.node, other.entry.1));
            return Err(Violation::differ(what, held, differs).with("index", index));
        }
        if self.executed == other.executed {
            return Ok(());
        }
        let effect = |executed: Option<OperationId>| match executed {
            Some(operation) => format!("executed operation {}", operation.0),
            None => "executed nothing".to_string(),
        };
        let message = format_args!(
            "at {index} agent {} {}, and agent {} {}",
            self.node,
            effect(self.executed),
            other.node,
            effect(other.executed)
        );
        Err(Violation::new([self.node, other.node], message).with("index", index))
    }
}

impl Oracle<Raft> for StateMachineSafety {
    fn name(&self) -> &'static str {
        "state_machine_safety"
    }

    fn claim(&self) -> &'static str {
        "R5: replicas apply the same entries in the same order, without a gap, and execute no operation twice"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Applied { index, term, digest, executed } => {
                self.on_applied(index, Applied { node, entry: (term, digest), executed })
            }
            Observation::Committed { index, .. } => self.on_committed(node, index),
            Observation::SnapshotInstalled { index, .. } => self.on_installed(node, index),
            Observation::Recovered { base_index, .. } => {
                self.reached[node.index()] = Reached { committed: base_index, applied: base_index };
                Ok(())
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
    use super::super::rig::{Rig, applied, committed, config, ground_truth, ground_without, recovered};
    use super::*;

    fn rig() -> Rig<StateMachineSafety> {
        let mut rig = Rig::new(StateMachineSafety::new(&config(3), &Rc::new(ground_truth(3))));
        (0..3).for_each(|node| rig.observe(node, committed(9, 1)).expect("nine are committed"));
        rig.observe(0, applied(1, 1, 1, None)).expect("first");
        rig.observe(0, applied(2, 1, 2, Some(7))).expect("next");
        rig
    }

    fn installed(index: Index) -> Observation {
        Observation::SnapshotInstalled { index, term: 1, last_index: index }
    }

    #[test]
    fn all_apply_the_same() {
        let mut rig = rig();
        rig.observe(1, applied(1, 1, 1, None)).expect("the same");
        rig.observe(1, applied(2, 1, 3, Some(7))).expect_err("another entry");
        rig.observe(2, installed(1)).expect_err("it had committed nine");
        rig.observe(2, committed(9, 1)).expect("nine again");
        rig.observe(2, applied(2, 1, 2, None)).expect_err("the same entry without its effect");
    }

    #[test]
    fn entries_are_applied_in_order_once_they_are_committed() {
        let mut rig = rig();
        rig.observe(0, applied(4, 1, 4, None)).expect_err("a gap");
        rig.observe(1, applied(1, 1, 1, None)).expect("first");
        rig.observe(1, applied(1, 1, 1, None)).expect_err("again");
        rig.observe(1, installed(9)).expect("a state ahead");
        rig.observe(1, applied(10, 1, 4, None)).expect_err("not committed");
        rig.observe(1, committed(12, 1)).expect("more is");
        rig.observe(1, committed(11, 1)).expect_err("less than before");
        rig.observe(1, installed(10)).expect_err("an older state");
    }

    #[test]
    fn a_replica_that_lost_its_volatile_state_applies_again() {
        let mut rig = rig();
        rig.observe(0, recovered(1, None, (1, 1), &[1])).expect("a new life after entry 1");
        rig.observe(0, committed(2, 1)).expect("it learns of it anew");
        rig.observe(0, applied(2, 1, 2, Some(7))).expect("with the same effect");
    }

    #[test]
    fn no_operation_is_executed_twice() {
        let mut rig = rig();
        rig.observe(0, applied(3, 1, 3, None)).expect("a duplicate, as it is applied");
        rig.observe(0, applied(4, 1, 4, Some(7))).expect_err("executed at 2");
        rig.observe(0, applied(5, 1, 5, Some(8))).expect("another");
    }

    #[test]
    fn the_long_gone_is_forgotten() {
        let mut rig = Rig::new(StateMachineSafety::new(
            &Config { snapshot_interval: 1, snapshot_trail: 1, ..config(3) },
            &Rc::new(ground_truth(3)),
        ));
        (0..2).for_each(|node| rig.observe(node, committed(9_999, 1)).expect("all are committed"));
        for index in 1..=4_000 {
            rig.observe(0, applied(index, 1, 1, Some(index))).expect("another operation");
        }
        assert!(rig.oracle.history.iter().len() < 2_000);
        assert_eq!(rig.oracle.executed.len(), rig.oracle.history.iter().len());
        rig.observe(1, applied(1, 1, 2, None)).expect("nobody remembers");
    }

    #[test]
    fn what_faulty_replicas_claim_does_not_count() {
        let mut rig = Rig::new(StateMachineSafety::new(&config(3), &Rc::new(ground_without(3, 0))));
        rig.observe(0, applied(5, 1, 1, None)).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
