//! `--filter`: which points of a suite are wanted.

use super::matrix::{Matrix, Spot};
use crate::campaign::sweep::Point;
use std::fmt;
use std::str::FromStr;

/// Which points of a suite are wanted: all terms hold of them.
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
pub struct FilterError(String);

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

/// What every point has.
const KEYS: [&str; 5] = ["series", "scenario", "protocol", "n", "fault"];

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        let terms: Vec<Term> = text.split_whitespace().map(term).collect::<Result<_, _>>()?;
        match terms.is_empty() {
            true => {
                Err(FilterError("the filter says nothing; write, for instance, 'protocol=pbft n<=13'".into()))
            }
            false => Ok(Filter { text: text.to_owned(), terms }),
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
        _ => Err(FilterError(format!("{text:?} is no term of a filter; write a word, or key=value"))),
    }
}

impl Filter {
    /// Leaves those points of `matrix` that are wanted.
    ///
    /// # Errors
    /// If the filter asks for what no point has.
    pub fn apply(&self, matrix: &mut Matrix) -> Result<(), FilterError> {
        for term in &self.terms {
            term.check(&matrix.spots)?;
        }
        let wanted = |(spot, point): &(Spot, Point)| self.terms.iter().all(|term| term.holds(spot, point));
        let both = std::mem::take(&mut matrix.spots).into_iter().zip(std::mem::take(&mut matrix.points));
        (matrix.spots, matrix.points) = both.filter(wanted).unzip();
        matrix.series.retain(|(name, _)| matrix.spots.iter().any(|spot| spot.series == *name));
        Ok(())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Term {
    fn check(&self, spots: &[Spot]) -> Result<(), FilterError> {
        let Term::Compares { key, .. } = self else { return Ok(()) };
        let paths = spots.iter().flat_map(|spot| spot.parameters.iter().map(|(path, _)| path.as_str()));
        let mut known: Vec<&str> = KEYS.into_iter().chain(paths).collect();
        if known.contains(&key.as_str()) {
            return Ok(());
        }
        known.dedup();
        known.sort_unstable();
        known.dedup();
        Err(FilterError(format!("no point has {key:?}\n = help: points have: {}", known.join(", "))))
    }

    fn holds(&self, spot: &Spot, point: &Point) -> bool {
        let (key, sign, value) = match self {
            Term::Word(word) => return point.label.contains(word.as_str()),
            Term::Compares { key, sign, value } => (key, *sign, value),
        };
        let agents = point.scenario.agents().to_string();
        let found = match key.as_str() {
            "series" => Some(spot.series.as_str()),
            "scenario" => Some(point.scenario.name()),
            "protocol" => Some(point.scenario.protocol()),
            "n" => Some(agents.as_str()),
            "fault" => spot.fault.as_deref(),
            _ => spot.parameters.iter().find(|(path, _)| path == key).map(|(_, value)| value.as_str()),
        };
        let Some(found) = found else { return sign == Sign::IsNot };
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

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
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
