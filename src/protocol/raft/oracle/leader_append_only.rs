//! R2: a leader only ever adds to its log.

use super::super::{Config, Index, Observation, Raft};
use std::fmt;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// R2: while it leads, a correct replica never overwrites or removes entries of its log; it only appends.
#[derive(Debug)]
pub struct LeaderAppendOnly {
    ground_truth: Rc<GroundTruth>,
    /// The last index of each replica that leads.
    leading: Vec<Option<Index>>,
    checked: u64,
}

impl LeaderAppendOnly {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> LeaderAppendOnly {
        let leading = vec![None; config.replicas as usize];
        LeaderAppendOnly { ground_truth: Rc::clone(ground_truth), leading, checked: 0 }
    }

    fn on_appended(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        let Some(last) = &mut self.leading[node.index()] else { return Ok(()) };
        self.checked += 1;
        let expected = std::mem::replace(last, index) + 1;
        if index == expected {
            Ok(())
        } else {
            self.object(node, format_args!("put an entry at {index} of its log, not at {expected}"))
        }
    }

    fn object(&self, node: NodeId, deed: fmt::Arguments<'_>) -> Result<(), Violation> {
        match self.leading[node.index()] {
            Some(_) => Err(Violation::new([node], format_args!("agent {node} leads, and {deed}"))),
            None => Ok(()),
        }
    }
}

impl Oracle<Raft> for LeaderAppendOnly {
    fn name(&self) -> &'static str {
        "leader_append_only"
    }

    fn claim(&self) -> &'static str {
        "R2: a leader never overwrites or removes entries of its log"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event
            && let Some(leading) = self.leading.get_mut(node.index())
        {
            *leading = None;
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Elected { last_index, .. } => self.leading[node.index()] = Some(last_index),
            Observation::SteppedDown { .. } => self.leading[node.index()] = None,
            Observation::Appended { index, .. } => return self.on_appended(node, index),
            Observation::Truncated { from } => {
                return self.object(node, format_args!("removed the entries of its log from {from} on"));
            }
            Observation::SnapshotInstalled { index, .. } => {
                return self.object(node, format_args!("took another's state up to {index} over"));
            }
            _ => {}
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Reason;
    use super::super::rig::{Rig, appended, config, elected, ground_truth, ground_without};
    use super::*;

    const TRUNCATED: Observation = Observation::Truncated { from: 2 };

    fn leading() -> Rig<LeaderAppendOnly> {
        let mut rig = Rig::new(LeaderAppendOnly::new(&config(3), &Rc::new(ground_truth(3))));
        rig.observe(0, appended(1, 1, 1)).expect("follows");
        rig.observe(0, elected(2, 1, 1)).expect("leads");
        rig.observe(0, appended(2, 2, 1)).expect("adds to its log");
        rig
    }

    #[test]
    fn a_leader_adds_and_never_takes_back() {
        assert_eq!(leading().oracle.checked(), 1);
        leading().observe(0, appended(2, 2, 2)).expect_err("overwrites");
        leading().observe(0, appended(4, 2, 2)).expect_err("leaves a gap");
        leading().observe(0, TRUNCATED).expect_err("removes");
        let installed = Observation::SnapshotInstalled { index: 9, term: 2, last_index: 9 };
        leading().observe(0, installed).expect_err("follows another");
    }

    #[test]
    fn a_follower_may_take_back() {
        let mut rig = leading();
        rig.observe(1, TRUNCATED).expect("never led");
        rig.observe(0, Observation::SteppedDown { term: 2, reason: Reason::HigherTerm })
            .expect("follows again");
        rig.observe(0, TRUNCATED).expect("no longer leads");
        let mut rig = leading();
        rig.restart(0).expect("a crash");
        rig.observe(0, TRUNCATED).expect("no longer leads");
    }

    #[test]
    fn a_faulty_leader_does_not_count() {
        let mut rig = Rig::new(LeaderAppendOnly::new(&config(3), &Rc::new(ground_without(3, 0))));
        rig.observe(0, elected(2, 1, 1)).expect("faulty");
        rig.observe(0, TRUNCATED).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
