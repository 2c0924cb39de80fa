//! What is refused as a game, or as a question about one.

use std::fmt;

/// Why a game, or a question about one, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GameError {
    /// There is no player.
    NoPlayers,
    /// A player has no strategy.
    NoStrategies {
        /// The player.
        player: usize,
    },
    /// There are more than 10⁶ profiles, or 10⁷ payoffs.
    TooManyProfiles,
    /// The payoffs are not as many as profiles times players.
    PayoffCount {
        /// How many payoffs there are.
        found: usize,
        /// How many are accepted.
        accepted: usize,
    },
    /// The question is for games of two players.
    NotTwoPlayers {
        /// How many players there are.
        players: usize,
    },
    /// The supports are too many to try, or a player has more than 64 strategies.
    TooManySupports,
    /// A run of Lemke and Howson's algorithm made more than 2²⁰ pivots.
    TooManyPivots,
    /// A profile names another number of players, or a strategy that is not there.
    NoSuchProfile,
    /// The probabilities of a player are negative, do not sum to one, or are not one for each strategy.
    NotADistribution {
        /// The player.
        player: usize,
    },
    /// The replicator needs positive payoffs.
    NotPositive {
        /// The player whose payoff is not.
        player: usize,
    },
    /// A game tree is none.
    Tree {
        /// The node, counted from 0 in the order in which they stand.
        node: usize,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// The probabilities of a move of chance are negative, or do not sum to exactly one.
    Chance {
        /// The move, counted from 0.
        set: usize,
    },
    /// A parameter is out of its range.
    Parameter {
        /// Its name.
        name: &'static str,
        /// What would be accepted.
        accepted: &'static str,
    },
}

impl fmt::Display for GameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GameError::NoPlayers => write!(out, "the game has no players; one and more are accepted"),
            GameError::NoStrategies { player } => {
                write!(out, "player {player} has no strategy; one and more are accepted")
            }
            GameError::TooManyProfiles => {
                write!(
                    out,
                    "the game is too large; up to 1,000,000 profiles and 10,000,000 payoffs are accepted"
                )
            }
            GameError::PayoffCount { found, accepted } => {
                write!(out, "found {found} payoffs; {accepted} are accepted, one for each profile and player")
            }
            GameError::NotTwoPlayers { players } => {
                write!(out, "the game has {players} players; this accepts games of 2")
            }
            GameError::TooManySupports => {
                write!(
                    out,
                    "the supports are too many; up to 2^22 pairs and 64 strategies a player are accepted"
                )
            }
            GameError::TooManyPivots => write!(out, "a run made more than 2^20 pivots and was given up"),
            GameError::NoSuchProfile => {
                write!(out, "no such profile; one strategy of each player is accepted, counted from 0")
            }
            GameError::NotADistribution { player } => {
                write!(
                    out,
                    "the strategy of player {player} is no distribution; probabilities from 0 that sum to 1 are"
                )
            }
            GameError::NotPositive { player } => {
                write!(
                    out,
                    "a payoff of player {player} is 0 or negative; the replicator accepts positive ones"
                )
            }
            GameError::Tree { node, accepted } => write!(out, "node {node} is wrong; {accepted}"),
            GameError::Chance { set } => {
                write!(
                    out,
                    "the probabilities of chance move {set} are wrong; some from 0 that sum to exactly 1 are accepted"
                )
            }
            GameError::Parameter { name, accepted } => write!(out, "`{name}` is out of range; {accepted}"),
        }
    }
}

impl std::error::Error for GameError {}
