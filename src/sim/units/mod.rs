//! Quantities as people write them: durations `20ms`, shares `0.1%`, sizes `1MiB`, bandwidths `1Gbps`, rates `500/s`.
//!
//! Every quantity is a whole number of its smallest unit and is read and printed by exact integer arithmetic, so that
//! what was printed reads back to the same value. They are ground for all floors: a protocol's parameters hold them as
//! well as a scenario file does.
//!
//! ```
//! use synod_sim::units::{Share, Span};
//!
//! let span: Span = "1.5ms".parse().unwrap();
//! assert_eq!(span.0.as_nanos(), 1_500_000);
//! assert_eq!(span.to_string(), "1500us");
//!
//! let error = "20".parse::<Span>().unwrap_err();
//! assert_eq!(error.to_string(), r#""20": a duration needs a unit: ns, us, ms, s, m, h"#);
//! assert!("150%".parse::<Share>().is_err());
//! ```

mod count;
mod decimal;
mod printable;
mod quantity;
mod rate;

pub use count::{grouped, plural, sentence};
pub use printable::{is_printable, printable};
pub use quantity::{Bandwidth, Share, Size, Span};
pub use rate::Rate;

use std::fmt;

/// Why a text is no quantity: what was found, and what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError(String);

impl fmt::Display for UnitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for UnitError {}

impl UnitError {
    fn new(text: &str, why: impl fmt::Display) -> UnitError {
        UnitError(format!("{}: {why}", quote(text)))
    }
}

/// `text` in quotes, escaped, and cut if it is long: messages stay readable whatever was found.
pub fn quote(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Gives a quantity with `FromStr`, `Display` and `forms()` its serde form, a string, and its JSON Schema.
macro_rules! text_form {
    ($quantity:ident, $example:literal) => {
        impl serde::Serialize for $quantity {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $quantity {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$quantity, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $quantity;

                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(out, "{}, such as {}", $quantity::NOUN, $example)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$quantity, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        impl schemars::JsonSchema for $quantity {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($quantity).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": format!("{}, such as {}", $quantity::NOUN, $example),
                    "anyOf": $quantity::forms()
                })
            }
        }
    };
}
use text_form;
