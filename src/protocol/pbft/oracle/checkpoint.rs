//! P6, checkpoint safety: a replica discards only what a quorum has checkpointed.

use super::super::{Config, Message, Observation, Pbft, Sequence};
use super::watermarks::Watermarks;
use std::rc::Rc;
use synod_sim::collections::{SortedMap, SortedSet};
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// P6: correct replicas have the same state after a slot, whether by execution or by state transfer; a low watermark
/// rises only with the checkpoint votes of a quorum and never falls between two restarts; and slots are accepted only
/// within the watermarks.
#[derive(Debug)]
pub struct CheckpointSafety {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    faulty: u32,
    /// The digest of the state after each slot, with the replica that reported it first.
    states: SortedMap<Sequence, (NodeId, Digest)>,
    /// Correct replicas' votes for checkpoints.
    votes: SortedSet<(Sequence, Digest, NodeId)>,
    /// The low watermark of each node since its last restart.
    low: Vec<Sequence>,
    watermarks: Watermarks,
    checked: u64,
}

impl CheckpointSafety {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> CheckpointSafety {
        CheckpointSafety {
            faulty: ground_truth.faulty(config.quorum.n),
            low: vec![0; ground_truth.correct.len()],
            watermarks: Watermarks::new(config, ground_truth),
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            states: SortedMap::new(),
            votes: SortedSet::new(),
            checked: 0,
        }
    }

    fn on_state(&mut self, node: NodeId, sequence: Sequence, digest: Digest) -> Result<(), Violation> {
        self.checked += 1;
        let first = *self.states.entry(sequence).or_insert((node, digest));
        if first.1 == digest {
            return Ok(());
        }
        Err(Violation::differ(format_args!("the state after slot {sequence}"), first, (node, digest))
            .with("sequence", sequence))
    }

    fn on_stable(
        &mut self,
        node: NodeId,
        sequence: Sequence,
        digest: Digest,
        signers: u32,
    ) -> Result<(), Violation> {
        self.checked += 1;
        let q = self.config.quorum.strong();
        let votes = (sequence, digest, NodeId(0))..=(sequence, digest, NodeId(u32::MAX));
        let correct = self.votes.range(votes).count() as u32;
        if signers < q || correct + self.faulty < q {
            let message = format_args!(
                "agent {node} forgot the slots up to {sequence} on the word of {signers}; {correct} correct and at \
                 most {} faulty replicas vouch for {digest} there: {q} must",
                self.faulty
            );
            return Err(Violation::new([node], message).with("sequence", sequence).with("digest", digest));
        }
        self.raise(node, sequence)
    }

    fn on_accepted(&mut self, node: NodeId, sequence: Sequence, low: Sequence) -> Result<(), Violation> {
        self.checked += 1;
        let window = if self.config.session().is_some() { 1 } else { self.config.window() };
        if sequence <= low || sequence > low + window {
            let message = format_args!(
                "agent {node} accepted slot {sequence}, outside its window of {window} above {low}"
            );
            return Err(Violation::new([node], message).with("sequence", sequence).with("low", low));
        }
        self.raise(node, low)
    }

    /// Sets the low watermark of `node`; a violation if it falls.
    fn raise(&mut self, node: NodeId, low: Sequence) -> Result<(), Violation> {
        let old = std::mem::replace(&mut self.low[node.index()], low);
        if low >= old {
            return Ok(());
        }
        Err(Violation::new([node], format_args!("agent {node}'s low watermark fell from {old} to {low}"))
            .with("low", low))
    }
}

