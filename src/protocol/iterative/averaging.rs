//! Averages of numbers some of which may be lies, and how fast they bring honest numbers together.
//!
//! Source: D. Dolev, N. Lynch, S. Pinter, E. Stark and W. Weihl, *Reaching approximate agreement in the presence of
//! faults*, J. ACM 33(3), 1986.

use super::message::Round;

/// By what factor a round shrinks the range of the honest numbers at least, rounded up: c = ⌊(n − 2f − 1) / f⌋ + 1.
/// `None` where nobody lies: one round is enough.
pub fn contraction(agents: u32, faulty: u32) -> Option<u32> {
    (agents - 2 * faulty - 1).checked_div(faulty).map(|factor| factor + 1)
}

/// Number of rounds until numbers of this range are within `tolerance`: one at least.
///
/// # Panics
/// If a third of the agents are faulty, or nothing is tolerated.
pub fn rounds(range: u64, tolerance: u64, agents: u32, faulty: u32) -> Round {
    assert!(agents > 3 * faulty && tolerance > 0, "numbers come no nearer");
    let Some(factor) = contraction(agents, faulty) else { return 1 };
    let shrunk = |range: &u64| Some(range.div_ceil(u64::from(factor)));
    std::iter::successors(Some(range), shrunk)
        .position(|range| range <= tolerance)
        .map_or(1, |rounds| rounds.max(1) as Round)
}

/// The next number of an agent that has these: the mean, rounded down, of every f-th of those left when the f lowest and
/// the f highest are dropped.
pub fn average(numbers: &mut [i64], faulty: usize) -> i64 {
    numbers.sort_unstable();
    let kept = &numbers[faulty..numbers.len() - faulty];
    mean(kept.iter().copied().step_by(faulty.max(1)))
}

/// The mean, rounded down.
pub(super) fn mean(numbers: impl Iterator<Item = i64>) -> i64 {
    let (sum, count) =
        numbers.fold((0i128, 0i128), |(sum, count), number| (sum + i128::from(number), count + 1));
    sum.div_euclid(count) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn factors_and_rounds_are_those_of_the_paper() {
        let factors = [(4, 1), (10, 1), (10, 3), (7, 2), (5, 0)].map(|(n, f)| contraction(n, f));
        assert_eq!(factors, [Some(2), Some(8), Some(2), Some(2), None]);
        assert_eq!(rounds(1_000, 10, 4, 1), 7);
        assert_eq!(rounds(1_000, 10, 10, 1), 3);
        assert_eq!(rounds(u64::MAX, 1, 4, 1), 64);
        assert_eq!([rounds(1_000, 10, 9, 0), rounds(5, 10, 4, 1)], [1, 1]);
    }

    #[test]
    fn means_round_down() {
        assert_eq!(average(&mut [-2, -1], 0), -2);
        assert_eq!(average(&mut [i64::MAX, i64::MAX, i64::MIN], 1), i64::MAX);
        // f = 2: of 3 4 5 6 the first and the third.
        assert_eq!(average(&mut [1, 2, 3, 4, 5, 6, 7, 8], 2), 4);
    }

    proptest! {
        /// Whatever each liar tells each of two honest agents, they come nearer by the factor.
        #[test]
        fn honest_numbers_contract(
            (agents, faulty) in (1u32..4).prop_flat_map(|faulty| (3 * faulty + 1..16, Just(faulty))),
            honest in prop::collection::vec(-1_000i64..1_000, 16),
            lies in prop::collection::vec((-5_000i64..5_000, -5_000i64..5_000), 4),
        ) {
            let honest = &honest[..(agents - faulty) as usize];
            let lies = &lies[..faulty as usize];
            let (low, high) = (*honest.iter().min().expect("some"), *honest.iter().max().expect("some"));
            let told = |lie: &dyn Fn(&(i64, i64)) -> i64| {
                average(&mut honest.iter().copied().chain(lies.iter().map(lie)).collect::<Vec<_>>(), faulty as usize)
            };
            let (a, b) = (told(&|lie| lie.0), told(&|lie| lie.1));
            prop_assert!((low..=high).contains(&a) && (low..=high).contains(&b));
            let factor = contraction(agents, faulty).expect("some lie");
            prop_assert!(a.abs_diff(b) <= low.abs_diff(high).div_ceil(u64::from(factor)));
        }
    }
}
