//! What insiders of PBFT share.

use super::super::Pbft;
use synod_common::coalition;
use synod_sim::NodeId;

pub(super) type Coalition = coalition::Coalition<Pbft>;
pub(super) type AttackContext<'a, 'w> = coalition::AttackContext<'a, 'w, Pbft>;

/// What insiders of PBFT know.
pub(super) trait Insiders {
    /// The correct replicas.
    fn correct(&self) -> Vec<NodeId>;

    /// The last of the correct replicas: `most` times the attack's strength.
    fn victims(&self, most: usize) -> Vec<NodeId>;

    /// Number of replicas that a quorum can do without: n − q.
    fn spare(&self) -> usize;
}

impl Insiders for Coalition {
    fn correct(&self) -> Vec<NodeId> {
        self.correct_among(self.config.quorum.n)
    }

    fn victims(&self, most: usize) -> Vec<NodeId> {
        let correct = self.correct();
        let count = self.scaled(most as u64) as usize;
        correct[correct.len().saturating_sub(count)..].to_vec()
    }

    fn spare(&self) -> usize {
        (self.config.quorum.n - self.config.quorum.strong()) as usize
    }
}
