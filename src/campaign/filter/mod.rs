//! Filter expressions over points: `--filter`, and the points of a target.

mod parse;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::mem;
use std::ops::Range;
use std::str::FromStr;
use synod_harness::Prepared;
use synod_harness::{Path, Problem};
use synod_sim::units::{Share, Size, Span};

/// Which points of a suite or a catalogue are meant.
///
/// A term is a word that the point's name holds, or a comparison such as `protocol==pbft`, `n<=13`, `fault!=none` or
/// `network.loss=5%`; `=` is the same as `==`. Numbers, durations, sizes and shares are compared as such. Terms are joined
/// by `and`, which may be left out, `or`, `not` and parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    text: String,
    expression: Expression,
}

/// Why a text is no filter, or none of these points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    message: String,
    /// The filter, and which part of it is wrong.
    place: Option<(String, Range<usize>)>,
    help: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    Term(Term),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Word(String),
    Compares {
        key: String,
        sign: Sign,
        value: String,
        /// Where in the text it stands.
        range: Range<usize>,
    },
}

#[derive(Copy, Clone, Debug, PartialEq)]
enum Sign {
    Is,
    IsNot,
    Less,
    LessOrIs,
    More,
    MoreOrIs,
}

/// The attributes of a point, for filters.
#[derive(Clone, Debug, PartialEq)]
pub struct PointAttributes {
    name: String,
    /// Keys and values. A point can know of a key without having a value.
    values: Vec<(String, Option<String>)>,
}

/// A value that has an order: numbers with numbers, durations with durations.
#[derive(Copy, Clone, Debug, PartialEq)]
enum Quantity {
    Number(f64),
    Span(Span),
    Size(Size),
    Share(Share),
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        Ok(Filter { text: text.to_owned(), expression: parse::parse(text)? })
    }
}

impl Filter {
    /// Checks that what the filter asks for can be asked of some point.
    ///
    /// # Errors
    /// If it asks for a field that none has, or for an order among what has none.
    pub fn check(&self, points: &[PointAttributes]) -> Result<(), FilterError> {
        self.expression.terms().into_iter().try_for_each(|term| term.check(&self.text, points))
    }

    /// Returns true if it holds of a point that is like this.
    pub fn admits(&self, point: &PointAttributes) -> bool {
        self.expression.holds(point)
    }
}

impl Expression {
    fn terms(&self) -> Vec<&Term> {
        match self {
            Expression::Term(term) => vec![term],
            Expression::Not(inner) => inner.terms(),
            Expression::All(parts) | Expression::Any(parts) => {
                parts.iter().flat_map(Expression::terms).collect()
            }
        }
    }

    fn holds(&self, point: &PointAttributes) -> bool {
        match self {
            Expression::Term(term) => term.holds(point),
            Expression::Not(inner) => !inner.holds(point),
            Expression::All(parts) => parts.iter().all(|part| part.holds(point)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(point)),
        }
    }
}

