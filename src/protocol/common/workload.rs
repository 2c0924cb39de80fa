//! Client workloads of replicated logs: arrival of operations, and the pools of clients that submit them.

use rand::Rng;
use std::collections::VecDeque;
use synod_sim::random::{Stream, exponential};
use synod_sim::{Duration, NodeId, OperationId};

/// Arrival of requests.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A Poisson stream over the pool of clients, whether or not one is free: `mean` is the time between two
    /// requests over all hosts. Waiting for a free client counts in the latency.
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
        Pool { arrival, hosts, place, left, arisen: 0, free: clients.collect(), waiting: VecDeque::new() }
    }

    /// Time until the next arrival of an open loop; `None` if no operation is left, or the loop is closed.
    pub fn next_arrival(&self, stream: &mut Stream) -> Option<Duration> {
        let Arrival::Open { mean } = self.arrival else { return None };
        let mean = mean.saturating_mul(u64::from(self.hosts));
        (self.left > 0).then(|| exponential(stream.next_u64(), mean))
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
