//! Regret matching: each player plays what it regrets not to have played.

use super::expected::earnings;
use super::{GameError, Mixed, NormalForm, Rational};
use crate::apportion::apportion;
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

/// The parts of a whole in which probabilities are counted.
const PARTS: u32 = 1_000_000_000;

/// A run of regret matching.
///
/// What it approaches is a *coarse correlated* equilibrium of the joint play: with these regrets it is one up to the
/// largest of them. The averages of the players, taken apart, need not be a Nash equilibrium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegretMatching {
    /// How much the best single strategy of each player would have earned more on average, if positive; of what was
    /// played in expectation.
    pub regret: Vec<Rational>,
    /// The average mixed strategy of each player.
    pub averages: Mixed,
    /// How many rounds were played.
    pub rounds: u32,
}

/// Plays `rounds` rounds in which each player plays strategies in proportion to their positive regret, and all alike
/// if it has none. It takes expected payoffs of the mixed strategies, and so needs no random numbers.
///
/// The average regret of a player is at most √(|S|/T)·range, deterministically. Probabilities are whole billionths,
/// by largest remainder; payoffs and regrets of what is played are exact.
///
/// # Errors
/// If `rounds` is 0.
///
/// Source: Hart and Mas-Colell, A simple adaptive procedure leading to correlated equilibrium, Econometrica 68 (2000).
pub fn regret_matching(game: &NormalForm, rounds: u32) -> Result<RegretMatching, GameError> {
    if rounds == 0 {
        return Err(GameError::Parameter { name: "rounds", accepted: "1 and more are accepted" });
    }
    let parts = BigInt::from(PARTS);
    let zeros = || game.strategies().iter().map(|&count| vec![BigInt::ZERO; count]).collect::<Vec<_>>();
    let (mut regrets, mut sums) = (zeros(), zeros());
    for _ in 0..rounds {
        let weights: Vec<Vec<BigInt>> = regrets.iter().map(|own| matching(&parts, own)).collect();
        for player in 0..game.players() {
            let earned = earnings(game, player, &weights);
            let own: BigInt =
                earned.iter().zip(&weights[player]).map(|(earned, weight)| earned * weight).sum();
            for (strategy, earned) in earned.iter().enumerate() {
                regrets[player][strategy] += earned * &parts - &own;
                sums[player][strategy] += &weights[player][strategy];
            }
        }
    }
    // Each round counts a regret in parts of every player.
    let players = u32::try_from(game.players()).expect("players can be counted");
    let total = BigInt::from(rounds) * parts.pow(players);
    let of_player = |player: usize| {
        let most = regrets[player].iter().max().expect("a strategy").max(&BigInt::ZERO).clone();
        Rational::new(most, &total * game.denominator(player))
    };
    let whole = BigInt::from(rounds) * &parts;
    let average = |sum: &BigInt| Rational::new(sum.clone(), whole.clone());
    Ok(RegretMatching {
        regret: (0..game.players()).map(of_player).collect(),
        averages: sums.iter().map(|own| own.iter().map(average).collect()).collect(),
        rounds,
    })
}

/// Returns weights that sum to `parts`, in proportion to the positive regrets.
fn matching(parts: &BigInt, regrets: &[BigInt]) -> Vec<BigInt> {
    let mut positive: Vec<BigInt> = regrets.iter().map(|regret| regret.max(&BigInt::ZERO).clone()).collect();
    if !positive.iter().any(Signed::is_positive) {
        positive.fill(BigInt::from(1));
    }
    let weights = apportion(parts, &positive);
    assert!(!weights.iter().all(Zero::is_zero), "something is played");
    weights
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;
    use proptest::prelude::*;

    /// Whether each average regret is within √(|S|/T)·range, plus what whole billionths add.
    fn within_bound(game: &NormalForm, run: &RegretMatching) -> bool {
        (0..game.players()).all(|player| {
            let payoffs = || (0..game.profiles()).map(|index| game.payoff(index, player));
            let range = payoffs().max().unwrap() - payoffs().min().unwrap();
            let count = Rational::from_integer(game.strategies()[player].into());
            let slack = over(1, 1_000_000) * &range;
            let above = (&run.regret[player] - slack).max(over(0, 1));
            &above * &above * Rational::from_integer(run.rounds.into()) <= count * &range * &range
        })
    }

    #[test]
    fn regret_falls_by_its_bound() {
        for game in
            [matching_pennies(), rock_paper_scissors(), shapley(), minority(), congestion(), chicken()]
        {
            for rounds in [1, 10, 300] {
                let run = regret_matching(&game, rounds).unwrap();
                assert!(within_bound(&game, &run), "{run:?}");
                for average in &run.averages {
                    assert_eq!(average.iter().sum::<Rational>(), over(1, 1));
                }
            }
        }
    }

    #[test]
    fn a_dominant_strategy_is_learned() {
        let run = regret_matching(&prisoners_dilemma(), 200).unwrap();
        assert!(run.averages.iter().all(|average| average[1] > over(99, 100)));
        assert!(regret_matching(&prisoners_dilemma(), 0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_bound_holds_in_any_game(payoffs in prop::collection::vec(-9_i64..9, 24), rounds in 1_u32..60) {
            let payoffs = [&payoffs[..], &payoffs[..12]].concat();
            let game = NormalForm::of_integers(vec![2, 3, 2], &payoffs).unwrap();
            prop_assert!(within_bound(&game, &regret_matching(&game, rounds).unwrap()));
        }
    }
}
