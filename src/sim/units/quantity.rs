//! The quantities that have plain units: durations, shares, sizes, bandwidths.

use super::decimal::Kind;
use super::{UnitError, text_form};
use crate::Duration;
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// A duration: `250us`, `20ms`, `1.5s`, `2m`, `24h`.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

/// A part of a whole, in parts per billion: `5%`, `0.1%`, `50ppm`. Never more than 100 %.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

/// A size in bytes: `64B`, `1KiB`, `10MB`.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

/// A bandwidth in bits per second: `1Gbps`, `56kbps`.
#[derive(Copy, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bandwidth(pub u64);

const SPAN: Kind = Kind {
    noun: "a duration",
    units: &[
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ],
    largest: u64::MAX,
};

const SHARE: Kind = Kind {
    noun: "a share",
    units: &[("ppb", 1), ("ppm", 1_000), ("%", 10_000_000)],
    largest: Share::WHOLE.0 as u64,
};

const SIZE: Kind = Kind {
    noun: "a size",
    units: &[
        ("B", 1),
        ("kB", 1_000),
        ("KiB", 1 << 10),
        ("MB", 1_000_000),
        ("MiB", 1 << 20),
        ("GB", 1_000_000_000),
        ("GiB", 1 << 30),
        ("TB", 1_000_000_000_000),
        ("TiB", 1 << 40),
    ],
    largest: u64::MAX,
};

const BANDWIDTH: Kind = Kind {
    noun: "a bandwidth",
    units: &[
        ("bps", 1),
        ("kbps", 1_000),
        ("Mbps", 1_000_000),
        ("Gbps", 1_000_000_000),
        ("Tbps", 1_000_000_000_000),
    ],
    largest: u64::MAX,
};

impl Share {
    /// No action.
    pub const NONE: Share = Share(0);
    /// All of it.
    pub const WHOLE: Share = Share(1_000_000_000);

    /// `parts` in a billion; `None` above a billion.
    pub const fn from_ppb(parts: u32) -> Option<Share> {
        if parts <= Share::WHOLE.0 { Some(Share(parts)) } else { None }
    }

    /// Parts in a billion.
    pub const fn ppb(self) -> u32 {
        self.0
    }

    /// True for this share of all words, so that a random word makes a chance of it.
    pub fn admits(self, word: u64) -> bool {
        (u128::from(word) * 1_000_000_000) >> 64 < u128::from(self.0)
    }

    /// Returns the share as a number from 0 to 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1e9
    }
}

impl Span {
    /// Returns a duration of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Span {
        Span(Duration::from_nanos(nanos))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Duration {
        span.0
    }
}

impl fmt::Display for Share {
    /// Per cent from 0.01 % on, and parts per million below.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (worth, unit) = if self.0 == 0 || self.0 >= 100_000 { (10_000_000, "%") } else { (1_000, "ppm") };
        let fraction = format!("{:0width$}", self.0 % worth, width = worth.ilog10() as usize);
        match fraction.trim_end_matches('0') {
            "" => write!(out, "{}{unit}", self.0 / worth),
            digits => write!(out, "{}.{digits}{unit}", self.0 / worth),
        }
    }
}

/// Connects a quantity to its kind.
macro_rules! quantity {
    ($quantity:ident, $kind:ident, $example:literal, $from:expr) => {
        impl $quantity {
            pub(crate) const NOUN: &str = $kind.noun;

            /// Returns what is accepted; zero needs no unit.
            fn forms() -> Value {
                json!([{ "type": "string", "pattern": $kind.pattern() }, { "const": 0 }])
            }
        }

        impl FromStr for $quantity {
            type Err = UnitError;

            fn from_str(text: &str) -> Result<$quantity, UnitError> {
                $kind.parse(text).map($from)
            }
        }

        impl fmt::Debug for $quantity {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        text_form!($quantity, $example);
    };
}

/// Prints a quantity as a whole number of its largest fitting unit.
macro_rules! whole_units {
    ($quantity:ident, $kind:ident, $value:expr) => {
        impl fmt::Display for $quantity {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&$kind.print($value(self)))
            }
        }
    };
}

