//! Who is linked to whom.

mod edges;
mod error;
mod graph;
mod layout;
mod regular;
mod shapes;
mod small_world;

pub use edges::edges_from_csv;
pub use error::TopologyError;
pub use layout::{Layout, LinkClass};

use crate::Probability;
use edges::EdgeSet;
use graph::Graph;
use synod_sim::random::MAX_NODES;
use synod_sim::{NodeId, Purpose, Stream, Streams};

/// The most nodes of a topology in which messages take several hops: the table of distances takes two bytes for
/// every pair of nodes, which is 512 MiB for as many as this.
pub const MAX_ROUTED_NODES: u32 = 1 << 14;

/// How the nodes are linked. Links carry both ways.
///
/// In a full mesh, with or without regions, every message takes one hop, and nothing is stored for pairs of nodes.
/// Otherwise a message takes a shortest path.
#[derive(Clone, Debug, PartialEq)]
pub enum Topology {
    /// Every node is linked to every other.
    FullMesh,
    /// A full mesh whose links differ by the regions that they join.
    Regions {
        /// The region of every node.
        region_of: Vec<u16>,
        /// The class of the links from the row's region to the column's; within a region, on the diagonal.
        classes: Vec<Vec<LinkClass>>,
    },
    /// Every node is linked to `centre`, and to no other.
    Star {
        /// The node in the middle.
        centre: NodeId,
    },
    /// Every node is linked to the next, and the last to the first.
    Ring,
    /// Node 0 is the root, and node i > 0 is a child of node (i − 1) / `branching`.
    Tree {
        /// How many children a node has, but for the last few.
        branching: u32,
    },
    /// A random graph in which every node has `degree` neighbours, conditioned on being connected.
    ///
    /// Source: A. Steger and N. C. Wormald, *Generating random regular graphs quickly* (1999).
    RandomRegular {
        /// How many neighbours every node has.
        degree: u32,
    },
    /// A ring lattice with some links rewired at random, conditioned on being connected.
    ///
    /// Source: D. J. Watts and S. H. Strogatz, *Collective dynamics of 'small-world' networks* (1998).
    SmallWorld {
        /// How many nearest neighbours every node has in the lattice, half of them on each side: an even number.
        neighbours: u32,
        /// How likely each link is to be rewired.
        rewiring: Probability,
    },
    /// The links listed. One listed twice, or both ways, is one link.
    Edges(Vec<(NodeId, NodeId)>),
}

/// How often a random topology is drawn again until it is connected.
const ATTEMPTS: u32 = 1_000;

impl Topology {
    /// Returns the topology for `nodes` nodes. Random topologies draw from the stream of
    /// [`Purpose::Topology`](synod_sim::Purpose::Topology).
    ///
    /// # Errors
    /// If the parameters do not go with the number of nodes, if there are too many nodes, or if the topology is not
    /// connected; see [`TopologyError`].
    pub fn build(&self, nodes: u32, streams: &Streams) -> Result<Layout, TopologyError> {
        let most = if self.is_mesh() { MAX_NODES } else { MAX_ROUTED_NODES };
        if nodes == 0 {
            return Err(TopologyError::NoNodes);
        }
        if nodes > most {
            return Err(TopologyError::TooManyNodes { nodes, most });
        }
        match self {
            Topology::FullMesh => Ok(Layout::full_mesh(nodes)),
            Topology::Regions { region_of, classes } => Layout::regions(nodes, region_of, classes),
            Topology::Star { centre } => routed(nodes, &shapes::star(nodes, *centre)?),
            Topology::Ring => routed(nodes, &shapes::lattice(nodes, 2)),
            Topology::Tree { branching } => routed(nodes, &shapes::tree(nodes, *branching)?),
            Topology::RandomRegular { degree } => {
                regular::check(nodes, *degree)?;
                connected(nodes, streams, |stream| regular::draw(nodes, *degree, stream))
            }
            Topology::SmallWorld { neighbours, rewiring } => {
                small_world::check(nodes, *neighbours)?;
                connected(nodes, streams, |stream| small_world::draw(nodes, *neighbours, *rewiring, stream))
            }
            Topology::Edges(list) => routed(nodes, &shapes::listed(nodes, list)?),
        }
    }

    fn is_mesh(&self) -> bool {
        matches!(self, Topology::FullMesh | Topology::Regions { .. })
    }
}

fn routed(nodes: u32, edges: &EdgeSet) -> Result<Layout, TopologyError> {
    Ok(Layout::routed(Graph::new(nodes, edges)?))
}

/// Returns the first of many draws that is connected.
fn connected(
    nodes: u32,
    streams: &Streams,
    draw: impl Fn(&mut Stream) -> EdgeSet,
) -> Result<Layout, TopologyError> {
    let mut stream = streams.stream(Purpose::Topology, 0);
    let mut layout = routed(nodes, &draw(&mut stream));
    for _ in 1..ATTEMPTS {
        if layout.is_ok() {
            break;
        }
        layout = routed(nodes, &draw(&mut stream));
    }
    layout
}
