//! Games in extensive form: trees of moves, with information sets and moves of chance.

use super::{GameError, NormalForm, Rational};
use num_traits::{One, Signed, Zero};

/// Who moves at a node. Sets are given by index.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The player of an information set.
    Player {
        /// Which of [`ExtensiveForm::sets`].
        set: usize,
    },
    /// Chance, with given probabilities.
    Chance {
        /// Which of [`ExtensiveForm::chances`].
        set: usize,
    },
    /// Nobody: the game ends.
    End,
}

/// A node of a game tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Who moves.
    pub turn: Turn,
    /// What is paid here; payoffs add up along the way. An index into [`ExtensiveForm::outcomes`].
    pub outcome: Option<usize>,
    /// The nodes to which the actions lead, all after this one.
    pub children: Vec<usize>,
}

/// What a player cannot tell apart.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct InformationSet {
    /// Whose it is.
    pub player: usize,
    /// How many actions there are at each of its nodes.
    pub actions: usize,
}

/// A game in extensive form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensiveForm {
    players: usize,
    sets: Vec<InformationSet>,
    chances: Vec<Vec<Rational>>,
    outcomes: Vec<Vec<Rational>>,
    nodes: Vec<Node>,
}

impl ExtensiveForm {
    /// Returns the game with these information sets, probabilities of chance moves, payoffs of outcomes by player,
    /// and nodes, the root first.
    ///
    /// # Errors
    /// If there is no player, a set has another player or no action, probabilities do not sum to exactly one, an
    /// outcome has another number of payoffs, or the nodes are no tree in which each has a child for each action.
    pub fn new(
        players: usize,
        sets: Vec<InformationSet>,
        chances: Vec<Vec<Rational>>,
        outcomes: Vec<Vec<Rational>>,
        nodes: Vec<Node>,
    ) -> Result<ExtensiveForm, GameError> {
        if players == 0 {
            return Err(GameError::NoPlayers);
        }
        if let Some(set) = sets.iter().find(|set| set.player >= players || set.actions == 0) {
            return Err(GameError::NoStrategies { player: set.player });
        }
        let wrong = |chances: &Vec<Rational>| {
            !chances.iter().sum::<Rational>().is_one() || chances.iter().any(Signed::is_negative)
        };
        if let Some(set) = chances.iter().position(wrong) {
            return Err(GameError::Chance { set });
        }
        if let Some(outcome) = outcomes.iter().find(|payoffs| payoffs.len() != players) {
            return Err(GameError::PayoffCount { found: outcome.len(), accepted: players });
        }
        let game = ExtensiveForm { players, sets, chances, outcomes, nodes };
        game.check_tree()?;
        Ok(game)
    }

    fn check_tree(&self) -> Result<(), GameError> {
        let refuse = |node, accepted| Err(GameError::Tree { node, accepted });
        if self.nodes.is_empty() {
            return refuse(0, "a tree has a root");
        }
        let mut parents = vec![0_u32; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            let actions = match node.turn {
                Turn::Player { set } => self.sets.get(set).map(|set| set.actions),
                Turn::Chance { set } => self.chances.get(set).map(Vec::len),
                Turn::End => Some(0),
            };
            if actions != Some(node.children.len()) {
                return refuse(at, "a child for each action of its set is accepted");
            }
            if node.outcome.is_some_and(|outcome| outcome >= self.outcomes.len()) {
                return refuse(at, "an outcome that is there is accepted");
            }
            for &child in &node.children {
                if child <= at || child >= self.nodes.len() {
                    return refuse(at, "children after it are accepted");
                }
                parents[child] += 1;
            }
        }
        match (1..self.nodes.len()).find(|&node| parents[node] != 1) {
            Some(node) => refuse(node, "one parent is accepted"),
            None => Ok(()),
        }
    }

    /// Returns how many players there are, chance left out.
    pub fn players(&self) -> usize {
        self.players
    }

    /// Returns the information sets.
    pub fn sets(&self) -> &[InformationSet] {
        &self.sets
    }

    /// Returns the probabilities of each move of chance.
    pub fn chances(&self) -> &[Vec<Rational>] {
        &self.chances
    }

    /// Returns the payoffs of each outcome, by player.
    pub fn outcomes(&self) -> &[Vec<Rational>] {
        &self.outcomes
    }

