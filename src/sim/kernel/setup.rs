//! The parts of a run.

use crate::auth::{Authentication, CryptoCost};
use crate::clock::Clock;
use crate::inject::{Coalition, Interceptor, Intervention};
use crate::limits::{CpuCost, Limits};
use crate::network::Network;
use crate::protocol::Protocol;
use crate::random::Streams;
use crate::{Duration, NodeId, Time};
use std::rc::Rc;

/// Everything that a run is built from.
pub struct Setup<P: Protocol> {
    /// Configuration, the same for every node.
    pub config: Rc<P::Config>,
    /// Number of nodes.
    pub nodes: usize,
    /// The root of all randomness.
    pub streams: Streams,
    /// The network.
    pub network: Box<dyn Network>,
    /// How messages are authenticated.
    pub authentication: Authentication,
    /// Processor time of cryptography.
    pub crypto: CryptoCost,
    /// Processor time of message handling.
    pub cpu: CpuCost,
    /// How long a sync takes.
    pub sync_latency: Duration,
    /// Each node's clock; nodes beyond the list have true clocks.
    pub clocks: Vec<Clock>,
    /// Scheduled interventions.
    pub interventions: Vec<(Time, Intervention)>,
    /// Message interceptors, asked in this order.
    pub interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// Coalitions of twins.
    pub coalitions: Vec<Coalition>,
    /// The nodes whose keys the adversary holds.
    pub corrupted: Vec<NodeId>,
    /// Limits of the run.
    pub limits: Limits,
}

impl<P: Protocol> Setup<P> {
    /// `nodes` nodes over `network`, with MACs, free processors and storage, true clocks and no faults.
    pub fn new(
        config: P::Config,
        nodes: usize,
        streams: Streams,
        network: impl Network + 'static,
    ) -> Setup<P> {
        Setup {
            config: Rc::new(config),
            nodes,
            streams,
            network: Box::new(network),
            authentication: Authentication::Mac,
            crypto: CryptoCost::default(),
            cpu: CpuCost::default(),
            sync_latency: Duration::ZERO,
            clocks: Vec::new(),
            interventions: Vec::new(),
            interceptors: Vec::new(),
            coalitions: Vec::new(),
            corrupted: Vec::new(),
            limits: Limits::default(),
        }
    }
}
