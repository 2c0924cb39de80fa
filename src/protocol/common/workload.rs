//! Client workloads of replicated logs: arrival of operations, and the pools of clients that submit them.

use rand::Rng;
use std::collections::VecDeque;
use synod_sim::random::{Stream, exponential, unit_open};
use synod_sim::{Duration, NodeId, OperationId};

/// Arrival of requests.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A Poisson stream over the pool of clients, whether or not one is free: `mean` is the time between two
    /// requests over all hosts. Waiting for a free client counts in the latency.
    ///
    /// Several hosts share one stream without a word between them. Of a Poisson stream of which it is known that N requests
    /// come within a span, the times are N independent uniform draws (J. Kingman, *Poisson Processes*, 1993, section 2.4),
    /// so each host draws its own part of N over the span of N × `mean`.
    Open {
        /// The mean time between two requests.
        mean: Duration,
    },
    /// Every client sends its next request so long after the reply to its last.
    Closed {
        /// How long.
        think: Duration,
    },
}

/// A host's share of the workload: operations that arrive, and free clients to submit them.
#[derive(Debug)]
pub struct Pool {
    arrival: Arrival,
    hosts: u32,
    /// The host's place among them.
    place: u32,
    /// Number of operations that have not arrived yet.
    left: u64,
    /// Number of operations that have arrived.
    arisen: u64,
    /// The span within which all operations of all hosts arrive, and how much of it is over.
    span: Duration,
    elapsed: Duration,
    free: VecDeque<u32>,
    /// Operations that have arisen and wait for a free client.
    waiting: VecDeque<OperationId>,
}

impl Pool {
    /// The share of the host at `place` among `hosts`: an even part of `operations`, and the clients `clients`.
    pub fn new(
        arrival: Arrival,
        operations: u64,
        hosts: u32,
        place: u32,
        clients: impl Iterator<Item = u32>,
    ) -> Pool {
        let left =
            operations / u64::from(hosts) + u64::from(u64::from(place) < operations % u64::from(hosts));
        let span = match arrival {
            Arrival::Open { mean } => mean.saturating_mul(operations),
            Arrival::Closed { .. } => Duration::ZERO,
        };
        Pool {
            arrival,
            hosts,
            place,
            left,
            arisen: 0,
            span,
            elapsed: Duration::ZERO,
            free: clients.collect(),
            waiting: VecDeque::new(),
        }
    }

    /// Time until the next arrival of an open loop; `None` if no operation is left, or the loop is closed.
    pub fn next_arrival(&mut self, stream: &mut Stream) -> Option<Duration> {
        let Arrival::Open { mean } = self.arrival else { return None };
        if self.left == 0 {
            return None;
        }
        if self.hosts == 1 {
            return Some(exponential(stream.next_u64(), mean));
        }
        // The least of so many uniform draws over what is left of the span: 1 - U^(1/k).
        let share = -libm::expm1(libm::log(unit_open(stream.next_u64())) / self.left as f64);
        let rest = self.span.as_nanos() - self.elapsed.as_nanos();
        let wait = Duration::from_nanos(((rest as f64 * share) as u64).min(rest));
        self.elapsed += wait;
        Some(wait)
    }

    /// An operation arises at node `host`, and waits; `None` if none is left.
    pub fn arise(&mut self, host: NodeId) -> Option<OperationId> {
        self.left = self.left.checked_sub(1)?;
        self.arisen += 1;
        // Hosts number their operations alike, so the name tells the host as well.
        let operation = OperationId(u64::from(host.0) << 32 | self.arisen);
        self.waiting.push_back(operation);
        Some(operation)
    }

    /// A small number that no other operation has, for what a command writes: hosts take turns.
    pub fn number(&self, operation: OperationId) -> u64 {
        let arisen = operation.0 & u64::from(u32::MAX);
        (arisen - 1) * u64::from(self.hosts) + u64::from(self.place) + 1
    }

    /// An operation arises at node `host` for a client that is ready for it; `None` if none is left.
    pub fn arise_for_client(&mut self, host: NodeId) -> Option<OperationId> {
        self.arise(host)?;
        self.waiting.pop_back()
    }

    /// A free client, which is no longer free.
    pub fn take_free(&mut self) -> Option<u32> {
        self.free.pop_front()
    }

    /// `client` is free again.
    pub fn give_back(&mut self, client: u32) {
        self.free.push_back(client);
    }

    /// Assigns a waiting operation to a free client.
    pub fn pair(&mut self) -> Option<(u32, OperationId)> {
        let (client, operation) = (*self.free.front()?, *self.waiting.front()?);
        self.free.pop_front();
        self.waiting.pop_front();
        Some((client, operation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Purpose, Streams};

    /// When requests arise at a rate of one in 2.5 ms, over so many hosts, in order.
    fn arrivals(requests: u64, hosts: u32, seed: u64) -> Vec<u64> {
        let arrival = Arrival::Open { mean: Duration::from_micros(2_500) };
        let mut times = Vec::new();
        for host in 0..hosts {
            let mut pool = Pool::new(arrival, requests, hosts, host, [host].into_iter());
            let mut stream = Streams::new(seed).stream(Purpose::Node, u64::from(host));
            let mut at = Duration::ZERO;
            while let Some(wait) = pool.next_arrival(&mut stream) {
                at += wait;
                times.push(at.as_nanos());
                pool.arise(NodeId(host)).expect("one is left");
            }
        }
        times.sort_unstable();
        times
    }

    #[test]
    fn an_open_loop_keeps_its_rate_over_any_number_of_hosts() {
        for hosts in [1, 2, 20, 200, 2_000] {
            for seed in 0..5 {
                let times = arrivals(2_000, hosts, seed);
                assert_eq!(times.len(), 2_000);
                let end = times[1_999] as f64 / 1e9;
                // One host's stream ends when it ends: a standard deviation is 0.11 s there.
                let tolerance = if hosts == 1 { 0.5 } else { 0.05 };
                assert!((end - 5.0).abs() < tolerance, "{hosts} hosts, seed {seed}: {end} s");
                let half = times.iter().filter(|&&at| at < 2_500_000_000).count();
                assert!((880..1_120).contains(&half), "{hosts} hosts, seed {seed}: {half} in the first half");
            }
        }
    }

    /// Times between requests are exponential: e^-1 of them are longer than the mean.
    #[test]
    fn times_between_requests_are_a_poisson_streams() {
        for hosts in [1, 7, 1_000] {
            let times = arrivals(20_000, hosts, 3);
            let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
            let long = gaps.filter(|&gap| gap > 2_500_000).count() as f64 / 20_000.0;
            assert!((long - 0.3679).abs() < 0.012, "{hosts} hosts: {long}");
        }
    }

    #[test]
    fn hosts_share_evenly_and_operations_wait_for_free_clients() {
        let arrival = Arrival::Closed { think: Duration::ZERO };
        let pool = |place| Pool::new(arrival, 7, 3, place, [place].into_iter());
        assert_eq!([0, 1, 2].map(|place| pool(place).left), [3, 2, 2]);
        let mut pool = pool(1);
        let first = pool.arise(NodeId(9)).expect("two are left");
        let second = pool.arise(NodeId(9)).expect("one is left");
        assert_eq!((first.0, pool.arise(NodeId(9))), (9 << 32 | 1, None));
        assert_eq!((pool.pair(), pool.pair()), (Some((1, first)), None));
        assert_eq!([first, second].map(|operation| pool.number(operation)), [2, 5], "hosts take turns");
        pool.give_back(1);
        assert_eq!(pool.pair(), Some((1, second)));
    }
}
