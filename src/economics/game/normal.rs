//! Games in normal form.

use super::{GameError, Rational};
use num_bigint::BigInt;
use num_traits::{One, ToPrimitive};
use std::cmp::Ordering;
use std::fmt;

/// The most payoffs of a game.
const PAYOFFS_MAX: usize = 10_000_000;

/// A game in normal form: a payoff for each player at each profile of strategies.
#[derive(Clone, PartialEq, Eq)]
pub struct NormalForm {
    strategies: Vec<usize>,
    /// How far apart in the index the profiles are that differ by one in a player's strategy.
    strides: Vec<usize>,
    profiles: usize,
    numerators: Numerators,
    /// The least common denominator of each player's payoffs.
    denominators: Vec<BigInt>,
}

/// The numerators of all payoffs over their player's denominator, by profile, then by player.
#[derive(Clone, PartialEq, Eq)]
enum Numerators {
    Small(Vec<i64>),
    Large(Vec<BigInt>),
}

impl NormalForm {
    /// The most profiles of a game.
    pub const PROFILES_MAX: usize = 1_000_000;

    /// Returns the game whose players have so many strategies each. Payoffs are by profile, the first player's
    /// strategy fastest, and then by player.
    ///
    /// # Errors
    /// If there is no player, a player has no strategy, there are more than 10⁶ profiles or 10⁷ payoffs, or the
    /// payoffs are not as many as profiles times players.
    pub fn new(strategies: Vec<usize>, payoffs: &[Rational]) -> Result<NormalForm, GameError> {
        let profiles = NormalForm::count_profiles(&strategies)?;
        let players = strategies.len();
        let accepted = profiles * players;
        if payoffs.len() != accepted {
            return Err(GameError::PayoffCount { found: payoffs.len(), accepted });
        }
        let mut denominators = vec![BigInt::one(); players];
        for (at, payoff) in payoffs.iter().enumerate() {
            let common = &mut denominators[at % players];
            if &*common % payoff.denom() != BigInt::ZERO {
                *common = Rational::new(common.clone(), payoff.denom().clone()).numer() * payoff.denom();
            }
        }
        let numerator = |(at, payoff): (usize, &Rational)| -> BigInt {
            payoff.numer() * (&denominators[at % players] / payoff.denom())
        };
        let small = |each: (usize, &Rational)| numerator(each).to_i64();
        let numerators = match payoffs.iter().enumerate().map(small).collect() {
            Some(small) => Numerators::Small(small),
            None => Numerators::Large(payoffs.iter().enumerate().map(numerator).collect()),
        };
        let stride = |stride: &mut usize, count: &usize| Some(std::mem::replace(stride, *stride * count));
        let strides = strategies.iter().scan(1, stride).collect();
        Ok(NormalForm { strategies, strides, profiles, numerators, denominators })
    }

    /// Returns the game with integer payoffs, in the order of [`NormalForm::new`].
    ///
    /// # Errors
    /// As [`NormalForm::new`].
    pub fn of_integers(strategies: Vec<usize>, payoffs: &[i64]) -> Result<NormalForm, GameError> {
        let payoffs: Vec<Rational> =
            payoffs.iter().map(|&payoff| Rational::from_integer(payoff.into())).collect();
        NormalForm::new(strategies, &payoffs)
    }

    /// Returns the game of two players with integer payoffs: a matrix for each, both with a row for each strategy of
    /// the first player and a column for each of the second.
    ///
    /// # Errors
    /// As [`NormalForm::new`], and if rows differ in length.
    pub fn of_matrices(first: &[Vec<i64>], second: &[Vec<i64>]) -> Result<NormalForm, GameError> {
        let (rows, columns) = (first.len(), first.first().map_or(0, Vec::len));
        let accepted = 2 * rows * columns;
        let found = first.iter().chain(second).map(Vec::len).sum();
        let even = first.iter().chain(second).all(|row| row.len() == columns);
        if !even || second.len() != rows {
            return Err(GameError::PayoffCount { found, accepted });
        }
        let cells = (0..columns).flat_map(|column| (0..rows).map(move |row| (row, column)));
        let payoffs: Vec<i64> =
            cells.flat_map(|(row, column)| [first[row][column], second[row][column]]).collect();
        NormalForm::of_integers(vec![rows, columns], &payoffs)
    }

    /// Returns how many profiles players with so many strategies have.
    ///
    /// # Errors
    /// If there is no player, a player has no strategy, or there are more than 10⁶ profiles or 10⁷ payoffs.
    pub fn count_profiles(strategies: &[usize]) -> Result<usize, GameError> {
        if strategies.is_empty() {
            return Err(GameError::NoPlayers);
        }
        if let Some(player) = strategies.iter().position(|&count| count == 0) {
            return Err(GameError::NoStrategies { player });
        }
        let within = |profiles: usize, &count: &usize| {
            profiles.checked_mul(count).filter(|&profiles| profiles <= NormalForm::PROFILES_MAX)
        };
        let profiles = strategies.iter().try_fold(1, within).ok_or(GameError::TooManyProfiles)?;
        match profiles.checked_mul(strategies.len()) {
            Some(payoffs) if payoffs <= PAYOFFS_MAX => Ok(profiles),
            _ => Err(GameError::TooManyProfiles),
        }
    }

    /// Returns how many players there are.
    pub fn players(&self) -> usize {
        self.strategies.len()
    }

    /// Returns how many strategies each player has.
    pub fn strategies(&self) -> &[usize] {
        &self.strategies
    }

    /// Returns how many profiles there are.
    pub fn profiles(&self) -> usize {
        self.profiles
    }

