//! All equilibria of a game of two players, by enumeration of supports.

use super::bimatrix::{Side, distribution};
use super::exact::Exact;
use super::{GameError, Mixed, NormalForm, regret};
use num_bigint::BigInt;
use num_traits::Zero;
use std::collections::BTreeMap;

/// The most pairs of supports that are tried for a player.
const PAIRS_MAX: u64 = 1 << 22;

/// The equilibria of a game of two players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equilibria {
    /// The equilibria; of a degenerate game the extreme ones, of which all others are convex combinations. Small
    /// supports come first.
    pub equilibria: Vec<Mixed>,
    /// Whether at some equilibrium a player has more best responses than the other's support has strategies.
    pub degenerate: bool,
    /// Whether these are all equilibria. A degenerate game may have a continuum of more.
    pub complete: bool,
}

/// Finds all equilibria of a game of two players: exactly, and all extreme ones of a degenerate game.
///
/// For each pair of supports of one size both systems of indifference are solved by elimination without fractions
/// (Bareiss). A solution that is positive on its support, and at which no strategy outside does better, is a vertex
/// of its player's polyhedron, and so all vertices are found; two of them are an equilibrium if each plays best
/// responses alone. Supports with a strategy that another dominates on the other's support are passed over.
///
/// # Errors
/// If the game has not two players, a player has more than 64 strategies, or there are more than 2²² pairs of supports.
///
/// ```
/// use synod_economics::game::{NormalForm, support_enumeration};
///
/// // The battle of the sexes: two pure equilibria, and one in which both mix.
/// let game = NormalForm::of_matrices(&[vec![2, 0], vec![0, 1]], &[vec![1, 0], vec![0, 2]])?;
/// let found = support_enumeration(&game)?;
/// assert!(found.complete && found.equilibria.len() == 3);
/// assert_eq!(found.equilibria[2][0][0].to_string(), "2/3");
/// # Ok::<(), synod_economics::game::GameError>(())
/// ```
///
/// Source: Porter, Nudelman and Shoham, Simple search methods for finding a Nash equilibrium, Games and Economic
/// Behavior 63 (2008); von Stengel, Equilibrium computation for two-player games, in Algorithmic Game Theory (2007).
pub fn support_enumeration(game: &NormalForm) -> Result<Equilibria, GameError> {
    let &[own, other] = game.strategies() else {
        return Err(GameError::NotTwoPlayers { players: game.players() });
    };
    if own.max(other) > 64 || pairs(own, other) > PAIRS_MAX {
        return Err(GameError::TooManySupports);
    }
    let [first, second] = Side::both(game)?;
    // What makes a player indifferent is the other's strategy.
    let (mut of_second, mut of_first) = (Vertices::of(&first), Vertices::of(&second));
    let matched = matches(&of_first.found, &of_second.found);
    let mut degenerate = false;
    let mut equilibria = Vec::with_capacity(matched.len());
    for (x, y) in matched {
        degenerate |= x.is_degenerate() || y.is_degenerate();
        let equilibrium = vec![of_first.distribution(x), of_second.distribution(y)];
        let regrets = regret(game, &equilibrium)?;
        assert!(regrets.iter().all(Zero::is_zero), "nobody gains by deviating");
        equilibria.push(equilibrium);
    }
    assert!(
        degenerate || equilibria.len() % 2 == 1,
        "a game that is not degenerate has an odd number of equilibria"
    );
    Ok(Equilibria { equilibria, degenerate, complete: !degenerate })
}

/// Returns how many pairs of supports of one size there are: `(own + other)! / (own! other!)`, or a larger number
/// than the limit.
fn pairs(own: usize, other: usize) -> u64 {
    let (least, most) = (own.min(other) as u64, own.max(other) as u64);
    (1..=least).fold(1, |pairs, size| if pairs > PAIRS_MAX { pairs } else { pairs * (most + size) / size })
}

/// A strategy of one player that is fixed by the other's indifference among enough best responses. Sets of strategies
/// are bits.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Vertex {
    /// What it plays.
    support: u64,
    /// The other player's best responses to it.
    best: u64,
    /// Best responses, as many as the support, whose indifference fixes it.
    fixed_by: u64,
}

