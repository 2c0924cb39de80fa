//! Gambit's games in extensive form, `.efg`.
//!
//! What Gambit accepts is accepted, and no more. All numbers are read exactly, `D` files too. Information sets and
//! outcomes may have any numbers, and need not come in order; what they are is told where they come first, and may be
//! repeated with the same words. The probabilities of a move of chance sum to exactly one.

use super::FileError;
use super::gambit::{Lexer, Number, Token, quoted};
use crate::game::{ExtensiveForm, InformationSet, Node, Rational, Turn};
use num_traits::{One, Signed};
use std::collections::BTreeMap;

/// The most nodes of a tree.
const NODES_MAX: usize = 1_000_000;

/// A game in extensive form, with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Efg {
    /// The title.
    pub title: String,
    /// The comment; empty if there is none.
    pub comment: String,
    /// The players' names. They may be empty or the same.
    pub players: Vec<String>,
    /// The names of the nodes, in their order.
    pub nodes: Vec<String>,
    /// The names of the information sets, in their order.
    pub sets: Vec<SetNames>,
    /// The names of the moves of chance, in their order.
    pub chances: Vec<SetNames>,
    /// The names of the outcomes, in their order.
    pub outcomes: Vec<String>,
    /// The tree.
    pub game: ExtensiveForm,
}

/// The names of an information set, or of a move of chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetNames {
    /// Its name.
    pub name: String,
    /// The names of its actions.
    pub actions: Vec<String>,
}

/// Reads a game.
///
/// # Errors
/// With line and column, if the text is no such file, a number is none or divides by zero, a set or an outcome is
/// used before it is told or told again in other words, probabilities do not sum to exactly one, or there are more
/// than 10⁶ nodes.
pub fn read(text: &str) -> Result<Efg, FileError> {
    let mut lexer = Lexer::new(text)?;
    let title = lexer.expect_header("EFG", "2")?;
    let players = lexer.expect_texts("a player's name")?;
    if players.is_empty() {
        return Err(lexer.error("found no players, expected at least one"));
    }
    let comment = lexer.accept_text()?.unwrap_or_default();
    let mut reader = Reader { players: players.len(), ..Reader::default() };
    reader.tree(&mut lexer)?;
    if *lexer.peek() != Token::End {
        return Err(lexer.unexpected("the end of the file"));
    }
    let Reader { sets, chances, outcomes, nodes, names, .. } = reader;
    let game = ExtensiveForm::new(
        players.len(),
        sets.iter()
            .map(|set| InformationSet { player: set.player, actions: set.names.actions.len() })
            .collect(),
        chances.iter().map(|chance| values(&chance.probabilities)).collect(),
        outcomes.iter().map(|outcome| values(&outcome.payoffs)).collect(),
        nodes,
    )
    .expect("all was checked where it stands");
    Ok(Efg {
        title,
        comment,
        players,
        nodes: names,
        sets: sets.into_iter().map(|set| set.names).collect(),
        chances: chances.into_iter().map(|chance| chance.names).collect(),
        outcomes: outcomes.into_iter().map(|outcome| outcome.name).collect(),
        game,
    })
}

fn values(numbers: &[Number]) -> Vec<Rational> {
    numbers.iter().map(|number| number.value.clone()).collect()
}

/// An information set as it is told.
#[derive(PartialEq, Eq)]
struct Set {
    player: usize,
    names: SetNames,
}

/// A move of chance as it is told.
#[derive(PartialEq, Eq)]
struct Chance {
    names: SetNames,
    probabilities: Vec<Number>,
}

/// An outcome as it is told.
#[derive(PartialEq, Eq)]
struct Outcome {
    name: String,
    payoffs: Vec<Number>,
}

