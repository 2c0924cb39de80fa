//! A delay: a duration, or a fraction of the protocol's leader timeout.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use synod_sim::Duration;
use synod_sim::units::{Share, Span};

/// A duration, or a fraction of the protocol's leader timeout: `5s`, `90% of timer`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum DelaySpec {
    /// A duration.
    Fixed(Span),
    /// A fraction of the timeout.
    OfTimer(Share),
}

impl DelaySpec {
    /// Returns the time itself, in a resolved plan.
    ///
    /// # Panics
    /// If it is still a part of the timer.
    pub fn resolved(self) -> Duration {
        match self {
            DelaySpec::Fixed(span) => span.0,
            DelaySpec::OfTimer(_) => panic!("a resolved plan holds plain times"),
        }
    }
}

impl fmt::Display for DelaySpec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DelaySpec::Fixed(span) => span.fmt(out),
            DelaySpec::OfTimer(share) => write!(out, "{share} of timer"),
        }
    }
}

impl Serialize for DelaySpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DelaySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DelaySpec, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = DelaySpec;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(
                    "a duration, such as 20ms, or a part of the protocol's timer, such as 90% of timer",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<DelaySpec, E> {
                match text.strip_suffix("of timer") {
                    Some(share) => share.trim_end().parse().map(DelaySpec::OfTimer).map_err(E::custom),
                    None => text.parse().map(DelaySpec::Fixed).map_err(E::custom),
                }
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl JsonSchema for DelaySpec {
    fn schema_name() -> Cow<'static, str> {
        "DelaySpec".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let span = generator.subschema_for::<Span>();
        json_schema!({
            "description": "A duration, or a part of the protocol's timer, such as 90% of timer.",
            "anyOf": [span, { "type": "string", "pattern": "^[0-9.]+(%|ppm|ppb) of timer$" }]
        })
    }
}
