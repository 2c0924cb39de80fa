//! Fictitious play: each player answers what the others have played so far.

use super::expected::earnings;
use super::regret::of_weights;
use super::{GameError, NormalForm, Rational};
use num_bigint::BigInt;

/// A run of fictitious play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FictitiousPlay {
    /// The index of the profile that is played in each round, the start first.
    pub plays: Vec<usize>,
    /// How often each player played each strategy, which gives the mixed strategies that the players believe in.
    pub counts: Vec<Vec<u64>>,
    /// Each player's regret at these mixed strategies. They are a Nash equilibrium only if all are 0.
    pub regret: Vec<Rational>,
}

/// Plays a profile and then `rounds` more: in each, every player takes its best response, the lowest of several, to the
/// frequencies with which the others have played, each for itself.
///
/// In zero-sum games, potential games and games of 2 × n the frequencies approach equilibria; in Shapley's game they
/// cycle.
///
/// # Errors
/// If there is no such profile.
///
/// Source: Brown, Iterative solution of games by fictitious play (1951); Shapley, Some topics in two-person games
/// (1964).
pub fn fictitious_play(game: &NormalForm, start: &[usize], rounds: u32) -> Result<FictitiousPlay, GameError> {
    let first = game.index(start)?;
    let mut plays = vec![first];
    let mut counts: Vec<Vec<BigInt>> =
        game.strategies().iter().map(|&count| vec![BigInt::ZERO; count]).collect();
    for _ in 0..rounds {
        count(game, *plays.last().expect("the start was played"), &mut counts);
        let answer = |player: usize| {
            let earned = earnings(game, player, &counts);
            let most = earned.iter().max().expect("a strategy");
            earned.iter().position(|own| own == most).expect("one earns most")
        };
        let profile: Vec<usize> = (0..game.players()).map(answer).collect();
        plays.push(game.index(&profile)?);
    }
    count(game, *plays.last().expect("the start was played"), &mut counts);
    let regret = of_weights(game, &counts);
    let whole = |count: &BigInt| u64::try_from(count).expect("rounds can be counted");
    let counts = counts.iter().map(|own| own.iter().map(whole).collect()).collect();
    Ok(FictitiousPlay { plays, counts, regret })
}

fn count(game: &NormalForm, play: usize, counts: &mut [Vec<BigInt>]) {
    for (player, own) in counts.iter_mut().enumerate() {
        own[game.strategy(play, player)] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;
    use num_traits::Zero;

    #[test]
    fn zero_sum_games_approach_their_equilibrium() {
        let run = fictitious_play(&matching_pennies(), &[0, 0], 3_000).unwrap();
        assert_eq!(run.plays.len(), 3_001);
        assert!(run.regret.iter().all(|regret| *regret < over(1, 20)), "{:?}", run.regret);
        assert_eq!(run.counts[0].iter().sum::<u64>(), 3_001);
    }

    #[test]
    fn shapleys_game_cycles_in_ever_longer_runs() {
        let run = fictitious_play(&shapley(), &[0, 0], 3_000).unwrap();
        let runs = run.plays.chunk_by(|one, next| one == next).map(<[usize]>::len).collect::<Vec<_>>();
        let last = runs.len() - 2;
        assert!(runs[last] > 2 * runs[last / 2], "{runs:?}");
        assert!(run.regret.iter().any(|regret| *regret > over(1, 20)), "far from any equilibrium");
    }

    #[test]
    fn ties_go_to_the_lowest_and_a_pure_equilibrium_is_kept() {
        let run = fictitious_play(&all_ones(), &[1, 1], 5).unwrap();
        assert_eq!(run.plays, [3, 0, 0, 0, 0, 0]);
        let run = fictitious_play(&congestion(), &[0, 0, 1], 50).unwrap();
        assert_eq!(run.plays, [4; 51]);
        assert!(run.regret.iter().all(Zero::is_zero));
        assert_eq!(fictitious_play(&all_ones(), &[2, 0], 5), Err(GameError::NoSuchProfile));
    }
}
