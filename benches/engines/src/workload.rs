//! The two workloads, as far as they do not depend on the engine: what a process does with what arrives.

use crate::draws;
use serde::{Deserialize, Serialize};

/// PHOLD: as many jobs as processes; whoever gets a job sends it on to anyone, itself included.
///
/// Source: R. M. Fujimoto, *Performance of Time Warp under synthetic workloads* (1990).
#[derive(Copy, Clone, Debug)]
pub struct Phold {
    /// Number of processes.
    pub processes: u32,
    /// The last instant whose events are executed, in nanoseconds: an end that means the same to every engine, also
    /// where several events share the last instant.
    pub horizon_ns: u64,
}

impl Phold {
    /// The mean delay, in nanoseconds.
    pub const MEAN_NS: u64 = 1_000_000;

    /// A run of about `events` events.
    pub fn new(processes: u32, events: u64) -> Phold {
        Phold { processes, horizon_ns: events * Phold::MEAN_NS / u64::from(processes) }
    }

    /// Where `from` sends the job that it received after `received` of them.
    pub fn receiver(&self, from: u32, received: u64) -> u32 {
        draws::receiver(from, received + 1, self.processes)
    }

    /// How long the job is on the way, in nanoseconds.
    pub fn delay_ns(from: u32, received: u64) -> u64 {
        draws::exponential_ns(from, received + 1, Phold::MEAN_NS)
    }
}

/// Votes: every process sends a vote to every other, and a second one when two thirds of the first have arrived.
#[derive(Copy, Clone, Debug)]
pub struct Votes {
    /// Number of processes.
    pub processes: u32,
}

impl Votes {
    /// The shortest delay, in nanoseconds.
    pub const MIN_NS: u64 = 10_000_000;
    /// What every delay stays below, in nanoseconds.
    pub const MAX_NS: u64 = 50_000_000;

    /// How many votes arrive.
    pub fn deliveries(&self) -> u64 {
        2 * u64::from(self.processes) * u64::from(self.processes - 1)
    }

    /// How long the vote of `round` (0 or 1) from `from` to `to` is on the way, in nanoseconds.
    pub fn delay_ns(from: u32, to: u32, round: u64) -> u64 {
        draws::uniform_ns(from, to, round + 1, Votes::MIN_NS, Votes::MAX_NS)
    }
}

/// A process that votes.
#[derive(Copy, Clone, Debug, Default, Serialize, Deserialize)]
pub struct Voter {
    /// What arrived.
    pub tally: Tally,
    votes: [u32; 2],
}

impl Voter {
    /// Takes a vote of `round`; true if the voter now casts its second vote, among `processes` voters.
    pub fn receive(&mut self, round: u64, now_ns: u64, processes: u32) -> bool {
        self.tally.receive(now_ns);
        self.votes[round as usize] += 1;
        round == 0 && self.votes[0] == processes * 2 / 3
    }
}

/// What arrived at one process.
#[derive(Copy, Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many messages.
    pub received: u64,
    /// The sum of the times at which they came, in nanoseconds, modulo 2⁶⁴.
    times_ns: u64,
}

impl Tally {
    /// Counts a message.
    pub fn receive(&mut self, now_ns: u64) {
        self.received += 1;
        self.times_ns = self.times_ns.wrapping_add(now_ns);
    }
}

/// What a run came to: the same on every engine that shares the draws.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Messages that arrived.
    pub events: u64,
    /// Covers what arrived at each process.
    pub checksum: u64,
}

impl Outcome {
    /// The outcome of a run whose processes have these tallies, in the order of their numbers.
    pub fn of(tallies: impl Iterator<Item = Tally>) -> Outcome {
        tallies.fold(Outcome { events: 0, checksum: 0 }, |outcome, tally| Outcome {
            events: outcome.events + tally.received,
            checksum: draws::mix(draws::mix(outcome.checksum ^ tally.received) ^ tally.times_ns),
        })
    }
}
