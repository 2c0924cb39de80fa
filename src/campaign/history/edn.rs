//! A reader of EDN, the notation of Clojure's data in which Jepsen writes histories.
//!
//! It reads form by form, without recursion, and refuses what is nested too deep. Tags keep their value and are
//! forgotten, but for Jepsen's tuple of a key and a value.
//!
//! Source: R. Hickey, *Extensible data notation*, github.com/edn-format/edn, 2014.

use super::datum::Datum;
use super::error::{HistoryError, Spot, quoted};
use std::collections::BTreeMap;

/// How deep forms may be nested.
const DEEPEST: usize = 64;

/// Reads forms from a text, one after the other.
pub(super) struct Forms<'a> {
    text: &'a str,
    /// Where it is, in bytes.
    at: usize,
    line: usize,
    /// Where the line begins, in bytes.
    line_start: usize,
}

/// A form that has begun.
struct Open {
    kind: Kind,
    at: usize,
    spot: Spot,
    items: Vec<Datum>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    List,
    Vector,
    Set,
    Map,
    /// What comes next has this tag.
    Tag {
        is_tuple: bool,
    },
    /// What comes next is left out.
    Discard,
    /// What comes next is said of what comes then.
    Metadata,
}

/// What has been read.
enum Token {
    Value(Datum),
    Begins(Kind),
    Ends(char),
}

