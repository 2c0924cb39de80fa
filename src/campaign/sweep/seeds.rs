//! Ranges of seeds, as people write them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use synod_harness::SEED_MAX;

/// Why a seed is none.
const TOO_GREAT: &str = "seeds are 0 to 9007199254740991 (2^53 - 1)";

/// Successive seeds: `0..1000` (without the last), or a single one. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Range<u64>);

impl Seeds {
    /// This one alone; none if it is greater than the greatest seed.
    pub fn one(seed: u64) -> Option<Seeds> {
        (seed <= SEED_MAX).then(|| Seeds(seed..seed + 1))
    }

    /// Returns their number.
    pub fn count(&self) -> u64 {
        self.0.end - self.0.start
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}..{}", self.0.start, self.0.end)
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seeds, String> {
        let number = |text: &str| {
            text.trim().parse::<u64>().map_err(|_| format!("{text:?} is no seed; write 0..1000, or one seed"))
        };
        let Some((start, end)) = text.split_once("..") else {
            return Seeds::one(number(text)?).ok_or_else(|| format!("{}: {TOO_GREAT}", text.trim()));
        };
        let range = number(start)?..number(end)?;
        // The end does not belong to it.
        if range.end > SEED_MAX + 1 {
            return Err(format!("{}: {TOO_GREAT}", range.end - 1));
        }
        match (range.start, range.end) {
            (start, end) if start > end => Err(format!("the range runs backwards; write {end}..{start}")),
            (start, end) if start == end => Err(format!(
                "the range is empty, since its end does not belong to it; write {start} for that one seed"
            )),
            _ => Ok(Seeds(range)),
        }
    }
}

impl<'de> Deserialize<'de> for Seeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Seeds, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Seeds {
    fn schema_name() -> Cow<'static, str> {
        "Seeds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a range of seeds without its end, such as 0..1000, or one seed",
            "anyOf": [{ "type": "string", "pattern": "^ *[0-9]+ *(\\.\\. *[0-9]+ *)?$" }, { "type": "integer", "minimum": 0, "maximum": SEED_MAX }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_half_open_and_never_empty() {
        assert_eq!("3..7".parse(), Ok(Seeds(3..7)));
        assert_eq!("7".parse(), Ok(Seeds(7..8)));
        for (text, part) in [("7..3", "backwards"), ("3..3", "empty"), ("a..3", "no seed"), ("-1", "no seed")]
        {
            assert!(text.parse::<Seeds>().unwrap_err().contains(part), "{text}");
        }
        assert_eq!("9007199254740990..9007199254740992".parse(), Ok(Seeds(SEED_MAX - 1..SEED_MAX + 1)));
        assert_eq!("9007199254740991".parse(), Ok(Seeds(SEED_MAX..SEED_MAX + 1)));
        for text in ["9007199254740992", "0..9007199254740993", "0..18446744073709551615"] {
            assert!(text.parse::<Seeds>().unwrap_err().ends_with(TOO_GREAT), "{text}");
        }
    }
}
