//! How large a committee is, and who is in it.

use rand::seq::SliceRandom;
use synod_sim::{NodeId, Purpose, Streams};

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
    assert!(size <= population && faulty <= population, "members and liars are agents");
    let all = ln_choose(population, size);
    let of =
        |liars: u32| libm::exp(ln_choose(faulty, liars) + ln_choose(population - faulty, size - liars) - all);
    let most = size.min(faulty);
    // As many honest members as there are honest agents: the rest are liars in any draw.
    let least = size.div_ceil(3).max((size + faulty).saturating_sub(population));
    // Small terms first.
    (least..=most).rev().map(of).sum()
}

/// ln of n choose k, for k ≤ n.
fn ln_choose(n: u32, k: u32) -> f64 {
    let ln_factorial = |count: u32| libm::lgamma(f64::from(count) + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
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

    /// The same probability, by whole numbers.
    fn exact(population: u32, faulty: u32, size: u32) -> f64 {
        fn choose(n: u32, k: u32) -> u128 {
            if k > n {
                0
            } else {
                (0..u128::from(k)).fold(1, |product, i| product * (u128::from(n) - i) / (i + 1))
            }
        }
        let ways = |liars: u32| choose(faulty, liars) * choose(population - faulty, size - liars);
        let bad: u128 = (size.div_ceil(3)..=size).map(ways).sum();
        bad as f64 / choose(population, size) as f64
    }

    #[test]
    fn the_risk_is_the_tail_of_the_hypergeometric_law() {
        for (population, faulty, size) in [(10, 3, 4), (25, 9, 5), (40, 8, 13), (60, 12, 31), (60, 19, 59)] {
            let (found, expected) = (risk(population, faulty, size), exact(population, faulty, size));
            assert!((found - expected).abs() <= 1e-9 * expected.max(1e-6), "{size}: {found} {expected}");
        }
        assert_eq!(risk(100, 0, 50), 0.0);
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
