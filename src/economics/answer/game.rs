//! The equilibria of a game in a file.

use super::AnswerError;
use crate::file::efg::Efg;
use crate::file::nfg::Nfg;
use crate::game::{Mixed, NormalForm, Rational, pure_equilibria, support_enumeration};
use num_traits::{One, Zero};

/// The equilibria of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameAnswer {
    /// The game's title.
    pub title: String,
    /// The players' names.
    pub players: Vec<String>,
    /// The names of each player's strategies.
    pub strategies: Vec<Vec<String>>,
    /// True of two players: mixed equilibria are found as well. Of others the pure ones are.
    pub of_two: bool,
    /// What was found; each has a regret of exactly 0.
    pub equilibria: Vec<EquilibriumAnswer>,
    /// True if at some equilibrium a player has more best responses than the other plays strategies: then there may be
    /// infinitely many, of which the extreme ones are told.
    pub degenerate: bool,
    /// True if these are all equilibria, mixed ones included.
    pub complete: bool,
}

/// An equilibrium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquilibriumAnswer {
    /// How likely each player plays each of its strategies.
    pub mixed: Mixed,
    /// What each player earns on average.
    pub payoffs: Vec<Rational>,
}

impl EquilibriumAnswer {
    /// Returns the strategies that a player plays, and how likely.
    pub fn plays(&self, player: usize) -> Vec<(usize, &Rational)> {
        self.mixed[player].iter().enumerate().filter(|(_, share)| !share.is_zero()).collect()
    }

    /// Returns true if nobody draws lots.
    pub fn is_pure(&self) -> bool {
        self.mixed.iter().flatten().all(|share| share.is_zero() || share.is_one())
    }
}

/// Returns the equilibria of a game in normal form.
pub(super) fn of_nfg(file: &Nfg) -> Result<GameAnswer, AnswerError> {
    let strategies = file.strategies.iter().map(|own| named(own, "")).collect();
    solved(file.title.clone(), named(&file.players, "player "), strategies, &file.game)
}

/// Returns the equilibria of a game in extensive form, among strategies that say what to do in each information set.
pub(super) fn of_efg(file: &Efg) -> Result<GameAnswer, AnswerError> {
    let game = file.game.normal_form()?;
    let strategies = game.strategies().iter().map(|count| named(&vec![String::new(); *count], "")).collect();
    solved(file.title.clone(), named(&file.players, "player "), strategies, &game)
}

/// Returns names, with numbers from 1 where there is none.
fn named(names: &[String], before: &str) -> Vec<String> {
    let name = |(place, name): (usize, &String)| {
        if name.is_empty() { format!("{before}{}", place + 1) } else { name.clone() }
    };
    names.iter().enumerate().map(name).collect()
}

fn solved(
    title: String,
    players: Vec<String>,
    strategies: Vec<Vec<String>>,
    game: &NormalForm,
) -> Result<GameAnswer, AnswerError> {
    let of_two = game.players() == 2;
    let (found, degenerate, complete) = if of_two {
        let found = support_enumeration(game)?;
        (found.equilibria, found.degenerate, found.complete)
    } else {
        let pure = pure_equilibria(game).into_iter().map(|index| certain(game, index)).collect();
        // Mixed ones may be there besides.
        (pure, false, false)
    };
    let payoffs = |mixed: &Mixed| (0..game.players()).map(|player| payoff(game, mixed, player)).collect();
    let equilibria =
        found.into_iter().map(|mixed| EquilibriumAnswer { payoffs: payoffs(&mixed), mixed }).collect();
    Ok(GameAnswer { title, players, strategies, of_two, equilibria, degenerate, complete })
}

/// Returns a profile of pure strategies, told by its index, as shares.
fn certain(game: &NormalForm, index: usize) -> Mixed {
    let share = |played: usize, strategy| if played == strategy { Rational::one() } else { Rational::zero() };
    let profile = game.profile(index).into_iter().zip(game.strategies());
    profile.map(|(played, count)| (0..*count).map(|strategy| share(played, strategy)).collect()).collect()
}

/// Returns what a player earns on average.
fn payoff(game: &NormalForm, mixed: &Mixed, player: usize) -> Rational {
    let mut sum = Rational::zero();
    for index in 0..game.profiles() {
        let played = game.profile(index).into_iter().zip(mixed);
        let share = played.fold(Rational::one(), |share, (strategy, own)| share * &own[strategy]);
        if !share.is_zero() {
            sum += share * game.payoff(index, player);
        }
    }
    sum
}
