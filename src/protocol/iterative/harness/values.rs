//! Types of value in a scenario file.

use crate::{Domain, Field, Scale};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_harness::{Path, Problem};

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueShape {
    /// A number.
    Number(NumberShape),
    /// One of several that have no order.
    Category(CategoryShape),
    /// Some of several.
    Set(OfShape),
    /// Several in some order.
    List(OfShape),
    /// A text.
    Text(TextShape),
    /// Several values side by side.
    Record(Vec<FieldShape>),
}

/// Numbers in a range.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NumberShape {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
    /// What differences are measured by.
    pub scale: ScaleShape,
}

/// What differences between numbers are measured by.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleShape {
    /// By the range.
    #[default]
    Linear,
    /// By the ratio, against that of the range's ends.
    Logarithmic,
}

/// Categories.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryShape {
    /// Their number.
    pub options: u32,
}

/// What sets and lists are of.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfShape {
    /// How many there are to choose from: 63 at most for sets, 20 for lists.
    pub of: u32,
}

/// Texts.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextShape {
    /// How many words a text has.
    pub words: u32,
    /// Number of different words.
    pub vocabulary: u32,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldShape {
    /// The name.
    pub name: String,
    /// What it counts in comparisons, relative to the others.
    #[serde(default = "one")]
    pub weight: u32,
    /// Its values.
    pub value: ValueShape,
}

fn one() -> u32 {
    1
}

impl Default for NumberShape {
    fn default() -> NumberShape {
        NumberShape { low: 0, high: 1_000, scale: ScaleShape::Linear }
    }
}

impl ValueShape {
    /// Returns the values meant; `here` is where they stand.
    pub(super) fn domain(&self, here: &Path) -> Result<Domain, Problem> {
        let refuse = |path: Path, message: &str| Err(Problem::new(path, message));
        Ok(match self {
            &ValueShape::Number(NumberShape { low, high, scale }) => {
                let here = here.to("number");
                if low >= high {
                    return refuse(here, "there is nothing to choose: low lies below high");
                }
                if scale == ScaleShape::Logarithmic && low < 1 {
                    return refuse(here, "only positive numbers have ratios");
                }
                let scale = match scale {
                    ScaleShape::Linear => Scale::Linear,
                    ScaleShape::Logarithmic => Scale::Logarithmic,
                };
                Domain::Number { low, high, scale }
            }
            &ValueShape::Category(CategoryShape { options }) => match options {
                0 | 1 => {
                    return refuse(here.to("category").to("options"), "there must be something to choose");
                }
                _ => Domain::Category { options },
            },
            &ValueShape::Set(OfShape { of }) => match of {
                1..=63 => Domain::Set { of },
                _ => return refuse(here.to("set").to("of"), "a set is of 1 to 63"),
            },
            &ValueShape::List(OfShape { of }) => match of {
                2..=20 => Domain::List { of },
                _ => return refuse(here.to("list").to("of"), "a list is of 2 to 20"),
            },
            &ValueShape::Text(TextShape { words, vocabulary }) => match (words, vocabulary) {
                (1..=10_000, 2..) => Domain::Text { words, vocabulary },
                _ => return refuse(here.to("text"), "a text has 1 to 10000 words, out of 2 or more"),
            },
            ValueShape::Record(fields) => {
                let here = here.to("record");
                if fields.is_empty() {
                    return refuse(here, "a record has fields");
                }
                let mut found = Vec::new();
                for (place, FieldShape { name, weight, value }) in fields.iter().enumerate() {
                    if fields[..place].iter().any(|other| other.name == *name) {
                        return refuse(here.to(place).to("name"), "another field has this name");
                    }
                    if *weight == 0 {
                        return refuse(here.to(place).to("weight"), "a field counts for something");
                    }
                    found.push(Field { weight: *weight, domain: value.domain(&here.to(place).to("value"))? });
                }
                Domain::Record(found)
            }
        })
    }
}
