//! P13: what is taken for proof proves.

use super::super::{
    Basis, Checkpoint, Commit, Config, Message, NewView, Observation, Pbft, PrePrepare, Prepare, Prepared,
    Sequence, View, ViewChange,
};
use super::watermarks::Watermarks;
use std::fmt;
use std::rc::Rc;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Signed, Violation};

/// P13: every certificate and proof that a correct node accepts holds the votes of enough different replicas, all for
/// what it is to prove, and those of correct replicas they have really cast.
#[derive(Debug)]
pub struct Certificates {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// Who of the correct replicas has cast a vote: a bit each.
    cast: TreeMap<Matter, Vec<u64>>,
    /// The view changes that correct replicas have made.
    asked: TreeSet<(NodeId, Digest)>,
    watermarks: Watermarks,
    checked: u64,
}

/// What a vote is for: slot, view, phase, digest.
type Matter = (Sequence, View, Phase, Digest);

/// A signer, and what it has signed.
type Vote = (NodeId, Matter);

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    PrePrepare,
    Prepare,
    Commit,
    Checkpoint,
}

fn pre_prepare(vote: &Signed<PrePrepare>) -> Vote {
    (vote.signer(), (vote.sequence, vote.view, Phase::PrePrepare, vote.digest))
}

fn prepare(vote: &Signed<Prepare>) -> Vote {
    (vote.signer(), (vote.sequence, vote.view, Phase::Prepare, vote.digest))
}

fn commit(vote: &Signed<Commit>) -> Vote {
    (vote.signer(), (vote.sequence, vote.view, Phase::Commit, vote.digest))
}

fn checkpoint(vote: &Signed<Checkpoint>) -> Vote {
    (vote.signer(), (vote.sequence, 0, Phase::Checkpoint, vote.digest))
}

/// The votes in a view change.
fn votes(change: &ViewChange) -> Vec<Vote> {
    let stable = change.stable.iter().map(checkpoint);
    let proposals = change.prepared.iter().map(|held| pre_prepare(&held.pre_prepare));
    let prepares = change.prepared.iter().flat_map(|held| held.prepares.iter().map(prepare));
    stable.chain(proposals).chain(prepares).collect()
}

impl Certificates {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Certificates {
        Certificates {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            cast: TreeMap::new(),
            asked: TreeSet::new(),
            watermarks: Watermarks::new(config, ground_truth),
            checked: 0,
        }
    }

    /// A correct replica sends what it has signed.
    fn on_sent(&mut self, from: NodeId, message: &Message) {
        let cast: Vec<Vote> = match message {
            Message::PrePrepare(vote, _) => vec![pre_prepare(vote)],
            Message::Prepare(vote) => vec![prepare(vote)],
            Message::Commit(vote) => vec![commit(vote)],
            Message::Checkpoint(vote) => vec![checkpoint(vote)],
            Message::Committed(proof, _) => proof.iter().map(commit).collect(),
            Message::State(_, proof) | Message::Stable(proof) => proof.iter().map(checkpoint).collect(),
            Message::ViewChange(change) if change.signer() == from => {
                self.asked.insert((from, change.digest()));
                votes(change)
            }
            Message::NewView(new_view) if new_view.signer() == from => {
                // Its own view change is nowhere else, if it begins the view at once.
                for own in new_view.changes.iter().filter(|change| change.signer() == from) {
                    self.asked.insert((from, own.digest()));
                }
                new_view.proposals.iter().map(pre_prepare).collect()
            }
            _ => return,
        };
        let (word, bit) = (from.index() / 64, 1 << (from.index() % 64));
        for (_, matter) in cast.into_iter().filter(|&(signer, _)| signer == from) {
            let voters = self.cast.entry(matter).or_default();
            voters.resize(voters.len().max(word + 1), 0);
            voters[word] |= bit;
        }
    }

    fn has_cast(&self, (signer, matter): Vote) -> bool {
        let voters = self.cast.get(&matter).and_then(|voters| voters.get(signer.index() / 64));
        voters.is_some_and(|word| word & 1 << (signer.index() % 64) != 0)
    }

