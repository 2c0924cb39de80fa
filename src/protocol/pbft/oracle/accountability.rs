//! P9: evidence is evidence, and never against the innocent.

use super::super::{Config, Pbft};
use super::proof::is_proof;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Observation as _, Oracle, Violation};

/// P9: what a correct replica shows as proof is proof, and no correct replica is ever accused.
#[derive(Debug)]
pub struct Accountability {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

impl Accountability {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Accountability {
        Accountability { config: Rc::clone(config), ground_truth: Rc::clone(ground_truth), checked: 0 }
    }
}

impl Oracle<Pbft> for Accountability {
    fn name(&self) -> &'static str {
        "accountability"
    }

    fn claim(&self) -> &'static str {
        "P9: evidence holds, and never names a correct replica"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let Some(accused) = claim.accuses() else { return Ok(()) };
        if !is_proof(&self.config, node, claim) {
            let message = format_args!("agent {node} shows as proof what is none: {claim:?}");
            return Err(Violation::new([node, accused], message).with("accused", accused));
        }
        self.checked += 1;
        if self.ground_truth.is_correct(accused) {
            let message = format_args!("agent {node} accuses agent {accused}, which is correct: {claim:?}");
            return Err(Violation::new([node, accused], message).with("accused", accused));
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{
        Checkpoint, Commit, NewView, Observation, PhaseVote, PrePrepare, Prepare, Prepared, ViewChange,
    };
    use super::super::rig::{Rig, config, digest, ground_truth, ground_without, signed};
    use super::*;
    use synod_sim::auth::Tag;
    use synod_sim::{NodeId, Signed};

    fn proposal(signer: u32, view: u64, byte: u8) -> Signed<PrePrepare> {
        signed(signer, PrePrepare { view, sequence: 1, digest: digest(byte) })
    }

    fn prepare(signer: u32, byte: u8) -> Signed<Prepare> {
        signed(signer, Prepare { view: 0, sequence: 1, digest: digest(byte) })
    }

    fn commit(signer: u32, byte: u8) -> Signed<Commit> {
        signed(signer, Commit { view: 0, sequence: 1, digest: digest(byte) })
    }

    fn checkpoint(signer: u32, byte: u8) -> Signed<Checkpoint> {
        signed(signer, Checkpoint { sequence: 16, digest: digest(byte) })
    }

    fn change(signer: u32, view: u64, prepared: Vec<Prepared>) -> Signed<ViewChange> {
        let prepared = prepared.into_iter().map(Rc::new).collect();
        signed(signer, ViewChange { view, low: 0, stable: Vec::new(), prepared })
    }

    fn certificate(voters: &[u32]) -> Prepared {
        let prepares = voters.iter().map(|&voter| prepare(voter, 1)).collect();
        Prepared { pre_prepare: proposal(0, 0, 1), prepares }
    }

    fn equivocation(views: [u64; 2], bytes: [u8; 2]) -> Observation {
        let [first, second] = [0, 1].map(|place| proposal(0, views[place], bytes[place]));
        Observation::Equivocation { first, second }
    }

    /// Agent 1 shows claims while agent `faulty` alone is not correct: the first is proof, the others are none.
    fn tell_apart(faulty: u32, proof: Observation, others: Vec<Observation>) {
        let config = Rc::new(config(4));
        let mut rig = Rig::new(Accountability::new(&config, &Rc::new(ground_without(4, faulty))));
        rig.observe(1, proof.clone()).expect("proof");
        assert_eq!(rig.oracle.checked(), 1);
        for claim in others {
            let objection = rig.observe(1, claim.clone()).expect_err("no proof");
            assert!(objection.message.contains("what is none"), "{claim:?}: {}", objection.message);
            rig.observe(faulty, claim).expect("a faulty accuser");
        }
        let mut rig = Rig::new(Accountability::new(&config, &Rc::new(ground_truth(4))));
        let objection = rig.observe(1, proof).expect_err("all are correct");
        assert!(objection.message.contains("which is correct"), "{}", objection.message);
    }

    #[test]
    fn two_proposals_of_a_primary_for_one_slot() {
        let unverified = Observation::Equivocation {
            first: proposal(0, 0, 1),
            second: Signed::with_tag((*proposal(0, 0, 2)).clone(), NodeId(0), 0, Tag::Mac(1)),
        };
        let others = vec![
            equivocation([0, 0], [1, 1]),
            equivocation([0, 4], [1, 2]),
            equivocation([1, 1], [1, 2]),
            unverified,
        ];
        tell_apart(0, equivocation([0, 0], [1, 2]), others);
    }

    #[test]
    fn two_votes_of_one_replica() {
        let double = |first, second| Observation::DoublePrepare { first, second };
        tell_apart(2, double(prepare(2, 1), prepare(2, 2)), vec![double(prepare(2, 1), prepare(3, 2))]);
        let double = |first, second| Observation::DoubleCommit { first, second };
        tell_apart(2, double(commit(2, 1), commit(2, 2)), vec![double(commit(2, 1), commit(2, 1))]);
        let crossed = |first, second| Observation::Contradiction { first, second };
        let proof = crossed(PhaseVote::Prepare(prepare(2, 1)), PhaseVote::Commit(commit(2, 2)));
        let same = crossed(PhaseVote::Prepare(prepare(2, 1)), PhaseVote::Commit(commit(2, 1)));
        let not_primary = crossed(PhaseVote::PrePrepare(proposal(2, 0, 1)), PhaseVote::Commit(commit(2, 2)));
        tell_apart(2, proof, vec![same, not_primary]);
    }

    #[test]
    fn a_checkpoint_against_another_or_against_a_quorum() {
        let double = |first, second| Observation::DoubleCheckpoint { first, second };
        tell_apart(
            2,
            double(checkpoint(2, 1), checkpoint(2, 2)),
            vec![double(checkpoint(2, 1), checkpoint(2, 1))],
        );
        let false_against = |voters: &[u32]| Observation::FalseCheckpoint {
            lie: checkpoint(2, 9),
            proof: voters.iter().map(|&voter| checkpoint(voter, 1)).collect(),
        };
        tell_apart(2, false_against(&[0, 1, 3]), vec![false_against(&[0, 1]), false_against(&[0, 1, 1])]);
    }

    #[test]
    fn a_proposal_that_is_not_its_primarys() {
        let batch = super::super::super::Batch::null();
        let claim =
            |signer| Observation::InvalidProposal { proposal: proposal(signer, 0, 1), batch: batch.clone() };
        tell_apart(2, claim(2), vec![claim(0)]);
    }

    #[test]
    fn view_changes_and_new_views_that_prove_nothing() {
        let claim = |prepared| Observation::InvalidViewChange { change: change(2, 1, prepared) };
        let right = certificate(&[1, 3]);
        tell_apart(2, claim(vec![certificate(&[3])]), vec![claim(vec![right.clone()]), claim(vec![])]);
        tell_apart(2, claim(vec![certificate(&[3, 3])]), vec![]);
        let omitted = |prepared| Observation::OmittedCertificate {
            commit: commit(2, 1),
            change: change(2, 1, prepared),
        };
        tell_apart(2, omitted(vec![]), vec![omitted(vec![right])]);
        let new_view = |asking: &[u32], proposals| {
            let changes = asking.iter().map(|&asking| change(asking, 1, vec![])).collect();
            Observation::InvalidNewView { new_view: signed(1, NewView { view: 1, changes, proposals }) }
        };
        let extra = vec![proposal(1, 1, 1)];
        let config = Rc::new(config(4));
        let mut rig = Rig::new(Accountability::new(&config, &Rc::new(ground_without(4, 1))));
        rig.observe(2, new_view(&[0, 2, 3], extra)).expect("proof");
        rig.observe(2, new_view(&[0, 2], vec![])).expect("proof");
        rig.observe(2, new_view(&[0, 2, 3], vec![])).expect_err("it is valid");
    }

    #[test]
    fn nobody_is_accused_without_proof() {
        let mut rig = Rig::new(Accountability::new(&Rc::new(config(4)), &Rc::new(ground_without(4, 0))));
        rig.observe(1, Observation::Accused { replica: NodeId(0) }).expect_err("no proof");
    }
}