impl PointAttributes {
    fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(other, _)| other == key)?.1.as_deref()
    }

    /// Returns the traits of a point of this name. `others` are what not every point has, each a key and its value.
    pub fn of(
        name: &str,
        series: &str,
        fault: Option<&str>,
        scenario: &dyn Prepared,
        others: &[(String, String)],
    ) -> PointAttributes {
        let own = [
            ("series", Some(series.to_owned())),
            ("scenario", Some(scenario.name().to_owned())),
            ("protocol", Some(scenario.protocol().to_owned())),
            ("n", Some(scenario.agents().to_string())),
            ("fault", fault.map(str::to_owned)),
        ];
        let own = own.into_iter().map(|(key, value)| (key.to_owned(), value));
        let others = others.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
        PointAttributes { name: name.to_owned(), values: own.chain(others).collect() }
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Filter, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "words that a point's name holds and comparisons such as protocol==pbft or n<=13, joined by and, or, not and parentheses",
            "type": "string"
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Term {
    fn check(&self, text: &str, points: &[PointAttributes]) -> Result<(), FilterError> {
        let Term::Compares { key, sign, value, range } = self else { return Ok(()) };
        let keys = points.iter().flat_map(|point| point.values.iter().map(|(key, _)| key.as_str()));
        let known: BTreeSet<&str> = keys.collect();
        if !known.contains(key.as_str()) {
            let known: Vec<&str> = known.into_iter().collect();
            let error = FilterError::at(text, range.clone(), format!("no point has {key:?}"));
            return Err(error.help(format!("points have: {}", known.join(", "))));
        }
        let found: BTreeSet<&str> = points.iter().filter_map(|point| point.value(key)).collect();
        let unlike = found.iter().find(|found| Quantity::order(found, value).is_none());
        let is_quantity = found.iter().all(|found| Quantity::of(found).is_some()) && !found.is_empty();
        match unlike {
            Some(other) if sign.is_of_order() || is_quantity => {
                let order = if sign.is_of_order() { "has no order with" } else { "is nothing like" };
                let message = format!("{value:?} {order} the values of {key:?}, such as {other:?}");
                Err(FilterError::at(text, range.clone(), message))
            }
            _ => Ok(()),
        }
    }

    fn holds(&self, point: &PointAttributes) -> bool {
        let (key, sign, value) = match self {
            Term::Word(word) => return point.name.contains(word.as_str()),
            Term::Compares { key, sign, value, .. } => (key, *sign, value),
        };
        let Some(found) = point.value(key) else { return sign == Sign::IsNot };
        match Quantity::order(found, value) {
            Some(ordering) => sign.admits(ordering),
            None => (found == value) == (sign == Sign::Is) && !sign.is_of_order(),
        }
    }
}

impl Sign {
    fn is_of_order(self) -> bool {
        !matches!(self, Sign::Is | Sign::IsNot)
    }

    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Sign::Is => ordering.is_eq(),
            Sign::IsNot => ordering.is_ne(),
            Sign::Less => ordering.is_lt(),
            Sign::LessOrIs => ordering.is_le(),
            Sign::More => ordering.is_gt(),
            Sign::MoreOrIs => ordering.is_ge(),
        }
    }
}

impl Quantity {
    fn of(text: &str) -> Option<Quantity> {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite()).map(Quantity::Number);
        let span = || text.parse().ok().map(Quantity::Span);
        let size = || text.parse().ok().map(Quantity::Size);
        let share = || text.parse().ok().map(Quantity::Share);
        number.or_else(span).or_else(size).or_else(share)
    }

    /// Returns how two values are ordered; none where they are not quantities of one kind.
    fn order(one: &str, other: &str) -> Option<Ordering> {
        let (one, other) = (Quantity::of(one)?, Quantity::of(other)?);
        if mem::discriminant(&one) != mem::discriminant(&other) {
            return None;
        }
        Some(one.value().total_cmp(&other.value()))
    }

    fn value(self) -> f64 {
        match self {
            Quantity::Number(number) => number,
            Quantity::Span(span) => span.0.as_nanos() as f64,
            Quantity::Size(size) => size.0 as f64,
            Quantity::Share(share) => share.fraction(),
        }
    }
}

impl FilterError {
    /// The whole filter is wrong.
    fn of_all(message: impl Into<String>) -> FilterError {
        FilterError { message: message.into(), place: None, help: None }
    }

    /// A part of the filter `text` is wrong.
    fn at(text: &str, range: Range<usize>, message: impl Into<String>) -> FilterError {
        FilterError { message: message.into(), place: Some((text.to_owned(), range)), help: None }
    }

    fn help(self, help: impl Into<String>) -> FilterError {
        FilterError { help: Some(help.into()), ..self }
    }

    /// Returns the message with the place.
    fn sentence(&self) -> String {
        match &self.place {
            None => self.message.clone(),
            Some((text, range)) => {
                let (column, part) = (parse::column(text, range), &text[range.clone()]);
                let part = if part.is_empty() { String::new() } else { format!(" ({part})") };
                format!("{}: character {column} of the filter{part}", self.message)
            }
        }
    }

