//! Profiles of agents, for protocols and for the model of opinions.

use std::rc::Rc;
use synod_sim::Duration;

/// Profile of an agent.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its group, from 0, and its place in it, from 0: they key its draws, so that a group that grows shifts no other.
    pub group: u32,
    /// See `group`.
    pub place: u32,
    /// What it has in common with its group: of a million agents it is kept once.
    pub traits: Rc<Traits>,
}

impl Profile {
    /// Profile of an agent that is the first of its group, which is the first one.
    pub fn of(traits: Traits) -> Profile {
        Profile { group: 0, place: 0, traits: Rc::new(traits) }
    }
}

/// Traits of agents. Shares are in parts per million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Probability that its opinion is right.
    pub competence_ppm: u32,
    /// ρ: how strongly its errors and those of its group go together.
    pub correlation_ppm: u32,
    /// Probability that it answers.
    pub reliability_ppm: u32,
    /// Its weight relative to others', where weights are given rather than earned.
    pub weight: u64,
    /// Its track record.
    pub record: PastRecord,
    /// Time that it takes to form an opinion.
    pub thinking: Duration,
}

/// Track record of an agent before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastRecord {
    /// Resolved tasks, and how many of them it got right.
    Tasks {
        /// Right.
        correct: u32,
        /// All.
        total: u32,
    },
    /// A judgement by several factors.
    Factors(Factors),
}

/// Factors that an agent's expertise is judged by, each in parts per million.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Share of right answers.
    pub accuracy_ppm: u32,
    /// Consistency of its answers.
    pub consistency_ppm: u32,
    /// Proximity of the question to its field.
    pub domain_ppm: u32,
    /// Recent performance.
    pub performance_ppm: u32,
}

const BILLION: u64 = 1_000_000_000;

impl Factors {
    /// p̂ from accuracy, consistency, domain and performance at 30, 20, 30 and 20 %, within 5 and 95 %, in parts per
    /// billion.
    pub fn estimate(&self) -> u64 {
        let Factors { accuracy_ppm, consistency_ppm, domain_ppm, performance_ppm } = *self;
        let weighed =
            [(accuracy_ppm, 300), (consistency_ppm, 200), (domain_ppm, 300), (performance_ppm, 200)];
        let sum: u64 = weighed.iter().map(|&(factor, weight)| u64::from(factor) * weight).sum();
        sum.clamp(BILLION / 20, BILLION / 20 * 19)
    }
}

impl Default for Traits {
    /// Always right, always there, of weight 1, without a past, answers at once.
    fn default() -> Traits {
        Traits {
            competence_ppm: 1_000_000,
            correlation_ppm: 0,
            reliability_ppm: 1_000_000,
            weight: 1,
            record: PastRecord::Tasks { correct: 0, total: 0 },
            thinking: Duration::ZERO,
        }
    }
}
