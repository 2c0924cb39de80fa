//! Games whose equilibria are known.

use super::{NormalForm, Rational};

pub(super) fn two(first: &[&[i64]], second: &[&[i64]]) -> NormalForm {
    let rows = |matrix: &[&[i64]]| matrix.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    NormalForm::of_matrices(&rows(first), &rows(second)).unwrap()
}

pub(super) fn zero_sum(first: &[&[i64]]) -> NormalForm {
    let second: Vec<Vec<i64>> = first.iter().map(|row| row.iter().map(|payoff| -payoff).collect()).collect();
    let rows: Vec<&[i64]> = second.iter().map(Vec::as_slice).collect();
    two(first, &rows)
}

/// Returns a fraction.
pub(super) fn over(numerator: i64, denominator: i64) -> Rational {
    Rational::new(numerator.into(), denominator.into())
}

/// Returns a mixed strategy with a common denominator.
pub(super) fn mix(numerators: &[i64], denominator: i64) -> Vec<Rational> {
    numerators.iter().map(|&numerator| over(numerator, denominator)).collect()
}

pub(super) fn matching_pennies() -> NormalForm {
    zero_sum(&[&[1, -1], &[-1, 1]])
}

pub(super) fn rock_paper_scissors() -> NormalForm {
    zero_sum(&[&[0, -1, 1], &[1, 0, -1], &[-1, 1, 0]])
}

/// Strategy 1 is to defect.
pub(super) fn prisoners_dilemma() -> NormalForm {
    two(&[&[3, 0], &[5, 1]], &[&[3, 5], &[0, 1]])
}

pub(super) fn battle_of_the_sexes() -> NormalForm {
    two(&[&[2, 0], &[0, 1]], &[&[1, 0], &[0, 2]])
}

pub(super) fn chicken() -> NormalForm {
    two(&[&[0, -1], &[1, -10]], &[&[0, 1], &[-1, -10]])
}

pub(super) fn all_ones() -> NormalForm {
    two(&[&[1, 1], &[1, 1]], &[&[1, 1], &[1, 1]])
}

/// It has three extreme equilibria and a continuum.
pub(super) fn odd_but_degenerate() -> NormalForm {
    two(&[&[1, 1], &[1, 0]], &[&[1, 1], &[1, 0]])
}

/// It has three extreme equilibria; supports of equal size find two.
pub(super) fn three_by_two() -> NormalForm {
    two(&[&[3, 3], &[2, 5], &[0, 6]], &[&[3, 3], &[2, 6], &[3, 1]])
}

/// Fictitious play of it cycles (Shapley 1964).
pub(super) fn shapley() -> NormalForm {
    two(&[&[1, 0, 0], &[0, 1, 0], &[0, 0, 1]], &[&[0, 1, 0], &[0, 0, 1], &[1, 0, 0]])
}

/// Each of three players gains 1 by being alone.
pub(super) fn minority() -> NormalForm {
    let profile = |index: usize| [index & 1, index >> 1 & 1, index >> 2 & 1];
    let alone = |profile: [usize; 3], player: usize| {
        i64::from(profile.iter().filter(|&&strategy| strategy == profile[player]).count() == 1)
    };
    let payoffs: Vec<i64> =
        (0..8).flat_map(|index| (0..3).map(move |player| alone(profile(index), player))).collect();
    NormalForm::of_integers(vec![2; 3], &payoffs).unwrap()
}

/// Three players choose a road each; the first costs its load, the second twice its load (Rosenthal 1973).
pub(super) fn congestion() -> NormalForm {
    let cost = |index: usize, player: usize| {
        let road = index >> player & 1;
        let load = (0..3).filter(|&other| index >> other & 1 == road).count() as i64;
        -load * (road as i64 + 1)
    };
    let payoffs: Vec<i64> = (0..8).flat_map(|index| (0..3).map(move |player| cost(index, player))).collect();
    NormalForm::of_integers(vec![2; 3], &payoffs).unwrap()
}
