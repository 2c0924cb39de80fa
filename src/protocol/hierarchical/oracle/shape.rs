//! H1: the tree is a tree, as narrow as it is to be and no deeper.

use super::super::{Cell, CellId, Config, Hierarchical, Observation, Tree};
use std::rc::Rc;
use synod_sim::units::plural;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation, sort};
use synod_vote::weighted;

/// H1: the clusters of each level part those of the level below, none has more than b members, and there are as many
/// levels as the logarithm of n to base b asks for.
#[derive(Debug)]
pub struct TreeShape {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

impl TreeShape {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> TreeShape {
        TreeShape { config: Rc::clone(config), ground_truth: Rc::clone(ground_truth), checked: 0 }
    }
}

/// What is wrong with a tree.
fn fault(tree: &Tree) -> Option<String> {
    let mut homes = vec![0u32; tree.size() as usize];
    for id in 0..tree.cells().len() as CellId {
        tree.members(id).iter().for_each(|node| homes[node.index()] += 1);
    }
    if let Some(node) = homes.iter().position(|&homes| homes != 1) {
        return Some(format!("agent {node} is in {} clusters of the lowest level", homes[node]));
    }
    if let Some(fault) = (0..).zip(tree.cells()).find_map(|(id, cell)| cluster_fault(tree, id, cell)) {
        return Some(fault);
    }
    let (mut levels, mut reach) = (1, u64::from(tree.branching()));
    while reach < u64::from(tree.size()) {
        levels += 1;
        reach *= u64::from(tree.branching());
    }
    let root = tree.cell(0);
    (tree.levels() != levels || root.rank != levels || root.subtree != (0..tree.size())).then(|| {
        format!(
            "{} make {}, not {levels}",
            plural(tree.size().into(), "agent"),
            plural(tree.levels().into(), "level")
        )
    })
}

/// What is wrong with the clusters that one cell leads.
fn cluster_fault(tree: &Tree, id: CellId, cell: &Cell) -> Option<String> {
    let under: usize = cell.children.iter().map(|&child| tree.cell(child).subtree.len()).sum();
    if cell.members.len() + under != cell.subtree.len() {
        return Some(format!("cluster {id} counts {} voters", cell.subtree.len()));
    }
    if cell.children.iter().any(|&child| tree.cell(child).parent != Some(id)) {
        return Some(format!("a child of cluster {id} has another parent"));
    }
    if cell.parent.is_some_and(|parent| !tree.cell(parent).children.contains(&id) || parent >= id) {
        return Some(format!("cluster {id} is under one that does not know it"));
    }
    let mut succession: Vec<NodeId> = cell.succession.clone();
    let mut members = tree.members(id).to_vec();
    sort::nodes(&mut succession);
    sort::nodes(&mut members);
    if succession != members {
        return Some(format!("others than its members are to represent cluster {id}"));
    }
    let peers =
        |level: u32| cell.children.iter().filter(|&&child| tree.cell(child).rank == level).count() + 1;
    let sizes = std::iter::once(cell.members.len()).chain((1..cell.rank).map(peers));
    let largest = sizes.max().expect("there is the lowest level");
    (largest > tree.branching() as usize)
        .then(|| format!("cluster {id} leads one of {largest}, and {} is the most", tree.branching()))
}

impl Oracle<Hierarchical> for TreeShape {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn claim(&self) -> &'static str {
        "H1: clusters part the agents, have at most b members, and make no more levels than it takes"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let Observation::FlatVote(weighted::Observation::Opened { session, .. }) = claim else {
            return Ok(());
        };
        self.checked += 1;
        // It is the same in all sessions.
        match fault(&self.config.tree).filter(|_| self.checked == 1) {
            None => Ok(()),
            Some(fault) => {
                Err(Violation::new([node], format_args!("session {session}: {fault}"))
                    .with("session", session))
            }
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
