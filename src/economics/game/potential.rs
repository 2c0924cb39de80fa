//! Potential games: one function that rises whenever a player gains.

use super::{NormalForm, Rational};
use num_traits::Zero;
use std::cmp::Ordering;

/// Returns the exact potential of each profile, if there is one: a player that deviates changes it by as much as its
/// own payoff. The first profile has 0.
///
/// Source: Monderer and Shapley, Potential games, Games and Economic Behavior 14 (1996).
pub fn exact_potential(game: &NormalForm) -> Option<Vec<Rational>> {
    let mut potential: Vec<Rational> = Vec::with_capacity(game.profiles());
    for index in 0..game.profiles() {
        // From the profile that differs in the last player that does not play its first strategy.
        let moved = (0..game.players()).rev().find(|&player| game.strategy(index, player) > 0);
        let value = moved.map_or_else(Rational::zero, |player| {
            let from = game.deviation(index, player, 0);
            &potential[from] + (game.payoff(index, player) - game.payoff(from, player))
        });
        potential.push(value);
    }
    let agrees = |index: usize, player: usize| {
        let from = game.deviation(index, player, 0);
        &potential[index] - &potential[from] == game.payoff(index, player) - game.payoff(from, player)
    };
    let all = (0..game.profiles()).all(|index| (0..game.players()).all(|player| agrees(index, player)));
    all.then_some(potential)
}

/// Returns an ordinal potential of each profile, if there is one: it rises exactly if the player that deviates gains,
/// and stays exactly if that player does neither gain nor lose. It is the length of the longest chain of gains that
/// leads to a profile.
///
/// Source: Voorneveld and Norde, A characterization of ordinal potential games, Games and Economic Behavior 19 (1997).
pub fn ordinal_potential(game: &NormalForm) -> Option<Vec<usize>> {
    let mut classes = Classes::new(game.profiles());
    for (from, to, order) in ascents(game) {
        if order == Ordering::Equal {
            classes.join(from, to);
        }
    }
    let mut gains = vec![Vec::new(); game.profiles()];
    let mut before = vec![0_usize; game.profiles()];
    for (from, to, order) in ascents(game) {
        if order == Ordering::Less {
            let (from, to) = (classes.find(from), classes.find(to));
            gains[from].push(to);
            before[to] += 1;
        }
    }
    // Classes are taken away in an order in which all gains lead on; if some remain, gains go round among them.
    let mut level = vec![0_usize; game.profiles()];
    let mut ready: Vec<usize> =
        (0..game.profiles()).filter(|&index| classes.find(index) == index && before[index] == 0).collect();
    while let Some(from) = ready.pop() {
        for &to in &gains[from] {
            level[to] = level[to].max(level[from] + 1);
            before[to] -= 1;
            if before[to] == 0 {
                ready.push(to);
            }
        }
    }
    let round = before.iter().any(|&count| count > 0);
    (!round).then(|| (0..game.profiles()).map(|index| level[classes.find(index)]).collect())
}

/// Returns, for each player and all that the others may play, the profiles that it can choose among in pairs that
/// follow each other when they are sorted by its payoff, and how the payoffs compare. All other gains and ties follow
/// from these.
fn ascents(game: &NormalForm) -> impl Iterator<Item = (usize, usize, Ordering)> {
    let lines = |player| game.lines(player).map(move |line| (player, line));
    (0..game.players()).flat_map(lines).flat_map(move |(player, line)| {
        let mut choices: Vec<usize> = game.deviations(line, player).collect();
        choices.sort_by(|&one, &other| game.compare(player, one, other));
        let pair = |pair: &[usize]| (pair[0], pair[1], game.compare(player, pair[0], pair[1]));
        choices.windows(2).map(pair).collect::<Vec<_>>()
    })
}

/// Classes of profiles that ties join.
struct Classes {
    parents: Vec<usize>,
}

impl Classes {
    fn new(count: usize) -> Classes {
        Classes { parents: (0..count).collect() }
    }

