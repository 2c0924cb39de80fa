//! One equilibrium of a game of two players from each start, by Lemke and Howson's algorithm.

use super::bimatrix::{Side, distribution};
use super::exact::Exact;
use super::{GameError, Mixed, NormalForm, regret};
use num_bigint::BigInt;
use num_traits::Zero;
use std::cmp::Ordering;

/// The most pivots of a run.
const PIVOTS_MAX: u32 = 1 << 20;

/// What Lemke and Howson's algorithm finds from each label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LemkeHowson {
    /// The equilibria, each once, in the order of the first label that leads to it. There may be more: this is no
    /// enumeration.
    pub equilibria: Vec<Mixed>,
    /// For each label, the first player's strategies and then the second's, the index of the equilibrium that
    /// dropping it leads to.
    pub by_label: Vec<usize>,
    /// Whether a ratio test met a tie, so that the game is degenerate.
    pub degenerate: bool,
}

/// Follows the path of Lemke and Howson from each label, with integer pivots and a lexicographic ratio test, so that
/// it ends in degenerate games too.
///
/// # Errors
/// If the game has not two players, or a run makes more than 2²⁰ pivots.
///
/// Source: Lemke and Howson, Equilibrium points of bimatrix games, SIAM Journal 12 (1964); von Stengel, Equilibrium
/// computation for two-player games, in Algorithmic Game Theory (2007).
pub fn lemke_howson(game: &NormalForm) -> Result<LemkeHowson, GameError> {
    let sides = Side::both(game)?;
    let labels = sides[0].own + sides[0].other;
    let mut found = LemkeHowson { equilibria: Vec::new(), by_label: Vec::new(), degenerate: false };
    for label in 0..labels {
        let run = match run::<i128>(&sides, label) {
            Some(run) => run?,
            None => run::<BigInt>(&sides, label).expect("big integers hold all")?,
        };
        let equilibrium: Mixed = run.weights.iter().map(|weights| distribution(weights)).collect();
        let regrets = regret(game, &equilibrium)?;
        assert!(regrets.iter().all(Zero::is_zero), "nobody gains by deviating");
        found.degenerate |= run.tied;
        let known = found.equilibria.iter().position(|known| *known == equilibrium);
        found.by_label.push(known.unwrap_or(found.equilibria.len()));
        if known.is_none() {
            found.equilibria.push(equilibrium);
        }
    }
    Ok(found)
}

/// Where a path ends.
struct Run {
    /// By player and strategy.
    weights: [Vec<BigInt>; 2],
    tied: bool,
}

/// Drops a label and pivots until it is met again; `None` if an integer does not fit.
fn run<T: Exact>(sides: &[Side; 2], dropped: usize) -> Option<Result<Run, GameError>> {
    let (first, second) = (sides[0].own, sides[0].other);
    // What bounds a player's weights is what the other earns.
    let mut tableaus = [Tableau::<T>::of(&sides[1], 0, first)?, Tableau::<T>::of(&sides[0], first, 0)?];
    let mut turn = usize::from(dropped >= first);
    let (mut entering, mut pivots) = (dropped, 0);
    loop {
        let leaving = tableaus[turn].pivot(entering)?;
        if leaving == dropped {
            break;
        }
        if pivots == PIVOTS_MAX {
            return Some(Err(GameError::TooManyPivots));
        }
        pivots += 1;
        entering = leaving;
        turn = 1 - turn;
    }
    let weights = [tableaus[0].weights(0, first), tableaus[1].weights(first, second)];
    Some(Ok(Run { weights, tied: tableaus[0].tied || tableaus[1].tied }))
}

/// A system of inequalities on one player's weights. The column of a variable is its label: a weight has that of its
/// strategy, a slack that of the strategy of the other player whose payoff it bounds. The last column is the right
/// side.
struct Tableau<T> {
    columns: usize,
    entries: Vec<T>,
    /// The label that is basic in each row.
    basis: Vec<usize>,
    /// The label of the first slack.
    slacks: usize,
    /// The common coefficient of the basic variables.
    previous: T,
    tied: bool,
}

impl<T: Exact> Tableau<T> {
    /// Returns the tableau at which all weights are 0. The other player's payoffs are `side`; weights have labels
    /// from `weights`, slacks from `slacks`.
    fn of(side: &Side, weights: usize, slacks: usize) -> Option<Tableau<T>> {
        let columns = side.own + side.other + 1;
        let mut entries = vec![T::zero(); side.own * columns];
        for row in 0..side.own {
            for column in 0..side.other {
                // Payoffs are made positive, which keeps the system bounded.
                let payoff = &side.entries[row * side.other + column] + 1;
                entries[row * columns + weights + column] = T::of(&payoff)?;
            }
            entries[row * columns + slacks + row] = T::one();
            entries[row * columns + columns - 1] = T::one();
        }
        let basis = (slacks..slacks + side.own).collect();
        Some(Tableau { columns, entries, basis, slacks, previous: T::one(), tied: false })
    }

