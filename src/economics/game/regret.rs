//! Regret: how much a player gains by changing its strategy alone.

use super::expected::earnings;
use super::{GameError, NormalForm, Rational};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

/// A mixed profile: for each player, the probability of each strategy.
pub type Mixed = Vec<Vec<Rational>>;

/// Returns each player's regret at a mixed profile: how much its best pure strategy earns more. The profile is a Nash
/// equilibrium if all are exactly 0.
///
/// # Errors
/// If it has another number of players, or a strategy that is no distribution.
pub fn regret(game: &NormalForm, profile: &[Vec<Rational>]) -> Result<Vec<Rational>, GameError> {
    if profile.len() != game.players() {
        return Err(GameError::NoSuchProfile);
    }
    let weights: Vec<Vec<BigInt>> = profile
        .iter()
        .zip(game.strategies())
        .enumerate()
        .map(|(player, (mixed, &count))| {
            let sums_to_one = mixed.iter().sum::<Rational>().is_one();
            let is_one = mixed.len() == count && sums_to_one && !mixed.iter().any(Signed::is_negative);
            is_one.then(|| integers(mixed)).ok_or(GameError::NotADistribution { player })
        })
        .collect::<Result<_, _>>()?;
    Ok(of_weights(game, &weights))
}

/// Returns each player's regret at a pure profile, given by its index.
///
/// # Panics
/// If there is no such profile.
pub fn pure_regret(game: &NormalForm, index: usize) -> Vec<Rational> {
    let of_player = |player: usize| {
        let best = game.deviations(index, player).max_by(|&one, &other| game.compare(player, one, other));
        game.payoff(best.expect("a strategy"), player) - game.payoff(index, player)
    };
    (0..game.players()).map(of_player).collect()
}

/// Returns each player's regret at a distribution over profiles, given by index and probability: how much the best
/// single strategy would have earned more against what the others played. If none is positive, the distribution is a
/// coarse correlated equilibrium, which need not be a Nash equilibrium.
///
/// # Errors
/// If an index is of no profile, a probability is negative, or they do not sum to one.
pub fn coarse_regret(game: &NormalForm, plays: &[(usize, Rational)]) -> Result<Vec<Rational>, GameError> {
    if plays.iter().any(|(index, _)| *index >= game.profiles()) {
        return Err(GameError::NoSuchProfile);
    }
    let sum: Rational = plays.iter().map(|(_, probability)| probability).sum();
    if !sum.is_one() || plays.iter().any(|(_, probability)| probability.is_negative()) {
        return Err(GameError::NotADistribution { player: 0 });
    }
    let of_player = |player: usize| {
        let mut gained = vec![Rational::zero(); game.strategies()[player]];
        for (index, probability) in plays {
            let own = game.payoff(*index, player);
            for (gain, deviation) in gained.iter_mut().zip(game.deviations(*index, player)) {
                *gain += probability * (game.payoff(deviation, player) - &own);
            }
        }
        gained.into_iter().max().expect("a strategy")
    };
    Ok((0..game.players()).map(of_player).collect())
}

/// Returns each player's regret if all play in proportion to `weights`, by player and strategy.
pub(super) fn of_weights(game: &NormalForm, weights: &[Vec<BigInt>]) -> Vec<Rational> {
    let totals: Vec<BigInt> = weights.iter().map(|own| own.iter().sum()).collect();
    let all: BigInt = totals.iter().product();
    let of_player = |player: usize| {
        let earned = earnings(game, player, weights);
        let best = earned.iter().max().expect("a strategy") * &totals[player];
        let own: BigInt = earned.iter().zip(&weights[player]).map(|(earned, weight)| earned * weight).sum();
        Rational::new(best - own, &all * game.denominator(player))
    };
    (0..game.players()).map(of_player).collect()
}

/// Returns integers in proportion to fractions.
fn integers(fractions: &[Rational]) -> Vec<BigInt> {
    let common = fractions.iter().fold(BigInt::one(), |common, fraction| {
        Rational::new(common, fraction.denom().clone()).numer() * fraction.denom()
    });
    fractions.iter().map(|fraction| fraction.numer() * (&common / fraction.denom())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;

    #[test]
    fn regret_is_exact_and_looks_beyond_the_support() {
        let battle = battle_of_the_sexes();
        let mixed = vec![mix(&[2, 1], 3), mix(&[1, 2], 3)];
        assert_eq!(regret(&battle, &mixed), Ok(vec![over(0, 1), over(0, 1)]));
        let near = vec![mix(&[2, 1], 3), mix(&[1001, 1999], 3000)];
        assert_eq!(regret(&battle, &near), Ok(vec![over(1, 3000), over(0, 1)]));
        let cooperate = vec![mix(&[1, 0], 1), mix(&[1, 0], 1)];
        assert_eq!(regret(&prisoners_dilemma(), &cooperate), Ok(vec![over(2, 1), over(2, 1)]));
        assert_eq!(pure_regret(&prisoners_dilemma(), 0), [over(2, 1), over(2, 1)]);
        assert_eq!(pure_regret(&prisoners_dilemma(), 3), [over(0, 1), over(0, 1)]);
    }

    #[test]
    fn three_players_mix_alike() {
        let half = mix(&[1, 1], 2);
        let game = minority();
        assert_eq!(regret(&game, &[half.clone(), half.clone(), half.clone()]), Ok(vec![over(0, 1); 3]));
        let uneven = regret(&game, &[half.clone(), half, mix(&[1, 0], 1)]);
        assert_eq!(uneven, Ok(vec![over(1, 4), over(1, 4), over(0, 1)]));
    }

    #[test]
    fn a_coarse_equilibrium_need_not_be_nash() {
        // The two ways to coordinate, at equal odds.
        let game = two(&[&[1, 0], &[0, 1]], &[&[1, 0], &[0, 1]]);
        let plays = [(0, over(1, 2)), (3, over(1, 2))];
        assert_eq!(coarse_regret(&game, &plays), Ok(vec![over(-1, 2); 2]));
        assert_eq!(coarse_regret(&game, &[(1, over(1, 1))]), Ok(vec![over(1, 1); 2]));
        assert_eq!(coarse_regret(&game, &[(4, over(1, 1))]), Err(GameError::NoSuchProfile));
        assert!(coarse_regret(&game, &[(0, over(1, 2))]).is_err());
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        let game = matching_pennies();
        let half = mix(&[1, 1], 2);
        let refused = |second: Vec<Rational>| regret(&game, &[half.clone(), second]);
        let error = Err(GameError::NotADistribution { player: 1 });
        assert_eq!(refused(mix(&[1, 2], 2)), error);
        assert_eq!(refused(mix(&[3, -1], 2)), error);
        assert_eq!(refused(mix(&[1, 1, 0], 2)), error);
        assert_eq!(regret(&game, &[half]), Err(GameError::NoSuchProfile));
    }
}
