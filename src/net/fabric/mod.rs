//! The fabric: a layout whose links have latencies, faults and limits.

mod link;
mod order;
#[cfg(test)]
mod tests;
mod uplink;

pub use link::{Link, Reordering};

use super::latency::{Sample, Sampler, SamplerKind};
use super::topology::Layout;
use order::LatestArrivals;
use rand::Rng;
use std::sync::Arc;
use synod_sim::network::{Arrival, Fate, LossCause, Transmission};
use synod_sim::random::CounterKey;
use synod_sim::{Duration, Network, NodeId, Purpose, Streams, Time};
use uplink::{Uplinks, transmission};

/// A network made of a [`Layout`] and one [`Link`] for each of its link classes.
///
/// A message to oneself is like any other: it crosses one link, draws a delay and takes its turn on the uplink.
///
/// A copy's way through the network: it is refused if too large; it waits for the sender's uplink; it may be lost; it
/// takes the delays of its hops; it may be held back; it waits for earlier copies if its link keeps order; it may
/// arrive damaged; and a second copy may arrive, which the network made at departure and which is neither held back
/// nor damaged. A lost copy leaves no second one.
#[derive(Clone, Debug)]
pub struct Fabric {
    layout: Arc<Layout>,
    links: Arc<[ReadyLink]>,
    /// See [`Fabric::delay_bound`].
    delay_bound: Option<Duration>,
    keys: Keys,
    /// A single class of links, one hop each, and nothing but latency: what large simulations mostly use.
    is_plain: bool,
    uplinks: Uplinks,
    latest_arrivals: LatestArrivals,
}

/// A link whose laws are ready to be drawn from.
#[derive(Clone, Debug)]
struct ReadyLink {
    link: Link,
    latency: Sampler,
    extra: Option<Sampler>,
}

/// One key for every kind of chance, so that none disturbs another.
#[derive(Copy, Clone, Debug)]
struct Keys {
    latency: CounterKey,
    loss: CounterKey,
    duplication: CounterKey,
    reordering: CounterKey,
    corruption: CounterKey,
}

impl Keys {
    fn of(streams: &Streams) -> Keys {
        Keys {
            latency: streams.counter(Purpose::Latency),
            loss: streams.counter(Purpose::Loss),
            duplication: streams.counter(Purpose::Duplication),
            reordering: streams.counter(Purpose::Reordering),
            corruption: streams.counter(Purpose::Corruption),
        }
    }
}

/// The quantile that stands for the longest delay.
const BOUND: f64 = 1.0 - 1e-12;

fn delay_bound(layout: &Layout, links: &[ReadyLink]) -> Option<Duration> {
    let hops = u64::from(layout.hops_max());
    let bound = |ready: &ReadyLink| {
        let Link { latency, reordering, .. } = &ready.link;
        let extra = reordering.as_ref().map_or(Duration::ZERO, |reordering| reordering.extra.quantile(BOUND));
        latency.quantile(BOUND).saturating_mul(hops) + extra
    };
    let is_queueing = links.iter().any(|ready| ready.link.bandwidth_bps.is_some());
    if is_queueing { None } else { links.iter().map(bound).max() }
}

impl Fabric {
    /// Creates a network of `layout`, in which links of class i are like `links[i]`.
    ///
    /// # Panics
    /// Unless there is one link for every class.
    pub fn new(layout: Layout, links: Vec<Link>, streams: &Streams) -> Fabric {
        assert_eq!(links.len(), layout.link_classes(), "every link class has its link");
        let nodes = layout.nodes();
        let is_plain = layout.is_plain_mesh() && links[0].has_only_latency();
        let ready = |link: Link| ReadyLink {
            latency: link.latency.sampler(),
            extra: link.reordering.as_ref().map(|reordering| reordering.extra.sampler()),
            link,
        };
        let links: Arc<[ReadyLink]> = links.into_iter().map(ready).collect();
        Fabric {
            delay_bound: delay_bound(&layout, &links),
            layout: Arc::new(layout),
            links,
            keys: Keys::of(streams),
            is_plain,
            uplinks: Uplinks::new(nodes),
            latest_arrivals: LatestArrivals::new(nodes),
        }
    }

    /// Returns the same network with other chances, as it is before anything was sent. What takes time to work out is
    /// shared.
    pub fn reseeded(&self, streams: &Streams) -> Fabric {
        let nodes = self.layout.nodes();
        Fabric {
            layout: Arc::clone(&self.layout),
            links: Arc::clone(&self.links),
            keys: Keys::of(streams),
            uplinks: Uplinks::new(nodes),
            latest_arrivals: LatestArrivals::new(nodes),
            ..*self
        }
    }

    /// Returns the layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns what the links between `from` and `to` are like.
    ///
    /// # Panics
    /// If there are no such nodes.
    pub fn link(&self, from: NodeId, to: NodeId) -> &Link {
        &self.links[self.layout.link_class(from, to).index()].link
    }

