//! Sortition of a committee: its size and its members.

use rand::seq::SliceRandom;
use synod_sim::{NodeId, Purpose, Streams};
use synod_stats::hypergeometric_tail;

/// The smallest committee of PBFT.
pub const LEAST: u32 = 4;

/// The size of the smallest committee, of `population` agents of whom `faulty` may lie, that has a third or more of liars
/// with a probability of at most `epsilon`; all agents, if no smaller one will do. `None` if not even all will.
pub fn size(population: u32, faulty: u32, epsilon: f64) -> Option<u32> {
    let drawn = (LEAST..population).find(|&size| risk(population, faulty, size) <= epsilon);
    drawn.or((population >= LEAST && population > 3 * faulty).then_some(population))
}

/// The probability that a committee of `size`, drawn from `population` agents of whom `faulty` lie, has so many liars that
/// PBFT does not bear them: P(X ≥ ⌈size / 3⌉), where X has the hypergeometric law.
///
/// # Panics
/// If there are fewer agents than members, or fewer than liars.
pub fn risk(population: u32, faulty: u32, size: u32) -> f64 {
    hypergeometric_tail(size.div_ceil(3).into(), size.into(), faulty.into(), population.into())
}

/// The members of a committee of `size`, by number.
pub fn draw(population: u32, size: u32, streams: &Streams) -> Vec<NodeId> {
    let mut agents: Vec<NodeId> = (0..population).map(NodeId).collect();
    let (drawn, _) = agents.partial_shuffle(&mut streams.stream(Purpose::Placement, LOTTERY), size as usize);
    let mut members = drawn.to_vec();
    members.sort_unstable();
    members
}

/// Index 0 of that purpose places agents in trees.
const LOTTERY: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_liars_is_too_many() {
        // By whole numbers: 70 of 210 committees of 4 have 2 or 3 of 3 liars, 20,748 of 53,130 of 5 fewer than 2 of 9.
        assert!((risk(10, 3, 4) - 70.0 / 210.0).abs() < 1e-14);
        assert!((risk(25, 9, 5) - (1.0 - 20_748.0 / 53_130.0)).abs() < 1e-14);
        assert_eq!((risk(100, 0, 50), risk(10, 4, 10)), (0.0, 1.0));
    }

    #[test]
    fn committees_are_as_small_as_they_can_be() {
        for (population, faulty, epsilon) in
            [(50, 10, 1e-3), (100, 20, 1e-6), (200, 20, 1e-9), (1_000, 100, 1e-9), (1_000, 200, 1e-9)]
        {
            let size = size(population, faulty, epsilon).expect("there is one");
            assert!(size == population || risk(population, faulty, size) <= epsilon);
            let smaller = (LEAST..size).find(|&smaller| risk(population, faulty, smaller) <= epsilon);
            assert_eq!(smaller, None, "{population} {faulty}");
        }
        assert_eq!(size(1_000, 0, 1e-9), Some(4));
        // A third of liars: nobody helps, not even all.
        assert_eq!(size(30, 10, 1e-9), None);
        assert_eq!(size(31, 10, 1e-9), Some(31));
        assert_eq!(size(3, 0, 1e-9), None);
    }

    #[test]
    fn committees_are_fairly_drawn() {
        let mut seats = [0; 20];
        for seed in 0..4_000 {
            let members = draw(20, 5, &Streams::new(seed));
            assert!(members.is_sorted_by(|a, b| a < b) && members.len() == 5);
            members.iter().for_each(|member| seats[member.index()] += 1);
        }
        // 1,000 each, give or take four standard errors of 27.4.
        assert!(seats.iter().all(|&count| (890..=1_110).contains(&count)), "{seats:?}");
    }
}