impl Vertex {
    fn is_degenerate(&self) -> bool {
        self.best.count_ones() > self.support.count_ones()
    }
}

/// Returns the pairs in which each plays best responses to the other alone.
fn matches(first: &[Vertex], second: &[Vertex]) -> Vec<(Vertex, Vertex)> {
    let fits = |x: &Vertex, y: &Vertex| x.support & !y.best == 0 && y.support & !x.best == 0;
    if first.iter().chain(second).any(Vertex::is_degenerate) {
        let with = |&x| second.iter().filter(move |y| fits(&x, y)).map(move |&y| (x, y));
        return first.iter().flat_map(with).collect();
    }
    // Here sets that fit have one size, so they are equal.
    let by_sets: BTreeMap<(u64, u64), Vertex> = second.iter().map(|&y| ((y.best, y.support), y)).collect();
    first.iter().filter_map(|&x| Some((x, *by_sets.get(&(x.support, x.best))?))).collect()
}

/// The search for all vertices of one player, given the other's payoffs.
struct Vertices<'a> {
    side: &'a Side,
    small: Option<Solver<i64>>,
    wide: Option<Solver<i128>>,
    big: Solver<BigInt>,
    found: Vec<Vertex>,
}

impl Vertices<'_> {
    fn of(side: &Side) -> Vertices<'_> {
        let big = Solver::of(side).expect("big integers hold all");
        let mut vertices =
            Vertices { side, small: Solver::of(side), wide: Solver::of(side), big, found: Vec::new() };
        vertices.search();
        vertices
    }

    fn search(&mut self) {
        let (own, other) = (self.side.own, self.side.other);
        let beats = self.dominations();
        for size in 1..=own.min(other) {
            for support in subsets(other, size) {
                let dominated = |row: &usize| beats[row * own..][..own].iter().any(|set| support & !set == 0);
                let candidates: Vec<usize> = (0..own).filter(|row| !dominated(row)).collect();
                let before = self.found.len();
                for chosen in subsets(candidates.len(), size) {
                    let fixed_by = bits(chosen).map(|at| 1 << candidates[at]).sum();
                    let Some(best) = self.solve(support, fixed_by) else { continue };
                    // Of more best responses than strategies, several choices fix one vertex.
                    if self.found[before..].iter().all(|vertex| vertex.best != best) {
                        self.found.push(Vertex { support, best, fixed_by });
                    }
                }
            }
        }
    }

    /// Returns, for each pair of own strategies, the strategies of the other against which the second is strictly
    /// better.
    fn dominations(&self) -> Vec<u64> {
        let Side { own, other, entries } = self.side;
        let better = |row: usize, rival: usize| -> u64 {
            let at = |row: usize, column: usize| &entries[row * other + column];
            (0..*other).filter(|&column| at(rival, column) > at(row, column)).map(|column| 1 << column).sum()
        };
        (0..*own).flat_map(|row| (0..*own).map(move |rival| better(row, rival))).collect()
    }

    /// Returns the best responses to the strategy on `support` that makes the player indifferent among `rows`, if
    /// there is one such strategy and all of them are best responses.
    fn solve(&mut self, support: u64, rows: u64) -> Option<u64> {
        if let Some(Ok(best)) = self.small.as_mut().map(|solver| solver.solve(support, rows)) {
            return best;
        }
        if let Some(Ok(best)) = self.wide.as_mut().map(|solver| solver.solve(support, rows)) {
            return best;
        }
        self.big.solve(support, rows).expect("big integers hold all")
    }

    fn distribution(&mut self, vertex: Vertex) -> Vec<super::Rational> {
        let best = self.big.solve(vertex.support, vertex.fixed_by).expect("big integers hold all");
        assert_eq!(best, Some(vertex.best), "wide and big integers agree");
        let mut weights = vec![BigInt::ZERO; self.side.other];
        for (column, weight) in bits(vertex.support).zip(&self.big.weights) {
            weights[column] = weight.clone();
        }
        distribution(&weights)
    }
}

/// That an integer did not fit.
#[derive(Debug)]
struct TooWide;

