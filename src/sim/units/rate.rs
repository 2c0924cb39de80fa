//! Rates: so many in so long.

use super::decimal::split;
use super::{Span, UnitError, text_form};
use crate::Duration;
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// How often something happens: `500/s`, `2.5/m`, `3/10s`. Never zero.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Rate {
    count: u64,
    per: Duration,
}

impl Rate {
    pub(crate) const NOUN: &str = "a rate";

    /// `count` times in every `per`; `None` if either is zero.
    pub fn new(count: u64, per: Duration) -> Option<Rate> {
        (count > 0 && !per.is_zero()).then_some(Rate { count, per })
    }

    /// Returns the mean time from one to the next, rounded down, but never zero.
    pub fn mean_interval(self) -> Duration {
        Duration::from_nanos((self.per.as_nanos() / self.count).max(1))
    }

    /// Returns what is accepted.
    fn forms() -> Value {
        json!([{ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?/([0-9]+(\.[0-9]+)?)?(ns|us|ms|s|m|h)$" }])
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Rate, UnitError> {
        let fail = |why: String| Err(UnitError::new(text, why));
        let form = || fail("a rate is a number per time, such as 500/s or 3/10s".into());
        let Some((count, per)) = text.split_once('/') else { return form() };
        let Some((number, "")) = split(count) else { return form() };
        let per = if per.starts_with(|c: char| c.is_ascii_digit()) { per.into() } else { format!("1{per}") };
        let per: Span = match per.parse() {
            Ok(per) => per,
            Err(why) => return fail(why.to_string()),
        };
        // 2.5/s is 25/10s: exact, and no fraction is left.
        let scale = 10u64.checked_pow(number.fraction_digits());
        let exact =
            scale.and_then(|scale| Some((number.times(scale).ok()?, per.0.as_nanos().checked_mul(scale)?)));
        match exact {
            Some((count, per)) => Rate::new(count, Duration::from_nanos(per))
                .map_or_else(|| fail("a rate is more than zero".into()), Ok),
            None => fail("this rate has too many digits".into()),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = Span(self.per).to_string();
        // `1s` is written `s`, but `10s` stays.
        let unit = per.strip_prefix('1').filter(|unit| unit.starts_with(|c: char| c.is_ascii_alphabetic()));
        write!(out, "{}/{}", self.count, unit.unwrap_or(&per))
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

text_form!(Rate, "500/s");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_read_and_print() {
        for (text, interval, printed) in [
            ("500/s", 2_000_000, "500/s"),
            ("2.5/s", 400_000_000, "25/10s"),
            ("1/m", 60_000_000_000, "1/m"),
            ("3/10ms", 3_333_333, "3/10ms"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.mean_interval().as_nanos(), interval);
            assert_eq!(rate.to_string(), printed);
        }
    }

    #[test]
    fn refusals_say_why() {
        for (text, why) in [
            ("500", "a rate is a number per time, such as 500/s or 3/10s"),
            ("5x/s", "a rate is a number per time, such as 500/s or 3/10s"),
            ("0/s", "a rate is more than zero"),
            ("5/0s", "a rate is more than zero"),
            ("5/year", r#""1year": "year" is no unit of a duration: use ns, us, ms, s, m, h"#),
            ("1.00000000000000000000001/s", "this rate has too many digits"),
        ] {
            assert_eq!(text.parse::<Rate>().unwrap_err().to_string(), format!("{text:?}: {why}"));
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(count in 1u64.., nanos in 1u64..) {
            let rate = Rate::new(count, Duration::from_nanos(nanos)).unwrap();
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