    /// What is wrong with `votes` as proof of `matter` to the node `to`, by `least` replicas other than `but`, if
    /// something is.
    fn flaw(
        &self,
        to: NodeId,
        votes: &[Vote],
        matter: Matter,
        but: Option<NodeId>,
        least: u32,
    ) -> Option<String> {
        let (sequence, view, phase, digest) = matter;
        if let Some((signer, (of, in_view, _, other))) = votes.iter().find(|vote| vote.1 != matter) {
            return Some(format!(
                "agent {signer} votes for {other} in slot {of} and view {in_view}, not for {digest} in slot {sequence} \
                 and view {view}"
            ));
        }
        let mut signers: Vec<NodeId> = votes.iter().map(|&(signer, _)| signer).collect();
        signers.retain(|&signer| signer.0 < self.config.quorum.n && Some(signer) != but);
        signers.sort_unstable();
        signers.dedup();
        if (signers.len() as u32) < least {
            return Some(format!("{} different replicas vote: {least} must", signers.len()));
        }
        // Its own may be on the way to its storage still.
        let is_made_up =
            |&&vote: &&Vote| vote.0 != to && self.ground_truth.is_correct(vote.0) && !self.has_cast(vote);
        let made_up = votes.iter().filter(|_| sequence > self.watermarks.forgotten()).find(is_made_up)?;
        Some(format!("agent {} has never cast its {phase:?}", made_up.0))
    }

    fn flaw_of_prepared(&self, to: NodeId, held: &Prepared) -> Option<String> {
        let proposal = &held.pre_prepare;
        let primary = self.config.quorum.primary(proposal.view);
        let (_, (sequence, view, phase, digest)) = pre_prepare(proposal);
        if proposal.signer() != primary {
            return Some(format!(
                "agent {} proposes, and agent {primary} leads view {view}",
                proposal.signer()
            ));
        }
        let votes: Vec<Vote> = held.prepares.iter().map(prepare).collect();
        let of = (sequence, view, Phase::Prepare, digest);
        self.flaw(to, &votes, of, Some(primary), self.config.quorum.strong() - 1)
            .or_else(|| self.flaw(to, &[pre_prepare(proposal)], (sequence, view, phase, digest), None, 1))
    }

    fn flaw_of_change(&self, to: NodeId, change: &Signed<ViewChange>) -> Option<String> {
        if change.signer() != to
            && self.ground_truth.is_correct(change.signer())
            && !self.asked.contains(&(change.signer(), change.digest()))
        {
            return Some(format!("agent {} has never made it", change.signer()));
        }
        let stable: Vec<Vote> = change.stable.iter().map(checkpoint).collect();
        let state = change.stable.first().map_or(Digest::ZERO, |first| first.digest);
        let of = (change.low, 0, Phase::Checkpoint, state);
        let flaw = match change.low {
            0 => None,
            _ => self.flaw(to, &stable, of, None, self.config.quorum.strong()),
        };
        flaw.or_else(|| {
            change.prepared.iter().find_map(|held| {
                let flaw = self.flaw_of_prepared(to, held)?;
                Some(format!("in the certificate for slot {} {flaw}", held.pre_prepare.sequence))
            })
        })
    }

    fn flaw_of_new_view(&self, to: NodeId, new_view: &NewView) -> Option<String> {
        let mut signers: Vec<NodeId> = new_view.changes.iter().map(Signed::signer).collect();
        signers.retain(|&signer| signer.0 < self.config.quorum.n);
        signers.sort_unstable();
        signers.dedup();
        let (asked, least) = (signers.len(), self.config.quorum.strong());
        if (asked as u32) < least {
            return Some(format!("{asked} different replicas ask for it: {least} must"));
        }
        if let Some(other) = new_view.changes.iter().find(|change| change.view != new_view.view) {
            return Some(format!("agent {} asks for view {}", other.signer(), other.view));
        }
        new_view.changes.iter().find_map(|change| {
            let flaw = self.flaw_of_change(to, change)?;
            Some(format!("in the view change of agent {} {flaw}", change.signer()))
        })
    }

