//! What proof of misbehaviour is, worked out apart from the replicas: by the contents shown, and by whether whoever
//! shows them has found their signatures right.

use super::super::{
    Checkpoint, Config, NewView, Observation, PhaseVote, Prepared, Sequence, View, ViewChange,
};
use super::view_change_safety::flaw;
use synod_sim::{Body, NodeId, Signed, sort};

/// Returns true if `claim`, by the replica `by`, shows what no correct replica signs. An accusation without anything to
/// show is no proof.
pub(super) fn is_proof(config: &Config, by: NodeId, claim: &Observation) -> bool {
    match claim {
        Observation::Equivocation { first, second } => {
            contradict(config, &PhaseVote::PrePrepare(first.clone()), &PhaseVote::PrePrepare(second.clone()))
        }
        Observation::DoublePrepare { first, second } => {
            contradict(config, &PhaseVote::Prepare(first.clone()), &PhaseVote::Prepare(second.clone()))
        }
        Observation::DoubleCommit { first, second } => {
            contradict(config, &PhaseVote::Commit(first.clone()), &PhaseVote::Commit(second.clone()))
        }
        Observation::Contradiction { first, second } => contradict(config, first, second),
        Observation::DoubleCheckpoint { first, second } => {
            first.signer() == second.signer() && is_rival(first, second) && all_right(&[first, second])
        }
        Observation::FalseCheckpoint { lie, proof } => {
            let Some(stable) = proof.first() else { return false };
            is_rival(lie, stable) && is_right(lie) && vouches(config, by, proof, stable)
        }
        Observation::InvalidProposal { proposal, batch } => {
            let is_usurped = proposal.signer() != config.primary(proposal.view);
            let is_forbidden = proposal.digest == batch.digest() && config.forbids(batch);
            is_right(proposal) && (is_usurped || is_forbidden)
        }
        Observation::InvalidViewChange { change } => is_right(change) && !is_valid(config, change),
        Observation::InvalidNewView { new_view } => is_right(new_view) && !is_due(config, new_view),
        Observation::OmittedCertificate { commit, change } => {
            let covers = |held: &Prepared| {
                held.pre_prepare.sequence == commit.sequence && held.pre_prepare.view >= commit.view
            };
            commit.signer() == change.signer()
                && is_right(commit)
                && is_right(change)
                && commit.view < change.view
                && commit.sequence > change.low
                && !change.prepared.iter().any(|held| covers(held))
        }
        _ => false,
    }
}

/// Returns true if its signature was checked, and is right.
fn is_right<B: Body>(signed: &Signed<B>) -> bool {
    signed.verified() == Some(true)
}

fn all_right<B: Body>(signed: &[&Signed<B>]) -> bool {
    signed.iter().all(|signed| is_right(signed))
}

/// Returns true if its signature was checked, and is wrong. What a replica has found wrong before, it need not check.
fn is_wrong<B: Body>(signed: &Signed<B>) -> bool {
    signed.verified() == Some(false)
}

/// Returns true if one replica signed both, for one slot of one view and different batches.
fn contradict(config: &Config, first: &PhaseVote, second: &PhaseVote) -> bool {
    let is_sound = |vote: &PhaseVote| match vote {
        PhaseVote::PrePrepare(vote) => is_right(vote) && vote.signer() == config.primary(vote.view),
        PhaseVote::Prepare(vote) => is_right(vote),
        PhaseVote::Commit(vote) => is_right(vote),
    };
    let slot = |vote: &PhaseVote| -> (NodeId, (View, Sequence)) { (vote.signer(), vote.slot()) };
    slot(first) == slot(second) && first.digest() != second.digest() && is_sound(first) && is_sound(second)
}

fn is_rival(one: &Checkpoint, other: &Checkpoint) -> bool {
    one.sequence == other.sequence && one.digest != other.digest
}

/// Returns true if `proof` is a quorum's word for `stable`; its own word nobody has to check.
fn vouches(config: &Config, by: NodeId, proof: &[Signed<Checkpoint>], stable: &Checkpoint) -> bool {
    is_quorum(config, proof.iter().map(Signed::signer), config.quorum.strong())
        && proof.iter().all(|vote| **vote == *stable && (vote.signer() == by || is_right(vote)))
}

/// Returns true if there are `least` different replicas, and none twice.
fn is_quorum(config: &Config, signers: impl Iterator<Item = NodeId>, least: u32) -> bool {
    let signers: Vec<NodeId> = signers.collect();
    let count = signers.len();
    let signers = sort::distinct(signers);
    signers.len() == count && count >= least as usize && signers.iter().all(|node| node.0 < config.quorum.n)
}

/// Returns true if a view change proves what it claims, as far as anyone has found out about the signatures in it.
fn is_valid(config: &Config, change: &ViewChange) -> bool {
    let low = match change.stable.first() {
        None => change.low == 0,
        Some(stable) => {
            stable.sequence == change.low
                && is_quorum(config, change.stable.iter().map(Signed::signer), config.quorum.strong())
                && change.stable.iter().all(|vote| **vote == **stable && !is_wrong(vote))
        }
    };
    let slots = || change.prepared.iter().map(|held| held.pre_prepare.sequence);
    let high = change.low.saturating_add(config.window());
    low && slots().is_sorted_by(|a, b| a < b)
        && slots().all(|slot| slot > change.low && slot <= high)
        && change.prepared.iter().all(|held| held.pre_prepare.view < change.view && is_complete(config, held))
}

/// Returns true if a certificate holds its primary's proposal and q − 1 backups' votes for it.
fn is_complete(config: &Config, held: &Prepared) -> bool {
    held.is_complete(config.quorum) && !is_wrong(&held.pre_prepare) && !held.prepares.iter().any(is_wrong)
}

/// Returns true if a new view follows from its view changes.
fn is_due(config: &Config, new_view: &Signed<NewView>) -> bool {
    let leader = new_view.signer();
    leader == config.primary(new_view.view)
        && is_quorum(config, new_view.changes.iter().map(Signed::signer), config.quorum.strong())
        && new_view.changes.iter().all(|change| !is_wrong(change) && is_valid(config, change))
        && flaw(config, new_view).is_none()
        && new_view.proposals.iter().all(|proposal| {
            proposal.signer() == leader && proposal.view == new_view.view && !is_wrong(proposal)
        })
}