    /// Returns the nodes, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns how many pure strategies each player has: an action for each of its information sets, reached or not.
    ///
    /// # Errors
    /// If they make more than 10⁶ profiles.
    pub fn strategies(&self) -> Result<Vec<usize>, GameError> {
        let of_player = |player: usize| {
            let own = self.sets.iter().filter(|set| set.player == player);
            own.map(|set| set.actions).try_fold(1, usize::checked_mul).ok_or(GameError::TooManyProfiles)
        };
        let strategies = (0..self.players).map(of_player).collect::<Result<Vec<_>, _>>()?;
        NormalForm::count_profiles(&strategies)?;
        Ok(strategies)
    }

    /// Returns the game in normal form, not reduced. A player's strategy is an action for each of its information
    /// sets; the action in its first set runs fastest. Payoffs are expected over chance.
    ///
    /// # Errors
    /// If it has more than 10⁶ profiles.
    pub fn normal_form(&self) -> Result<NormalForm, GameError> {
        let strategies = self.strategies()?;
        let profiles = NormalForm::count_profiles(&strategies)?;
        // How far apart the profiles are that differ by one in the action of a set.
        let mut strides = vec![0; self.sets.len()];
        let mut stride = 1;
        for player in 0..self.players {
            for (at, set) in self.sets.iter().enumerate().filter(|(_, set)| set.player == player) {
                strides[at] = stride;
                stride *= set.actions;
            }
        }
        let ends = self.expected_at_ends();
        let mut payoffs = Vec::with_capacity(profiles * self.players);
        for profile in 0..profiles {
            let mut sums = vec![Rational::zero(); self.players];
            let mut reached = vec![0];
            while let Some(at) = reached.pop() {
                let node = &self.nodes[at];
                match node.turn {
                    Turn::Player { set } => {
                        let action = profile / strides[set] % self.sets[set].actions;
                        reached.push(node.children[action]);
                    }
                    Turn::Chance { .. } => reached.extend(&node.children),
                    Turn::End => sums.iter_mut().zip(&ends[at]).for_each(|(sum, payoff)| *sum += payoff),
                }
            }
            payoffs.extend(sums);
        }
        NormalForm::new(strategies, &payoffs)
    }

