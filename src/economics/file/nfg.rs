//! Gambit's games in normal form, `.nfg`: in payoffs or in outcomes, the first player's strategy fastest.
//!
//! What Gambit accepts is accepted, and no more. All numbers are read exactly, `D` files too. There are no comments
//! in the file beyond the one text after the strategies.

use super::FileError;
use super::gambit::{Lexer, Token, quoted};
use crate::game::{GameError, NormalForm, Rational};
use num_traits::Zero;

/// A game in normal form, with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nfg {
    /// The title.
    pub title: String,
    /// The comment; empty if there is none.
    pub comment: String,
    /// The players' names. They may be empty or the same.
    pub players: Vec<String>,
    /// The names of each player's strategies. They may be empty or the same.
    pub strategies: Vec<Vec<String>>,
    /// The payoffs.
    pub game: NormalForm,
}

/// Reads a game.
///
/// # Errors
/// With line and column, if the text is no such file, a number is none or divides by zero, the payoffs or outcomes
/// are not as many as accepted, or the game has more than 10⁶ profiles.
pub fn read(text: &str) -> Result<Nfg, FileError> {
    let mut lexer = Lexer::new(text)?;
    let title = lexer.expect_header("NFG", "1")?;
    let players = lexer.expect_texts("a player's name")?;
    let (strategies, profiles) = strategies(&mut lexer, players.len())?;
    let comment = lexer.accept_text()?.unwrap_or_default();
    let payoffs = match lexer.peek() {
        Token::Open => of_outcomes(&mut lexer, players.len(), profiles)?,
        Token::Number(_) => of_profiles(&mut lexer, players.len(), profiles)?,
        _ => return Err(lexer.unexpected("a payoff or `{`")),
    };
    if *lexer.peek() != Token::End {
        let message = format!(
            "found {} after the last of {profiles} profiles, expected the end of the file",
            lexer.peek()
        );
        return Err(lexer.error(message));
    }
    let counts = strategies.iter().map(Vec::len).collect();
    let game = NormalForm::new(counts, &payoffs).expect("the strategies and payoffs were counted");
    Ok(Nfg { title, comment, players, strategies, game })
}

/// Returns the names of all strategies and the number of profiles.
fn strategies(lexer: &mut Lexer<'_>, players: usize) -> Result<(Vec<Vec<String>>, usize), FileError> {
    let count = |lexer: &Lexer<'_>, counts: &[usize]| {
        NormalForm::count_profiles(counts).map_err(|error: GameError| lexer.error(error.to_string()))
    };
    lexer.expect(&Token::Open)?;
    if *lexer.peek() == Token::Open {
        let names =
            (0..players).map(|_| lexer.expect_texts("a strategy's name")).collect::<Result<Vec<_>, _>>()?;
        let profiles = count(lexer, &names.iter().map(Vec::len).collect::<Vec<_>>())?;
        lexer.expect(&Token::Close)?;
        return Ok((names, profiles));
    }
    let mut counts = Vec::new();
    for _ in 0..players {
        counts.push(lexer.expect_whole("the number of a player's strategies")?);
    }
    let profiles = count(lexer, &counts)?;
    lexer.expect(&Token::Close)?;
    let names = |&count: &usize| (1..=count).map(|strategy| strategy.to_string()).collect();
    Ok((counts.iter().map(names).collect(), profiles))
}

/// Reads the payoffs of all players at each profile, side by side.
fn of_profiles(lexer: &mut Lexer<'_>, players: usize, profiles: usize) -> Result<Vec<Rational>, FileError> {
    let accepted = profiles * players;
    let mut payoffs = Vec::with_capacity(accepted);
    while payoffs.len() < accepted {
        if !matches!(lexer.peek(), Token::Number(_)) {
            let (found, token) = (payoffs.len(), lexer.peek());
            let message = format!("found {token} after {found} payoffs, expected {accepted}");
            return Err(lexer.error(message));
        }
        payoffs.push(lexer.expect_number("a payoff")?.value);
    }
    Ok(payoffs)
}