    /// Returns the index of a profile.
    ///
    /// # Errors
    /// If it has another number of players, or names a strategy that is not there.
    pub fn index(&self, profile: &[usize]) -> Result<usize, GameError> {
        let there = profile.len() == self.players()
            && profile.iter().zip(&self.strategies).all(|(strategy, count)| strategy < count);
        if !there {
            return Err(GameError::NoSuchProfile);
        }
        Ok(profile.iter().zip(&self.strides).map(|(strategy, stride)| strategy * stride).sum())
    }

    /// Returns the profile with this index.
    ///
    /// # Panics
    /// If there is none.
    pub fn profile(&self, index: usize) -> Vec<usize> {
        assert!(index < self.profiles, "no profile has the index {index}");
        (0..self.players()).map(|player| self.strategy(index, player)).collect()
    }

    /// Returns the payoff of a player at the profile with this index.
    ///
    /// # Panics
    /// If there is no such profile or player.
    pub fn payoff(&self, index: usize, player: usize) -> Rational {
        Rational::new(self.numerator(index, player), self.denominators[player].clone())
    }

    /// Returns what a player plays at a profile.
    pub(super) fn strategy(&self, index: usize, player: usize) -> usize {
        index / self.strides[player] % self.strategies[player]
    }

    /// Returns the index of the profile in which a player plays another strategy.
    pub(super) fn deviation(&self, index: usize, player: usize, strategy: usize) -> usize {
        index - self.strategy(index, player) * self.strides[player] + strategy * self.strides[player]
    }

    /// Returns the indices of the profiles that a player can choose among, by its strategy.
    pub(super) fn deviations(&self, index: usize, player: usize) -> impl Iterator<Item = usize> {
        let first = self.deviation(index, player, 0);
        let stride = self.strides[player];
        (0..self.strategies[player]).map(move |strategy| first + strategy * stride)
    }

    /// Returns the profiles in which a player plays its first strategy: one for all that the others may play.
    pub(super) fn lines(&self, player: usize) -> impl Iterator<Item = usize> {
        (0..self.profiles).filter(move |&index| self.strategy(index, player) == 0)
    }

    /// Compares the payoffs of a player at two profiles.
    pub(super) fn compare(&self, player: usize, one: usize, other: usize) -> Ordering {
        let (one, other) = (one * self.players() + player, other * self.players() + player);
        match &self.numerators {
            Numerators::Small(all) => all[one].cmp(&all[other]),
            Numerators::Large(all) => all[one].cmp(&all[other]),
        }
    }

    /// Returns a payoff as a multiple of one over the player's denominator.
    pub(super) fn numerator(&self, index: usize, player: usize) -> BigInt {
        let at = index * self.players() + player;
        match &self.numerators {
            Numerators::Small(all) => all[at].into(),
            Numerators::Large(all) => all[at].clone(),
        }
    }

    /// Returns the common denominator of a player's payoffs.
    pub(super) fn denominator(&self, player: usize) -> &BigInt {
        &self.denominators[player]
    }
}

impl fmt::Debug for NormalForm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |index| (0..self.players()).map(|player| self.payoff(index, player).to_string()).collect();
        let payoffs: Vec<Vec<String>> = (0..self.profiles).map(at).collect();
        out.debug_struct("NormalForm")
            .field("strategies", &self.strategies)
            .field("payoffs", &payoffs)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_players_strategy_runs_fastest() {
        let game = NormalForm::of_integers(vec![2, 3], &(1..=12).collect::<Vec<_>>()).unwrap();
        assert_eq!(game.index(&[1, 2]), Ok(5));
        assert_eq!(game.profile(5), [1, 2]);
        assert_eq!(game.payoff(5, 1), Rational::from_integer(12.into()));
        assert_eq!(game.deviations(3, 0).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(game.deviations(3, 1).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(game.index(&[2, 0]), Err(GameError::NoSuchProfile));
        let matrices =
            NormalForm::of_matrices(&[vec![1, 5, 9], vec![3, 7, 11]], &[vec![2, 6, 10], vec![4, 8, 12]]);
        assert_eq!(matrices, Ok(game));
    }

    #[test]
    fn payoffs_are_exact_also_if_they_fit_no_machine_word() {
        let third = Rational::new(1.into(), 3.into());
        let huge = Rational::new(BigInt::from(10).pow(40), 7.into());
        for payoffs in [[third.clone(), Rational::new(1.into(), 4.into())], [third, huge]] {
            let game = NormalForm::new(vec![2], &payoffs).unwrap();
            assert_eq!([game.payoff(0, 0), game.payoff(1, 0)], payoffs);
            assert_eq!(game.compare(0, 0, 1), payoffs[0].cmp(&payoffs[1]));
        }
    }

    #[test]
    fn bad_shapes_are_refused() {
        assert_eq!(NormalForm::of_integers(vec![], &[]), Err(GameError::NoPlayers));
        assert_eq!(NormalForm::of_integers(vec![2, 0], &[]), Err(GameError::NoStrategies { player: 1 }));
        assert_eq!(
            NormalForm::of_integers(vec![2, 1], &[0; 3]),
            Err(GameError::PayoffCount { found: 3, accepted: 4 })
        );
        assert_eq!(NormalForm::of_integers(vec![1001, 1000], &[]), Err(GameError::TooManyProfiles));
        assert_eq!(NormalForm::of_integers(vec![usize::MAX, 2], &[]), Err(GameError::TooManyProfiles));
        assert_eq!(NormalForm::count_profiles(&vec![1; 20_000_000]), Err(GameError::TooManyProfiles));
        let uneven = NormalForm::of_matrices(&[vec![1, 2], vec![3]], &[vec![1, 2], vec![3, 4]]);
        assert_eq!(uneven, Err(GameError::PayoffCount { found: 7, accepted: 8 }));
    }
}