    fn on_answers(&self, ordered: bool, replicas: &[NodeId]) -> Option<String> {
        let quorum = self.config.quorum;
        let least = if ordered { quorum.weak() } else { quorum.strong() };
        let mut replicas: Vec<NodeId> = replicas.to_vec();
        replicas.retain(|&replica| replica.0 < quorum.n);
        replicas.sort_unstable();
        replicas.dedup();
        ((replicas.len() as u32) < least)
            .then(|| format!("{} different replicas answer alike: {least} must", replicas.len()))
    }

    fn judge(&mut self, node: NodeId, basis: &Basis) -> Result<(), Violation> {
        self.checked += 1;
        let strong = self.config.quorum.strong();
        match basis {
            Basis::ViewChange(change) => {
                let what = format_args!("the view change of agent {}", change.signer());
                object(node, what, self.flaw_of_change(node, change), ("view", change.view))
            }
            Basis::NewView(new_view) => {
                let what = format_args!("the start of view {}", new_view.view);
                object(node, what, self.flaw_of_new_view(node, new_view), ("view", new_view.view))
            }
            Basis::Stable { sequence, digest, proof } => {
                let votes: Vec<Vote> = proof.iter().map(checkpoint).collect();
                let flaw = self.flaw(node, &votes, (*sequence, 0, Phase::Checkpoint, *digest), None, strong);
                object(node, "the proof of a checkpoint", flaw, ("sequence", *sequence))
            }
            Basis::Committed { sequence, digest, proof } => {
                let votes: Vec<Vote> = proof.iter().map(commit).collect();
                let view = proof.first().map_or(0, |first| first.view);
                let flaw = self.flaw(node, &votes, (*sequence, view, Phase::Commit, *digest), None, strong);
                object(node, "the proof of a commitment", flaw, ("sequence", *sequence))
            }
            Basis::Answers { request, ordered, replicas } => {
                let flaw = self.on_answers(*ordered, replicas);
                object(node, "an answer", flaw, ("operation", request.0))
            }
        }
    }
}