impl Oracle<Pbft> for CheckpointSafety {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn claim(&self) -> &'static str {
        "P6: one state a slot, nothing forgotten without a quorum, nothing accepted outside the watermarks"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.states = self.states.split_off(&forgotten);
            self.votes = self.votes.split_off(&(forgotten, Digest([0; 32]), NodeId(0)));
        }
        match *event {
            Event::Sent { from, message: Message::Checkpoint(vote), .. }
                if vote.signer() == from && self.ground_truth.is_correct(from) =>
            {
                self.votes.insert((vote.sequence, vote.digest, from));
            }
            Event::Restarted { node, .. } => self.low[node.index()] = 0,
            _ => {}
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Checkpointed { sequence, digest }
            | Observation::Installed { sequence, digest, .. } => self.on_state(node, sequence, digest),
            Observation::Stable { sequence, digest, signers } => {
                self.on_stable(node, sequence, digest, signers)
            }
            Observation::Accepted { sequence, low, .. } => self.on_accepted(node, sequence, low),
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Checkpoint;
    use super::super::rig::{Rig, config, digest, ground_truth, ground_without, session, signed};
    use super::*;

    fn rig(ground_truth: GroundTruth) -> Rig<CheckpointSafety> {
        Rig::new(CheckpointSafety::new(&Rc::new(config(4)), &Rc::new(ground_truth)))
    }

    fn vote(signer: u32, sequence: u64, byte: u8) -> Message {
        Message::Checkpoint(signed(signer, Checkpoint { sequence, digest: digest(byte) }))
    }

    fn stable(sequence: u64, byte: u8, signers: u32) -> Observation {
        Observation::Stable { sequence, digest: digest(byte), signers }
    }

    fn accepted(sequence: u64, low: u64) -> Observation {
        Observation::Accepted { view: 0, sequence, digest: digest(1), low }
    }

    #[test]
    fn a_slot_has_one_state() {
        let mut rig = rig(ground_truth(4));
        rig.observe(0, Observation::Checkpointed { sequence: 16, digest: digest(1) }).expect("first");
        let installed =
            |byte| Observation::Installed { sequence: 16, digest: digest(byte), transferred: true };
        rig.observe(1, installed(1)).expect("the same");
        rig.observe(2, installed(2)).expect_err("another");
        rig.observe(3, Observation::Checkpointed { sequence: 16, digest: digest(2) }).expect_err("another");
    }

    #[test]
    fn a_watermark_rises_by_a_quorum_of_real_votes() {
        let mut rig = rig(ground_truth(4));
        for node in [0, 1] {
            rig.broadcast(node, vote(node, 16, 1)).expect("votes");
        }
        rig.broadcast(2, vote(3, 16, 1)).expect("a forwarded vote that its signer never sent");
        rig.observe(0, stable(16, 1, 3)).expect_err("two voted");
        rig.broadcast(3, vote(3, 16, 1)).expect("votes");
        rig.observe(0, stable(16, 1, 2)).expect_err("two signers are no quorum");
        rig.observe(0, stable(16, 1, 3)).expect("a quorum");
        rig.observe(0, accepted(17, 16)).expect("in the window");
        rig.observe(0, accepted(17, 0)).expect_err("the watermark fell");
        rig.restart(0).expect("a restart");
        rig.observe(0, accepted(17, 0)).expect("its storage may be older");
    }

    #[test]
    fn a_faulty_replica_may_have_voted_unseen() {
        let mut rig = rig(ground_without(4, 3));
        for node in [0, 1] {
            rig.broadcast(node, vote(node, 16, 1)).expect("votes");
        }
        rig.observe(0, stable(16, 1, 3)).expect("a quorum with the vote of the faulty replica");
        rig.observe(3, stable(32, 1, 1)).expect("it is faulty itself");
    }

    #[test]
    fn slots_are_accepted_within_the_window() {
        let mut rig = rig(ground_truth(4));
        rig.observe(0, accepted(1, 0)).expect("the first");
        rig.observe(0, accepted(32, 0)).expect("the last");
        rig.observe(0, accepted(33, 0)).expect_err("beyond");
        rig.observe(0, accepted(16, 16)).expect_err("below");
        let session = Rc::new(session(4, 0));
        let mut rig = Rig::new(CheckpointSafety::new(&session, &Rc::new(ground_truth(4))));
        rig.observe(0, accepted(1, 0)).expect("a session's slot");
        rig.observe(0, accepted(2, 0)).expect_err("a session has one slot only");
    }
}
