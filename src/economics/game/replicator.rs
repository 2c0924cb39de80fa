//! The replicator: strategies grow with what they earn.

use super::expected::earnings;
use super::regret::of_weights;
use super::{GameError, NormalForm, Rational};
use crate::apportion::apportion;
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

/// A run of the replicator. Shares are whole billionths of each player's population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicator {
    /// The last share of each strategy, by player, in billionths.
    pub shares: Vec<Vec<u64>>,
    /// Each player's regret if all play in these shares. They are a Nash equilibrium only if all are 0.
    pub regret: Vec<Rational>,
    /// How many steps were taken.
    pub steps: u32,
    /// Whether the last step changed no share. A fixed point need not be an equilibrium.
    pub fixed: bool,
}

/// One whole, in billionths.
const WHOLE: u64 = 1_000_000_000;

/// Lets one population for each player grow, in discrete steps: the share x of a strategy becomes x·u/ū, where u is
/// what it earns against the others' shares and ū what its population earns on average. Shares are rounded to
/// billionths by largest remainder. It stops early at a fixed point.
///
/// A share that is 0 stays 0. Also where the only equilibrium is in the interior, as in rock, paper, scissors, the
/// discrete replicator need not approach it.
///
/// # Errors
/// If a payoff is not positive, or the shares at the start are not one for each strategy or do not sum to a billion.
///
/// Source: Taylor and Jonker, Evolutionary stable strategies and game dynamics, Mathematical Biosciences 40 (1978).
pub fn replicator(game: &NormalForm, start: &[Vec<u64>], steps_max: u32) -> Result<Replicator, GameError> {
    if start.len() != game.players() {
        return Err(GameError::NoSuchProfile);
    }
    for (player, (own, &count)) in start.iter().zip(game.strategies()).enumerate() {
        let sum = own.iter().try_fold(0_u64, |sum, &share| sum.checked_add(share));
        if own.len() != count || sum != Some(WHOLE) {
            return Err(GameError::NotADistribution { player });
        }
        if (0..game.profiles()).any(|index| !game.numerator(index, player).is_positive()) {
            return Err(GameError::NotPositive { player });
        }
    }
    let mut shares: Vec<Vec<BigInt>> =
        start.iter().map(|own| own.iter().map(|&share| share.into()).collect()).collect();
    let (mut steps, mut fixed) = (0, false);
    while steps < steps_max && !fixed {
        let grown = |player: usize| {
            let earned = earnings(game, player, &shares);
            let weights: Vec<BigInt> =
                earned.iter().zip(&shares[player]).map(|(earned, share)| earned * share).collect();
            apportion(&WHOLE.into(), &weights)
        };
        let next: Vec<Vec<BigInt>> = (0..game.players()).map(grown).collect();
        fixed = next == shares;
        shares = next;
        steps += 1;
    }
    let regret = of_weights(game, &shares);
    let whole = |share: &BigInt| share.to_u64().expect("a share is at most a billion");
    let shares = shares.iter().map(|own| own.iter().map(whole).collect()).collect();
    Ok(Replicator { shares, regret, steps, fixed })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;
    use num_traits::Zero;

    /// Rock, paper, scissors with positive payoffs.
    fn positive() -> NormalForm {
        two(&[&[2, 1, 3], &[3, 2, 1], &[1, 3, 2]], &[&[2, 3, 1], &[1, 2, 3], &[3, 1, 2]])
    }

    #[test]
    fn what_earns_more_takes_over() {
        let dilemma = two(&[&[4, 1], &[6, 3]], &[&[4, 6], &[1, 3]]);
        let run =
            replicator(&dilemma, &[vec![900_000_000, 100_000_000], vec![500_000_000; 2]], 1_000).unwrap();
        assert_eq!(run.shares, [[0, WHOLE], [0, WHOLE]]);
        assert!(run.fixed && run.steps < 1_000 && run.regret.iter().all(Zero::is_zero));
    }

    #[test]
    fn a_share_of_zero_stays_and_a_fixed_point_need_not_be_an_equilibrium() {
        let dilemma = two(&[&[4, 1], &[6, 3]], &[&[4, 6], &[1, 3]]);
        let run = replicator(&dilemma, &[vec![WHOLE, 0], vec![WHOLE, 0]], 10).unwrap();
        assert_eq!((run.fixed, run.regret), (true, vec![over(2, 1); 2]));
    }

    #[test]
    fn the_discrete_replicator_leaves_the_interior_of_rock_paper_scissors() {
        let start = vec![vec![400_000_000, 300_000_000, 300_000_000]; 2];
        let far =
            |run: &Replicator| run.shares[0].iter().map(|share| share.abs_diff(WHOLE / 3)).max().unwrap();
        let [early, late] = [1, 200].map(|steps| replicator(&positive(), &start, steps).unwrap());
        assert!(far(&late) > far(&early), "{late:?}");
    }

    #[test]
    fn starts_and_payoffs_out_of_range_are_refused() {
        let shares = vec![vec![500_000_000; 2]; 2];
        assert_eq!(replicator(&matching_pennies(), &shares, 1), Err(GameError::NotPositive { player: 0 }));
        assert_eq!(replicator(&all_ones(), &shares[..1], 1), Err(GameError::NoSuchProfile));
        let uneven = vec![vec![500_000_000; 2], vec![500_000_000, 1]];
        assert_eq!(replicator(&all_ones(), &uneven, 1), Err(GameError::NotADistribution { player: 1 }));
        let wrapped = vec![vec![u64::MAX, WHOLE + 1], vec![500_000_000; 2]];
        assert_eq!(replicator(&all_ones(), &wrapped, 1), Err(GameError::NotADistribution { player: 0 }));
    }
}