/// What was read so far. Sets and outcomes stand in the order in which they come first; the maps hold where, by their
/// numbers.
#[derive(Default)]
struct Reader {
    players: usize,
    sets: Vec<Set>,
    set_numbers: BTreeMap<(usize, usize), usize>,
    chances: Vec<Chance>,
    chance_numbers: BTreeMap<usize, usize>,
    outcomes: Vec<Outcome>,
    outcome_numbers: BTreeMap<usize, usize>,
    nodes: Vec<Node>,
    names: Vec<String>,
}

impl Reader {
    /// Reads nodes until all actions lead somewhere.
    fn tree(&mut self, lexer: &mut Lexer<'_>) -> Result<(), FileError> {
        // The nodes whose actions are not all led on, with how many are not.
        let mut open: Vec<(usize, usize)> = Vec::new();
        loop {
            let at = self.nodes.len();
            if at == NODES_MAX {
                return Err(lexer.error(format!("found more nodes, expected at most {NODES_MAX}")));
            }
            let children = self.node(lexer)?;
            if let Some((parent, left)) = open.last_mut() {
                self.nodes[*parent].children.push(at);
                *left -= 1;
            }
            open.push((at, children));
            while open.last().is_some_and(|&(_, left)| left == 0) {
                open.pop();
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Reads a node, and returns how many actions it has.
    fn node(&mut self, lexer: &mut Lexer<'_>) -> Result<usize, FileError> {
        let kind = match lexer.peek() {
            Token::Symbol(kind) if ["c", "p", "t"].contains(&kind.as_str()) => kind.clone(),
            _ => return Err(lexer.unexpected("a node `c`, `p` or `t`")),
        };
        lexer.next()?;
        let name = lexer.expect_text("a node's name")?;
        let (turn, actions) = match kind.as_str() {
            "c" => self.chance(lexer)?,
            "p" => self.player(lexer)?,
            _ => (Turn::End, 0),
        };
        let outcome = self.outcome(lexer)?;
        self.nodes.push(Node { turn, outcome, children: Vec::new() });
        self.names.push(name);
        Ok(actions)
    }

    fn player(&mut self, lexer: &mut Lexer<'_>) -> Result<(Turn, usize), FileError> {
        let (line, column) = lexer.place();
        let player = match lexer.expect_whole("a player")? {
            player if (1..=self.players).contains(&player) => player - 1,
            player => {
                let message = format!("found `{player}`, expected a player from 1 to {}", self.players);
                return Err(FileError::new(line, column, message));
            }
        };
        let (line, column) = lexer.place();
        let number = (player, lexer.expect_whole("an information set")?);
        let told = self.set_numbers.get(&number).copied();
        if let Some(name) = lexer.accept_text()? {
            let (names, _) = actions(lexer, name, false)?;
            let set = Set { player, names };
            let place = told.unwrap_or(self.sets.len());
            if told.is_none() {
                self.set_numbers.insert(number, place);
                self.sets.push(set);
            } else if self.sets[place] != set {
                return Err(told_otherwise("information set", line, column, number.1));
            }
        }
        match self.set_numbers.get(&number) {
            Some(&set) => Ok((Turn::Player { set }, self.sets[set].names.actions.len())),
            None => Err(untold("information set", line, column, number.1)),
        }
    }

    fn chance(&mut self, lexer: &mut Lexer<'_>) -> Result<(Turn, usize), FileError> {
        let (line, column) = lexer.place();
        let number = lexer.expect_whole("a move of chance")?;
        let told = self.chance_numbers.get(&number).copied();
        if let Some(name) = lexer.accept_text()? {
            let (line_of, column_of) = lexer.place();
            let (names, probabilities) = actions(lexer, name, true)?;
            let sum: Rational = probabilities.iter().map(|number| &number.value).sum();
            if !sum.is_one() || probabilities.iter().any(|number| number.value.is_negative()) {
                let message = format!(
                    "found probabilities that sum to {sum}, expected some from 0 on that sum to exactly 1"
                );
                return Err(FileError::new(line_of, column_of, message));
            }
            let chance = Chance { names, probabilities };
            let place = told.unwrap_or(self.chances.len());
            if told.is_none() {
                self.chance_numbers.insert(number, place);
                self.chances.push(chance);
            } else if self.chances[place] != chance {
                return Err(told_otherwise("move of chance", line, column, number));
            }
        }
        match self.chance_numbers.get(&number) {
            Some(&set) => Ok((Turn::Chance { set }, self.chances[set].probabilities.len())),
            None => Err(untold("move of chance", line, column, number)),
        }
    }

    fn outcome(&mut self, lexer: &mut Lexer<'_>) -> Result<Option<usize>, FileError> {
        let (line, column) = lexer.place();
        let number = lexer.expect_whole("the number of an outcome")?;
        let told = self.outcome_numbers.get(&number).copied();
        if let Some(name) = lexer.accept_text()? {
            if number == 0 {
                let message = "found a name for outcome 0, which is none, expected an outcome from 1 on";
                return Err(FileError::new(line, column, message));
            }
            lexer.expect(&Token::Open)?;
            let outcome = Outcome { name, payoffs: lexer.expect_payoffs(self.players)? };
            let place = told.unwrap_or(self.outcomes.len());
            if told.is_none() {
                self.outcome_numbers.insert(number, place);
                self.outcomes.push(outcome);
            } else if self.outcomes[place] != outcome {
                return Err(told_otherwise("outcome", line, column, number));
            }
        }
        match (number, self.outcome_numbers.get(&number)) {
            (0, _) => Ok(None),
            (_, Some(&outcome)) => Ok(Some(outcome)),
            (_, None) => Err(untold("outcome", line, column, number)),
        }
    }
}

/// Reads the actions of a set in braces, each with its probability if it is chance's.
fn actions(lexer: &mut Lexer<'_>, name: String, chance: bool) -> Result<(SetNames, Vec<Number>), FileError> {
    lexer.expect(&Token::Open)?;
    let (mut actions, mut probabilities) = (Vec::new(), Vec::new());
    while actions.is_empty() || *lexer.peek() != Token::Close {
        actions.push(lexer.expect_text("an action's name")?);
        if chance {
            probabilities.push(lexer.expect_number("the action's probability")?);
        }
    }
    lexer.expect(&Token::Close)?;
    Ok((SetNames { name, actions }, probabilities))
}

fn told_otherwise(what: &str, line: usize, column: usize, number: usize) -> FileError {
    let message = format!("found {what} {number} in other words than before, expected the same or none");
    FileError::new(line, column, message)
}

fn untold(what: &str, line: usize, column: usize, number: usize) -> FileError {
    let message = format!("found {what} {number}, of which nothing is told, expected its name and contents");
    FileError::new(line, column, message)
}

impl Efg {
    /// Returns the game as a file, which [`read`] reads back. Sets are numbered for each player from 1 in their
    /// order, and outcomes from 1.
    ///
    /// # Panics
    /// If a name ends with a backslash, which the format cannot express, or there are not as many names as things.
    pub fn write(&self) -> String {
        let join = |parts: Vec<String>| parts.join(" ");
        let players = join(self.players.iter().map(|name| quoted(name)).collect());
        let mut text =
            format!("EFG 2 R {} {{ {players} }}\n{}\n\n", quoted(&self.title), quoted(&self.comment));
        for (node, name) in self.game.nodes().iter().zip(&self.nodes) {
            let name = quoted(name);
            text.push_str(&match node.turn {
                Turn::Player { set } => {
                    let player = self.game.sets()[set].player;
                    let before = &self.game.sets()[..set];
                    let number = before.iter().filter(|other| other.player == player).count() + 1;
                    let SetNames { name: set, actions } = &self.sets[set];
                    let actions = join(actions.iter().map(|action| quoted(action)).collect());
                    format!("p {name} {} {number} {} {{ {actions} }}", player + 1, quoted(set))
                }
                Turn::Chance { set } => {
                    let SetNames { name: chance, actions } = &self.chances[set];
                    let probabilities = &self.game.chances()[set];
                    let action = |(action, probability): (&String, &Rational)| {
                        format!("{} {probability}", quoted(action))
                    };
                    let actions = join(actions.iter().zip(probabilities).map(action).collect());
                    format!("c {name} {} {} {{ {actions} }}", set + 1, quoted(chance))
                }
                Turn::End => format!("t {name}"),
            });
            text.push_str(&node.outcome.map_or(" 0\n".to_owned(), |outcome| {
                let payoffs = join(self.game.outcomes()[outcome].iter().map(Rational::to_string).collect());
                format!(" {} {} {{ {payoffs} }}\n", outcome + 1, quoted(&self.outcomes[outcome]))
            }));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::support_enumeration;
    use proptest::prelude::*;

    /// A small poker. Sets come as 7 and 2, an outcome is used again by its number, and payoffs have commas or not.
    const POKER: &str = "EFG 2 R \"poker\" { \"one\" \"two\" }\n\"a comment\"\n\n\
        c \"\" 1 \"deal\" { \"high\" 1/2 \"low\" 0.5 } 0\n\
        p \"\" 1 7 \"high\" { \"bet\" \"fold\" } 0\n\
        p \"\" 2 1 \"\" { \"call\" \"fold\" } 0\n\
        t \"\" 9 \"win big\" { 2, -2 }\n\
        t \"\" 2 \"win\" { 1 -1 }\n\
        t \"\" 3 \"lose\" { -1, 1, }\n\
        p \"\" 1 2 \"low\" { \"bet\" \"fold\" } 0\n\
        p \"\" 2 1 0\n\
        t \"\" 4 \"lose big\" { -2, 2 }\n\
        t \"\" 2\n\
        t \"\" 3 \"lose\" { -1, 1 }\n";

    fn error(text: &str) -> String {
        read(text).expect_err("it is refused").to_string()
    }

    #[test]
    fn a_tree_is_read_and_solved() {
        let efg = read(POKER).unwrap();
        assert_eq!((efg.title.as_str(), efg.comment.as_str()), ("poker", "a comment"));
        assert_eq!(efg.game.nodes().len(), 11);
        assert_eq!(efg.outcomes, ["win big", "win", "lose", "lose big"]);
        let normal = efg.game.normal_form().unwrap();
        let found = support_enumeration(&normal).unwrap();
        let third = |parts: &[i64]| {
            parts.iter().map(|&part| Rational::new(part.into(), 3.into())).collect::<Vec<_>>()
        };
        assert_eq!(found.equilibria, [vec![third(&[1, 0, 2, 0]), third(&[2, 1])]]);
    }

    #[test]
    fn a_round_trip_keeps_all_but_numbers_of_sets() {
        let efg = read(POKER).unwrap();
        let text = efg.write();
        assert_eq!(read(&text), Ok(efg));
        assert!(text.contains("p \"\" 1 1 \"high\""), "set 7 is now the first: {text}");
    }

    #[test]
    fn chance_sums_to_exactly_one() {
        let chance = |one: &str, two: &str| {
            POKER.replace("\"high\" 1/2 \"low\" 0.5", &format!("\"high\" {one} \"low\" {two}"))
        };
        assert!(read(&chance("0.3333", "0.6667")).is_ok());
        assert_eq!(
            error(&chance("1/2", "0.4999")),
            "4:15: found probabilities that sum to 9999/10000, expected some from 0 on that sum to exactly 1"
        );
        assert!(error(&chance("-1", "2")).starts_with("4:15: "));
    }

    #[test]
    fn what_is_untold_or_told_otherwise_is_refused() {
        let with = |from: &str, to: &str| error(&POKER.replacen(from, to, 1));
        assert_eq!(
            with("p \"\" 2 1 0", "p \"\" 2 3 0"),
            "11:8: found information set 3, of which nothing is told, expected its name and contents"
        );
        assert!(with("t \"\" 2\n", "t \"\" 5\n").starts_with("13:6: found outcome 5, of which nothing"));
        assert!(
            with("p \"\" 2 1 0", "p \"\" 2 1 \"\" { \"call\" } 0")
                .starts_with("11:8: found information set 1 in other words")
        );
        assert!(
            with("\"lose\" { -1, 1 }", "\"lose\" { -1, 2 }")
                .starts_with("14:6: found outcome 3 in other words")
        );
        assert!(
            with("t \"\" 2\n", "t \"\" 0 \"none\" { 0, 0 }\n")
                .starts_with("13:6: found a name for outcome 0")
        );
        assert!(
            with("p \"\" 2 1 0", "p \"\" 3 1 0")
                .starts_with("11:6: found `3`, expected a player from 1 to 2")
        );
    }

    #[test]
    fn other_shapes_are_refused_at_their_place() {
        let with = |from: &str, to: &str| error(&POKER.replacen(from, to, 1));
        assert_eq!(with("EFG 2", "EFG 1"), "1:5: found `1`, expected `2`");
        assert!(with("{ 2, -2 }", "{ 2 }").starts_with("7:22: found `}`, expected a payoff for each player"));
        assert!(with("{ 2, -2 }", "{ 2, -2, 0 }").contains("found `0`, expected `}`"));
        assert!(
            with("{ \"call\" \"fold\" }", "{ }").contains("found `}`, expected an action's name in quotes")
        );
        assert_eq!(error(&format!("{POKER}t \"\" 2\n")), "15:1: found `t`, expected the end of the file");
        let (short, _) = POKER.rsplit_once("t \"\" 3").unwrap();
        assert_eq!(error(short), "14:1: found the end of the file, expected a node `c`, `p` or `t`");
        assert!(error("EFG 2 R \"\" { } t \"\" 0").contains("found no players"));
    }

    #[test]
    fn deep_trees_are_read() {
        let deep = "p \"\" 1 1 \"\" { \"a\" } 0\n".repeat(100_000);
        let efg = read(&format!("EFG 2 R \"\" {{ \"a\" }} {deep} t \"\" 1 \"\" {{ 5 }}")).unwrap();
        assert_eq!(efg.game.normal_form().unwrap().payoff(0, 0), Rational::from_integer(5.into()));
    }

    proptest! {
        #[test]
        fn a_round_trip_keeps_rationals(
            payoffs in prop::collection::vec((-1000_i64..1000, 1_i64..30), 3), part in 0_i64..=7
        ) {
            let rational = |(numerator, denominator): (i64, i64)| Rational::new(numerator.into(), denominator.into());
            let text = format!(
                "EFG 2 D \"\" {{ \"a\" }} c \"\" 1 \"\" {{ \"x\" {part}/7 \"y\" {}/7 }} 0\n\
                 t \"\" 5 \"\" {{ {} }} p \"\" 1 1 \"\" {{ \"z\" }} 1 \"\" {{ {} }} t \"\" 2 \"\" {{ {} }}",
                7 - part, rational(payoffs[0]), rational(payoffs[1]), rational(payoffs[2])
            );
            let efg = read(&text).unwrap();
            let chance = rational((part, 7));
            let expected = &chance * rational(payoffs[0])
                + (Rational::one() - &chance) * (rational(payoffs[1]) + rational(payoffs[2]));
            prop_assert_eq!(efg.game.normal_form().unwrap().payoff(0, 0), expected);
            prop_assert_eq!(read(&efg.write()), Ok(efg));
        }

        #[test]
        fn no_text_panics(text in "EFG 2 R \"t\" \\{ \"a\" \\} [{}\"0-9/. pct\n-]{0,60}") {
            let _ = read(&text);
        }
    }
}
