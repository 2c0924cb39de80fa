//! The tree: clusters of at most b, their representatives in clusters of at most b again, and so on up to one.
//!
//! Whoever represents a lowest cluster, here a *cell*, holds all the places above it that the cell holds. So cells make
//! up the whole tree: each has its members, its parent and its children, and a rank, the number of levels it leads.
//! Only cells choose representatives.

use super::bug::{Bug, Rules};
use serde::Serialize;
use std::cmp::Reverse;
use std::ops::Range;
use synod_sim::{Digest, NodeId};

/// A cell's number, from 0; cell 0 is the root.
pub type CellId = u32;

/// Number of times that a cell has replaced its representative.
pub type Epoch = u32;

/// Health and score of an agent, by which a cell orders its representatives.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// True for an agent that always answers; healthy agents come first.
    pub is_healthy: bool,
    /// Agents with a higher score come first.
    pub score: u64,
}

/// Width and depth of a tree.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// b: the most members of a cluster.
    pub branching: u32,
    /// The most levels, if there is a bound: b grows until they suffice.
    pub max_levels: Option<u32>,
}

/// The tree of a run, known to all agents.
#[derive(Clone, Debug, Serialize)]
pub struct Tree {
    /// The agents in the order of their positions. The positions of a cell, and those of all under it, adjoin.
    order: Vec<NodeId>,
    branching: u32,
    levels: u32,
    cells: Vec<Cell>,
    /// Each agent's position.
    #[serde(skip)]
    positions: Vec<u32>,
    /// Each agent's cell.
    #[serde(skip)]
    homes: Vec<CellId>,
    #[serde(skip)]
    digest: Digest,
}

/// A lowest cluster, with the places that its representative holds above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The positions of its members.
    pub members: Range<u32>,
    /// The positions of all whose votes it counts: its members, and those under it.
    pub subtree: Range<u32>,
    /// On how many levels it leads a cluster.
    pub rank: u32,
    /// The cell that it reports to, unless it is the root.
    pub parent: Option<CellId>,
    /// The cells that report to it.
    pub children: Vec<CellId>,
    /// Its members in the order in which they represent it: epoch j is the j-th's, from 0.
    pub succession: Vec<NodeId>,
}

impl Tree {
    /// The tree over agents in this order, each of this `health`.
    ///
    /// # Panics
    /// If there is nobody, an agent is listed twice or not at all, or clusters have less than two members.
    pub fn new(order: Vec<NodeId>, shape: Shape, health: impl Fn(NodeId) -> Health) -> Tree {
        Tree::with_bug(None, order, shape, health)
    }

    /// The same configuration with a bug.
    ///
    /// # Panics
    /// As [`Tree::new`].
    pub fn with_bug(
        bug: Option<Bug>,
        order: Vec<NodeId>,
        shape: Shape,
        health: impl Fn(NodeId) -> Health,
    ) -> Tree {
        let mut positions = vec![u32::MAX; order.len()];
        for (position, node) in order.iter().enumerate() {
            assert_eq!(positions[node.index()], u32::MAX, "agent {node} has one position");
            positions[node.index()] = position as u32;
        }
        let branching = shape.widened(order.len());
        let mut cells = cells(&order, branching, health);
        let levels = stack(&mut cells, branching, Rules::of(bug));
        assert_eq!(cells[0].subtree, 0..order.len() as u32, "everybody is under the root");
        assert_eq!((cells[0].parent, cells[0].rank), (None, levels), "the root leads on every level");
        let mut homes = vec![0; order.len()];
        for (id, cell) in cells.iter().enumerate() {
            cell.members.clone().for_each(|position| homes[order[position as usize].index()] = id as CellId);
        }
        let digest = Digest::of(&(&order, branching, &cells));
        Tree { order, branching, levels, cells, positions, homes, digest }
    }

    /// Number of agents.
    pub fn size(&self) -> u32 {
        self.order.len() as u32
    }

    /// b: the most members of a cluster.
    pub fn branching(&self) -> u32 {
        self.branching
    }

    /// Number of levels of clusters.
    pub fn levels(&self) -> u32 {
        self.levels
    }

    /// Its cells; the root comes first.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of this number.
    pub fn cell(&self, id: CellId) -> &Cell {
        &self.cells[id as usize]
    }

    /// Digest of the tree, which vote requests name.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The cell that `node` is a member of.
    pub fn home(&self, node: NodeId) -> CellId {
        self.homes[node.index()]
    }

    /// The position of `node`.
    pub fn position(&self, node: NodeId) -> u32 {
        self.positions[node.index()]
    }

    /// The agent at `position`.
    pub fn at(&self, position: u32) -> NodeId {
        self.order[position as usize]
    }

    /// The members of a cell, by position.
    pub fn members(&self, id: CellId) -> &[NodeId] {
        let Range { start, end } = self.cell(id).members;
        &self.order[start as usize..end as usize]
    }

    /// The representative of a cell in an epoch: the succession is cyclic.
    pub fn representative(&self, id: CellId, epoch: Epoch) -> NodeId {
        let succession = &self.cell(id).succession;
        succession[epoch as usize % succession.len()]
    }

    /// Returns true if `node` is a neighbour of the cell's representative: a member of the cell, of its parent or of a
    /// child.
    pub fn concerns(&self, id: CellId, node: NodeId) -> bool {
        let Some(&home) = self.homes.get(node.index()) else { return false };
        home == id || self.cell(id).parent == Some(home) || self.cell(home).parent == Some(id)
    }
}

