//! Figures: what a metric's value is compared with, in the metric's own unit.

use super::error::quote;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use synod_oracle::metric::Unit;
use synod_sim::units::{Share, Size, Span};

/// A metric's value as it stands in a scenario file.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Figure {
    /// A time.
    Span(Span),
    /// A number of bytes.
    Size(Size),
    /// A part of a whole.
    Share(Share),
    /// A number without a unit.
    Number(f64),
}

impl Figure {
    /// Returns the figure in the unit of results: nanoseconds, bytes, a number from 0 to 1, or the number itself.
    pub fn value(self) -> f64 {
        match self {
            Figure::Span(span) => span.0.as_nanos() as f64,
            Figure::Size(size) => size.0 as f64,
            Figure::Share(share) => share.fraction(),
            Figure::Number(number) => number,
        }
    }
}

/// A bound of a metric in a scenario file.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
    /// Parts of a whole, which is 1.
    Share,
    /// A number without a unit.
    Number,
}

impl From<Unit> for Dimension {
    fn from(unit: Unit) -> Dimension {
        match unit {
            Unit::Nanoseconds => Dimension::Time,
            Unit::Bytes => Dimension::Bytes,
            Unit::Share => Dimension::Share,
            Unit::Count | Unit::PerSecond | Unit::PartsPerMillion | Unit::Milliseconds | Unit::Growth => {
                Dimension::Number
            }
        }
    }
}

impl Dimension {
    pub(super) fn admits(self, figure: Figure) -> bool {
        match figure {
            Figure::Number(number) => number == 0.0 || self == Dimension::Number,
            Figure::Span(_) => self == Dimension::Time,
            Figure::Size(_) => self == Dimension::Bytes,
            Figure::Share(_) => self == Dimension::Share,
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Dimension::Time => "it is a duration, such as 20ms",
            Dimension::Bytes => "it is a size, such as 1MiB",
            Dimension::Share => "it is a share, such as 99.9%",
            Dimension::Number => "it is a number without a unit",
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Span(span) => span.fmt(out),
            Figure::Size(size) => size.fmt(out),
            Figure::Share(share) => share.fmt(out),
            Figure::Number(number) => number.fmt(out),
        }
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // As an integer it prints without a point.
            Figure::Number(number) if *number == (*number as i64) as f64 => {
                serializer.serialize_i64(*number as i64)
            }
            Figure::Number(number) => serializer.serialize_f64(*number),
            quantity => serializer.collect_str(quantity),
        }
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Figure, D::Error> {
        deserializer.deserialize_any(FigureVisitor)
    }
}

/// Reads a figure.
pub(super) struct FigureVisitor;

impl Visitor<'_> for FigureVisitor {
    type Value = Figure;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number, a duration, a size or a share")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Figure, E> {
        Ok(Figure::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Figure, E> {
        Ok(Figure::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Figure, E> {
        Ok(Figure::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Figure, E> {
        let span = text.parse().map(Figure::Span);
        let size = text.parse().map(Figure::Size);
        let share = text.parse().map(Figure::Share);
        span.or(size)
            .or(share)
            .map_err(|_| E::custom(format!("{} is no number, duration, size or share", quote(text))))
    }
}

impl JsonSchema for Figure {
    fn schema_name() -> Cow<'static, str> {
        "Figure".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a number, a duration, a size or a share, as the metric's name demands",
            "anyOf": [
                { "type": "number" },
                generator.subschema_for::<Span>(),
                generator.subschema_for::<Size>(),
                generator.subschema_for::<Share>()
            ]
        })
    }
}
