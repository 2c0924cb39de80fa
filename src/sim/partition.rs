//! Network partitions: which nodes cannot reach which.

use super::NodeId;

/// A network partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Each node is on a side, by number; different sides do not hear each other. Nodes on no side, and those
    /// beyond the list, reach everyone.
    Sides(Vec<Option<u32>>),
    /// Messages from the first nodes to the second are lost; the other way they pass. Both by number, true for
    /// membership.
    OneWay(Vec<bool>, Vec<bool>),
    /// This node is cut off from all others.
    Around(NodeId),
    /// The first `nodes` nodes stand in a ring and reach those at most `reach` places away. Nodes beyond them reach
    /// everyone.
    Ring {
        /// How many stand in the ring.
        nodes: u32,
        /// How far each reaches, in either direction.
        reach: u32,
    },
}

impl Cut {
    /// Returns true if a message from `from` cannot reach `to`.
    pub fn separates(&self, from: NodeId, to: NodeId) -> bool {
        match self {
            Cut::Sides(sides) => {
                let side = |node: NodeId| sides.get(node.index()).copied().flatten();
                side(from).zip(side(to)).is_some_and(|(from, to)| from != to)
            }
            Cut::OneWay(senders, receivers) => {
                let is = |list: &[bool], node: NodeId| list.get(node.index()).copied().unwrap_or(false);
                is(senders, from) && is(receivers, to)
            }
            Cut::Around(node) => from != to && (from == *node || to == *node),
            Cut::Ring { nodes, reach } => {
                let apart = from.0.abs_diff(to.0);
                from.0 < *nodes && to.0 < *nodes && apart.min(nodes - apart) > *reach
            }
        }
    }
}

/// The cuts that matter, by the id that heals them.
#[derive(Debug, Default)]
pub(super) struct Cuts(Vec<Standing>);

/// A cut that is in force, or that has taken what was on its way when it began.
#[derive(Debug)]
struct Standing {
    id: u32,
    cut: Cut,
    is_in_force: bool,
    /// Messages up to this number that were on their way between its sides are lost.
    swept: u64,
}

impl Cuts {
    /// Begins a cut, which takes messages up to number `swept`, if they are on their way between its sides.
    pub(super) fn begin(&mut self, id: u32, cut: Cut, swept: u64) {
        let before = self.0.iter().position(|other| other.id == id).map(|place| self.0.remove(place));
        assert!(before.is_none_or(|before| !before.is_in_force), "cut {id} is in force already");
        self.0.push(Standing { id, cut, is_in_force: true, swept });
    }

    pub(super) fn heal(&mut self, id: u32) {
        self.0.iter_mut().filter(|cut| cut.id == id).for_each(|cut| cut.is_in_force = false);
        self.0.retain(|cut| cut.is_in_force || cut.swept > 0);
    }

    #[inline]
    pub(super) fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the cut that keeps a message from leaving `from` for `to`, if any.
    pub(super) fn between(&self, from: NodeId, to: NodeId) -> Option<u32> {
        self.0.iter().find(|cut| cut.is_in_force && cut.cut.separates(from, to)).map(|cut| cut.id)
    }

    /// Returns the cut that keeps message `number` of `from` from arriving at `to`, if any.
    pub(super) fn catch(&self, number: u64, from: NodeId, to: NodeId) -> Option<u32> {
        let is_closed = |cut: &&Standing| cut.is_in_force || number <= cut.swept;
        self.0.iter().find(|cut| is_closed(cut) && cut.cut.separates(from, to)).map(|cut| cut.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_symmetric_and_one_way_cuts_are_not() {
        let sides = Cut::Sides(vec![Some(0), Some(0), Some(1), None]);
        assert!(sides.separates(NodeId(0), NodeId(2)) && sides.separates(NodeId(2), NodeId(1)));
        assert!(!sides.separates(NodeId(0), NodeId(1)));
        assert!(!sides.separates(NodeId(2), NodeId(3)), "a node on no side reaches everyone");
        assert!(!sides.separates(NodeId(2), NodeId(9)), "so do nodes beyond the list");
        let one_way = Cut::OneWay(vec![true, false], vec![false, true]);
        assert!(one_way.separates(NodeId(0), NodeId(1)) && !one_way.separates(NodeId(1), NodeId(0)));
    }

    #[test]
    fn one_node_or_the_far_side_of_a_ring_is_cut_off() {
        let around = Cut::Around(NodeId(1));
        assert!(around.separates(NodeId(1), NodeId(7)) && around.separates(NodeId(7), NodeId(1)));
        assert!(!around.separates(NodeId(1), NodeId(1)) && !around.separates(NodeId(0), NodeId(7)));
        let ring = Cut::Ring { nodes: 5, reach: 1 };
        assert!(ring.separates(NodeId(0), NodeId(2)) && ring.separates(NodeId(3), NodeId(0)));
        assert!(!ring.separates(NodeId(0), NodeId(4)) && !ring.separates(NodeId(0), NodeId(5)));
    }
}
