//! Filter expressions over points: `--filter`, and the points of a target.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use synod_harness::Prepared;
use synod_harness::{Path, Problem};

/// Which points of a suite or a catalogue are meant: all terms hold of them.
///
/// A term is a word that the point's name holds, or a comparison such as `protocol=pbft`, `n<=13`, `fault!=none` or
/// `network.loss=5%`. Numbers are compared as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    message: String,
    help: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Word(String),
    Compares { key: String, sign: Sign, value: String },
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

/// Signs as they are written: those that begin like another come first.
const SIGNS: [(&str, Sign); 6] = [
    ("!=", Sign::IsNot),
    ("<=", Sign::LessOrIs),
    (">=", Sign::MoreOrIs),
    ("=", Sign::Is),
    ("<", Sign::Less),
    (">", Sign::More),
];

/// The attributes of a point, for filters.
#[derive(Clone, Debug, PartialEq)]
pub struct PointAttributes {
    name: String,
    /// Keys and values. A point can know of a key without having a value.
    values: Vec<(String, Option<String>)>,
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        let terms: Vec<Term> = text.split_whitespace().map(term).collect::<Result<_, _>>()?;
        if terms.is_empty() {
            Err(FilterError::new("the filter says nothing; write, for instance, 'protocol=pbft n<=13'"))
        } else {
            Ok(Filter { text: text.to_owned(), terms })
        }
    }
}

fn term(text: &str) -> Result<Term, FilterError> {
    let sign = text.find(['!', '<', '>', '=']);
    let Some(place) = sign else { return Ok(Term::Word(text.to_owned())) };
    let (key, rest) = text.split_at(place);
    let parted = SIGNS.iter().find_map(|(written, sign)| Some((*sign, rest.strip_prefix(written)?)));
    match parted {
        Some((sign, value)) if !key.is_empty() && !value.is_empty() => {
            Ok(Term::Compares { key: key.to_owned(), sign, value: value.to_owned() })
        }
        _ => Err(FilterError::new(format!("{text:?} is no term of a filter; write a word, or key=value"))),
    }
}

impl Filter {
    /// Checks that some point has what the filter asks for.
    ///
    /// # Errors
    /// If it asks for what none has.
    pub fn check(&self, points: &[PointAttributes]) -> Result<(), FilterError> {
        self.terms.iter().try_for_each(|term| term.check(points))
    }

    /// Returns true if all terms hold of a point that is like this.
    pub fn admits(&self, point: &PointAttributes) -> bool {
        self.terms.iter().all(|term| term.holds(point))
    }
}

impl PointAttributes {
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
            "description": "words that a point's name holds, and comparisons such as protocol=pbft or n<=13",
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
    fn check(&self, points: &[PointAttributes]) -> Result<(), FilterError> {
        let Term::Compares { key, .. } = self else { return Ok(()) };
        let keys = points.iter().flat_map(|point| point.values.iter().map(|(key, _)| key.as_str()));
        let known: BTreeSet<&str> = keys.collect();
        if known.contains(key.as_str()) {
            return Ok(());
        }
        let known: Vec<&str> = known.into_iter().collect();
        let help = Some(format!("points have: {}", known.join(", ")));
        Err(FilterError { message: format!("no point has {key:?}"), help })
    }

    fn holds(&self, point: &PointAttributes) -> bool {
        let (key, sign, value) = match self {
            Term::Word(word) => return point.name.contains(word.as_str()),
            Term::Compares { key, sign, value } => (key, *sign, value),
        };
        let found = point.values.iter().find(|(other, _)| other == key);
        let Some(found) = found.and_then(|(_, value)| value.as_ref()) else { return sign == Sign::IsNot };
        let ordering = match (found.parse::<f64>(), value.parse::<f64>()) {
            (Ok(found), Ok(value)) => found.total_cmp(&value),
            _ => found.cmp(value),
        };
        match sign {
            Sign::Is => ordering.is_eq(),
            Sign::IsNot => ordering.is_ne(),
            Sign::Less => ordering.is_lt(),
            Sign::LessOrIs => ordering.is_le(),
            Sign::More => ordering.is_gt(),
            Sign::MoreOrIs => ordering.is_ge(),
        }
    }
}

impl FilterError {
    fn new(message: impl Into<String>) -> FilterError {
        FilterError { message: message.into(), help: None }
    }

    /// Returns the error of a filter that stands in a file.
    pub(super) fn at(self, path: Path) -> Problem {
        Problem { path, message: self.message, help: self.help }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(out, "\n = help: {help}"))
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_words_or_comparisons() {
        let compares =
            |key: &str, sign, value: &str| Term::Compares { key: key.into(), sign, value: value.into() };
        let filter: Filter = "silent n<=13 network.loss!=5%".parse().expect("it is one");
        let terms = [
            Term::Word("silent".into()),
            compares("n", Sign::LessOrIs, "13"),
            compares("network.loss", Sign::IsNot, "5%"),
        ];
        assert_eq!(filter.terms, terms);
        for nonsense in ["", "  ", "n=", "=4", "n!4"] {
            assert!(nonsense.parse::<Filter>().is_err(), "{nonsense:?}");
        }
    }
}
