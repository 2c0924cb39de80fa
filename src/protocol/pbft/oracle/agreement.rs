//! P1: one slot, one digest.

use super::super::{Config, Observation, Pbft, Sequence};
use super::watermarks::Watermarks;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// P1: all correct replicas commit, execute and decide one digest a slot.
#[derive(Debug)]
pub struct Agreement {
    ground_truth: Rc<GroundTruth>,
    /// What a correct replica first settled on.
    settled: SortedMap<Sequence, (NodeId, Digest)>,
    watermarks: Watermarks,
    checked: u64,
}

impl Agreement {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> Agreement {
        let watermarks = Watermarks::new(config, ground_truth);
        Agreement { ground_truth: Rc::clone(ground_truth), settled: SortedMap::new(), watermarks, checked: 0 }
    }
}

impl Oracle<Pbft> for Agreement {
    fn name(&self) -> &'static str {
        "agreement"
    }

    fn claim(&self) -> &'static str {
        "P1: all correct replicas commit, execute and decide one digest a slot"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.settled = self.settled.split_off(&(forgotten + 1));
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let (sequence, digest) = match *claim {
            Observation::Committed { sequence, digest, .. } | Observation::Executed { sequence, digest } => {
                (sequence, digest)
            }
            // A session has one slot.
            Observation::Decided { digest, .. } => (1, digest),
            _ => return Ok(()),
        };
        if sequence <= self.watermarks.forgotten() {
            return Ok(());
        }
        self.checked += 1;
        let first = *self.settled.entry(sequence).or_insert((node, digest));
        if first.1 != digest {
            return Err(Violation::differ(format_args!("slot {sequence}"), first, (node, digest))
                .with("sequence", sequence));
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, committed, config, digest, executed, ground_truth, ground_without};
    use super::*;

    #[test]
    fn one_digest_a_slot_is_fine_and_two_are_not() {
        let mut rig = Rig::new(Agreement::new(&config(4), &Rc::new(ground_truth(4))));
        for node in 0..4 {
            rig.observe(node, committed(0, 1, 1)).expect("the same");
            rig.observe(node, executed(1, 1)).expect("the same");
        }
        rig.observe(0, executed(2, 2)).expect("another slot");
        assert_eq!(rig.oracle.checked(), 9);
        let violation = rig.observe(3, executed(2, 3)).expect_err("another digest");
        assert_eq!(violation.agents, [NodeId(0), NodeId(3)]);
    }

    #[test]
    fn what_all_have_left_behind_takes_no_space() {
        let mut rig = Rig::new(Agreement::new(&config(4), &Rc::new(ground_truth(4))));
        for slot in 1..=1_000 {
            for node in 0..4 {
                rig.observe(node, executed(slot, 1)).expect("the same");
                if slot % 16 == 0 {
                    let stable = Observation::Stable { sequence: slot, digest: digest(1), signers: 3 };
                    rig.observe(node, stable).expect("a checkpoint");
                }
            }
            assert!(rig.oracle.settled.len() <= 32, "slot {slot}");
        }
        rig.observe(0, executed(990, 2)).expect_err("another digest within reach of a crash");
    }

    #[test]
    fn what_a_faulty_replica_claims_does_not_count() {
        let mut rig = Rig::new(Agreement::new(&config(4), &Rc::new(ground_without(4, 0))));
        rig.observe(0, committed(0, 1, 1)).expect("faulty");
        rig.observe(1, committed(0, 1, 2)).expect("the first correct one");
        assert_eq!(rig.oracle.checked(), 1);
    }
}
