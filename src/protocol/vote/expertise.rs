//! From a voter's track record to its weight.
//!
//! The best weight of an independent voter of competence p is ln(p / (1 − p)) (S. Nitzan and J. Paroush, *Optimal
//! decision rules in uncertain dichotomous choice situations*, 1982; L. Shapley and B. Grofman, 1984). Competence is
//! estimated from resolved tasks by Laplace's rule, older ones fading.

use synod_common::fixed::ln;
use synod_common::profile::{Factors, PastRecord};

/// A billion: competences and strengths are in its parts.
const BILLION: u64 = 1_000_000_000;

/// Resolved tasks, in millionths of one, for those that have faded.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackRecord {
    correct: u64,
    total: u64,
}

const TASK: u64 = 1_000_000;

impl TrackRecord {
    /// `correct` of `total` tasks.
    pub fn new(correct: u32, total: u32) -> TrackRecord {
        TrackRecord { correct: u64::from(correct) * TASK, total: u64::from(total) * TASK }
    }

    /// p̂ = (correct + 1) / (total + 2), in parts per billion.
    pub fn estimate(&self) -> u64 {
        let (correct, total) = (u128::from(self.correct + TASK), u128::from(self.total + 2 * TASK));
        (correct * u128::from(BILLION) / total) as u64
    }

    /// Records a task, after decay of the earlier ones.
    pub fn learn(&mut self, is_right: bool, memory: Memory) {
        self.correct = memory.fade(self.correct) + if is_right { TASK } else { 0 };
        self.total = memory.fade(self.total) + TASK;
    }
}

/// Decay factor for each new task, in 2⁻³².
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Memory(u64);

impl Memory {
    /// Nothing fades.
    pub const WHOLE: Memory = Memory(1 << 32);

    /// A task counts half after `tasks` more.
    ///
    /// # Panics
    /// If that is none.
    pub fn half_life(tasks: u32) -> Memory {
        assert!(tasks > 0, "memory lasts for some tasks");
        Memory((libm::exp2(-1.0 / f64::from(tasks)) * (1u64 << 32) as f64) as u64)
    }

    fn fade(self, amount: u64) -> u64 {
        ((u128::from(amount) * u128::from(self.0)) >> 32) as u64
    }
}

/// Expertise of a voter.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Expertise {
    /// Its resolved tasks, to which those of the run are added.
    Learned(TrackRecord),
    /// A judgement, which stands.
    Judged(Factors),
}

impl From<&PastRecord> for Expertise {
    fn from(record: &PastRecord) -> Expertise {
        match *record {
            PastRecord::Tasks { correct, total } => Expertise::Learned(TrackRecord::new(correct, total)),
            PastRecord::Factors(factors) => Expertise::Judged(factors),
        }
    }
}

impl Expertise {
    /// p̂, in parts per billion.
    pub fn estimate(&self) -> u64 {
        match self {
            Expertise::Learned(record) => record.estimate(),
            Expertise::Judged(factors) => factors.estimate(),
        }
    }

    /// Records a task.
    pub fn learn(&mut self, is_right: bool, memory: Memory) {
        if let Expertise::Learned(record) = self {
            record.learn(is_right, memory);
        }
    }
}

/// Mapping from estimates to strengths.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// ln(p̂ / (1 − p̂)), but never less than the floor, which is in 10⁻⁹.
    LogOdds {
        /// w_min.
        floor: u64,
    },
    /// The scale of an older design, without its jumps, to compare with: it trusts experts too little.
    Legacy,
}

/// The legacy scale's corners: p̂ and strength, in 10⁻⁹.
const LEGACY: [(u64, u64); 5] = [
    (0, 100_000_000),
    (400_000_000, 480_000_000),
    (600_000_000, 900_000_000),
    (800_000_000, 1_710_000_000),
    (BILLION, 2_000_000_000),
];

impl Scale {
    /// The strength of a voter of competence `estimate`, which is in parts per billion; in 10⁻⁹.
    pub fn strength(self, estimate: u64) -> u64 {
        match self {
            Scale::LogOdds { floor } if 2 * estimate <= BILLION => floor,
            // Nobody is certain.
            Scale::LogOdds { floor } => {
                ln(estimate.min(BILLION - 1), BILLION - estimate.min(BILLION - 1)).max(floor)
            }
            Scale::Legacy => legacy(estimate),
        }
    }
}

fn legacy(estimate: u64) -> u64 {
    let estimate = estimate.min(BILLION);
    let end = LEGACY.iter().position(|&(at, _)| estimate <= at).expect("the last corner is certainty").max(1);
    let ((from, low), (to, high)) = (LEGACY[end - 1], LEGACY[end]);
    low + (high - low) * (estimate - from) / (to - from)
}

/// A mutant's: each range of competence has a factor of its own.
pub(crate) fn jumping(estimate: u64) -> u64 {
    match estimate {
        800_000_000.. => estimate * 2,
        600_000_000.. => estimate * 3 / 2,
        400_000_000.. => estimate * 6 / 5,
        _ => estimate.max(BILLION / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG_ODDS: Scale = Scale::LogOdds { floor: 10_000_000 };

    #[test]
    fn log_odds_are_those_of_the_books() {
        for (percent, strength) in [(60, 0.4055), (70, 0.8473), (80, 1.3863), (90, 2.1972), (95, 2.9444)] {
            let found = LOG_ODDS.strength(percent * 10_000_000) as f64 / 1e9;
            assert!((found - strength).abs() < 5e-5, "{percent}%: {found}");
        }
        assert_eq!(LOG_ODDS.strength(500_000_000), 10_000_000);
        assert_eq!(LOG_ODDS.strength(100_000_000), 10_000_000);
        assert!(LOG_ODDS.strength(BILLION) > 20 * BILLION);
    }

    #[test]
    fn the_legacy_scale_meets_its_corners_and_never_falls() {
        for (estimate, strength) in LEGACY {
            assert_eq!(legacy(estimate), strength);
        }
        let strengths: Vec<u64> = (0..=1_000).map(|part| legacy(part * 1_000_000)).collect();
        assert!(strengths.is_sorted());
        assert!(strengths.windows(2).all(|pair| pair[1] - pair[0] <= 4_050_000));
    }

    #[test]
    fn records_fade_by_half_over_a_half_life() {
        assert_eq!(TrackRecord::new(89, 98).estimate(), 900_000_000);
        assert_eq!(TrackRecord::default().estimate(), 500_000_000);
        let mut record = TrackRecord::new(100, 100);
        let memory = Memory::half_life(20);
        (0..20).for_each(|_| record.learn(false, memory));
        assert!((49_990_000..=50_000_000).contains(&record.correct), "{record:?}");
        let mut faithful = TrackRecord::new(1, 2);
        faithful.learn(true, Memory::WHOLE);
        assert_eq!(faithful, TrackRecord::new(2, 3));
    }

    #[test]
    fn factors_are_weighed_and_kept_within_bounds() {
        let all =
            |ppm| Factors { accuracy_ppm: ppm, consistency_ppm: ppm, domain_ppm: ppm, performance_ppm: ppm };
        assert_eq!(all(700_000).estimate(), 700_000_000);
        assert_eq!((all(0).estimate(), all(1_000_000).estimate()), (50_000_000, 950_000_000));
        assert_eq!(Factors { accuracy_ppm: 1_000_000, ..all(500_000) }.estimate(), 650_000_000);
    }
}