    fn at(&self, row: usize, column: usize) -> &T {
        &self.entries[row * self.columns + column]
    }

    /// Lets the variable with a label enter the basis, and returns the label that leaves it; `None` if an integer
    /// does not fit.
    fn pivot(&mut self, entering: usize) -> Option<usize> {
        let row = self.leaving_row(entering)?;
        let pivot = self.at(row, entering).clone();
        for other in (0..self.basis.len()).filter(|&other| other != row) {
            let factor = self.at(other, entering).clone();
            for column in 0..self.columns {
                let (own, above) = (self.at(other, column), self.at(row, column));
                let entry = T::cross(&pivot, own, &factor, above, &self.previous)?;
                self.entries[other * self.columns + column] = entry;
            }
        }
        self.previous = pivot;
        Some(std::mem::replace(&mut self.basis[row], entering))
    }

    /// Returns the row that bounds the entering variable first, if the right sides were larger by ever smaller amounts.
    fn leaving_row(&mut self, entering: usize) -> Option<usize> {
        let mut least: Option<usize> = None;
        for row in (0..self.basis.len()).filter(|&row| self.at(row, entering).sign() > 0).collect::<Vec<_>>()
        {
            let Some(other) = least else {
                least = Some(row);
                continue;
            };
            if self.compare(row, other, entering)? == Ordering::Less {
                least = Some(row);
            }
        }
        Some(least.expect("the system is bounded"))
    }

    /// Compares the ratios of two rows: the right sides first, and then the columns of the first basis.
    fn compare(&mut self, one: usize, other: usize, entering: usize) -> Option<Ordering> {
        let slacks = self.slacks..self.slacks + self.basis.len();
        for column in std::iter::once(self.columns - 1).chain(slacks) {
            let (one_by, other_by) = (self.at(one, entering), self.at(other, entering));
            let order = T::compare_products(self.at(one, column), other_by, self.at(other, column), one_by)?;
            if order != Ordering::Equal {
                return Some(order);
            }
            self.tied = true;
        }
        unreachable!("the columns of the first basis are independent")
    }

    /// Returns the values of `count` variables with labels from `first` on, over a common denominator.
    fn weights(&self, first: usize, count: usize) -> Vec<BigInt> {
        let value = |label: usize| match self.basis.iter().position(|&basic| basic == label) {
            Some(row) => self.at(row, self.columns - 1).big(),
            None => BigInt::ZERO,
        };
        (first..first + count).map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Rational, support_enumeration};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_mixed_equilibrium_of_the_battle_is_found_from_no_label() {
        let found = lemke_howson(&battle_of_the_sexes()).unwrap();
        assert_eq!(found.by_label.len(), 4);
        assert_eq!(found.equilibria.len(), 2);
        assert!(!found.degenerate);
        assert!(!found.equilibria.contains(&vec![mix(&[2, 1], 3), mix(&[1, 2], 3)]));
    }

    #[test]
    fn single_equilibria_are_found_from_every_label() {
        for game in [matching_pennies(), rock_paper_scissors(), prisoners_dilemma(), shapley()] {
            let found = lemke_howson(&game).unwrap();
            assert_eq!(found.equilibria, support_enumeration(&game).unwrap().equilibria);
            assert!(found.by_label.iter().all(|&index| index == 0));
        }
    }

    #[test]
    fn degenerate_games_end_too_and_are_told() {
        for game in [all_ones(), odd_but_degenerate(), three_by_two()] {
            let found = lemke_howson(&game).unwrap();
            assert!(found.degenerate && !found.equilibria.is_empty());
        }
        assert_eq!(lemke_howson(&minority()), Err(GameError::NotTwoPlayers { players: 3 }));
    }

    #[test]
    fn payoffs_that_fit_no_machine_word_are_solved() {
        let huge = Rational::from_integer(BigInt::from(10).pow(60));
        let payoffs: Vec<Rational> =
            [2, 1, 0, 0, 0, 0, 1, 2].map(|payoff| &huge * &Rational::from_integer(payoff.into())).into();
        let game = NormalForm::new(vec![2, 2], &payoffs).unwrap();
        assert_eq!(lemke_howson(&game), lemke_howson(&battle_of_the_sexes()));
    }

    proptest! {
        #[test]
        fn each_end_is_among_all_equilibria(
            (rows, columns, payoffs) in (1_usize..5, 1_usize..5).prop_flat_map(|(rows, columns)| {
                (Just(rows), Just(columns), prop::collection::vec(-30_i64..30, 2 * rows * columns))
            })
        ) {
            let game = NormalForm::of_integers(vec![rows, columns], &payoffs).unwrap();
            let (some, all) = (lemke_howson(&game).unwrap(), support_enumeration(&game).unwrap());
            if !all.degenerate {
                prop_assert!(some.equilibria.iter().all(|equilibrium| all.equilibria.contains(equilibrium)));
            }
        }
    }
}
