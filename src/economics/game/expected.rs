//! Expected payoffs of mixed strategies, in integers.

use super::NormalForm;
use num_bigint::BigInt;
use num_traits::Zero;

/// Returns what each strategy of a player earns if the others play in proportion to `weights`, by player and
/// strategy: multiplied by the player's denominator and by the sum of the weights of each other player.
pub(super) fn earnings(game: &NormalForm, player: usize, weights: &[Vec<BigInt>]) -> Vec<BigInt> {
    let mut earned = vec![BigInt::zero(); game.strategies()[player]];
    add(game, player, weights, 0, 0, &BigInt::from(1), &mut earned);
    earned
}

/// Adds what is earned at all profiles that agree with `index` in the players before `next`, which play it with
/// `weight`.
fn add(
    game: &NormalForm,
    player: usize,
    weights: &[Vec<BigInt>],
    next: usize,
    index: usize,
    weight: &BigInt,
    earned: &mut [BigInt],
) {
    if next == game.players() {
        for (sum, deviation) in earned.iter_mut().zip(game.deviations(index, player)) {
            *sum += weight * game.numerator(deviation, player);
        }
        return;
    }
    if next == player {
        add(game, player, weights, next + 1, index, weight, earned);
        return;
    }
    for (strategy, own) in weights[next].iter().enumerate().filter(|(_, own)| !own.is_zero()) {
        let index = game.deviation(index, next, strategy);
        add(game, player, weights, next + 1, index, &(weight * own), earned);
    }
}
