//! The links of topologies that leave nothing to chance.

use super::TopologyError;
use super::edges::{EdgeSet, edge};
use synod_sim::NodeId;

pub(super) fn star(nodes: u32, centre: NodeId) -> Result<EdgeSet, TopologyError> {
    exists(nodes, centre)?;
    Ok((0..nodes).filter(|&node| node != centre.0).map(|node| edge(centre.0, node)).collect())
}

pub(super) fn tree(nodes: u32, branching: u32) -> Result<EdgeSet, TopologyError> {
    if branching == 0 {
        return Err(TopologyError::NoBranching);
    }
    Ok((1..nodes).map(|child| edge((child - 1) / branching, child)).collect())
}

/// Returns the ring in which every node is linked to the `neighbours` nearest nodes, half of them on each side.
pub(super) fn lattice(nodes: u32, neighbours: u32) -> EdgeSet {
    let steps = |node| (1..=neighbours / 2).map(move |step| (node, (node + step) % nodes));
    (0..nodes).flat_map(steps).filter(|(a, b)| a != b).map(|(a, b)| edge(a, b)).collect()
}

pub(super) fn listed(nodes: u32, list: &[(NodeId, NodeId)]) -> Result<EdgeSet, TopologyError> {
    list.iter()
        .map(|&(a, b)| {
            exists(nodes, a)?;
            exists(nodes, b)?;
            if a == b { Err(TopologyError::SelfLoop(a)) } else { Ok(edge(a.0, b.0)) }
        })
        .collect()
}

fn exists(nodes: u32, node: NodeId) -> Result<(), TopologyError> {
    if node.0 < nodes { Ok(()) } else { Err(TopologyError::NoSuchNode { node, nodes }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(list: &[(u32, u32)]) -> EdgeSet {
        list.iter().copied().collect()
    }

    #[test]
    fn shapes_have_the_links_that_they_are_named_for() {
        assert_eq!(star(4, NodeId(1)), Ok(edges(&[(0, 1), (1, 2), (1, 3)])));
        assert_eq!(tree(6, 2), Ok(edges(&[(0, 1), (0, 2), (1, 3), (1, 4), (2, 5)])));
        assert_eq!(lattice(4, 2), edges(&[(0, 1), (1, 2), (2, 3), (0, 3)]));
        assert_eq!(
            lattice(5, 4),
            edges(&[(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)])
        );
    }

    #[test]
    fn one_or_two_nodes_are_enough() {
        for nodes in [1, 2] {
            let links = nodes as usize - 1;
            assert_eq!(lattice(nodes, 2).len(), links);
            assert_eq!(star(nodes, NodeId(0)).unwrap().len(), links);
            assert_eq!(tree(nodes, 3).unwrap().len(), links);
        }
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let error = Err(TopologyError::NoSuchNode { node: NodeId(4), nodes: 4 });
        assert_eq!(star(4, NodeId(4)), error);
        assert_eq!(listed(4, &[(NodeId(0), NodeId(4))]), error);
        assert_eq!(listed(4, &[(NodeId(2), NodeId(2))]), Err(TopologyError::SelfLoop(NodeId(2))));
        assert_eq!(tree(4, 0), Err(TopologyError::NoBranching));
    }
}
