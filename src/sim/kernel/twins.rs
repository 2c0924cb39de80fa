//! Twins: several instances under one identity, and which of them hear whom.

use crate::inject::{Coalition, Effects};
use crate::{NodeId, Time};

/// All instances of a run's nodes: instance i is node i itself, twins come after the last node.
#[derive(Debug)]
pub(super) struct Twins {
    nodes: u32,
    coalitions: Vec<Coalition>,
    /// The twins: instances beyond the nodes.
    further: Vec<Twin>,
    /// Effects of each coalition.
    pub(super) effects: Vec<Effects>,
}

/// A further instance of a node.
#[derive(Copy, Clone, Debug)]
struct Twin {
    node: NodeId,
    coalition: usize,
    index: u32,
}

impl Twins {
    /// # Panics
    /// If a coalition has fewer than 2 or more than 64 instances per member, or if a node is in two coalitions.
    pub(super) fn new(nodes: usize, coalitions: Vec<Coalition>) -> Twins {
        let mut further: Vec<Twin> = Vec::new();
        for (place, coalition) in coalitions.iter().enumerate() {
            assert!((2..=64).contains(&coalition.instances), "twins are 2 to 64 instances each");
            for &node in &coalition.nodes {
                assert!(further.iter().all(|twin| twin.node != node), "{node:?} is in one coalition");
                further.extend((1..coalition.instances).map(|index| Twin { node, coalition: place, index }));
            }
        }
        let effects = vec![Effects::default(); coalitions.len()];
        Twins { nodes: nodes as u32, coalitions, further, effects }
    }

    /// Returns true if there are no twins.
    #[inline]
    pub(super) fn are_single(&self) -> bool {
        self.further.is_empty()
    }

    /// Returns the number of instances.
    pub(super) fn count(&self) -> usize {
        self.nodes as usize + self.further.len()
    }

    /// Returns the node that the instance belongs to.
    #[inline]
    pub(super) fn node(&self, instance: NodeId) -> NodeId {
        if instance.0 < self.nodes { instance } else { self.further[(instance.0 - self.nodes) as usize].node }
    }

    /// Returns the instance's index among those of its node; 0 for the node itself.
    #[inline]
    pub(super) fn twin_index(&self, instance: NodeId) -> u32 {
        if instance.0 < self.nodes { 0 } else { self.further[(instance.0 - self.nodes) as usize].index }
    }

    /// Returns true for a further instance outside of its coalition's intervals: it sends nothing then.
    pub(super) fn is_silent(&self, at: Time, instance: NodeId) -> bool {
        instance.0 >= self.nodes
            && !self.is_on(self.further[(instance.0 - self.nodes) as usize].coalition, at)
    }

    /// Counts that a further instance has handled an input that was meant for one.
    pub(super) fn count_life(&mut self, at: Time, instance: NodeId) {
        if !self.is_silent(at, instance) {
            let place = self.further[(instance.0 - self.nodes) as usize].coalition;
            self.effects[place].duplicated += 1;
        }
    }

    /// Returns the instances of `node`, the node itself first.
    pub(super) fn instances(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'_> {
        let further = self.further.iter().enumerate().filter(move |(_, twin)| twin.node == node);
        std::iter::once(node).chain(further.map(|(place, _)| NodeId(self.nodes + place as u32)))
    }

    /// Returns the instances of the node `to` that a copy which the instance `from` sends at `at` reaches.
    pub(super) fn listeners(&self, at: Time, from: NodeId, to: NodeId) -> Vec<NodeId> {
        self.instances(to).filter(|&to| self.reaches(at, from, to)).collect()
    }

    /// Returns true if a copy that the instance `from` sends at `at` reaches the instance `to`.
    fn reaches(&self, at: Time, from: NodeId, to: NodeId) -> bool {
        let (sender, receiver) = (self.node(from), self.node(to));
        let (mine, theirs) = (self.coalition(sender), self.coalition(receiver));
        let (from, to) = (self.twin_index(from), self.twin_index(to));
        if mine.is_none() && theirs.is_none() {
            return !self.is_kept_apart(at, sender, receiver);
        }
        if let (Some(mine), Some(theirs)) = (mine, theirs)
            && mine == theirs
        {
            return from == if self.is_on(mine, at) { to } else { 0 };
        }
        let is_said = mine.is_none_or(|place| {
            if self.is_on(place, at) { self.sides(place, receiver) >> from & 1 == 1 } else { from == 0 }
        });
        let is_heard =
            theirs.is_none_or(|place| !self.is_on(place, at) || self.sides(place, sender) >> to & 1 == 1);
        is_said && is_heard
    }

