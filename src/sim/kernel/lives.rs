//! Several lives under one identity: which instances a node has, and who hears whom.

use crate::sim::fault::{Coalition, Effects};
use crate::sim::{NodeId, Time};

/// All instances of a run's nodes: node i's first life is instance i, further lives come after the last node.
#[derive(Debug)]
pub(super) struct Lives {
    nodes: u32,
    coalitions: Vec<Coalition>,
    /// For every instance beyond the nodes, whose it is.
    further: Vec<Life>,
    /// What each coalition's lives did.
    pub(super) effects: Vec<Effects>,
}

/// A life beyond a node's first.
#[derive(Copy, Clone, Debug)]
struct Life {
    node: NodeId,
    coalition: usize,
    life: u32,
}

impl Lives {
    /// # Panics
    /// If a coalition leads fewer than 2 or more than 64 lives, or if a node is in two coalitions.
    pub(super) fn new(nodes: usize, coalitions: Vec<Coalition>) -> Lives {
        let mut further: Vec<Life> = Vec::new();
        for (place, coalition) in coalitions.iter().enumerate() {
            assert!((2..=64).contains(&coalition.lives), "a double life has 2 to 64 sides");
            for &node in &coalition.nodes {
                assert!(further.iter().all(|life| life.node != node), "{node:?} is in one coalition");
                further.extend((1..coalition.lives).map(|life| Life { node, coalition: place, life }));
            }
        }
        let effects = vec![Effects::default(); coalitions.len()];
        Lives { nodes: nodes as u32, coalitions, further, effects }
    }

    /// True if every node leads one life.
    #[inline]
    pub(super) fn are_single(&self) -> bool {
        self.further.is_empty()
    }

    /// How many instances there are.
    pub(super) fn count(&self) -> usize {
        self.nodes as usize + self.further.len()
    }

    /// Whose instance it is.
    #[inline]
    pub(super) fn node(&self, instance: NodeId) -> NodeId {
        match instance.0 < self.nodes {
            true => instance,
            false => self.further[(instance.0 - self.nodes) as usize].node,
        }
    }

    /// The number of the life among its node's.
    #[inline]
    pub(super) fn life(&self, instance: NodeId) -> u32 {
        match instance.0 < self.nodes {
            true => 0,
            false => self.further[(instance.0 - self.nodes) as usize].life,
        }
    }

    /// The instances of `node`, its first life first.
    pub(super) fn instances(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'_> {
        let further = self.further.iter().enumerate().filter(move |(_, life)| life.node == node);
        std::iter::once(node).chain(further.map(|(place, _)| NodeId(self.nodes + place as u32)))
    }

    /// True if a copy that the instance `from` sends at `at` reaches the instance `to`.
    pub(super) fn reaches(&mut self, at: Time, from: NodeId, to: NodeId) -> bool {
        let (sender, receiver) = (self.node(from), self.node(to));
        let (mine, theirs) = (self.coalition(sender), self.coalition(receiver));
        let (from, to) = (self.life(from), self.life(to));
        let passes = match (mine, theirs) {
            (Some(mine), Some(theirs)) if mine == theirs => match self.is_on(mine, at) {
                true => from == to,
                false => from == 0,
            },
            _ => {
                let is_said = mine.is_none_or(|place| match self.is_on(place, at) {
                    true => self.sides(place, receiver) >> from & 1 == 1,
                    false => from == 0,
                });
                let is_heard = theirs
                    .is_none_or(|place| !self.is_on(place, at) || self.sides(place, sender) >> to & 1 == 1);
                is_said && is_heard
            }
        };
        if let Some(place) = mine
            && self.is_on(place, at)
            && mine != theirs
        {
            let effects = &mut self.effects[place];
            effects.forged += u64::from(passes && from > 0);
            effects.dropped += u64::from(!passes && from == 0);
        }
        passes
    }

    fn coalition(&self, node: NodeId) -> Option<usize> {
        self.further.iter().find(|life| life.node == node).map(|life| life.coalition)
    }

    fn is_on(&self, coalition: usize, at: Time) -> bool {
        let Coalition { from, until, .. } = self.coalitions[coalition];
        at >= from && until.is_none_or(|until| at < until)
    }

    fn sides(&self, coalition: usize, node: NodeId) -> u64 {
        self.coalitions[coalition].sides.get(node.index()).copied().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives() -> Lives {
        // Node 0 and 1 collude; 2 is on side 0, 3 on side 1, 4 (a client) on both.
        let coalition = Coalition {
            nodes: vec![NodeId(0), NodeId(1)],
            lives: 2,
            sides: vec![0, 0, 0b01, 0b10],
            from: Time::from_nanos(10),
            until: Some(Time::from_nanos(20)),
        };
        Lives::new(5, vec![coalition])
    }

    #[test]
    fn each_life_hears_and_addresses_its_side() {
        let mut lives = lives();
        let at = Time::from_nanos(15);
        let [first, second] = lives.instances(NodeId(0)).collect::<Vec<_>>()[..] else { panic!("two lives") };
        assert_eq!((first, second, lives.count()), (NodeId(0), NodeId(5), 7));
        assert_eq!((lives.node(second), lives.life(second)), (NodeId(0), 1));
        for (from, to, reaches) in [
            (first, NodeId(2), true),
            (first, NodeId(3), false),
            (second, NodeId(3), true),
            (second, NodeId(2), false),
            (second, NodeId(4), true),
            (NodeId(3), second, true),
            (NodeId(3), first, false),
            (NodeId(4), first, true),
            (NodeId(2), NodeId(3), true),
            (second, NodeId(6), true),
            (second, NodeId(1), false),
        ] {
            assert_eq!(lives.reaches(at, from, to), reaches, "{from:?} to {to:?}");
        }
        assert_eq!((lives.effects[0].forged, lives.effects[0].dropped), (2, 1));
    }

    #[test]
    fn outside_of_the_window_the_first_life_speaks_alone() {
        let mut lives = lives();
        let at = Time::from_nanos(20);
        assert!(lives.reaches(at, NodeId(0), NodeId(3)) && !lives.reaches(at, NodeId(5), NodeId(3)));
        assert!(lives.reaches(at, NodeId(3), NodeId(0)) && lives.reaches(at, NodeId(3), NodeId(5)));
        assert!(lives.reaches(at, NodeId(0), NodeId(6)), "a colluder's first life tells all lives");
        assert_eq!(lives.effects[0], Effects::default());
    }
}