impl<'a> Forms<'a> {
    pub(super) fn new(text: &'a str) -> Forms<'a> {
        Forms { text, at: 0, line: 1, line_start: 0 }
    }

    /// Enters the list or vector that comes next, if one does: its items are then the forms.
    pub(super) fn enter(&mut self) -> Option<char> {
        self.skip_blank();
        let close = match self.peek()? {
            '[' => ']',
            '(' => ')',
            _ => return None,
        };
        self.at += 1;
        Some(close)
    }

    /// Leaves the list or vector that was entered, if it ends here.
    pub(super) fn leave(&mut self, close: char) -> bool {
        self.skip_blank();
        let ends = self.peek() == Some(close);
        self.at += usize::from(ends);
        ends
    }

    /// Returns the next form, with where it begins; `None` at the end.
    pub(super) fn form(&mut self) -> Result<Option<(Spot, Datum)>, HistoryError> {
        let mut open: Vec<Open> = Vec::new();
        let mut start = None;
        loop {
            self.skip_blank();
            let (at, spot) = (self.at, self.spot(self.at));
            let Some(token) = self.token(spot)? else {
                return match open.last() {
                    None => Ok(None),
                    Some(form) => Err(HistoryError::at(
                        form.spot,
                        format!(
                            "{} begins here, and the text ends before it does",
                            quoted(&self.text[form.at..].chars().next().unwrap_or(' '))
                        ),
                    )),
                };
            };
            if open.is_empty() {
                start = Some(spot);
            }
            let mut value = match token {
                Token::Begins(kind) => {
                    if open.len() == DEEPEST {
                        let message = format!("nested more than {DEEPEST} deep");
                        return Err(HistoryError::at(spot, message));
                    }
                    open.push(Open { kind, at, spot, items: Vec::new() });
                    continue;
                }
                Token::Value(value) => value,
                Token::Ends(close) => self.close(open.pop(), close, spot)?,
            };
            // A complete value completes what waits for one.
            loop {
                let Some(form) = open.last_mut() else {
                    return Ok(Some((start.unwrap_or(spot), value)));
                };
                match form.kind {
                    Kind::Tag { is_tuple } => {
                        open.pop();
                        value = if is_tuple { tuple(value) } else { value };
                    }
                    Kind::Discard => {
                        open.pop();
                        break;
                    }
                    Kind::Metadata if form.items.len() == 1 => {
                        open.pop();
                    }
                    _ => {
                        form.items.push(value);
                        break;
                    }
                }
            }
        }
    }

    /// Returns the value of a form that ends with `close` at `spot`.
    fn close(&self, form: Option<Open>, close: char, spot: Spot) -> Result<Datum, HistoryError> {
        let unexpected = |message: String| Err(HistoryError::at(spot, message));
        let Some(Open { kind, spot: begun, mut items, .. }) = form else {
            return unexpected(format!("`{close}` ends nothing; a form was expected"));
        };
        let expected = match kind {
            Kind::List => ')',
            Kind::Vector => ']',
            Kind::Set | Kind::Map => '}',
            Kind::Tag { .. } | Kind::Discard | Kind::Metadata => {
                return unexpected(format!("found `{close}`; a form was expected"));
            }
        };
        if close != expected {
            let Spot { line, column } = begun;
            return unexpected(format!(
                "found `{close}`; `{expected}` was expected, to end what begins at {line}:{column}"
            ));
        }
        match kind {
            Kind::Set => {
                let count = items.len();
                items.sort_unstable();
                items.dedup();
                if items.len() < count {
                    return Err(HistoryError::at(begun, "a set has an item twice"));
                }
                Ok(Datum::Set(items))
            }
            Kind::Map => {
                let count = items.len();
                let mut items = items.into_iter();
                let entries: BTreeMap<Datum, Datum> =
                    std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect();
                match (count % 2, entries.len() == count / 2) {
                    (0, true) => Ok(Datum::Map(entries)),
                    (0, false) => Err(HistoryError::at(begun, "a map has a key twice")),
                    _ => Err(HistoryError::at(begun, "a map has a key without a value")),
                }
            }
            _ => Ok(Datum::List(items)),
        }
    }

    /// Reads the next token, if there is one.
    fn token(&mut self, spot: Spot) -> Result<Option<Token>, HistoryError> {
        let Some(first) = self.peek() else { return Ok(None) };
        let begins = |kind| Ok(Some(Token::Begins(kind)));
        match first {
            '(' => self.after(1, Kind::List),
            '[' => self.after(1, Kind::Vector),
            '{' => self.after(1, Kind::Map),
            ')' | ']' | '}' => {
                self.at += 1;
                Ok(Some(Token::Ends(first)))
            }
            '^' => self.after(1, Kind::Metadata),
            '"' => self.string(spot).map(|text| Some(Token::Value(Datum::Text(text)))),
            '\\' => self.character(spot).map(|letter| Some(Token::Value(Datum::Char(letter)))),
            '#' => match self.text[self.at + 1..].chars().next() {
                Some('{') => self.after(2, Kind::Set),
                Some('_') => self.after(2, Kind::Discard),
                Some('#') => {
                    self.at += 2;
                    let word = self.word();
                    Ok(Some(Token::Value(Datum::Real(format!("##{word}")))))
                }
                _ => {
                    self.at += 1;
                    let tag = self.word();
                    if !tag.starts_with(|letter: char| letter.is_alphabetic() || letter == ':') {
                        let message = format!("found {}; a tag was expected", quoted(&format!("#{tag}")));
                        return Err(HistoryError::at(spot, message));
                    }
                    begins(Kind::Tag { is_tuple: TUPLES.contains(&tag) })
                }
            },
            _ => {
                let word = self.word();
                if word.is_empty() {
                    let message = format!("found {}; a form was expected", quoted(&first));
                    return Err(HistoryError::at(spot, message));
                }
                atom(word).map(|value| Some(Token::Value(value))).ok_or_else(|| {
                    let message = format!(
                        "found {}; a number, a keyword, a symbol, a string or a bracket was expected",
                        quoted(&word)
                    );
                    HistoryError::at(spot, message)
                })
            }
        }
    }

    fn after(&mut self, length: usize, kind: Kind) -> Result<Option<Token>, HistoryError> {
        self.at += length;
        Ok(Some(Token::Begins(kind)))
    }

    fn string(&mut self, spot: Spot) -> Result<String, HistoryError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(letter) = self.peek() else {
                return Err(HistoryError::at(spot, "a string begins here, and the text ends before it does"));
            };
            let place = self.spot(self.at);
            self.step(letter);
            match letter {
                '"' => return Ok(text),
                '\\' => text.push(self.escape(place)?),
                letter => text.push(letter),
            }
        }
    }

    /// Reads what follows a backslash in a string.
    fn escape(&mut self, spot: Spot) -> Result<char, HistoryError> {
        let letter = self.peek();
        letter.into_iter().for_each(|letter| self.step(letter));
        let code =
            |radix: u32, digits: &str| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let value = match letter {
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('n') => Some('\n'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some(letter @ ('\\' | '"' | '\'')) => Some(letter),
            Some('u') => {
                let digits = self.text.get(self.at..self.at + 4).filter(|digits| is_hex(digits));
                let first = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                self.at += digits.map_or(0, str::len);
                match first {
                    Some(high @ 0xD800..0xDC00) => self.low_half(high),
                    _ => first.and_then(char::from_u32),
                }
            }
            Some('0'..='7') => {
                let rest = &self.text[self.at - 1..];
                let count = rest.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                self.at += count - 1;
                code(8, &rest[..count])
            }
            _ => None,
        };
        value.ok_or_else(|| HistoryError::at(spot, "no such escape in a string"))
    }

    /// Reads the second half of a character that takes two escapes.
    fn low_half(&mut self, high: u32) -> Option<char> {
        let rest = self.text.get(self.at..self.at + 6)?;
        let digits = rest.strip_prefix("\\u").filter(|digits| is_hex(digits))?;
        let low = u32::from_str_radix(digits, 16).ok().filter(|low| (0xDC00..0xE000).contains(low))?;
        self.at += 6;
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    fn character(&mut self, spot: Spot) -> Result<char, HistoryError> {
        self.at += 1;
        let Some(first) = self.peek() else {
            return Err(HistoryError::at(spot, "a character was expected after the backslash"));
        };
        self.step(first);
        let rest = self.word();
        let start = self.at - rest.len() - first.len_utf8();
        let word = &self.text[start..self.at];
        let named = match word {
            "newline" => Some('\n'),
            "space" => Some(' '),
            "tab" => Some('\t'),
            "return" => Some('\r'),
            "formfeed" => Some('\u{c}'),
            "backspace" => Some('\u{8}'),
            _ if rest.is_empty() => Some(first),
            _ => {
                let digits = word.strip_prefix('u').filter(|digits| digits.len() == 4 && is_hex(digits));
                digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32)
            }
        };
        named.ok_or_else(|| {
            HistoryError::at(
                spot,
                format!("found {}; a character was expected", quoted(&format!("\\{word}"))),
            )
        })
    }

    /// Reads up to the next blank, bracket or quote.
    fn word(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(is_delimiter).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Skips blanks, commas and comments.
    fn skip_blank(&mut self) {
        while let Some(letter) = self.peek() {
            if letter == ';' {
                let rest = &self.text[self.at..];
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if is_blank(letter) {
                self.step(letter);
            } else {
                return;
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn step(&mut self, letter: char) {
        self.at += letter.len_utf8();
        if letter == '\n' {
            self.line += 1;
            self.line_start = self.at;
        }
    }

    fn spot(&self, at: usize) -> Spot {
        // Long lines are common, and a place in one is asked for at each form: so bytes stand for characters.
        Spot { line: self.line, column: at - self.line_start + 1 }
    }
}

/// How Jepsen writes a tuple of a key and a value.
const TUPLES: [&str; 3] =
    ["jepsen.independent/tuple", "jepsen.independent.MapEntry", "jepsen.independent.Tuple"];

/// Returns the tuple, if it is a pair.
fn tuple(value: Datum) -> Datum {
    match value {
        Datum::List(items) => match <[Datum; 2]>::try_from(items) {
            Ok([key, value]) => Datum::Tuple(Box::new((key, value))),
            Err(items) => Datum::List(items),
        },
        other => other,
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter == ',' || letter == '\u{feff}'
}

fn is_delimiter(letter: char) -> bool {
    is_blank(letter) || matches!(letter, '(' | ')' | '[' | ']' | '{' | '}' | '"' | ';' | '\\')
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the value that a word stands for, if it stands for one.
fn atom(word: &str) -> Option<Datum> {
    match word {
        "nil" => return Some(Datum::Nil),
        "true" => return Some(Datum::Bool(true)),
        "false" => return Some(Datum::Bool(false)),
        _ => {}
    }
    if let Some(name) = word.strip_prefix(':') {
        return (!name.is_empty() && !name.starts_with(':')).then(|| Datum::keyword(name));
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if unsigned.starts_with(|letter: char| letter.is_ascii_digit()) {
        return number(word.starts_with('-'), unsigned);
    }
    let is_name = !word.contains(['#', '^', '`', '~', '@']) && !word.starts_with('\'');
    is_name.then(|| Datum::Symbol(word.to_owned()))
}

/// Returns the number that `text` stands for, without its sign.
fn number(is_negative: bool, text: &str) -> Option<Datum> {
    if let Some((numerator, denominator)) = text.split_once('/') {
        return ratio(is_negative, numerator, denominator);
    }
    // As Clojure's own printer writes addresses.
    if let Some(digits) = text.strip_prefix("0x") {
        let value = u64::from_str_radix(digits, 16).ok()?;
        return Some(integer(is_negative, &value.to_string()));
    }
    let digits = text.strip_suffix('N').unwrap_or(text);
    if is_integer(digits) {
        return Some(integer(is_negative, digits));
    }
    let sign = if is_negative { "-" } else { "" };
    let plain = text.strip_suffix('M').unwrap_or(text);
    let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((plain, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_integer(whole) && are_digits(part) && are_digits(exponent) && !exponent.is_empty())
        .then(|| Datum::Real(format!("{sign}{text}")))
}

/// Returns true for digits without a leading zero, which others read as octal.
fn is_integer(digits: &str) -> bool {
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

pub(super) fn integer(is_negative: bool, digits: &str) -> Datum {
    let text = if is_negative && digits != "0" { format!("-{digits}") } else { digits.to_owned() };
    text.parse().map_or(Datum::Big(text), Datum::Int)
}

/// Returns a fraction in lowest terms, or the integer that it is. Terms beyond 128 bits are refused.
fn ratio(is_negative: bool, numerator: &str, denominator: &str) -> Option<Datum> {
    if !is_integer(numerator) || !is_integer(denominator) {
        return None;
    }
    let (over, under): (u128, u128) = (numerator.parse().ok()?, denominator.parse().ok()?);
    if under == 0 {
        return None;
    }
    let (mut common, mut rest) = (over, under);
    while rest > 0 {
        (common, rest) = (rest, common % rest);
    }
    let (over, under) = (over / common, under / common);
    let sign = if is_negative { "-" } else { "" };
    Some(if under == 1 {
        integer(is_negative, &over.to_string())
    } else {
        Datum::Ratio(format!("{sign}{over}/{under}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Datum>, String> {
        let mut forms = Forms::new(text);
        let mut read = Vec::new();
        while let Some((_, form)) = forms.form().map_err(|error| error.to_string())? {
            read.push(form);
        }
        Ok(read)
    }

    fn told(text: &str) -> String {
        match all(text) {
            Ok(forms) => forms.iter().map(Datum::to_string).collect::<Vec<_>>().join(" | "),
            Err(error) => error,
        }
    }

    #[test]
    fn valid_forms_are_read_exactly() {
        for (text, expected) in [
            ("9007199254740993 9223372036854775807", "9007199254740993 | 9223372036854775807"),
            ("9223372036854775808 1N -0", "9223372036854775808N | 1 | 0"),
            ("1/2 2/4 -4/2 1.50M -1e3", "1/2 | 1/2 | -2 | 1.50M | -1e3"),
            (r#"{1 2, "1" 3, nil 4}"#, r#"{nil 4, 1 2, "1" 3}"#),
            ("#jepsen.history.Op{:index 0, :f :read}", "{:f :read, :index 0}"),
            ("#jepsen.independent/tuple [3 nil] #a.b/c #d 7", "[3 nil] | 7"),
            (
                "#error{:cause \"x\"} #object[java.lang.Object 0x1f \"y\"]",
                "{:cause \"x\"} | [java.lang.Object 31 \"y\"]",
            ),
            ("#inst \"2026-01-01\" ^{:a 1} [1 #_ 2 #_#_ 3 4 5]", "\"2026-01-01\" | [1 5]"),
            (
                "#{3 1} () (1 [2]) ; a remark\n:a/b foo/bar \\newline \\a \\u0041",
                "#{1 3} | [] | [1 [2]] | :a/b | foo/bar | \\newline | \\a | \\A",
            ),
            (r#""a\tb\"\u00e9\ud83d\ude00\101""#, "\"a\\tb\\\"é😀A\""),
            ("##NaN ##Inf", "##NaN | ##Inf"),
            ("\u{feff}nil", "nil"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        assert_eq!(all("1N").ok(), all("1").ok(), "one number");
        assert_eq!(all("(1 2)").ok(), all("[1 2]").ok());
        assert_ne!(all("1").ok(), all("1.0").ok());
    }

    #[test]
    fn what_is_no_form_is_refused_with_its_place() {
        for (text, expected) in [
            ("[1 2 3", "1:1: error: `[` begins here, and the text ends before it does"),
            ("1\n {:a 1", "2:2: error: `{` begins here, and the text ends before it does"),
            ("[1\n 2)", "2:3: error: found `)`; `]` was expected, to end what begins at 1:1"),
            ("}", "1:1: error: `}` ends nothing; a form was expected"),
            ("{:a}", "1:1: error: a map has a key without a value"),
            ("{:a 1 :a 2}", "1:1: error: a map has a key twice"),
            ("#{1 1N}", "1:1: error: a set has an item twice"),
            ("\"abc", "1:1: error: a string begins here, and the text ends before it does"),
            ("\"a\\q\"", "1:3: error: no such escape in a string"),
            ("(#_)", "1:4: error: found `)`; a form was expected"),
            ("# {}", "1:1: error: found `#`; a tag was expected"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        for text in ["007", "1/0", "1x", "::a", ":", "@a", "1.2.3", "1e", "\\abc"] {
            assert!(told(text).starts_with("1:1: error: found `"), "{text}: {}", told(text));
        }
    }

    #[test]
    fn hostile_texts_end_in_an_error_and_soon() {
        for unit in ["[", "{", "#a ", "#_ ", "^", "#{", "("] {
            assert!(told(&unit.repeat(1_000_000)).contains("nested more than 64 deep"), "{unit}");
        }
        let flat = format!("[{}]", "1 ".repeat(300_000));
        assert!(
            matches!(&all(&flat).expect("it is long, no more")[..], [Datum::List(items)] if items.len() == 300_000)
        );
    }
}