    /// Returns true if a coalition separates these two nodes, neither of which has twins.
    fn is_kept_apart(&self, at: Time, sender: NodeId, receiver: NodeId) -> bool {
        (0..self.coalitions.len()).any(|place| {
            self.coalitions[place].apart
                && self.is_on(place, at)
                && self.sides(place, sender) & self.sides(place, receiver) == 0
        })
    }

    /// Counts a copy from the instance `from` that no instance receives: one that its node, alone, would have sent, or
    /// that a coalition drops.
    pub(super) fn count_unsaid(&mut self, at: Time, from: NodeId) {
        if self.twin_index(from) > 0 {
            return;
        }
        let own = self.coalition(self.node(from));
        let place = own.or_else(|| self.coalitions.iter().position(|coalition| coalition.apart));
        if let Some(place) = place.filter(|&place| self.is_on(place, at)) {
            self.effects[place].dropped += 1;
        }
    }

    /// Counts a copy that the instance `from` sends to the node `to`: one that its node, alone, would not have sent.
    pub(super) fn count_said(&mut self, at: Time, from: NodeId, to: NodeId) {
        if self.twin_index(from) > 0
            && let Some(place) = self.coalition(self.node(from))
            && self.is_on(place, at)
            && self.coalition(to) != Some(place)
        {
            self.effects[place].forged += 1;
        }
    }

    fn coalition(&self, node: NodeId) -> Option<usize> {
        self.further.iter().find(|twin| twin.node == node).map(|twin| twin.coalition)
    }

    fn is_on(&self, coalition: usize, at: Time) -> bool {
        let intervals = &self.coalitions[coalition].intervals;
        let begun = intervals.partition_point(|&(from, _)| from <= at);
        begun > 0 && intervals[begun - 1].1.is_none_or(|until| at < until)
    }

    fn sides(&self, coalition: usize, node: NodeId) -> u64 {
        self.coalitions[coalition].sides.get(node.index()).copied().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twins() -> Twins {
        // Node 0 and 1 collude; 2 is on side 0, 3 on side 1, 4 (a client) on both.
        let coalition = Coalition {
            nodes: vec![NodeId(0), NodeId(1)],
            instances: 2,
            sides: vec![0, 0, 0b01, 0b10],
            apart: false,
            intervals: vec![(Time::from_nanos(10), Some(Time::from_nanos(20)))],
        };
        Twins::new(5, vec![coalition])
    }

    #[test]
    fn each_life_hears_and_addresses_its_side() {
        let mut twins = twins();
        let at = Time::from_nanos(15);
        let [client, other] = [NodeId(4), NodeId(1)];
        let [first, second] = twins.instances(NodeId(0)).collect::<Vec<_>>()[..] else { panic!("two lives") };
        assert_eq!((first, second, twins.count()), (NodeId(0), NodeId(5), 7));
        assert_eq!((twins.node(second), twins.twin_index(second)), (NodeId(0), 1));
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
            assert_eq!(twins.reaches(at, from, to), reaches, "{from:?} to {to:?}");
        }
        for (from, to) in [(first, client), (second, client), (second, other)] {
            twins.count_said(at, from, to);
            twins.count_unsaid(at, from);
        }
        assert_eq!((twins.effects[0].forged, twins.effects[0].dropped), (1, 1));
    }

    #[test]
    fn outside_of_the_window_the_first_life_speaks_alone() {
        let mut twins = twins();
        let at = Time::from_nanos(20);
        assert!(twins.reaches(at, NodeId(0), NodeId(3)) && !twins.reaches(at, NodeId(5), NodeId(3)));
        assert!(twins.reaches(at, NodeId(3), NodeId(0)) && twins.reaches(at, NodeId(3), NodeId(5)));
        assert!(twins.reaches(at, NodeId(0), NodeId(6)), "a colluder's first life tells all lives");
        twins.count_said(at, NodeId(5), NodeId(3));
        twins.count_unsaid(at, NodeId(0));
        assert_eq!(twins.effects[0], Effects::default());
    }

    #[test]
    fn sides_that_are_kept_apart_do_not_hear_each_other() {
        let Twins { coalitions, .. } = twins();
        let apart = coalitions.into_iter().map(|coalition| Coalition { apart: true, ..coalition }).collect();
        let twins = Twins::new(5, apart);
        let (left, right, client) = (NodeId(2), NodeId(3), NodeId(4));
        let during = Time::from_nanos(15);
        assert!(twins.listeners(during, left, right).is_empty());
        assert_eq!(twins.listeners(during, left, client), [client]);
        assert_eq!(twins.listeners(Time::from_nanos(25), left, right), [right]);
    }
}