    /// Returns the mean one-way latency between two nodes, of all hops together, when nothing waits and nothing is held
    /// back.
    ///
    /// # Panics
    /// If there are no such nodes.
    pub fn mean_latency(&self, from: NodeId, to: NodeId) -> Duration {
        let hops = self.layout.hops(from, to);
        self.link(from, to).latency.mean().saturating_mul(u64::from(hops))
    }

    /// Returns true if no copy is ever lost, damaged or refused.
    pub fn is_lossless(&self) -> bool {
        self.links.iter().all(|ready| {
            let Link { loss, corruption, max_message_bytes, .. } = &ready.link;
            loss.is_never() && corruption.is_never() && max_message_bytes.is_none()
        })
    }

    /// Returns a delay that hardly any copy exceeds: with probability 10⁻¹² a hop, and none at all under a bounded law.
    /// `None` where copies queue for bandwidth, since there waiting has no bound.
    pub const fn delay_bound(&self) -> Option<Duration> {
        self.delay_bound
    }

    fn assert_addressed(&self, transmission: &Transmission<'_>) {
        let nodes = self.layout.nodes();
        let known = transmission.to.are_below(nodes) && transmission.from.0 < nodes;
        assert!(known, "sender and receivers are of this network");
    }

    fn route_plainly(&self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
        let key = self.keys.latency;
        // The law is looked at once a message, not once a copy.
        match &self.links[0].latency.0 {
            SamplerKind::Constant(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Uniform(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Exponential(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Normal(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::LogNormal(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Gamma(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Pareto(law) => deliver(law, key, transmission, arrivals),
            SamplerKind::Empirical(law) => deliver(law, key, transmission, arrivals),
        }
    }

    fn route_copy(&mut self, transmission: &Transmission<'_>, to: NodeId, arrivals: &mut Vec<Arrival>) {
        let &Transmission { from, number, bytes, at, .. } = transmission;
        let ReadyLink { link, latency, extra } = &self.links[self.layout.link_class(from, to).index()];
        let hops = self.layout.hops(from, to);
        let draws = |key: CounterKey| key.draws(from, to, number);
        let mut arrive = |fate| arrivals.push(Arrival { to, fate });

        if !link.carries(bytes) {
            return arrive(Fate::Lost(LossCause::TooLarge));
        }
        let departure = match link.bandwidth_bps {
            Some(bandwidth) => self.uplinks.transmit(from, at, bytes, bandwidth),
            None => at,
        };
        if !link.loss.is_never() && link.loss.decide_any(hops, &mut draws(self.keys.loss)) {
            return arrive(Fate::Lost(LossCause::Chance));
        }

        let mut time = departure + delay(latency, hops, &mut draws(self.keys.latency));
        if let (Some(reordering), Some(extra)) = (&link.reordering, extra) {
            let mut words = draws(self.keys.reordering);
            if reordering.probability.decide_any(hops, &mut words) {
                time += extra.sample(&mut words);
            }
        }
        if link.fifo {
            time = self.latest_arrivals.in_order(from, to, time);
        }
        let is_damaged =
            !link.corruption.is_never() && link.corruption.decide_any(hops, &mut draws(self.keys.corruption));
        arrive(if is_damaged { Fate::Damaged(time) } else { Fate::Intact(time) });

        if !link.duplication.is_never() {
            let mut words = draws(self.keys.duplication);
            if link.duplication.decide_any(hops, &mut words) {
                let mut time = departure + delay(latency, hops, &mut words);
                if link.fifo {
                    time = self.latest_arrivals.in_order(from, to, time);
                }
                arrive(Fate::Duplicate(time));
            }
        }
    }
}

impl Network for Fabric {
    fn route(&mut self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
        self.assert_addressed(transmission);
        arrivals.reserve(transmission.to.count(transmission.from));
        if self.is_plain && self.links[0].link.carries(transmission.bytes) {
            self.route_plainly(transmission, arrivals);
        } else {
            transmission.to.for_each(transmission.from, |to| self.route_copy(transmission, to, arrivals));
        }
    }

    fn uplink_free_at(&self, node: NodeId, now: Time) -> Time {
        self.uplinks.free_at(node).max(now)
    }

    fn transmission_time(&self, from: NodeId, to: NodeId, bytes: usize) -> Duration {
        if to.0 >= self.layout.nodes() {
            return Duration::ZERO;
        }
        self.link(from, to).bandwidth_bps.map_or(Duration::ZERO, |bandwidth| transmission(bytes, bandwidth))
    }
}

fn deliver(law: &impl Sample, key: CounterKey, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
    let &Transmission { from, at, number, .. } = transmission;
    transmission.to.for_each(from, |to| {
        let time: Time = at + law.sample(&mut key.draws(from, to, number));
        arrivals.push(Arrival { to, fate: Fate::Intact(time) });
    });
}

/// Returns the sum of one delay for each hop.
fn delay(latency: &Sampler, hops: u32, words: &mut impl Rng) -> Duration {
    (0..hops).fold(Duration::ZERO, |sum, _| sum + latency.sample(words))
}