impl Shape {
    /// b for `n` agents: wide enough for the bound on levels.
    ///
    /// # Panics
    /// If clusters have less than two members, or no level is allowed.
    pub fn widened(self, n: usize) -> u32 {
        assert!(self.branching >= 2, "a cluster of one leads to no other");
        let Some(levels) = self.max_levels else { return self.branching };
        assert!(levels > 0, "a tree has a level");
        let suffices = |b: &u32| u128::from(*b).saturating_pow(levels) >= n as u128;
        (self.branching..).find(suffices).expect("some width suffices")
    }
}

/// Parts of `whole` in `parts` ranges, whose sizes differ by one at most.
fn split(whole: usize, parts: usize) -> impl Iterator<Item = Range<u32>> {
    (0..parts).map(move |part| {
        let bound = |part: usize| (part * whole).div_ceil(parts) as u32;
        bound(part)..bound(part + 1)
    })
}

fn cells(order: &[NodeId], branching: u32, health: impl Fn(NodeId) -> Health) -> Vec<Cell> {
    assert!(!order.is_empty(), "somebody votes");
    let cell = |members: Range<u32>| {
        // Positions are drawn from the seed, so that of equals chance decides.
        let mut succession: Vec<NodeId> = order[members.start as usize..members.end as usize].to_vec();
        succession.sort_by_key(|&node| {
            let Health { is_healthy, score } = health(node);
            (!is_healthy, Reverse(score))
        });
        Cell { subtree: members.clone(), members, rank: 1, parent: None, children: Vec::new(), succession }
    };
    split(order.len(), order.len().div_ceil(branching as usize)).map(cell).collect()
}

/// Puts cells under each other, level by level: the first of a cluster leads it. How many levels that makes.
fn stack(cells: &mut [Cell], branching: u32, rules: &Rules) -> u32 {
    let mut levels = 1;
    let mut leading: Vec<CellId> = (0..cells.len() as CellId).collect();
    while leading.len() > 1 {
        let clusters = if rules.narrow_above { leading.len().div_ceil(branching as usize) } else { 1 };
        let next = split(leading.len(), clusters).map(|cluster| {
            let cluster = &leading[cluster.start as usize..cluster.end as usize];
            let senior = cluster[0] as usize;
            for &junior in &cluster[1..] {
                cells[junior as usize].parent = Some(senior as CellId);
                cells[senior].subtree.end = cells[junior as usize].subtree.end;
                cells[senior].children.push(junior);
            }
            cells[senior].rank += 1;
            senior as CellId
        });
        leading = next.collect();
        levels += 1;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn tree(n: u32, branching: u32, max_levels: Option<u32>) -> Tree {
        let shape = Shape { branching, max_levels };
        Tree::new((0..n).map(NodeId).collect(), shape, |_| Health { is_healthy: true, score: 0 })
    }

    #[test]
    fn it_is_as_deep_as_the_logarithm_says() {
        for (n, levels) in [(1, 1), (5, 1), (6, 2), (25, 2), (26, 3), (125, 3), (126, 4), (10_000, 6)] {
            assert_eq!(tree(n, 5, None).levels(), levels, "{n}");
        }
    }

    #[test]
    fn sizes_differ_by_one_at_most() {
        let tree = tree(26, 5, None);
        let sizes: Vec<usize> = tree.cells().iter().map(|cell| cell.members.len()).collect();
        assert_eq!((sizes.len(), sizes.iter().min(), sizes.iter().max()), (6, Some(&4), Some(&5)));
        assert_eq!(tree.cell(0).subtree, 0..26);
        assert_eq!(tree.cell(0).rank, 3);
    }

    #[test]
    fn a_bound_on_levels_widens_clusters() {
        let shallow = tree(100, 5, Some(2));
        assert_eq!((shallow.branching(), shallow.levels()), (10, 2));
        assert_eq!(tree(100, 5, Some(1)).levels(), 1);
        assert_eq!(tree(20, 5, Some(2)).branching(), 5, "where they suffice nothing changes");
    }

    #[test]
    fn health_comes_before_score_and_score_before_position() {
        let health = [(true, 1), (true, 3), (false, 9), (true, 3)];
        let health = health.map(|(is_healthy, score)| Health { is_healthy, score });
        let order = [3, 2, 1, 0].map(NodeId).to_vec();
        let tree = Tree::new(order, Shape { branching: 5, max_levels: None }, |node| health[node.index()]);
        assert_eq!(tree.cell(0).succession, [3, 1, 0, 2].map(NodeId));
        assert_eq!(tree.representative(0, 5), NodeId(1));
    }

    #[test]
    fn neighbours_are_members_of_the_cell_its_parent_and_its_children() {
        let tree = tree(125, 5, None);
        let leaf = tree.cells().iter().position(|cell| cell.rank == 1).expect("there are leaves") as CellId;
        let parent = tree.cell(leaf).parent.expect("a leaf has a parent");
        assert!(
            tree.members(leaf).iter().all(|&node| tree.concerns(leaf, node) && tree.concerns(parent, node))
        );
        assert!(tree.members(parent).iter().all(|&node| tree.concerns(leaf, node)));
        let concerned = (0..125).filter(|&node| tree.concerns(leaf, NodeId(node))).count();
        assert_eq!(concerned, 10);
        assert!(!tree.concerns(0, NodeId(125)));
    }
}
