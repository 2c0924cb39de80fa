//! Links with the distances between all nodes.

use super::TopologyError;
use super::edges::EdgeSet;
use petgraph::Directed;
use petgraph::csr::Csr;
use synod_sim::NodeId;

/// A connected graph and how many hops every node is from every other.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// Every link twice, once each way; a node's neighbours are sorted.
    links: Csr<(), (), Directed, u32>,
    /// Row by row, the hops from the row's node.
    distances: Box<[u16]>,
}

const UNREACHED: u16 = u16::MAX;

impl Graph {
    /// Creates the graph of `edges` on the nodes below `nodes`.
    pub(super) fn new(nodes: u32, edges: &EdgeSet) -> Result<Graph, TopologyError> {
        let links = compressed(nodes, edges);
        let width = nodes as usize;
        assert!(nodes < u32::from(UNREACHED), "distances fit into 16 bits");
        let parts = parts(&links);
        if parts.len() > 1 {
            return Err(TopologyError::Disconnected { parts });
        }
        let mut distances = vec![UNREACHED; width * width].into_boxed_slice();
        let mut queue = Vec::with_capacity(width);
        for (start, row) in distances.chunks_exact_mut(width).enumerate() {
            spread(&links, start as u32, row, &mut queue);
        }
        Ok(Graph { links, distances })
    }

    pub(super) fn nodes(&self) -> u32 {
        self.links.node_count() as u32
    }

    /// Returns the length of a shortest path; 0 from a node to itself.
    #[inline]
    pub(super) fn distance(&self, from: NodeId, to: NodeId) -> u32 {
        u32::from(self.distances[from.index() * self.links.node_count() + to.index()])
    }

    /// Returns the neighbours of `node`, lowest first.
    pub(super) fn neighbours(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.links.neighbors_slice(node.0).iter().copied().map(NodeId)
    }

    /// Returns the neighbour of `from` that is next on the way to `to`: of those on a shortest path, the lowest.
    pub(super) fn next_hop(&self, from: NodeId, to: NodeId) -> NodeId {
        let left = self.distance(from, to);
        self.neighbours(from)
            .find(|&next| self.distance(next, to) + 1 == left)
            .expect("a connected graph has a way between any two of its nodes")
    }
}

fn compressed(nodes: u32, edges: &EdgeSet) -> Csr<(), (), Directed, u32> {
    let mut both_ways: Vec<(u32, u32)> = edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
    both_ways.sort_unstable();
    let mut links = Csr::from_sorted_edges(&both_ways).expect("the edges are sorted and each is there once");
    // The compressed form starts with as many nodes as the edges name.
    while links.node_count() < nodes as usize {
        links.add_node(());
    }
    links
}

/// Returns the lowest node of every connected part.
fn parts(links: &Csr<(), (), Directed, u32>) -> Vec<NodeId> {
    let nodes = links.node_count();
    let mut reached = vec![UNREACHED; nodes];
    let mut queue = Vec::with_capacity(nodes);
    let mut parts = Vec::new();
    for start in 0..nodes {
        if reached[start] == UNREACHED {
            spread(links, start as u32, &mut reached, &mut queue);
            parts.push(NodeId(start as u32));
        }
    }
    parts
}

/// Breadth-first search from `start`: writes the hops to every node that it reaches into `distances`.
fn spread(links: &Csr<(), (), Directed, u32>, start: u32, distances: &mut [u16], queue: &mut Vec<u32>) {
    queue.clear();
    queue.push(start);
    distances[start as usize] = 0;
    let mut head = 0;
    while let Some(&node) = queue.get(head) {
        head += 1;
        let next = distances[node as usize] + 1;
        for &neighbour in links.neighbors_slice(node) {
            if distances[neighbour as usize] == UNREACHED {
                distances[neighbour as usize] = next;
                queue.push(neighbour);
            }
        }
    }
}