    /// Returns, for each end, the sum of payoffs on the way to it times the probability that chance leads there;
    /// nothing for other nodes.
    fn expected_at_ends(&self) -> Vec<Vec<Rational>> {
        let mut expected = vec![Vec::new(); self.nodes.len()];
        let mut pending = vec![(0, Rational::one(), vec![Rational::zero(); self.players])];
        while let Some((at, probability, mut paid)) = pending.pop() {
            let node = &self.nodes[at];
            if let Some(outcome) = node.outcome {
                paid.iter_mut().zip(&self.outcomes[outcome]).for_each(|(sum, payoff)| *sum += payoff);
            }
            if node.turn == Turn::End {
                expected[at] = paid.into_iter().map(|payoff| payoff * &probability).collect();
                continue;
            }
            for (action, &child) in node.children.iter().enumerate() {
                let share = match node.turn {
                    Turn::Chance { set } => &probability * &self.chances[set][action],
                    _ => probability.clone(),
                };
                pending.push((child, share, paid.clone()));
            }
        }
        expected
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{pure_equilibria, support_enumeration};
    use super::*;

    fn end(outcome: usize) -> Node {
        Node { turn: Turn::End, outcome: Some(outcome), children: Vec::new() }
    }

    fn player(set: usize, children: &[usize]) -> Node {
        Node { turn: Turn::Player { set }, outcome: None, children: children.to_vec() }
    }

    #[test]
    fn a_simultaneous_game_is_its_matrices() {
        let sets = vec![InformationSet { player: 0, actions: 2 }, InformationSet { player: 1, actions: 2 }];
        let outcomes = vec![mix(&[2, 1], 1), mix(&[0, 0], 1), mix(&[0, 0], 1), mix(&[1, 2], 1)];
        let nodes =
            vec![player(0, &[1, 4]), player(1, &[2, 3]), end(0), end(1), player(1, &[5, 6]), end(2), end(3)];
        let game = ExtensiveForm::new(2, sets, Vec::new(), outcomes, nodes).unwrap();
        assert_eq!(game.normal_form(), Ok(battle_of_the_sexes()));
    }

    /// One card of two is dealt; the first player sees it and bets 2 or folds 1, the second calls or folds.
    fn poker() -> ExtensiveForm {
        let set = |player| InformationSet { player, actions: 2 };
        let outcomes = [1, -1, 2, -2].map(|won| mix(&[won, -won], 1)).to_vec();
        let chance = Node { turn: Turn::Chance { set: 0 }, outcome: None, children: vec![1, 6] };
        let nodes = vec![
            chance,
            player(0, &[2, 5]),
            player(2, &[3, 4]),
            end(2),
            end(0),
            end(1),
            player(1, &[7, 10]),
            player(2, &[8, 9]),
            end(3),
            end(0),
            end(1),
        ];
        ExtensiveForm::new(2, vec![set(0), set(0), set(1)], vec![mix(&[1, 1], 2)], outcomes, nodes).unwrap()
    }

    #[test]
    fn payoffs_are_expected_over_chance() {
        let game = poker();
        assert_eq!(game.strategies(), Ok(vec![4, 2]));
        let normal = game.normal_form().unwrap();
        // Bet always, bet on the low card, bet on the high card, fold; against call and fold.
        let first = |index| normal.payoff(index, 0);
        let values: Vec<_> = (0..8).map(first).collect();
        let expected = [(0, 1), (-3, 2), (1, 2), (-1, 1), (1, 1), (0, 1), (0, 1), (-1, 1)];
        assert_eq!(values, expected.map(|(numerator, denominator)| over(numerator, denominator)));
        assert!(pure_equilibria(&normal).is_empty());
        let found = support_enumeration(&normal).unwrap();
        // Bluff with the low card one time in three, call two times in three.
        assert_eq!(found.equilibria, [vec![mix(&[1, 0, 2, 0], 3), mix(&[2, 1], 3)]]);
    }

    #[test]
    fn payoffs_on_the_way_add_up() {
        let sets = vec![InformationSet { player: 0, actions: 2 }];
        let mut root = player(0, &[1, 2]);
        root.outcome = Some(0);
        let game = ExtensiveForm::new(
            1,
            sets,
            Vec::new(),
            vec![mix(&[1], 1), mix(&[5], 1)],
            vec![root, end(0), end(1)],
        );
        let normal = game.unwrap().normal_form().unwrap();
        assert_eq!([normal.payoff(0, 0), normal.payoff(1, 0)], [over(2, 1), over(6, 1)]);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let sets = || vec![InformationSet { player: 0, actions: 2 }];
        let build = |nodes| ExtensiveForm::new(1, sets(), Vec::new(), vec![mix(&[1], 1)], nodes).map(|_| ());
        let tree = |node, accepted| Err(GameError::Tree { node, accepted });
        assert_eq!(build(vec![player(0, &[1, 2]), end(0), end(0)]), Ok(()));
        assert_eq!(build(vec![]), tree(0, "a tree has a root"));
        assert_eq!(
            build(vec![player(0, &[1]), end(0)]),
            tree(0, "a child for each action of its set is accepted")
        );
        assert_eq!(build(vec![player(0, &[0, 1]), end(0)]), tree(0, "children after it are accepted"));
        assert_eq!(build(vec![player(0, &[1, 1]), end(0)]), tree(1, "one parent is accepted"));
        assert_eq!(
            build(vec![player(0, &[1, 2]), end(0), end(1)]),
            tree(2, "an outcome that is there is accepted")
        );
        let uneven = ExtensiveForm::new(1, sets(), vec![mix(&[1, 1], 3)], Vec::new(), vec![end(0)]);
        assert_eq!(uneven, Err(GameError::Chance { set: 0 }));
    }

    #[test]
    fn more_than_a_million_profiles_are_refused() {
        let sets = vec![InformationSet { player: 0, actions: 2 }; 20];
        let end = Node { turn: Turn::End, outcome: None, children: Vec::new() };
        let game = |sets: &[InformationSet]| {
            ExtensiveForm::new(1, sets.to_vec(), Vec::new(), Vec::new(), vec![end.clone()]).unwrap()
        };
        assert_eq!(game(&sets).normal_form(), Err(GameError::TooManyProfiles));
        assert_eq!(game(&vec![sets[0]; 100]).strategies(), Err(GameError::TooManyProfiles));
        assert_eq!(game(&sets[..10]).normal_form().unwrap().profiles(), 1024);
    }
}
