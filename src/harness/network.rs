//! The `network:` map: its shape, its checks, and the fabric that it makes.

use super::error::Problem;
use super::latency::LatencyLaw;
use super::path::Path;
use super::regions::RegionsShape;
use super::topology::{TopologyShape, probability};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;
use synod_net::{Fabric, Law, Layout, Link, Reordering};
use synod_sim::Streams;
use synod_sim::random::MAX_NODES;
use synod_sim::units::plural;
use synod_sim::units::{Bandwidth, Share, Size};

/// How messages travel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkShape {
    /// How the agents are linked; a full mesh by default. Not together with regions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<TopologyShape>,
    /// How long a message takes over one link. Either this or regions is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencyLaw>,
    /// Regions that differ in latency, instead of topology and latency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<RegionsShape>,
    /// How likely a message is lost.
    #[serde(default)]
    pub loss: Share,
    /// How likely a message arrives twice.
    #[serde(default)]
    pub duplication: Share,
    /// Whether messages are held back, so that later ones overtake them.
    pub reordering: Option<ReorderingShape>,
    /// How likely a message arrives damaged.
    #[serde(default)]
    pub corruption: Share,
    /// How fast an agent can send; no limit if left out.
    pub bandwidth: Option<Bandwidth>,
    /// The largest message that is carried; no limit if left out.
    pub max_message: Option<Size>,
    /// Whether messages from one agent to another arrive in the order in which they were sent.
    #[serde(default)]
    pub fifo: bool,
}

/// Messages that are held back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReorderingShape {
    /// How likely a message is held back.
    pub share: Share,
    /// By how much, beyond its latency.
    pub extra: LatencyLaw,
}

impl NetworkShape {
    /// Checks what does not depend on the number of clients nor take long.
    pub(super) fn check(&self, agents: u32) -> Result<(), Problem> {
        let top = Path::of(["network"]);
        match (&self.latency, &self.regions) {
            (None, None) => {
                return Err(Problem::new(top, "the network has no latency").help("give latency or regions"));
            }
            (Some(latency), None) => latency.law(&top.to("latency")).map(drop)?,
            (None, Some(regions)) => regions.topology(agents, 0).map(drop)?,
            (Some(_), Some(_)) => {
                let problem = Problem::new(top.to("latency"), "regions have their own latencies");
                return Err(problem.help("give either latency or regions"));
            }
        }
        if self.topology.is_some() && self.regions.is_some() {
            let problem = Problem::new(top.to("topology"), "regions are a full mesh of their own");
            return Err(problem.help("give either topology or regions"));
        }
        if let Some(topology) = &self.topology {
            topology.check(agents)?;
        }
        if self.bandwidth == Some(Bandwidth(0)) {
            return Err(Problem::new(top.to("bandwidth"), "nothing can be sent without bandwidth"));
        }
        self.reordering().map(drop)
    }

    /// Returns the fabric for so many agents, and clients after them.
    pub(super) fn fabric(&self, agents: u32, clients: u32, streams: &Streams) -> Result<Fabric, Problem> {
        let nodes = u64::from(agents) + u64::from(clients);
        if nodes > u64::from(MAX_NODES) {
            let [agents, clients] =
                [(agents, "agent"), (clients, "client")].map(|(count, noun)| plural(count.into(), noun));
            let message = format!("{agents} and {clients} are more than {MAX_NODES} nodes");
            return Err(Problem::new(Path::of(["agents"]), message));
        }
        let (layout, laws) = self.layout(agents, clients, streams)?;
        let reordering = self.reordering()?;
        let link = |latency| Link {
            latency,
            loss: probability(self.loss),
            duplication: probability(self.duplication),
            reordering: reordering.clone(),
            corruption: probability(self.corruption),
            bandwidth_bps: self.bandwidth.and_then(|bandwidth| NonZeroU64::new(bandwidth.0)),
            max_message_bytes: self.max_message.map(|size| size.0),
            fifo: self.fifo,
        };
        Ok(Fabric::new(layout, laws.into_iter().map(link).collect(), streams))
    }

    fn layout(&self, agents: u32, clients: u32, streams: &Streams) -> Result<(Layout, Vec<Law>), Problem> {
        let top = Path::of(["network"]);
        if let Some(regions) = &self.regions {
            let (topology, laws) = regions.topology(agents, clients)?;
            let layout = topology
                .build(agents + clients, streams)
                .map_err(|error| Problem::new(top.to("regions"), error.to_string()))?;
            return Ok((layout, laws));
        }
        let Some(latency) = &self.latency else {
            return Err(Problem::new(top, "the network has no latency"));
        };
        let topology = self.topology.as_ref().unwrap_or(&TopologyShape::FullMesh);
        Ok((topology.layout(agents, clients, streams)?, vec![latency.law(&top.to("latency"))?]))
    }

    fn reordering(&self) -> Result<Option<Reordering>, Problem> {
        let reordering = |shape: &ReorderingShape| {
            let extra = shape.extra.law(&Path::of(["network", "reordering", "extra"]))?;
            Ok(Reordering { probability: probability(shape.share), extra })
        };
        self.reordering.as_ref().map(reordering).transpose()
    }
}
