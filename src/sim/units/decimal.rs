//! Reading and printing decimal numbers with units, exactly.

use super::UnitError;

/// A unit's name and how many of the quantity's smallest unit it is worth.
pub(super) type Unit = (&'static str, u64);

/// A kind of quantity.
pub(super) struct Kind {
    /// With its article: `a duration`.
    pub(super) noun: &'static str,
    /// The units that are accepted, smallest first.
    pub(super) units: &'static [Unit],
    /// The largest value, in the smallest unit.
    pub(super) largest: u64,
}

impl Kind {
    /// Reads `text` as a whole number of the smallest unit. Zero needs no unit.
    pub(super) fn parse(&self, text: &str) -> Result<u64, UnitError> {
        let fail = |why: String| Err(UnitError::new(text, why));
        let noun = self.noun;
        if text.starts_with('-') {
            return fail(format!("{noun} cannot be negative"));
        }
        let Some((number, unit)) = split(text) else {
            return fail(format!("{noun} is a number and a unit: {}", self.names()));
        };
        if unit.is_empty() && number.is_zero() {
            return Ok(0);
        }
        if unit.is_empty() {
            return fail(format!("{noun} needs a unit: {}", self.names()));
        }
        let Some(&(_, worth)) = self.units.iter().find(|(name, _)| *name == unit) else {
            return fail(format!("{unit:?} is no unit of {noun}: use {}", self.names()));
        };
        match number.times(worth) {
            Ok(value) if value <= self.largest => Ok(value),
            Ok(_) | Err(Inexact::TooLarge) => fail(format!("{noun} is at most {}", self.print(self.largest))),
            Err(Inexact::TooFine) => fail(format!("{noun} is a whole number of {}", self.units[0].0)),
        }
    }

    /// Prints `value` with the unit that makes the shortest whole number.
    pub(super) fn print(&self, value: u64) -> String {
        let divides = |&&(_, worth): &&Unit| value.is_multiple_of(worth);
        let (name, worth) =
            self.units.iter().filter(divides).max_by_key(|unit| unit.1).unwrap_or(&self.units[0]);
        match value {
            0 => format!("0{}", self.units[0].0),
            _ => format!("{}{name}", value / worth),
        }
    }

    /// Returns the units, for a message.
    fn names(&self) -> String {
        self.units.iter().map(|unit| unit.0).collect::<Vec<_>>().join(", ")
    }

    /// Returns a regular expression that texts of this kind match.
    pub(super) fn pattern(&self) -> String {
        let names: Vec<&str> = self.units.iter().map(|unit| unit.0).collect();
        format!("^([0-9]+(\\.[0-9]+)? ?({})|0)$", names.join("|"))
    }
}

/// A decimal number as it was written.
#[derive(Copy, Clone)]
pub(super) struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
}

/// Why a decimal number is no whole number of units.
pub(super) enum Inexact {
    TooLarge,
    TooFine,
}

/// Splits `text` into a decimal number and the unit after it, if it starts with a number.
pub(super) fn split(text: &str) -> Option<(Decimal<'_>, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("0", rest),
    };
    let unit = rest.strip_prefix(' ').unwrap_or(rest);
    (!whole.is_empty() && !fraction.is_empty()).then_some((Decimal { whole, fraction }, unit))
}

/// Splits `text` after its leading digits.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

impl Decimal<'_> {
    pub(super) fn is_zero(self) -> bool {
        self.whole.chars().chain(self.fraction.chars()).all(|digit| digit == '0')
    }

    /// This number × `worth`, if that is a whole number of 64 bits.
    pub(super) fn times(self, worth: u64) -> Result<u64, Inexact> {
        let fraction = self.fraction.trim_end_matches('0');
        // No unit is worth more than 10^18 smallest ones, nor divides by more than 2^60.
        if fraction.len() > 19 {
            return Err(Inexact::TooFine);
        }
        let scale = 10u128.pow(fraction.len() as u32);
        let part =
            fraction.bytes().fold(0, |sum, digit| sum * 10 + u128::from(digit - b'0')) * u128::from(worth);
        if !part.is_multiple_of(scale) {
            return Err(Inexact::TooFine);
        }
        let whole = self
            .whole
            .bytes()
            .try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        whole
            .and_then(|whole| whole.checked_mul(worth)?.checked_add((part / scale) as u64))
            .ok_or(Inexact::TooLarge)
    }

    /// Returns the number of digits that stand after the point, without trailing zeros.
    pub(super) fn fraction_digits(self) -> u32 {
        self.fraction.trim_end_matches('0').len() as u32
    }
}