/// Reads outcomes, and then the number of one for each profile, where 0 is none.
fn of_outcomes(lexer: &mut Lexer<'_>, players: usize, profiles: usize) -> Result<Vec<Rational>, FileError> {
    lexer.expect(&Token::Open)?;
    let mut outcomes = vec![vec![Rational::zero(); players]];
    while lexer.accept(&Token::Open)? {
        lexer.expect_text("an outcome's name")?;
        let payoffs = lexer.expect_payoffs(players)?;
        outcomes.push(payoffs.into_iter().map(|payoff| payoff.value).collect());
    }
    lexer.expect(&Token::Close)?;
    let mut payoffs = Vec::with_capacity(profiles * players);
    for profile in 0..profiles {
        if *lexer.peek() == Token::End {
            let message = format!("found the end of the file after {profile} outcomes, expected {profiles}");
            return Err(lexer.error(message));
        }
        let (line, column) = lexer.place();
        let outcome = lexer.expect_whole("the number of an outcome")?;
        let Some(outcome) = outcomes.get(outcome) else {
            let message = format!("found `{outcome}`, expected an outcome from 0 to {}", outcomes.len() - 1);
            return Err(FileError::new(line, column, message));
        };
        payoffs.extend_from_slice(outcome);
    }
    Ok(payoffs)
}

