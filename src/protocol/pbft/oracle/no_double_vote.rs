//! P3: one word on a matter.

use super::super::{Message, Observation, Pbft, Sequence, View};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// P3: a correct replica signs at most one digest for a view, a slot and a phase, across restarts as well.
#[derive(Debug)]
pub struct NoDoubleVote {
    ground_truth: Rc<GroundTruth>,
    /// For every node what it has signed, above its low watermark.
    signed: Vec<SortedMap<(Sequence, View, &'static str), Digest>>,
    checked: u64,
}

impl NoDoubleVote {
    pub(super) fn new(ground_truth: &Rc<GroundTruth>) -> NoDoubleVote {
        let signed = ground_truth.correct.iter().map(|_| SortedMap::new()).collect();
        NoDoubleVote { ground_truth: Rc::clone(ground_truth), signed, checked: 0 }
    }

    fn check(
        &mut self,
        node: NodeId,
        phase: &'static str,
        (view, sequence): (View, Sequence),
        digest: Digest,
    ) -> Result<(), Violation> {
        self.checked += 1;
        let first = *self.signed[node.index()].entry((sequence, view, phase)).or_insert(digest);
        if first == digest {
            return Ok(());
        }
        let message = format_args!(
            "agent {node} signed a {phase} for {first} and one for {digest}, both in view {view} for slot {sequence}"
        );
        Err(Violation::new([node], message)
            .with("view", view)
            .with("sequence", sequence)
            .with("digest", first)
            .with("digest", digest))
    }
}

impl Oracle<Pbft> for NoDoubleVote {
    fn name(&self) -> &'static str {
        "no_double_vote"
    }

    fn claim(&self) -> &'static str {
        "P3: a correct replica signs at most one digest for a view, a slot and a phase, across restarts as well"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        match *event {
            Event::Sent { from, message, .. } if self.ground_truth.is_correct(from) => match message {
                Message::PrePrepare(body, _) if body.signer() == from => {
                    self.check(from, "pre-prepare", (body.view, body.sequence), body.digest)
                }
                Message::Prepare(body) if body.signer() == from => {
                    self.check(from, "prepare", (body.view, body.sequence), body.digest)
                }
                Message::Commit(body) if body.signer() == from => {
                    self.check(from, "commit", (body.view, body.sequence), body.digest)
                }
                Message::NewView(body) if body.signer() == from => {
                    body.proposals.iter().try_for_each(|proposal| {
                        let place = (proposal.view, proposal.sequence);
                        self.check(from, "pre-prepare", place, proposal.digest)
                    })
                }
                _ => Ok(()),
            },
            // It never votes again on what lies below its durable watermark.
            Event::Observed { node, observation: Observation::Stable { sequence, .. } } => {
                let votes = &mut self.signed[node.index()];
                *votes = votes.split_off(&(sequence + 1, 0, ""));
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
    use super::super::rig::{Rig, commit, ground_truth, ground_without, pre_prepare, prepare};
    use super::*;

    #[test]
    fn a_vote_may_be_repeated_and_never_changed() {
        let mut rig = Rig::new(NoDoubleVote::new(&Rc::new(ground_truth(4))));
        rig.broadcast(0, pre_prepare(0, 0, 1, 1)).expect("a proposal");
        for _ in 0..2 {
            rig.broadcast(1, prepare(1, 0, 1, 1)).expect("repeated");
        }
        rig.broadcast(1, prepare(1, 1, 1, 2)).expect("another view");
        rig.broadcast(1, Message::Commit(commit(1, 0, 1, 1))).expect("another phase");
        rig.broadcast(1, pre_prepare(0, 0, 1, 9)).expect("passed on for another");
        assert_eq!(rig.oracle.checked(), 5);
        rig.restart(1).expect("a crash");
        rig.broadcast(1, prepare(1, 0, 1, 2)).expect_err("promised otherwise before the crash");
    }

    #[test]
    fn a_faulty_replica_may_say_what_it_likes() {
        let mut rig = Rig::new(NoDoubleVote::new(&Rc::new(ground_without(4, 0))));
        rig.broadcast(0, pre_prepare(0, 0, 1, 1)).expect("faulty");
        rig.broadcast(0, pre_prepare(0, 0, 1, 2)).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
