//! Facts about the machine that a run was made on. They stand beside results, never in them.
#![expect(clippy::disallowed_types, reason = "this is where the wall clock is read")]

use serde::Serialize;
use std::fs;
use std::time::{Instant, SystemTime};

/// What a run took of the machine.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// Wall-clock time, in milliseconds.
    pub wall_ms: f64,
    /// Processor time of this thread, in milliseconds; `None` where the system does not tell.
    pub cpu_ms: Option<f64>,
    /// The most memory that the process has held, in bytes; `None` where the system does not tell.
    pub rss_bytes: Option<u64>,
    /// The version of Synod.
    pub version: &'static str,
}

/// A measurement that is under way.
#[derive(Debug)]
pub struct Stopwatch {
    started: Instant,
    cpu: Option<f64>,
}

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Stopwatch {
        Stopwatch { cpu: cpu_ms(), started: Instant::now() }
    }

    /// Returns what has been taken since.
    pub fn stop(&self) -> Host {
        Host {
            wall_ms: self.started.elapsed().as_secs_f64() * 1e3,
            cpu_ms: self.cpu.zip(cpu_ms()).map(|(before, after)| after - before),
            rss_bytes: rss_bytes(),
            version: synod_sim::VERSION,
        }
    }
}

/// Seconds since the Unix epoch.
pub(super) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Linux keeps a thread's time on the processor, in nanoseconds, as the first number here.
fn cpu_ms() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanos as f64 / 1e6)
}

fn rss_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
