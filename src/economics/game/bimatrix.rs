//! A game of two players as two matrices of integers.

use super::{GameError, NormalForm, Rational};
use num_bigint::BigInt;
use num_traits::Zero;

/// The payoffs of one player of two: integers that leave its best responses as they are.
pub(super) struct Side {
    /// How many strategies the player has.
    pub(super) own: usize,
    /// How many strategies the other player has.
    pub(super) other: usize,
    /// A row for each own strategy and a column for each of the other's; the least entry of each column is 0.
    pub(super) entries: Vec<BigInt>,
}

impl Side {
    /// Returns the payoffs of both players of a game.
    ///
    /// # Errors
    /// If the game has not two players.
    pub(super) fn both(game: &NormalForm) -> Result<[Side; 2], GameError> {
        match game.players() {
            2 => Ok([Side::of(game, 0), Side::of(game, 1)]),
            players => Err(GameError::NotTwoPlayers { players }),
        }
    }

    fn of(game: &NormalForm, player: usize) -> Side {
        let (own, other) = (game.strategies()[player], game.strategies()[1 - player]);
        let profile = |row, column| if player == 0 { [row, column] } else { [column, row] };
        let numerator = |row, column| {
            let index = game.index(&profile(row, column)).expect("both strategies are there");
            game.numerator(index, player)
        };
        // What all own strategies earn alike against one of the other's changes no best response.
        let column_least = |column| (0..own).map(|row| numerator(row, column)).min().expect("a strategy");
        let least: Vec<BigInt> = (0..other).map(column_least).collect();
        let cells = (0..own).flat_map(|row| (0..other).map(move |column| (row, column)));
        let entries = cells.map(|(row, column)| numerator(row, column) - &least[column]).collect();
        Side { own, other, entries }
    }
}

/// Returns the mixed strategy in proportion to weights that are not negative.
pub(super) fn distribution(weights: &[BigInt]) -> Vec<Rational> {
    let total: BigInt = weights.iter().sum();
    assert!(!total.is_zero(), "a strategy is played");
    weights.iter().map(|weight| Rational::new(weight.clone(), total.clone())).collect()
}
