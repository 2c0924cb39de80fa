//! Who is linked to whom, as a scenario file gives it.

use super::error::Problem;
use super::path::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_net::{Layout, Probability, Topology, TopologyError};
use synod_sim::units::Share;
use synod_sim::{NodeId, Streams};

/// The most links that are drawn at random.
const MAX_RANDOM_LINKS: u64 = 100_000;

/// Among so few agents any degree is drawn quickly.
const SMALL: u32 = 200;

/// How the agents are linked. Links carry both ways, and messages take a shortest path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TopologyShape {
    /// Every agent is linked to every other.
    FullMesh,
    /// Every agent is linked to the one in the centre.
    Star {
        /// The number of the agent in the centre.
        centre: u32,
    },
    /// Every agent is linked to the next, and the last to the first.
    Ring,
    /// Agent 0 is the root.
    Tree {
        /// How many children an agent has.
        branching: u32,
    },
    /// A random graph in which every agent has as many neighbours as every other.
    KRegular {
        /// How many neighbours an agent has.
        degree: u32,
    },
    /// A ring lattice with some links rewired at random.
    SmallWorld {
        /// How many nearest neighbours an agent has in the lattice, half of them on each side: an even number.
        degree: u32,
        /// How likely a link is to be rewired.
        rewire: Share,
    },
    /// The links themselves, as pairs of agents' numbers.
    Edges(Vec<[u32; 2]>),
    /// A CSV file of links, two agents' numbers a line, relative to the scenario file.
    File(String),
}

impl TopologyShape {
    /// Returns the layout for so many agents and clients. A client is linked to one agent; in a full mesh, to
    /// everybody.
    pub(super) fn layout(&self, agents: u32, clients: u32, streams: &Streams) -> Result<Layout, Problem> {
        let blame = |error: TopologyError| Problem::new(self.culprit(&error), error.to_string());
        let topology = self.topology()?;
        if clients == 0 || topology == Topology::FullMesh {
            return topology.build(agents + clients, streams).map_err(blame);
        }
        let inner = topology.build(agents, streams).map_err(blame)?;
        let pairs = (0..agents).flat_map(|a| (a + 1..agents).map(move |b| (NodeId(a), NodeId(b))));
        let mut links: Vec<_> = pairs.filter(|&(a, b)| inner.hops(a, b) == 1).collect();
        links.extend((0..clients).map(|client| (NodeId(client % agents), NodeId(agents + client))));
        Topology::Edges(links).build(agents + clients, streams).map_err(blame)
    }

    /// Refuses random links so dense that drawing them would take long: a full mesh is what they nearly are.
    pub(super) fn check(&self, agents: u32) -> Result<(), Problem> {
        let (kind, degree) = match self {
            TopologyShape::KRegular { degree } => ("k_regular", *degree),
            TopologyShape::SmallWorld { degree, .. } => ("small_world", *degree),
            _ => return Ok(()),
        };
        let links = u64::from(agents) * u64::from(degree) / 2;
        if links <= MAX_RANDOM_LINKS && (degree <= agents / 2 || agents <= SMALL) {
            return Ok(());
        }
        let message = format!("{links} random links among {agents} agents take too long to draw");
        let path = Path::of(["network", "topology", kind, "degree"]);
        let help = format!("up to {MAX_RANDOM_LINKS} links, and a degree of up to half the agents");
        Err(Problem::new(path, message).help(help))
    }

    fn topology(&self) -> Result<Topology, Problem> {
        Ok(match self {
            TopologyShape::FullMesh => Topology::FullMesh,
            TopologyShape::Star { centre } => Topology::Star { centre: NodeId(*centre) },
            TopologyShape::Ring => Topology::Ring,
            TopologyShape::Tree { branching } => Topology::Tree { branching: *branching },
            TopologyShape::KRegular { degree } => Topology::RandomRegular { degree: *degree },
            TopologyShape::SmallWorld { degree, rewire } => {
                Topology::SmallWorld { neighbours: *degree, rewiring: probability(*rewire) }
            }
            TopologyShape::Edges(list) => {
                Topology::Edges(list.iter().map(|&[a, b]| (NodeId(a), NodeId(b))).collect())
            }
            TopologyShape::File(_) => {
                let path = Path::of(["network", "topology", "file"]);
                return Err(Problem::new(path, "the links of this file were never read"));
            }
        })
    }

    /// Returns the field that is to blame.
    fn culprit(&self, error: &TopologyError) -> Path {
        let here = Path::of(["network", "topology"]);
        match (self, error) {
            (TopologyShape::Star { .. }, TopologyError::NoSuchNode { .. }) => here.to("star").to("centre"),
            (TopologyShape::Tree { .. }, TopologyError::NoBranching) => here.to("tree").to("branching"),
            (
                TopologyShape::KRegular { .. },
                TopologyError::TooManyNeighbours { .. } | TopologyError::OddDegreeSum { .. },
            ) => here.to("k_regular").to("degree"),
            (
                TopologyShape::SmallWorld { .. },
                TopologyError::TooManyNeighbours { .. } | TopologyError::OddNeighbours(_),
            ) => here.to("small_world").to("degree"),
            (
                TopologyShape::Edges(list),
                TopologyError::NoSuchNode { node, .. } | TopologyError::SelfLoop(node),
            ) => {
                let edge = list.iter().position(|edge| edge.contains(&node.0)).unwrap_or_default();
                here.to("edges").to(edge)
            }
            _ => here,
        }
    }
}

/// Returns a share as a probability.
pub(super) fn probability(share: Share) -> Probability {
    // A share is never more than a whole.
    Probability::from_f64(share.fraction()).unwrap_or(Probability::ALWAYS)
}
