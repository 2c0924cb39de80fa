//! Best-response dynamics: players move in turn.

use super::{GameError, NormalForm};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How best-response dynamics ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nobody gains by another strategy: the last profile is a pure equilibrium.
    Converged,
    /// A pass starts where an earlier one started, so that play goes round for ever. No profile of it is an
    /// equilibrium.
    Cycle {
        /// The number of moves before it, so that `moves[before..]` is the way round.
        before: usize,
    },
}

/// A run of best-response dynamics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestResponse {
    /// How it ends.
    pub ending: Ending,
    /// The moves: who moved, and the index of the profile to which.
    pub moves: Vec<(usize, usize)>,
    /// The index of the last profile.
    pub last: usize,
    /// How many full passes were started.
    pub passes: usize,
}

/// Lets the players move in turn from a profile, the first player first: each takes its best response, the lowest of
/// several, but only if it gains. It ends with the first pass in which nobody moves, or that starts as an earlier one
/// did; one of both comes.
///
/// # Errors
/// If there is no such profile.
///
/// Source: Monderer and Shapley, Potential games, Games and Economic Behavior 14 (1996): in a finite potential game
/// it converges.
pub fn best_response_dynamics(game: &NormalForm, start: &[usize]) -> Result<BestResponse, GameError> {
    let mut last = game.index(start)?;
    let mut moves = Vec::new();
    // Whose turn it is belongs to the state; at the start of a pass it is always the first player's.
    let mut starts = BTreeMap::new();
    loop {
        if let Some(before) = starts.insert(last, moves.len()) {
            let passes = starts.len();
            return Ok(BestResponse { ending: Ending::Cycle { before }, moves, last, passes });
        }
        let moved_before = moves.len();
        for player in 0..game.players() {
            if let Some(better) = improvement(game, last, player) {
                last = better;
                moves.push((player, last));
            }
        }
        if moves.len() == moved_before {
            let passes = starts.len();
            return Ok(BestResponse { ending: Ending::Converged, moves, last, passes });
        }
    }
}

/// Returns where a player's lowest best response leads, if it gains.
fn improvement(game: &NormalForm, index: usize, player: usize) -> Option<usize> {
    let better = |best: usize, other: usize| match game.compare(player, other, best) {
        Ordering::Greater => other,
        _ => best,
    };
    let best = game.deviations(index, player).reduce(better).expect("a strategy");
    (game.compare(player, best, index) == Ordering::Greater).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{exact_potential, ordinal_potential, pure_equilibria};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cycle_is_called_a_cycle() {
        let run = best_response_dynamics(&matching_pennies(), &[0, 0]).unwrap();
        assert_eq!(run.moves, [(1, 2), (0, 3), (1, 1), (0, 0), (1, 2)]);
        assert_eq!((run.ending, run.passes), (Ending::Cycle { before: 1 }, 3));
    }

    #[test]
    fn a_player_that_stays_is_no_cycle() {
        let run = best_response_dynamics(&battle_of_the_sexes(), &[1, 0]).unwrap();
        assert_eq!((run.ending, run.last, run.passes), (Ending::Converged, 0, 2));
        assert_eq!(best_response_dynamics(&all_ones(), &[1, 1]).unwrap().moves, []);
        assert_eq!(best_response_dynamics(&all_ones(), &[1, 2]), Err(GameError::NoSuchProfile));
    }

    #[test]
    fn a_potential_rises_with_every_move() {
        let game = congestion();
        let potential = exact_potential(&game).unwrap();
        for start in 0..game.profiles() {
            let run = best_response_dynamics(&game, &game.profile(start)).unwrap();
            assert_eq!(run.ending, Ending::Converged);
            let values: Vec<_> = std::iter::once(start)
                .chain(run.moves.iter().map(|&(_, index)| index))
                .map(|index| &potential[index])
                .collect();
            assert!(values.is_sorted_by(|one, next| one < next));
        }
    }

    proptest! {
        #[test]
        fn the_ending_is_the_truth(payoffs in prop::collection::vec(-2_i64..3, 24), start in 0_usize..8) {
            let game = NormalForm::of_integers(vec![2, 2, 2], &payoffs).unwrap();
            let run = best_response_dynamics(&game, &game.profile(start)).unwrap();
            match run.ending {
                Ending::Converged => prop_assert!(pure_equilibria(&game).contains(&run.last)),
                Ending::Cycle { before } => {
                    prop_assert!(before < run.moves.len());
                    prop_assert!(ordinal_potential(&game).is_none());
                    prop_assert!(run.moves[before..].iter().all(|(_, index)| !pure_equilibria(&game).contains(index)));
                }
            }
        }
    }
}
