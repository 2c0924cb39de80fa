//! From the text of a filter to its expression.
//!
//! ```text
//! any     = all { "or" all }
//! all     = one { [ "and" ] one }
//! one     = "not" one | "(" any ")" | word | key sign value
//! sign    = "==" | "=" | "!=" | "<=" | ">=" | "<" | ">"
//! ```
//!
//! Words, keys and values end at white space, at a parenthesis and, before a sign, at it. In quotes they hold anything.

use super::{Expression, FilterError, Sign, Term};
use std::ops::Range;

/// Signs as they are written: those that begin like another come first.
const SIGNS: [(&str, Sign); 7] = [
    ("==", Sign::Is),
    ("!=", Sign::IsNot),
    ("<=", Sign::LessOrIs),
    (">=", Sign::MoreOrIs),
    ("=", Sign::Is),
    ("<", Sign::Less),
    (">", Sign::More),
];

/// How deep parentheses and `not` may stand inside each other.
const DEPTH: usize = 64;

/// Reads a whole filter.
pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    let mut parser = Parser { text, place: 0, depth: 0 };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Err(FilterError::of_all("the filter says nothing")
            .help("write, for instance, 'protocol=pbft and n<=13'"));
    }
    let expression = parser.any()?;
    if parser.rest().is_empty() {
        Ok(expression)
    } else {
        Err(parser.wrong("there is nothing to close here"))
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Where the next token begins.
    place: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one()?];
        loop {
            if self.takes("and") || !self.is_at_end() {
                parts.push(self.one()?);
            } else {
                return Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) });
            }
        }
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong("this is nested too deep"));
        }
        let one = if self.takes("not") {
            Expression::Not(Box::new(self.one()?))
        } else if self.rest().starts_with('(') {
            let open = self.place;
            self.step(1);
            let inner = self.any()?;
            if !self.rest().starts_with(')') {
                return Err(FilterError::at(self.text, open..open + 1, "this parenthesis is not closed"));
            }
            self.step(1);
            inner
        } else {
            Expression::Term(self.term()?)
        };
        self.depth -= 1;
        Ok(one)
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let start = self.place;
        if self.is_at_end() || ["and", "or"].iter().any(|word| self.begins_with(word)) {
            return Err(self.wrong("a word or a comparison is missing here"));
        }
        let key = self.name(true)?;
        self.skip_space();
        let Some(sign) = self.sign()? else {
            if key.is_empty() {
                return Err(self.wrong("a word or a comparison is missing here"));
            }
            return Ok(Term::Word(key));
        };
        if key.is_empty() {
            return Err(FilterError::at(
                self.text,
                start..self.place,
                "the name of a field is missing before this",
            ));
        }
        self.skip_space();
        let value_start = self.place;
        let value = self.name(false)?;
        let range = start..self.place;
        if value.is_empty() {
            return Err(FilterError::at(self.text, range, "the value is missing after this"));
        }
        if value_start < self.place
            && value.contains(['=', '<', '>'])
            && !self.text[value_start..].starts_with(['"', '\''])
        {
            let message = "a value in which there is a sign stands in quotes";
            return Err(FilterError::at(self.text, value_start..self.place, message));
        }
        self.skip_space();
        Ok(Term::Compares { key, sign, value, range })
    }

    /// Returns the sign here; none where there is none.
    fn sign(&mut self) -> Result<Option<Sign>, FilterError> {
        let written: &str = {
            let rest = self.rest();
            &rest[..rest.find(|c: char| !"=!<>".contains(c)).unwrap_or(rest.len())]
        };
        if written.is_empty() {
            return Ok(None);
        }
        match SIGNS.iter().find(|(sign, _)| *sign == written) {
            Some((_, sign)) => {
                self.place += written.len();
                Ok(Some(*sign))
            }
            None => {
                let range = self.place..self.place + written.len();
                Err(FilterError::at(self.text, range, "this is no comparison")
                    .help("signs are == != < <= > >="))
            }
        }
    }

    /// Takes what stands up to white space, a parenthesis or, if it `ends_at_signs`, a sign; or else what is in quotes.
    fn name(&mut self, ends_at_signs: bool) -> Result<String, FilterError> {
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|first| ['"', '\''].contains(first)) {
            let Some(length) = rest[1..].find(quote) else {
                let range = self.place..self.place + 1;
                return Err(FilterError::at(self.text, range, "this quote is not closed"));
            };
            self.place += length + 2;
            return Ok(rest[1..=length].to_owned());
        }
        let ends = |c: char| c.is_whitespace() || "()".contains(c) || (ends_at_signs && "=!<>".contains(c));
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.place += name.len();
        Ok(name.to_owned())
    }

    /// Takes a word that joins terms, if it stands here.
    fn takes(&mut self, word: &str) -> bool {
        let is_here = self.begins_with(word);
        if is_here {
            self.step(word.len());
        }
        is_here
    }

    fn begins_with(&self, word: &str) -> bool {
        let rest = self.rest().strip_prefix(word);
        rest.is_some_and(|rest| {
            rest.chars().next().is_none_or(|next| next.is_whitespace() || "()".contains(next))
        })
    }

    /// Returns true where no term can begin.
    fn is_at_end(&self) -> bool {
        self.rest().is_empty() || self.rest().starts_with(')') || self.begins_with("or")
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn step(&mut self, bytes: usize) {
        self.place += bytes;
        self.skip_space();
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self, message: &str) -> FilterError {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        FilterError::at(self.text, self.place..self.place + width, message)
    }
}

/// Returns the number of the character that begins at a byte, from 1.
pub(super) fn column(text: &str, range: &Range<usize>) -> usize {
    text[..range.start].chars().count() + 1
}
