//! A topology that has been built: what a network asks of it.

use super::TopologyError;
use super::graph::Graph;
use synod_sim::NodeId;

/// The class of a link: which of a network's [`Link`](crate::Link)s describes it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkClass(pub u16);

impl LinkClass {
    /// Returns the class as an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The nodes of a network and how they are linked.
#[derive(Clone, Debug)]
pub struct Layout {
    nodes: u32,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    FullMesh,
    Regions(Regions),
    Routed(Graph),
}

#[derive(Clone, Debug)]
struct Regions {
    region_of: Box<[u16]>,
    /// Row by row.
    classes: Box<[LinkClass]>,
    count: usize,
}

impl Regions {
    #[inline]
    fn class(&self, from: NodeId, to: NodeId) -> LinkClass {
        let (row, column) = (self.region_of[from.index()], self.region_of[to.index()]);
        self.classes[usize::from(row) * self.count + usize::from(column)]
    }
}

impl Layout {
    pub(super) fn full_mesh(nodes: u32) -> Layout {
        Layout { nodes, shape: Shape::FullMesh }
    }

    pub(super) fn routed(graph: Graph) -> Layout {
        Layout { nodes: graph.nodes(), shape: Shape::Routed(graph) }
    }

    pub(super) fn regions(
        nodes: u32,
        region_of: &[u16],
        classes: &[Vec<LinkClass>],
    ) -> Result<Layout, TopologyError> {
        let count = classes.len();
        if region_of.len() != nodes as usize {
            return Err(TopologyError::RegionsListed { listed: region_of.len(), nodes });
        }
        if let Some((row, found)) = classes.iter().enumerate().find(|(_, row)| row.len() != count) {
            return Err(TopologyError::NotSquare { row, columns: found.len(), regions: count });
        }
        let outside = |&(_, &region): &(usize, &u16)| usize::from(region) >= count;
        if let Some((node, &region)) = region_of.iter().enumerate().find(outside) {
            return Err(TopologyError::NoSuchRegion { node: NodeId(node as u32), region, regions: count });
        }
        let regions = Regions { region_of: region_of.into(), classes: classes.concat().into(), count };
        Ok(Layout { nodes, shape: Shape::Regions(regions) })
    }

    /// Returns the number of nodes.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// Returns true if every link is of class 0 and every message takes one hop.
    pub(crate) fn is_plain_mesh(&self) -> bool {
        matches!(self.shape, Shape::FullMesh)
    }

    /// Returns how many classes of links there are: one more than the highest.
    pub fn link_classes(&self) -> usize {
        match &self.shape {
            Shape::FullMesh | Shape::Routed(_) => 1,
            Shape::Regions(regions) => regions.classes.iter().max().map_or(0, |class| class.index() + 1),
        }
    }

    /// Returns the class of every link on the way from `from` to `to`.
    ///
    /// # Panics
    /// If there are no such nodes.
    #[inline]
    pub fn link_class(&self, from: NodeId, to: NodeId) -> LinkClass {
        self.assert_nodes(from, to);
        match &self.shape {
            Shape::FullMesh | Shape::Routed(_) => LinkClass(0),
            Shape::Regions(regions) => regions.class(from, to),
        }
    }

    /// Returns how many links a message from `from` to `to` crosses. One to the sender itself crosses one, like one to
    /// a neighbour.
    ///
    /// # Panics
    /// If there are no such nodes.
    #[inline]
    pub fn hops(&self, from: NodeId, to: NodeId) -> u32 {
        self.assert_nodes(from, to);
        match &self.shape {
            Shape::FullMesh | Shape::Regions(_) => 1,
            Shape::Routed(graph) => graph.distance(from, to).max(1),
        }
    }

    /// Returns an upper bound on the links that any message crosses.
    pub fn hops_max(&self) -> u32 {
        match &self.shape {
            Shape::FullMesh | Shape::Regions(_) => 1,
            // No two nodes are farther apart than both are from the first.
            Shape::Routed(graph) => {
                let farthest = (0..self.nodes).map(|to| graph.distance(NodeId(0), NodeId(to))).max();
                2 * farthest.unwrap_or(0).max(1)
            }
        }
    }

    /// Returns the nodes that a message from `from` to `to` reaches in turn, the last of which is `to`. Where shortest
    /// paths part, it takes the neighbour with the lowest number.
    ///
    /// # Panics
    /// If there are no such nodes.
    pub fn path(&self, from: NodeId, to: NodeId) -> Vec<NodeId> {
        self.assert_nodes(from, to);
        match &self.shape {
            Shape::Routed(graph) if from != to => {
                let mut path = vec![graph.next_hop(from, to)];
                while let Some(&last) = path.last()
                    && last != to
                {
                    path.push(graph.next_hop(last, to));
                }
                path
            }
            _ => vec![to],
        }
    }

    /// Returns the nodes that `node` has links to, lowest first.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn neighbours(&self, node: NodeId) -> Vec<NodeId> {
        self.assert_nodes(node, node);
        match &self.shape {
            Shape::FullMesh | Shape::Regions(_) => {
                (0..self.nodes).map(NodeId).filter(|&other| other != node).collect()
            }
            Shape::Routed(graph) => graph.neighbours(node).collect(),
        }
    }

    /// Returns the region of `node`; `None` if the topology has no regions.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn region(&self, node: NodeId) -> Option<u16> {
        self.assert_nodes(node, node);
        match &self.shape {
            Shape::Regions(regions) => Some(regions.region_of[node.index()]),
            Shape::FullMesh | Shape::Routed(_) => None,
        }
    }

    #[inline]
    fn assert_nodes(&self, from: NodeId, to: NodeId) {
        assert!(from.0 < self.nodes && to.0 < self.nodes, "{from:?} or {to:?} is not of this network");
    }
}
