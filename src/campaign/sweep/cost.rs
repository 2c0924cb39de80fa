//! Resource usage of runs: time and memory of the host.

use serde::{Deserialize, Serialize};

/// The host resources that runs used. Unlike the results of a sweep, they are not reproducible.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Number of events executed.
    pub events: u64,
    /// Wall-clock time in microseconds, summed over the threads that executed the runs.
    pub wall_us: u64,
    /// CPU time of these threads, in microseconds; 0 where the operating system does not report it.
    pub cpu_us: u64,
    /// Peak resident set size of the process so far, in bytes; 0 where the operating system does not report it.
    pub rss_bytes: u64,
}

impl Cost {
    /// Adds `other`, except that the peak memory is the larger of the two.
    pub(super) fn absorb(&mut self, other: Cost) {
        self.events += other.events;
        self.wall_us += other.wall_us;
        self.cpu_us += other.cpu_us;
        self.rss_bytes = self.rss_bytes.max(other.rss_bytes);
    }
}