/// Solves systems of indifference in integers of one width, in memory that it keeps.
struct Solver<T> {
    own: usize,
    other: usize,
    entries: Vec<T>,
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// The system, one row less than columns.
    system: Vec<T>,
    pivots: Vec<usize>,
    /// The last solution, in the order of the support.
    weights: Vec<T>,
}

impl<T: Exact> Solver<T> {
    /// Returns `None` if a payoff does not fit.
    fn of(side: &Side) -> Option<Solver<T>> {
        let entries = side.entries.iter().map(T::of).collect::<Option<_>>()?;
        Some(Solver {
            own: side.own,
            other: side.other,
            entries,
            rows: Vec::new(),
            columns: Vec::new(),
            system: Vec::new(),
            pivots: Vec::new(),
            weights: Vec::new(),
        })
    }

    fn solve(&mut self, support: u64, rows: u64) -> Result<Option<u64>, TooWide> {
        self.rows.clear();
        self.rows.extend(bits(rows));
        self.columns.clear();
        self.columns.extend(bits(support));
        if !self.indifferent().ok_or(TooWide)? {
            return Ok(None);
        }
        self.best_responses().ok_or(TooWide)
    }

    /// Solves for the weights at which all rows earn alike; false if there are none, or not one solution, or not all
    /// are positive.
    fn indifferent(&mut self) -> Option<bool> {
        let size = self.columns.len();
        self.system.clear();
        for row in &self.rows[1..] {
            for column in &self.columns {
                let first = &self.entries[self.rows[0] * self.other + column];
                self.system.push(self.entries[row * self.other + column].less(first)?);
            }
        }
        self.pivots.clear();
        let mut previous = T::one();
        for step in 0..size - 1 {
            let own = &self.system[step * size..][..size];
            let Some(column) = own.iter().position(|entry| entry.sign() != 0) else { return Some(false) };
            let pivot = own[column].clone();
            for row in (0..size - 1).filter(|&row| row != step) {
                let factor = self.system[row * size + column].clone();
                for at in 0..size {
                    let (entry, above) = (&self.system[row * size + at], &self.system[step * size + at]);
                    let entry = T::cross(&pivot, entry, &factor, above, &previous)?;
                    self.system[row * size + at] = entry;
                }
            }
            self.pivots.push(column);
            previous = pivot;
        }
        // One column is free: it gets the common pivot, and each other one what this leaves it.
        let free = (0..size).find(|column| !self.pivots.contains(column)).expect("a column more than rows");
        self.weights.clear();
        self.weights.resize(size, T::zero());
        let turned = previous.sign() < 0;
        self.weights[free] = if turned { previous.negated()? } else { previous };
        for (row, &column) in self.pivots.iter().enumerate() {
            let entry = &self.system[row * size + free];
            let weight = if turned { entry.clone() } else { entry.negated()? };
            if weight.sign() <= 0 {
                return Some(false);
            }
            self.weights[column] = weight;
        }
        Some(true)
    }

    /// Returns the best responses to the weights, if those that are to be are among them.
    fn best_responses(&self) -> Option<Option<u64>> {
        let earned = |row: usize| {
            let entries = &self.entries[row * self.other..][..self.other];
            let pairs = self.columns.iter().zip(&self.weights);
            pairs
                .into_iter()
                .try_fold(T::zero(), |sum, (&column, weight)| sum.plus_product(&entries[column], weight))
        };
        let most = earned(self.rows[0])?;
        let mut best = 0;
        for row in 0..self.own {
            match earned(row)?.cmp(&most) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => best |= 1 << row,
                std::cmp::Ordering::Greater => return Some(None),
            }
        }
        Some(Some(best))
    }
}

/// Returns the places of the bits that are set.
fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(place)
    })
}

