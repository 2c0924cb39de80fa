//! What clients ask of a replicated log, and when: shared by the protocols that keep one.

use crate::sim::Duration;

/// When requests arise.
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
