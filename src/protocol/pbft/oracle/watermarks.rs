//! The slots that are final at all correct replicas, which oracles can therefore discard.

use super::super::{Config, Observation, Pbft, Sequence};
use synod_sim::{Event, GroundTruth, NodeId};

/// Follows the stable checkpoints of all correct replicas.
///
/// A replica never votes or executes below its low watermark again. A crash can set it back to its last watermark but
/// one, if the last was not synced yet. So the slots that all correct replicas have below their last watermark but one
/// can be discarded. A correct replica that never restarts after a crash keeps them all from being discarded.
#[derive(Debug)]
pub(super) struct Watermarks {
    /// For every correct replica, its last stable checkpoint and the one before.
    stable: Vec<(NodeId, Sequence, Sequence)>,
    forgotten: Sequence,
}

impl Watermarks {
    pub(super) fn new(config: &Config, ground_truth: &GroundTruth) -> Watermarks {
        let replicas = (0..config.quorum.n).map(NodeId).filter(|&node| ground_truth.is_correct(node));
        Watermarks { stable: replicas.map(|node| (node, 0, 0)).collect(), forgotten: 0 }
    }

    /// Returns the highest slot up to which oracles can discard.
    pub(super) fn forgotten(&self) -> Sequence {
        self.forgotten
    }

    /// Handles an event. Returns the highest slot up to which oracles can discard, if it has risen.
    pub(super) fn rise(&mut self, event: &Event<'_, Pbft>) -> Option<Sequence> {
        let Event::Observed { node, observation: &Observation::Stable { sequence, .. } } = *event else {
            return None;
        };
        let (_, last, before) = self.stable.iter_mut().find(|(replica, ..)| *replica == node)?;
        // After a crash a replica may reach its last checkpoint again.
        if sequence > *last {
            (*before, *last) = (*last, sequence);
        }
        let least = self.stable.iter().map(|&(_, _, before)| before).min()?;
        let has_risen = least > self.forgotten;
        self.forgotten = self.forgotten.max(least);
        has_risen.then_some(least)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{config, digest, ground_without};
    use super::*;

    #[test]
    fn what_all_correct_replicas_have_left_behind_twice_is_forgotten() {
        let mut marks = Watermarks::new(&config(4), &ground_without(4, 3));
        let mut stable = |node, sequence| {
            let observation = Observation::Stable { sequence, digest: digest(1), signers: 3 };
            marks.rise(&Event::Observed { node: NodeId(node), observation: &observation })
        };
        for node in [0, 1, 2] {
            assert_eq!(stable(node, 16), None, "the first may be lost in a crash");
        }
        assert_eq!((stable(0, 32), stable(1, 48), stable(3, 64)), (None, None, None));
        assert_eq!(stable(2, 32), Some(16));
        assert_eq!(stable(2, 32), None, "again, after a crash");
        assert_eq!((stable(2, 48), stable(0, 48)), (None, None));
        assert_eq!(stable(1, 64), Some(32));
        assert_eq!(marks.forgotten(), 32);
    }
}
