//! Up to where nothing can happen any more, so that oracles need not remember it.

use super::super::{Config, Observation, Pbft, Sequence};
use synod_sim::{Event, GroundTruth, NodeId};

/// Follows the stable checkpoints of all correct replicas.
///
/// A replica never votes or executes below its watermark again. After a crash it may be back at the watermark before its
/// last, which was not synced yet: what all correct replicas have below that one is forgotten. A replica that is down for
/// good keeps everything remembered.
#[derive(Debug)]
pub(super) struct Watermarks {
    /// For every correct replica the last stable checkpoint, and the one before.
    stable: Vec<(NodeId, Sequence, Sequence)>,
    forgotten: Sequence,
}

impl Watermarks {
    pub(super) fn new(config: &Config, ground_truth: &GroundTruth) -> Watermarks {
        let replicas = (0..config.quorum.n).map(NodeId).filter(|&node| ground_truth.is_correct(node));
        Watermarks { stable: replicas.map(|node| (node, 0, 0)).collect(), forgotten: 0 }
    }

    /// The last slot of which nothing more is to come.
    pub(super) fn forgotten(&self) -> Sequence {
        self.forgotten
    }

    /// Takes note of an event; where more can be forgotten then, the last slot of which nothing more is to come.
    pub(super) fn rise(&mut self, event: &Event<'_, Pbft>) -> Option<Sequence> {
        let Event::Observed { node, observation: &Observation::Stable { sequence, .. } } = *event else {
            return None;
        };
        let (_, last, before) = self.stable.iter_mut().find(|(replica, ..)| *replica == node)?;
        // After a crash it may come by its last checkpoint again.
        if sequence > *last {
            (*before, *last) = (*last, sequence);
        }
        let least = self.stable.iter().map(|&(_, _, before)| before).min()?;
        let is_more = least > self.forgotten;
        self.forgotten = self.forgotten.max(least);
        is_more.then_some(least)
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
