//! Pure equilibria, by looking at every profile.

use super::NormalForm;
use std::cmp::Ordering;

/// Returns the indices of all profiles at which no player gains by another strategy, the least first.
pub fn pure_equilibria(game: &NormalForm) -> Vec<usize> {
    let mut stable = vec![true; game.profiles()];
    for player in 0..game.players() {
        for line in game.lines(player) {
            let best = game.deviations(line, player).max_by(|&one, &other| game.compare(player, one, other));
            let best = best.expect("a strategy");
            for choice in game.deviations(line, player) {
                stable[choice] &= game.compare(player, choice, best) == Ordering::Equal;
            }
        }
    }
    (0..game.profiles()).filter(|&index| stable[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::pure_regret;
    use super::*;
    use num_traits::Zero;
    use proptest::prelude::*;

    #[test]
    fn known_games_have_their_pure_equilibria() {
        assert_eq!(pure_equilibria(&matching_pennies()), [0; 0]);
        assert_eq!(pure_equilibria(&prisoners_dilemma()), [3]);
        assert_eq!(pure_equilibria(&all_ones()), [0, 1, 2, 3]);
        assert_eq!(pure_equilibria(&minority()), [1, 2, 3, 4, 5, 6], "all but where none is alone");
        // Two on the cheap road.
        assert_eq!(pure_equilibria(&congestion()), [1, 2, 4]);
    }

    proptest! {
        #[test]
        fn they_are_those_without_regret(payoffs in prop::collection::vec(-3_i64..3, 36)) {
            let game = NormalForm::of_integers(vec![2, 3, 2], &payoffs).unwrap();
            let found = pure_equilibria(&game);
            for index in 0..game.profiles() {
                let none = pure_regret(&game, index).iter().all(Zero::is_zero);
                prop_assert_eq!(none, found.contains(&index));
            }
        }
    }
}
