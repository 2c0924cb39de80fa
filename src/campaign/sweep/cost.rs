//! Resource usage of runs: time and memory of the machine.

use serde::{Deserialize, Serialize};

/// What runs took of the machine that they were made on: no two sweeps agree on it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Number of events that were executed.
    pub events: u64,
    /// Wall-clock time of the threads that made the runs, summed over them, in microseconds.
    pub wall_us: u64,
    /// Processor time of these threads, in microseconds; 0 where the system does not tell.
    pub cpu_us: u64,
    /// The most memory that the process had held by then, in bytes; 0 where the system does not tell.
    pub rss_bytes: u64,
}

impl Cost {
    /// The cost of both.
    pub(super) fn absorb(&mut self, other: Cost) {
        self.events += other.events;
        self.wall_us += other.wall_us;
        self.cpu_us += other.cpu_us;
        self.rss_bytes = self.rss_bytes.max(other.rss_bytes);
    }
}
