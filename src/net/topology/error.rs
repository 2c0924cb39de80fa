//! Why parameters make no topology.

use std::fmt;
use synod_sim::NodeId;
use synod_sim::units::plural;

/// Why a topology cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopologyError {
    /// There is not a single node.
    NoNodes,
    /// There are more nodes than the topology can have.
    TooManyNodes {
        /// Their number.
        nodes: u32,
        /// How many there can be.
        most: u32,
    },
    /// A node is named that does not exist.
    NoSuchNode {
        /// The node named.
        node: NodeId,
        /// Number of nodes.
        nodes: u32,
    },
    /// A link leads from this node to itself.
    SelfLoop(NodeId),
    /// The nodes of a tree must have children.
    NoBranching,
    /// A node cannot have as many neighbours as there are nodes.
    TooManyNeighbours {
        /// How many neighbours every node is to have.
        neighbours: u32,
        /// Number of nodes.
        nodes: u32,
    },
    /// The ends of all links add up to an odd number.
    OddDegreeSum {
        /// How many neighbours every node is to have.
        degree: u32,
        /// Number of nodes.
        nodes: u32,
    },
    /// A lattice has as many neighbours on one side as on the other.
    OddNeighbours(u32),
    /// The list of regions is not as long as there are nodes.
    RegionsListed {
        /// Number of nodes that have a region.
        listed: usize,
        /// Number of nodes.
        nodes: u32,
    },
    /// A node is in a region that has no row in the matrix of link classes.
    NoSuchRegion {
        /// The node.
        node: NodeId,
        /// Its region.
        region: u16,
        /// Number of rows.
        regions: usize,
    },
    /// A row of the matrix of link classes is not as long as there are rows.
    NotSquare {
        /// The row, counted from 0.
        row: usize,
        /// How many columns it has.
        columns: usize,
        /// Number of rows.
        regions: usize,
    },
    /// Some nodes cannot reach others.
    Disconnected {
        /// The lowest node of each part.
        parts: Vec<NodeId>,
    },
}

impl fmt::Display for TopologyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TopologyError::NoNodes => out.write_str("a network needs at least one node"),
            TopologyError::TooManyNodes { nodes, most } => {
                write!(out, "{} are too many: this topology can have {most}", plural(*nodes as u64, "node"))
            }
            TopologyError::NoSuchNode { node, nodes } => {
                write!(
                    out,
                    "there is no node {node}: the last of {} is {}",
                    plural((*nodes).into(), "node"),
                    nodes - 1
                )
            }
            TopologyError::SelfLoop(node) => write!(out, "a link from node {node} to itself"),
            TopologyError::NoBranching => out.write_str("branching must be at least 1"),
            TopologyError::TooManyNeighbours { neighbours, nodes } => {
                write!(
                    out,
                    "a node cannot have {} among {}",
                    plural((*neighbours).into(), "neighbour"),
                    plural((*nodes).into(), "node")
                )
            }
            TopologyError::OddDegreeSum { degree, nodes } => write!(
                out,
                "{} of degree {degree} cannot be linked: one of the two numbers must be even",
                plural((*nodes).into(), "node")
            ),
            TopologyError::OddNeighbours(neighbours) => write!(
                out,
                "a small world needs an even number of neighbours, half on each side, not {neighbours}"
            ),
            TopologyError::RegionsListed { listed, nodes } => {
                write!(out, "regions are given for {listed} of {}", plural((*nodes).into(), "node"))
            }
            TopologyError::NoSuchRegion { node, region, regions } => {
                write!(out, "node {node} is in region {region}, and there are {regions}, counted from 0")
            }
            TopologyError::NotSquare { row, columns, regions } => write!(
                out,
                "row {row} of the link classes has {}: with {} it must have {regions}",
                plural(*columns as u64, "column"),
                plural(*regions as u64, "row")
            ),
            TopologyError::Disconnected { parts } => disconnected(out, parts),
        }
    }
}

/// Names a node of each part, but for the sake of the reader not of hundreds.
fn disconnected(out: &mut fmt::Formatter<'_>, parts: &[NodeId]) -> fmt::Result {
    const NAMED: usize = 8;
    write!(out, "the network falls into {} parts: one with node {}", parts.len(), parts[0])?;
    for part in parts.iter().take(NAMED).skip(1) {
        write!(out, ", one with node {part}")?;
    }
    if parts.len() > NAMED { write!(out, " and {} more", parts.len() - NAMED) } else { Ok(()) }
}

impl std::error::Error for TopologyError {}