quantity!(Span, SPAN, "20ms", Span::from_nanos);
quantity!(Share, SHARE, "0.1%", |parts| Share(parts as u32));
quantity!(Size, SIZE, "1MiB", Size);
quantity!(Bandwidth, BANDWIDTH, "1Gbps", Bandwidth);
whole_units!(Span, SPAN, |span: &Span| span.0.as_nanos());
whole_units!(Size, SIZE, |size: &Size| size.0);
whole_units!(Bandwidth, BANDWIDTH, |bandwidth: &Bandwidth| bandwidth.0);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal<Q: FromStr<Err = UnitError> + fmt::Debug>(text: &str) -> String {
        text.parse::<Q>().unwrap_err().to_string()
    }

    #[test]
    fn durations_read_exactly() {
        for (text, nanos) in [
            ("0", 0),
            ("0.0", 0),
            ("250us", 250_000),
            ("20 ms", 20_000_000),
            ("1.5ms", 1_500_000),
            ("0.000000001s", 1),
            ("2m", 120_000_000_000),
            ("24h", 86_400_000_000_000),
            ("18446744073709551615ns", u64::MAX),
        ] {
            assert_eq!(text.parse::<Span>().map(|span| span.0.as_nanos()), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn refusals_say_what_was_found_and_what_is_accepted() {
        for (text, message) in [
            ("20", r#""20": a duration needs a unit: ns, us, ms, s, m, h"#),
            ("", r#""": a duration is a number and a unit: ns, us, ms, s, m, h"#),
            ("ms", r#""ms": a duration is a number and a unit: ns, us, ms, s, m, h"#),
            ("5.ms", r#""5.ms": a duration is a number and a unit: ns, us, ms, s, m, h"#),
            ("-5ms", r#""-5ms": a duration cannot be negative"#),
            ("5min", r#""5min": "min" is no unit of a duration: use ns, us, ms, s, m, h"#),
            ("1e3ms", r#""1e3ms": "e3ms" is no unit of a duration: use ns, us, ms, s, m, h"#),
            ("0.5ns", r#""0.5ns": a duration is a whole number of ns"#),
            ("6000000h", r#""6000000h": a duration is at most 18446744073709551615ns"#),
        ] {
            assert_eq!(refusal::<Span>(text), message);
        }
        assert_eq!(refusal::<Share>("150%"), r#""150%": a share is at most 100%"#);
        assert_eq!(refusal::<Share>("0.5"), r#""0.5": a share needs a unit: ppb, ppm, %"#);
        assert_eq!(
            refusal::<Size>("10mb"),
            r#""10mb": "mb" is no unit of a size: use B, kB, KiB, MB, MiB, GB, GiB, TB, TiB"#
        );
        assert_eq!(
            refusal::<Bandwidth>("1Gb"),
            r#""1Gb": "Gb" is no unit of a bandwidth: use bps, kbps, Mbps, Gbps, Tbps"#
        );
    }

    #[test]
    fn quantities_print_in_the_unit_that_people_read() {
        assert_eq!(Span::from_nanos(1_500_000_000).to_string(), "1500ms");
        assert_eq!(Span::from_nanos(90_000_000_000).to_string(), "90s");
        assert_eq!(Size(1 << 20).to_string(), "1MiB");
        assert_eq!(Size(10_000_000).to_string(), "10MB");
        assert_eq!(Bandwidth(1_000_000_000).to_string(), "1Gbps");
        for text in ["0%", "5%", "0.1%", "50ppm", "0.5ppm", "12.5%", "100%"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(value: u64, parts in 0..=1_000_000_000u32) {
            let span = Span::from_nanos(value);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
            prop_assert_eq!(Size(value).to_string().parse(), Ok(Size(value)));
            prop_assert_eq!(Bandwidth(value).to_string().parse(), Ok(Bandwidth(value)));
            let share = Share(parts);
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }

        #[test]
        fn no_text_panics(text in "[0-9.%a-zA-Z -]{0,40}|\\PC{0,20}") {
            let _ = text.parse::<Span>();
            let _ = text.parse::<Share>();
            let _ = text.parse::<Size>();
            let _ = text.parse::<super::super::Rate>();
        }
    }
}
