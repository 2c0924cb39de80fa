//! Host resources that a benchmark took. They stand beside the results, never in them.

use crate::host::{Host, unix_seconds};
use crate::sweep::{Cost, Point, Tally};
use serde::{Deserialize, Serialize};
use std::{env, fs, thread};

/// What a benchmark took of the machine that it ran on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The version of Synod.
    pub version: String,
    /// The kind of processor and the operating system, as compilers call them.
    pub platform: String,
    /// The processor's name, where the system tells.
    pub processor: Option<String>,
    /// Number of threads that can run at once.
    pub threads: usize,
    /// When the benchmark ended, in seconds since the Unix epoch.
    pub ended_at: u64,
    /// How long the whole took, in milliseconds.
    pub wall_ms: f64,
    /// What the runs of each point took.
    pub points: Vec<PointCost>,
}

/// Host resources that the runs of a point took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointCost {
    /// The point.
    pub point: String,
    /// Number of agents.
    pub agents: u32,
    /// Number of runs that were made.
    pub runs: u64,
    /// How many events they had together.
    pub events: u64,
    /// Wall-clock time of a run, in milliseconds.
    pub wall_ms: f64,
    /// Processor time of a run, in milliseconds.
    pub cpu_ms: f64,
    /// Events a second of processor time.
    pub events_per_second: f64,
    /// The most memory that the process had held by then, in bytes.
    pub rss_bytes: u64,
}

impl Machine {
    pub(super) fn of(points: &[Point], tallies: &[Tally], whole: &Host) -> Machine {
        Machine {
            version: whole.version.to_owned(),
            platform: format!("{}-{}", env::consts::ARCH, env::consts::OS),
            processor: processor(),
            threads: thread::available_parallelism().map_or(1, usize::from),
            ended_at: unix_seconds(),
            wall_ms: whole.wall_ms,
            points: points.iter().zip(tallies).map(|(point, tally)| PointCost::of(point, tally)).collect(),
        }
    }
}

impl PointCost {
    fn of(point: &Point, tally: &Tally) -> PointCost {
        let Cost { events, wall_us, cpu_us, rss_bytes } = tally.cost;
        let runs = tally.runs.max(1) as f64;
        let busy_us = if cpu_us == 0 { wall_us } else { cpu_us };
        PointCost {
            point: point.label.clone(),
            agents: point.scenario.agents(),
            runs: tally.runs,
            events,
            wall_ms: wall_us as f64 / 1e3 / runs,
            cpu_ms: cpu_us as f64 / 1e3 / runs,
            events_per_second: if busy_us == 0 { 0.0 } else { events as f64 / busy_us as f64 * 1e6 },
            rss_bytes,
        }
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}