impl Nfg {
    /// Returns the game as a file in payoffs, which [`read`] reads back.
    ///
    /// # Panics
    /// If a name ends with a backslash, which the format cannot express.
    pub fn write(&self) -> String {
        let names = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" ");
        let strategies: Vec<String> =
            self.strategies.iter().map(|own| format!("{{ {} }}", names(own))).collect();
        let mut text = format!("NFG 1 R {} {{ {} }}\n\n", quoted(&self.title), names(&self.players));
        text.push_str(&format!("{{ {}\n}}\n{}\n\n", strategies.join("\n"), quoted(&self.comment)));
        for index in 0..self.game.profiles() {
            let payoffs = (0..self.game.players()).map(|player| self.game.payoff(index, player).to_string());
            text.push_str(&payoffs.collect::<Vec<_>>().join(" "));
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> String {
        read(text).expect_err("it is refused").to_string()
    }

    #[test]
    fn the_first_players_strategy_runs_fastest() {
        let nfg = read("NFG 1 R \"t\" { \"a\" \"b\" } { 2 3 }\n1 0 2 0 3 0 4 0 5 0 6 0").unwrap();
        let row = |row| {
            (0..3)
                .map(|column| nfg.game.payoff(nfg.game.index(&[row, column]).unwrap(), 0).to_string())
                .collect()
        };
        let rows: [Vec<String>; 2] = [row(0), row(1)];
        assert_eq!(rows, [["1", "3", "5"], ["2", "4", "6"]]);
        assert_eq!(nfg.strategies, [vec!["1", "2"], vec!["1", "2", "3"]]);
        assert_eq!((nfg.title.as_str(), nfg.comment.as_str()), ("t", ""));
    }

    #[test]
    fn outcomes_are_read_with_commas_or_without() {
        let text = "NFG 1 D \"\" { \"a\" \"b\" } { { \"x\" \"x\" } { \"\" } } \"why\"\n\
                    { { \"one\" 1/3, 0.5 } { \"\" 1e-3 -.5, } }\n1 0";
        let nfg = read(text).unwrap();
        let payoffs: Vec<String> = (0..2)
            .flat_map(|index| [0, 1].map(|player| nfg.game.payoff(index, player).to_string()))
            .collect();
        assert_eq!(payoffs, ["1/3", "1/2", "0", "0"], "outcome 0 is zero to all");
        assert_eq!(nfg.comment, "why");
        assert_eq!(
            error(&format!("{text}\n3")),
            "4:1: found `3` after the last of 2 profiles, expected the end of the file"
        );
        assert_eq!(error(&text.replace("\n1 0", "\n1 3")), "3:3: found `3`, expected an outcome from 0 to 2");
        assert_eq!(
            error(&text.replace("\n1 0", "\n1")),
            "3:2: found the end of the file after 1 outcomes, expected 2"
        );
        assert_eq!(error(&text.replace("0.5 }", "}")), "2:16: found `}`, expected a payoff for each player");
        assert_eq!(error(&text.replace("0.5 }", "1 2 }")), "2:18: found `2`, expected `}`");
    }

    #[test]
    fn a_wrong_count_of_payoffs_is_refused_at_its_place() {
        let head = "NFG 1 R \"t\" { \"a\" \"b\" } { 2 1 }\n";
        assert!(read(&format!("{head}1 2 3 4")).is_ok());
        assert_eq!(
            error(&format!("{head}1 2 3")),
            "2:6: found the end of the file after 3 payoffs, expected 4"
        );
        assert_eq!(
            error(&format!("{head}1 2 3 4 5")),
            "2:9: found `5` after the last of 2 profiles, expected the end of the file"
        );
        assert!(error(&format!("{head}1, 2, 3, 4")).starts_with("2:2: found `,` after 1 payoffs"));
    }

    #[test]
    fn headers_and_comments_are_as_gambit_has_them() {
        let body = "\"t\" { \"a\" } { 1 } 1";
        assert!(read(&format!("NFG 1 R {body}")).is_ok());
        assert_eq!(error(&format!("nfg 1 R {body}")), "1:1: found `nfg`, expected `NFG`");
        assert_eq!(error(&format!("NFG 2 R {body}")), "1:5: found `2`, expected `1`");
        assert_eq!(error(&format!("NFG 1 d {body}")), "1:7: found `d`, expected `D` or `R`");
        for comment in ["# no", "// no", "/* no */"] {
            assert!(
                error(&format!("NFG 1 R \"t\" {{ \"a\" }} {{ 1 }}\n{comment} 1")).starts_with("2:1: "),
                "{comment}"
            );
        }
        assert_eq!(error(""), "1:1: found the end of the file, expected `NFG`");
    }

    #[test]
    fn numbers_and_sizes_out_of_range_are_refused() {
        let with = |payoff: &str| error(&format!("NFG 1 R \"t\" {{ \"a\" }} {{ 1 }} {payoff}"));
        assert!(with("+1").starts_with("1:27: found `+1`, expected a number"));
        assert!(with("1/-3").starts_with("1:27: found `1/`, expected a number"));
        assert!(with("1/0").contains("expected a denominator other than 0"));
        assert!(with("1_0").contains("found `_0` after the last of 1 profiles"));
        let counts = |counts: &str| error(&format!("NFG 1 R \"t\" {{ \"a\" \"b\" }} {{ {counts} }} 1"));
        assert!(counts("2000 2000").contains("up to 1,000,000 profiles"));
        assert!(counts("2 0").contains("player 1 has no strategy"));
        assert!(
            counts("2").contains("found `}`, expected the number of a player's strategies, a whole number")
        );
        assert!(counts("2 1.5").contains("found `1.5`"));
        assert!(counts("1 1 1").contains("found `1`, expected `}`"));
        assert!(error("NFG 1 R \"t\" { } { } 1").contains("the game has no players"));
    }

    proptest! {
        #[test]
        fn a_round_trip_keeps_names_and_rationals(
            payoffs in prop::collection::vec((-1000_i64..1000, 1_i64..30), 12),
            title in "[a-z\"\\\\ ]{0,5}[a-z]", comment in "[a-z\"\n]{0,6}"
        ) {
            let payoffs: Vec<Rational> = payoffs.iter().map(|&(n, d)| Rational::new(n.into(), d.into())).collect();
            let names = |count| (0..count).map(|at| format!("s {at}")).collect();
            let nfg = Nfg {
                title,
                comment,
                players: vec!["a".to_owned(), "a".to_owned()],
                strategies: vec![names(2), names(3)],
                game: NormalForm::new(vec![2, 3], &payoffs).unwrap(),
            };
            prop_assert_eq!(read(&nfg.write()), Ok(nfg));
        }

        #[test]
        fn no_text_panics(text in "(NFG 1 R \"t\" \\{ \"a\" \\} )?[{}\"0-9/.eE+, a-z\n-]{0,40}") {
            let _ = read(&text);
        }
    }
}
