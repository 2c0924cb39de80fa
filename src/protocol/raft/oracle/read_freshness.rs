//! R10: no read is answered from the past.

use super::super::{Index, Observation, Raft};
use std::rc::Rc;
use synod_log::history::{Call, Step};
use synod_sim::collections::TreeMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, OperationId, Oracle, Violation};

/// R10: a read that a correct replica answers without the log sees all that any correct replica had committed when its
/// client asked.
///
/// Linearizability follows, as far as reads go. It asks for less, for what is committed may not have been answered yet,
/// and a stale answer is seen there only if a client could tell.
#[derive(Debug)]
pub struct ReadFreshness {
    ground_truth: Rc<GroundTruth>,
    /// The highest index that is committed, and at whom.
    committed: (Index, NodeId),
    /// What was committed when each read under way was asked.
    asked: TreeMap<OperationId, (Index, NodeId)>,
    checked: u64,
}

impl ReadFreshness {
    pub(super) fn new(ground_truth: &Rc<GroundTruth>) -> ReadFreshness {
        let ground_truth = Rc::clone(ground_truth);
        ReadFreshness { ground_truth, committed: (0, NodeId(0)), asked: TreeMap::new(), checked: 0 }
    }

    fn on_served(&mut self, node: NodeId, operation: OperationId, index: Index) -> Result<(), Violation> {
        let Some(&(least, by)) = self.asked.get(&operation) else { return Ok(()) };
        self.checked += 1;
        if index >= least {
            return Ok(());
        }
        let message = format_args!(
            "agent {node} answered read {} from the state after entry {index}; entry {least} had been committed by agent \
             {by} when it was asked",
            operation.0
        );
        Err(Violation::new([node, by], message).with("operation", operation).held(node, "index", index))
    }
}

impl Oracle<Raft> for ReadFreshness {
    fn name(&self) -> &'static str {
        "read_freshness"
    }

    fn claim(&self) -> &'static str {
        "R10: a read that is answered without the log sees all that was committed anywhere when it was asked"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match claim {
            &Observation::Committed { index, .. } if index > self.committed.0 => {
                self.committed = (index, node);
                Ok(())
            }
            Observation::Call(Call { operation, step: Step::Invoke(command), .. }) if command.is_read() => {
                self.asked.insert(*operation, self.committed);
                Ok(())
            }
            // What was answered twice counts the first time.
            Observation::Call(Call { operation, .. }) => {
                self.asked.remove(operation);
                Ok(())
            }
            &Observation::ReadServed { operation, index, .. } => self.on_served(node, operation, index),
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, committed, done, ground_truth};
    use super::*;
    use synod_common::kv::{self, Key, Store};
    use synod_log::Command;

    fn read(operation: u64) -> Observation {
        let command = Command::of::<Store>(&kv::Command::Get { key: Key(0) });
        Observation::Call(Call { operation: OperationId(operation), client: 0, step: Step::Invoke(command) })
    }

    fn served(operation: u64, index: Index) -> Observation {
        Observation::ReadServed { operation: OperationId(operation), index, lease: false }
    }

    #[test]
    fn a_read_sees_what_was_committed_when_it_was_asked() {
        let mut rig = Rig::new(ReadFreshness::new(&Rc::new(ground_truth(4))));
        rig.observe(0, committed(3, 1)).expect("committed");
        rig.observe(3, read(7)).expect("asked");
        rig.observe(1, committed(4, 2)).expect("committed since");
        rig.observe(0, served(7, 3)).expect("as it was when it was asked");
        rig.observe(3, read(8)).expect("another");
        rig.observe(0, served(8, 3)).expect_err("the past");
        rig.observe(1, served(8, 4)).expect("the present");
        rig.observe(3, done(8)).expect("answered");
        rig.observe(0, served(8, 3)).expect("nobody waits for it");
        assert_eq!(rig.oracle.checked(), 3);
    }
}