/// Returns the sets of `size` of the first `count` numbers, as bits, the least first.
fn subsets(count: usize, size: usize) -> impl Iterator<Item = u64> {
    let all = if count == 64 { u64::MAX } else { (1 << count) - 1 };
    let first = if size == 64 { u64::MAX } else { (1 << size) - 1 };
    std::iter::successors((size <= count).then_some(first), move |&set| {
        // The next larger number with as many bits (Gosper).
        let lowest = set & set.wrapping_neg();
        let carried = set.checked_add(lowest)?;
        let next = (((carried ^ set) >> 2) / lowest) | carried;
        (next & !all == 0).then_some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Rational, pure_equilibria};
    use super::*;
    use num_traits::One;
    use proptest::prelude::*;

    fn all(game: &NormalForm) -> (Vec<Mixed>, bool) {
        let found = support_enumeration(game).unwrap();
        assert_eq!(found.complete, !found.degenerate);
        (found.equilibria, found.degenerate)
    }

    #[test]
    fn games_of_the_books_have_the_equilibria_of_the_books() {
        let half = mix(&[1, 1], 2);
        assert_eq!(all(&matching_pennies()), (vec![vec![half.clone(), half]], false));
        let third = mix(&[1, 1, 1], 3);
        assert_eq!(all(&rock_paper_scissors()), (vec![vec![third.clone(), third.clone()]], false));
        assert_eq!(all(&shapley()), (vec![vec![third.clone(), third]], false));
        let defect = mix(&[0, 1], 1);
        assert_eq!(all(&prisoners_dilemma()), (vec![vec![defect.clone(), defect]], false));
        let (one, other) = (mix(&[1, 0], 1), mix(&[0, 1], 1));
        let battle = vec![
            vec![one.clone(), one.clone()],
            vec![other.clone(), other.clone()],
            vec![mix(&[2, 1], 3), mix(&[1, 2], 3)],
        ];
        assert_eq!(all(&battle_of_the_sexes()), (battle, false));
        let chickens = vec![
            vec![one.clone(), other.clone()],
            vec![other, one],
            vec![mix(&[9, 1], 10), mix(&[9, 1], 10)],
        ];
        assert_eq!(all(&chicken()), (chickens, false));
    }

    #[test]
    fn degenerate_games_are_told_with_their_extreme_equilibria() {
        let (found, degenerate) = all(&all_ones());
        assert!(degenerate);
        let pure = [mix(&[1, 0], 1), mix(&[0, 1], 1)];
        let cells = pure.iter().flat_map(|x| pure.iter().map(move |y| vec![x.clone(), y.clone()]));
        assert_eq!(found, cells.collect::<Vec<_>>());
        let (found, degenerate) = all(&odd_but_degenerate());
        assert_eq!((found.len(), degenerate), (3, true), "odd says nothing");
        let (found, degenerate) = all(&three_by_two());
        assert_eq!((found.len(), degenerate), (3, true));
        assert!(found.contains(&vec![mix(&[1, 0, 0], 1), mix(&[2, 1], 3)]), "its supports differ in size");
    }

    #[test]
    fn an_isolated_equilibrium_of_unequal_supports_is_found() {
        // Column 0 is best only at equal odds of the rows, and both rows are best at column 0.
        let game = two(&[&[1, 2, 2], &[1, 0, 0]], &[&[2, 0, 4], &[2, 4, 0]]);
        let (found, degenerate) = all(&game);
        assert!(degenerate && found.contains(&vec![mix(&[1, 1], 2), mix(&[1, 0, 0], 1)]), "{found:?}");
    }

    #[test]
    fn payoffs_of_any_size_have_the_same_equilibria() {
        let battle = all(&battle_of_the_sexes());
        for exponent in [12, 30, 60] {
            let scale = Rational::new(BigInt::from(10).pow(exponent), 7.into());
            let payoffs: Vec<Rational> = [2, 1, 0, 0, 0, 0, 1, 2]
                .map(|payoff| {
                    &scale * &Rational::from_integer(payoff.into()) + &Rational::new(1.into(), 3.into())
                })
                .into();
            assert_eq!(all(&NormalForm::new(vec![2, 2], &payoffs).unwrap()), battle);
        }
    }

    #[test]
    fn games_of_other_shapes_are_refused() {
        assert_eq!(support_enumeration(&minority()), Err(GameError::NotTwoPlayers { players: 3 }));
        let wide = NormalForm::of_integers(vec![65, 1], &[0; 130]).unwrap();
        assert_eq!(support_enumeration(&wide), Err(GameError::TooManySupports));
        let large = NormalForm::of_integers(vec![20, 20], &[0; 800]).unwrap();
        assert_eq!(support_enumeration(&large), Err(GameError::TooManySupports));
        assert_eq!([pairs(1, 1), pairs(5, 5), pairs(2, 3)], [2, 252, 10]);
    }

    /// Solves the rows of a system with a column of right sides, in fractions; `None` if there is not one solution.
    fn gauss(mut rows: Vec<Vec<Rational>>) -> Option<Vec<Rational>> {
        let size = rows[0].len() - 1;
        for at in 0..size {
            let pivot = (at..rows.len()).find(|&row| !rows[row][at].is_zero())?;
            rows.swap(at, pivot);
            let lead = rows[at][at].clone();
            rows[at].iter_mut().for_each(|entry| *entry /= &lead);
            let lead = rows[at].clone();
            for (_, row) in rows.iter_mut().enumerate().filter(|(row, _)| *row != at) {
                let factor = row[at].clone();
                row.iter_mut().zip(&lead).for_each(|(entry, lead)| *entry -= &factor * lead);
            }
        }
        rows[size..]
            .iter()
            .all(|row| row[size].is_zero())
            .then(|| rows[..size].iter().map(|row| row[size].clone()).collect())
    }

    /// Every equilibrium that is the only one on its pair of supports, whatever the sizes.
    fn by_fractions(game: &NormalForm) -> Vec<Mixed> {
        let counts = game.strategies().to_vec();
        let mut found = Vec::new();
        for x in 1..1_u64 << counts[0] {
            for y in 1..1_u64 << counts[1] {
                let strategy = |player: usize, own: u64, other: u64| -> Option<Vec<Rational>> {
                    // The weights of `own`, and what they earn the other player.
                    let (own, other): (Vec<_>, Vec<_>) = (bits(own).collect(), bits(other).collect());
                    let earns = |mine: usize, theirs: usize| {
                        let profile = if player == 0 { [mine, theirs] } else { [theirs, mine] };
                        game.payoff(game.index(&profile).unwrap(), 1 - player)
                    };
                    let mut rows: Vec<Vec<Rational>> = other
                        .iter()
                        .map(|&theirs| {
                            let earned = own.iter().map(|&mine| earns(mine, theirs));
                            earned.chain([-Rational::one(), Rational::zero()]).collect()
                        })
                        .collect();
                    let ones = own.iter().map(|_| Rational::one());
                    rows.push(ones.chain([Rational::zero(), Rational::one()]).collect());
                    let solution = gauss(rows)?;
                    let mut weights = vec![Rational::zero(); counts[player]];
                    own.iter().zip(solution).for_each(|(&mine, weight)| weights[mine] = weight);
                    own.iter().all(|&mine| weights[mine] > Rational::zero()).then_some(weights)
                };
                let (Some(one), Some(other)) = (strategy(0, x, y), strategy(1, y, x)) else { continue };
                let profile = vec![one, other];
                if regret(game, &profile).unwrap().iter().all(Zero::is_zero) {
                    found.push(profile);
                }
            }
        }
        found
    }

    fn any_game(most: i64) -> impl Strategy<Value = NormalForm> {
        (1_usize..4, 1_usize..4)
            .prop_flat_map(move |(rows, columns)| {
                let payoffs = prop::collection::vec(-most..=most, 2 * rows * columns);
                (Just((rows, columns)), payoffs)
            })
            .prop_map(|((rows, columns), payoffs)| {
                NormalForm::of_integers(vec![rows, columns], &payoffs).unwrap()
            })
    }

    proptest! {
        #[test]
        fn the_equilibria_are_those_of_a_search_in_fractions(game in any_game(1000)) {
            let (mut found, degenerate) = all(&game);
            let mut expected = by_fractions(&game);
            prop_assert!(expected.iter().all(|profile| found.contains(profile)));
            if !degenerate {
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn of_games_with_many_ties_all_pure_equilibria_are_listed(game in any_game(2)) {
            let (found, _) = all(&game);
            prop_assert!(!found.is_empty());
            let pure = found.iter().filter(|profile| profile.iter().flatten().all(|p| p.is_zero() || p.is_one()));
            prop_assert_eq!(pure.count(), pure_equilibria(&game).len());
            prop_assert!(by_fractions(&game).iter().all(|profile| found.contains(profile)));
        }
    }
}