/// The objection that `node` went by something with this flaw, if there is one.
fn object(
    node: NodeId,
    what: impl fmt::Display,
    flaw: Option<String>,
    (name, value): (&'static str, u64),
) -> Result<(), Violation> {
    let Some(flaw) = flaw else { return Ok(()) };
    Err(Violation::new([node], format_args!("agent {node} accepted {what}: {flaw}")).with(name, value))
}

impl Oracle<Pbft> for Certificates {
    fn name(&self) -> &'static str {
        "certificates"
    }

    fn claim(&self) -> &'static str {
        "P13: every certificate and proof that is accepted holds enough different replicas' true votes for one matter"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.cast.retain(|&(sequence, ..), _| sequence > forgotten);
        }
        match *event {
            Event::Sent { from, message, .. } if self.ground_truth.is_correct(from) => {
                self.on_sent(from, message);
                Ok(())
            }
            Event::Shown { node, observation: Observation::WentBy(basis) }
                if self.ground_truth.is_correct(node) =>
            {
                self.judge(node, basis)
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
    use super::super::rig::{self, Rig, config, digest, ground_truth, ground_without, signed};
    use super::*;
    use synod_sim::OperationId;

    fn show(rig: &mut Rig<Certificates>, node: u32, basis: Basis) -> Result<(), Violation> {
        let observation = Observation::WentBy(basis);
        rig.feed(&Event::Shown { node: NodeId(node), observation: &observation })
    }

    fn rig(ground_truth: GroundTruth) -> Rig<Certificates> {
        Rig::new(Certificates::new(&Rc::new(config(4)), &Rc::new(ground_truth)))
    }

    fn proof(signers: &[u32], byte: u8) -> Rc<[Signed<Checkpoint>]> {
        let vote = |&signer: &u32| signed(signer, Checkpoint { sequence: 16, digest: digest(byte) });
        signers.iter().map(vote).collect()
    }

    fn stable(signers: &[u32], byte: u8) -> Basis {
        Basis::Stable { sequence: 16, digest: digest(1), proof: proof(signers, byte) }
    }

    #[test]
    fn a_proof_holds_a_quorum_of_different_votes_for_one_state() {
        let mut rig = rig(ground_without(4, 3));
        for node in 0..3 {
            rig.broadcast(node, Message::Stable(proof(&[node], 1))).expect("its vote");
        }
        show(&mut rig, 0, stable(&[0, 1, 2], 1)).expect("three");
        show(&mut rig, 0, stable(&[0, 1, 3], 1)).expect("the faulty one may have voted unseen");
        show(&mut rig, 3, stable(&[3, 3, 3], 1)).expect("it is faulty itself");
        show(&mut rig, 0, stable(&[3, 3, 3], 1)).expect_err("one, three times");
        show(&mut rig, 0, stable(&[0, 1, 4], 1)).expect_err("no replica");
        show(&mut rig, 0, stable(&[0, 1, 2], 2)).expect_err("another state");
        assert_eq!(rig.oracle.checked(), 5);
    }

    #[test]
    fn correct_replicas_have_cast_their_votes() {
        let mut rig = rig(ground_truth(4));
        for node in 0..2 {
            rig.broadcast(node, Message::Stable(proof(&[node], 1))).expect("its vote");
        }
        rig.broadcast(1, Message::Stable(proof(&[2], 1))).expect("it passes another's on");
        show(&mut rig, 0, stable(&[0, 1, 2], 1)).expect_err("agent 2 has not voted");
        show(&mut rig, 2, stable(&[0, 1, 2], 1)).expect("its own vote is not durable yet");
    }

    /// Agent 2's view change with a certificate of view 0 in slot 1: what is proposed, and who voted for what in which
    /// view.
    fn change(proposer: u32, prepares: &[(u32, u64, u8)]) -> Signed<ViewChange> {
        let pre_prepare = signed(proposer, PrePrepare { view: 0, sequence: 1, digest: digest(1) });
        let vote = |&(signer, view, byte): &(u32, u64, u8)| {
            signed(signer, Prepare { view, sequence: 1, digest: digest(byte) })
        };
        let prepared = Rc::new(Prepared { pre_prepare, prepares: prepares.iter().map(vote).collect() });
        signed(2, ViewChange { view: 1, low: 0, stable: Vec::new(), prepared: vec![prepared] })
    }

    #[test]
    fn a_prepared_certificate_is_judged_vote_by_vote() {
        let mut rig = rig(ground_without(4, 2));
        rig.broadcast(0, rig::pre_prepare(0, 0, 1, 1)).expect("a proposal");
        for node in [1, 3] {
            rig.broadcast(node, rig::prepare(node, 0, 1, 1)).expect("a vote");
        }
        let mut judge =
            |proposer, prepares: &[_]| show(&mut rig, 1, Basis::ViewChange(change(proposer, prepares)));
        judge(0, &[(1, 0, 1), (3, 0, 1)]).expect("two backups");
        judge(0, &[(1, 0, 1), (2, 0, 1)]).expect("the faulty one may have voted");
        judge(0, &[(2, 0, 1), (2, 0, 1)]).expect_err("one, twice");
        judge(0, &[(2, 0, 1), (0, 0, 1)]).expect_err("the primary is no backup");
        judge(0, &[(2, 0, 1), (1, 0, 2)]).expect_err("another batch");
        judge(0, &[(2, 0, 1), (1, 1, 1)]).expect_err("another view");
        judge(2, &[(1, 0, 1), (3, 0, 1)]).expect_err("another's proposal");
        let other =
            Basis::NewView(signed(1, NewView { view: 1, changes: Vec::new(), proposals: Vec::new() }));
        show(&mut rig, 1, other).expect_err("nobody asked for it");
    }

    #[test]
    fn clients_believe_one_correct_replica_at_least() {
        let mut rig = rig(ground_truth(4));
        let answers = |ordered, replicas: &[u32]| Basis::Answers {
            request: OperationId(1),
            ordered,
            replicas: replicas.iter().copied().map(NodeId).collect(),
        };
        show(&mut rig, 0, answers(true, &[1, 2])).expect("f + 1");
        show(&mut rig, 0, answers(true, &[1, 1])).expect_err("one of them");
        show(&mut rig, 0, answers(false, &[1, 2])).expect_err("a read takes a quorum");
        show(&mut rig, 0, answers(false, &[1, 2, 3])).expect("a quorum");
    }
}