    /// Returns the error of a filter that stands in a file.
    pub(super) fn at_path(self, path: Path) -> Problem {
        Problem { message: self.sentence(), path, help: self.help }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence())?;
        self.help.as_ref().map_or(Ok(()), |help| write!(out, "\n = help: {help}"))
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, values: &[(&str, Option<&str>)]) -> PointAttributes {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)));
        PointAttributes { name: name.to_owned(), values: values.collect() }
    }

    fn points() -> [PointAttributes; 3] {
        let of = |name, protocol, n, fault, loss| {
            let values = [
                ("protocol", Some(protocol)),
                ("n", Some(n)),
                ("fault", fault),
                ("network.loss", Some(loss)),
            ];
            point(name, &values)
        };
        [
            of("pbft n=4 silent", "pbft", "4", Some("silent"), "1%"),
            of("pbft n=13", "pbft", "13", None, "5%"),
            of("weighted n=4 a(b)", "weighted", "4", Some("a (b)"), "20%"),
        ]
    }

    /// Which of the points a filter admits.
    fn admitted(filter: &str) -> Vec<usize> {
        let (filter, points): (Filter, _) = (filter.parse().expect(filter), points());
        filter.check(&points).expect("it can be asked");
        (0..points.len()).filter(|&place| filter.admits(&points[place])).collect()
    }

    #[test]
    fn terms_are_words_or_comparisons_and_are_joined() {
        for (filter, places) in [
            ("silent", &[0][..]),
            ("protocol==pbft", &[0, 1]),
            ("protocol=pbft n<=4", &[0]),
            ("protocol==pbft and n<=4", &[0]),
            ("n == 4 and fault= silent", &[0]),
            ("n>4 or protocol!=pbft", &[1, 2]),
            ("not n>4", &[0, 2]),
            ("not (n>4 or silent)", &[2]),
            ("not n>4 and silent or n=13.0", &[0, 1]),
            ("n=13 or n=4 silent", &[0, 1]),
            ("fault!=silent", &[1, 2]),
            ("network.loss<20%", &[0, 1]),
            ("network.loss>=5%", &[1, 2]),
            ("fault=='a (b)'", &[2]),
            ("\"a(b)\"", &[2]),
            ("nothing", &[]),
            ("android", &[]),
        ] {
            assert_eq!(admitted(filter), places, "{filter}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, message) in [
            ("", "the filter says nothing"),
            ("  ", "the filter says nothing"),
            ("n=", "the value is missing after this: character 1 of the filter (n=)"),
            ("=4", "the name of a field is missing before this: character 1 of the filter (=)"),
            ("pbft n<<3", "this is no comparison: character 7 of the filter (<<)"),
            ("n=<3", "this is no comparison: character 2 of the filter (=<)"),
            ("n!4", "this is no comparison: character 2 of the filter (!)"),
            ("n<4<5", "a value in which there is a sign stands in quotes: character 3 of the filter (4<5)"),
            ("ä and", "a word or a comparison is missing here: character 6 of the filter"),
            ("or n=4", "a word or a comparison is missing here: character 1 of the filter (o)"),
            ("not", "a word or a comparison is missing here: character 4 of the filter"),
            ("(n=4", "this parenthesis is not closed: character 1 of the filter (()"),
            ("n=4)", "there is nothing to close here: character 4 of the filter ())"),
            ("()", "a word or a comparison is missing here: character 2 of the filter ())"),
            ("fault='a", "this quote is not closed: character 7 of the filter (')"),
        ] {
            let error = text.parse::<Filter>().expect_err(text).to_string();
            assert_eq!(error.lines().next(), Some(message), "{text}");
        }
        assert!("(".repeat(100_000).parse::<Filter>().is_err(), "depth is bounded");
    }

    #[test]
    fn only_known_fields_are_compared_and_only_with_their_like() {
        let refused = |text: &str| {
            let filter: Filter = text.parse().expect(text);
            filter.check(&points()).expect_err(text).to_string()
        };
        let unknown = refused("n=4 or size=3");
        assert!(
            unknown.starts_with("no point has \"size\": character 8 of the filter (size=3)"),
            "{unknown}"
        );
        assert!(unknown.ends_with("points have: fault, n, network.loss, protocol"), "{unknown}");
        for text in ["n<abc", "n==abc", "n>5%", "protocol<raft", "network.loss<5ms"] {
            assert!(refused(text).contains("the values of"), "{text}");
        }
        assert_eq!(admitted("protocol==raft"), [0; 0], "it may be the filter of another suite");
    }
}