    fn find(&mut self, mut index: usize) -> usize {
        while self.parents[index] != index {
            self.parents[index] = self.parents[self.parents[index]];
            index = self.parents[index];
        }
        index
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.parents[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn congestion_has_an_exact_potential() {
        // Rosenthal's, less that of all on the first road: minus the sum over roads of the costs of loads up to theirs.
        let rosenthal = |second: i64| -((1..=3 - second).sum::<i64>() + 2 * (1..=second).sum::<i64>());
        let expected = |index: usize| over(rosenthal(index.count_ones().into()) - rosenthal(0), 1);
        assert_eq!(exact_potential(&congestion()), Some((0..8).map(expected).collect()));
        assert!(exact_potential(&prisoners_dilemma()).is_some());
        assert!(exact_potential(&battle_of_the_sexes()).is_some());
        let uneven = two(&[&[4, 0], &[0, 2]], &[&[1, 0], &[0, 2]]);
        assert!(exact_potential(&uneven).is_none(), "the gains differ in size");
        assert!(ordinal_potential(&uneven).is_some());
    }

    #[test]
    fn games_in_which_gains_go_round_have_none() {
        assert_eq!(ordinal_potential(&matching_pennies()), None);
        assert_eq!(exact_potential(&rock_paper_scissors()), None);
        // Gains go round through a tie of the second player's.
        let tie = two(&[&[1, 0], &[0, 1]], &[&[0, 0], &[1, 0]]);
        assert_eq!(ordinal_potential(&tie), None);
        assert_eq!(ordinal_potential(&all_ones()), Some(vec![0; 4]));
    }

    proptest! {
        #[test]
        fn an_ordinal_potential_exists_if_no_walk_that_gains_returns(payoffs in prop::collection::vec(-1_i64..2, 12)) {
            let game = NormalForm::of_integers(vec![2, 3], &payoffs).unwrap();
            // Which profiles are reached without a loss, and with a gain on the way.
            let count = game.profiles();
            let mut reaches = vec![vec![[false; 2]; count]; count];
            for (from, row) in reaches.iter_mut().enumerate() {
                for player in 0..2 {
                    for to in game.deviations(from, player).filter(|&to| to != from) {
                        match game.compare(player, to, from) {
                            Ordering::Less => {}
                            Ordering::Equal => row[to][0] = true,
                            Ordering::Greater => row[to] = [true; 2],
                        }
                    }
                }
            }
            for by in 0..count {
                let onward = reaches[by].clone();
                for row in &mut reaches {
                    let [one, one_gains] = row[by];
                    for (entry, [two, two_gains]) in row.iter_mut().zip(&onward) {
                        entry[0] |= one && *two;
                        entry[1] |= one && *two && (one_gains || *two_gains);
                    }
                }
            }
            let returns = (0..count).any(|index| reaches[index][index][1]);
            let potential = ordinal_potential(&game);
            prop_assert_eq!(potential.is_none(), returns);
            let Some(potential) = potential else { return Ok(()) };
            for from in 0..count {
                for player in 0..2 {
                    for to in game.deviations(from, player) {
                        prop_assert_eq!(potential[to].cmp(&potential[from]), game.compare(player, to, from));
                    }
                }
            }
            if let Some(exact) = exact_potential(&game) {
                prop_assert_eq!(exact.len(), count);
            }
        }

        #[test]
        fn an_exact_potential_is_found_again(
            potential in prop::collection::vec(-5_i64..5, 6),
            dummies in prop::collection::vec(-5_i64..5, 5)
        ) {
            // A player's payoff is the potential plus what its own strategy does not change.
            let payoff = |index: usize| [dummies[index / 2], dummies[3 + index % 2]].map(|own| own + potential[index]);
            let game = NormalForm::of_integers(vec![2, 3], &(0..6).flat_map(payoff).collect::<Vec<_>>()).unwrap();
            let expected: Vec<Rational> = potential.iter().map(|value| over(value - potential[0], 1)).collect();
            prop_assert_eq!(exact_potential(&game), Some(expected));
        }
    }
}
