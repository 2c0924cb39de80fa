//! The tokens of Gambit's files, and their numbers.

use super::FileError;
use crate::game::Rational;
use num_bigint::BigInt;
use num_traits::Zero;
use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

/// The most characters of a number, and the largest exponent.
const NUMBER_MAX: usize = 1_000;

/// A token. Numbers are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(String),
    Text(String),
    Symbol(String),
    Open,
    Close,
    Comma,
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(text) | Token::Symbol(text) => write!(out, "`{text}`"),
            Token::Text(text) => write!(out, "the text {text:?}"),
            Token::Open => out.write_str("`{`"),
            Token::Close => out.write_str("`}`"),
            Token::Comma => out.write_str("`,`"),
            Token::End => out.write_str("the end of the file"),
        }
    }
}

/// A number as it is written, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) text: String,
    pub(super) value: Rational,
}

/// Reads tokens, one ahead.
pub(super) struct Lexer<'a> {
    characters: Peekable<Chars<'a>>,
    line: usize,
    column: usize,
    /// The token that comes next.
    token: Token,
    /// Where it starts.
    place: (usize, usize),
}

impl<'a> Lexer<'a> {
    /// Returns the lexer of a text.
    pub(super) fn new(text: &'a str) -> Result<Lexer<'a>, FileError> {
        let characters = text.chars().peekable();
        let mut lexer = Lexer { characters, line: 1, column: 1, token: Token::End, place: (1, 1) };
        lexer.next()?;
        Ok(lexer)
    }

    /// Returns the token that comes next, without taking it.
    pub(super) fn peek(&self) -> &Token {
        &self.token
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token, FileError> {
        while self.characters.peek().is_some_and(|&c| is_space(c)) {
            self.take();
        }
        self.place = (self.line, self.column);
        let token = match self.characters.peek().copied() {
            None => Token::End,
            Some('{') => self.mark(Token::Open),
            Some('}') => self.mark(Token::Close),
            Some(',') => self.mark(Token::Comma),
            Some('"') => self.text()?,
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number()?,
            Some(_) => Token::Symbol(self.take_while(|c| !is_space(c))),
        };
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// Returns the line and column of the next token.
    pub(super) fn place(&self) -> (usize, usize) {
        self.place
    }

    /// Returns the error that the next token is not what is expected.
    pub(super) fn unexpected(&self, expected: &str) -> FileError {
        self.error(format!("found {}, expected {expected}", self.token))
    }

    /// Returns an error at the next token.
    pub(super) fn error(&self, message: impl Into<String>) -> FileError {
        FileError::new(self.place.0, self.place.1, message)
    }

    /// Takes a token that is given.
    pub(super) fn expect(&mut self, token: &Token) -> Result<(), FileError> {
        if self.token != *token {
            return Err(self.unexpected(&token.to_string()));
        }
        self.next().map(|_| ())
    }

    /// Takes a token if it comes next, and returns whether it did.
    pub(super) fn accept(&mut self, token: &Token) -> Result<bool, FileError> {
        let comes = self.token == *token;
        if comes {
            self.next()?;
        }
        Ok(comes)
    }

    /// Takes a text, which `what` names.
    pub(super) fn expect_text(&mut self, what: &str) -> Result<String, FileError> {
        let Token::Text(text) = &self.token else {
            return Err(self.unexpected(&format!("{what} in quotes")));
        };
        let text = text.clone();
        self.next()?;
        Ok(text)
    }

    /// Takes a text if one comes next.
    pub(super) fn accept_text(&mut self) -> Result<Option<String>, FileError> {
        let Token::Text(text) = &self.token else { return Ok(None) };
        let text = text.clone();
        self.next()?;
        Ok(Some(text))
    }

    /// Takes a number, which `what` names.
    pub(super) fn expect_number(&mut self, what: &str) -> Result<Number, FileError> {
        let Token::Number(text) = &self.token else {
            return Err(self.unexpected(what));
        };
        let text = text.clone();
        let value = value(&text).map_err(|message| self.error(message))?;
        self.next()?;
        Ok(Number { text, value })
    }

    /// Takes a whole number from 0 on, which `what` names.
    pub(super) fn expect_whole(&mut self, what: &str) -> Result<usize, FileError> {
        let whole = match &self.token {
            Token::Number(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        let whole = whole.ok_or_else(|| self.unexpected(&format!("{what}, a whole number")))?;
        self.next()?;
        Ok(whole)
    }

    /// Takes the start of a file: its kind, version and type of numbers, and returns its title.
    pub(super) fn expect_header(&mut self, kind: &str, version: &str) -> Result<String, FileError> {
        self.expect(&Token::Symbol(kind.to_owned()))?;
        self.expect(&Token::Number(version.to_owned()))?;
        // Both kinds of numbers are read exactly.
        if !self.accept(&Token::Symbol("D".to_owned()))? && !self.accept(&Token::Symbol("R".to_owned()))? {
            return Err(self.unexpected("`D` or `R`"));
        }
        self.expect_text("a title")
    }

    /// Takes texts in braces.
    pub(super) fn expect_texts(&mut self, what: &str) -> Result<Vec<String>, FileError> {
        self.expect(&Token::Open)?;
        let mut texts = Vec::new();
        while let Some(text) = self.accept_text()? {
            texts.push(text);
        }
        if *self.peek() != Token::Close {
            return Err(self.unexpected(&format!("{what} in quotes or `}}`")));
        }
        self.next()?;
        Ok(texts)
    }

    /// Takes a payoff for each player, and the brace that closes them; commas may follow payoffs.
    pub(super) fn expect_payoffs(&mut self, players: usize) -> Result<Vec<Number>, FileError> {
        let mut payoffs = Vec::new();
        for _ in 0..players {
            payoffs.push(self.expect_number("a payoff for each player")?);
            self.accept(&Token::Comma)?;
        }
        self.expect(&Token::Close)?;
        Ok(payoffs)
    }

    fn take(&mut self) -> Option<char> {
        let c = self.characters.next()?;
        if c == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(c) = self.characters.peek().copied().filter(|&c| holds(c)) {
            taken.push(c);
            self.take();
        }
        taken
    }

    fn mark(&mut self, token: Token) -> Token {
        self.take();
        token
    }

    fn text(&mut self) -> Result<Token, FileError> {
        self.take();
        let mut text = String::new();
        loop {
            match self.take() {
                Some('"') => return Ok(Token::Text(text)),
                Some('\\') if self.characters.peek() == Some(&'"') => {
                    self.take();
                    text.push('"');
                }
                Some(c) => text.push(c),
                None => return Err(self.error("found a text without an end, expected `\"`")),
            }
        }
    }

    /// Takes what Gambit takes as a number: digits with a sign, and then a point with digits and an exponent, a
    /// denominator, or an exponent; or a point with digits alone.
    fn number(&mut self) -> Result<Token, FileError> {
        let digits = |c: char| c.is_ascii_digit();
        let mut text = String::new();
        if matches!(self.characters.peek(), Some('+' | '-')) {
            text.extend(self.take());
        }
        let whole = self.take_while(digits);
        let starts_with_point = text.is_empty() && whole.is_empty();
        text.push_str(&whole);
        match self.characters.peek() {
            Some('.') => {
                text.extend(self.take());
                text.push_str(&self.take_while(digits));
                if !starts_with_point {
                    self.exponent(&mut text);
                }
            }
            Some('/') => {
                text.extend(self.take());
                text.push_str(&self.take_while(digits));
            }
            _ => self.exponent(&mut text),
        }
        if text.len() > NUMBER_MAX {
            return Err(self.error(format!(
                "found a number of {} characters, expected at most {NUMBER_MAX}",
                text.len()
            )));
        }
        Ok(Token::Number(text))
    }

    fn exponent(&mut self, text: &mut String) {
        if matches!(self.characters.peek(), Some('e' | 'E')) {
            text.extend(self.take());
            if matches!(self.characters.peek(), Some('+' | '-')) {
                text.extend(self.take());
            }
            text.push_str(&self.take_while(|c| c.is_ascii_digit()));
        }
    }
}

/// What C calls space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Returns the exact value of a number as it is written.
fn value(text: &str) -> Result<Rational, String> {
    let wrong = || format!("found `{text}`, expected a number such as 3, -1/3, 0.5 or 1e-3");
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let sign = |value: Rational| if negative { -value } else { value };
    let whole = |digits: &str| -> Result<BigInt, String> {
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_whole.then(|| digits.parse().expect("digits are a number")).ok_or_else(wrong)
    };
    if let Some((numerator, denominator)) = rest.split_once('/') {
        let (numerator, denominator) = (whole(numerator)?, whole(denominator)?);
        if denominator.is_zero() {
            return Err(format!("found `{text}`, expected a denominator other than 0"));
        }
        return Ok(sign(Rational::new(numerator, denominator)));
    }
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (rest, "0"),
    };
    let (units, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole(&format!("{units}{decimals}"))?;
    let magnitude = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    whole(magnitude)?;
    let exponent: i64 = exponent.parse().map_err(|_| wrong())?;
    if exponent.unsigned_abs() > NUMBER_MAX as u64 {
        return Err(format!("found `{text}`, expected an exponent up to {NUMBER_MAX}"));
    }
    let shift = i32::try_from(exponent - decimals.len() as i64).expect("both are small");
    Ok(sign(Rational::from_integer(digits) * Rational::from_integer(10.into()).pow(shift)))
}

/// Returns a text in quotes, as [`Lexer`] reads it.
///
/// # Panics
/// If it ends with a backslash, which the format cannot express.
pub(super) fn quoted(text: &str) -> String {
    assert!(!text.ends_with('\\'), "no text ends with a backslash: {text:?}");
    format!("\"{}\"", text.replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token>, FileError> {
        let mut lexer = Lexer::new(text)?;
        let mut tokens = Vec::new();
        while *lexer.peek() != Token::End {
            tokens.push(lexer.next()?);
        }
        Ok(tokens)
    }

    #[test]
    fn numbers_are_read_exactly() {
        let over = |numerator: i64, denominator: i64| Ok(Rational::new(numerator.into(), denominator.into()));
        let numbers = [
            ("1/3", over(1, 3)),
            ("1e-3", over(1, 1000)),
            (".5", over(1, 2)),
            ("5.", over(5, 1)),
            ("-.5", over(-1, 2)),
            ("1E3", over(1000, 1)),
            ("0.1", over(1, 10)),
            ("-2/4", over(-1, 2)),
            ("1.5e+2", over(150, 1)),
        ];
        for (text, expected) in numbers {
            assert_eq!(value(text), expected, "{text}");
            assert_eq!(tokens(text), Ok(vec![Token::Number(text.to_owned())]), "{text}");
        }
        assert_eq!(value("0.1").unwrap() + value("0.2").unwrap(), value("3/10").unwrap());
    }

    #[test]
    fn what_gambit_refuses_as_a_number_is_refused() {
        for text in
            ["+1", "1/", "1/0", "-", ".", "1e", "1e+", "-.", "1/x", "", "1e1001", "1e99999999999999999999"]
        {
            assert!(value(text).is_err(), "{text}");
        }
        let split = |text: &str| tokens(text).unwrap().len();
        for text in ["1.5/2", "0x1", "1_0", "1/-3", ".5e3"] {
            assert!(split(text) > 1, "{text} is no one number");
        }
        let long = "1".repeat(NUMBER_MAX + 1);
        assert_eq!(
            tokens(&long).unwrap_err().message,
            "found a number of 1001 characters, expected at most 1000"
        );
    }

    #[test]
    fn texts_keep_quotes_and_lines() {
        let texts = tokens("\"a \\\"b\\\" \\c\"\n\"\nd\" x").unwrap();
        let text = |text: &str| Token::Text(text.to_owned());
        assert_eq!(texts, [text("a \"b\" \\c"), text("\nd"), Token::Symbol("x".to_owned())]);
        assert_eq!(tokens(&quoted("a \"b\" \\c")), Ok(vec![texts[0].clone()]));
        let error = tokens("x\n  \"y").unwrap_err();
        assert_eq!((error.line, error.column), (2, 3));
    }
}
