//! The `expect:` map: bounds on metrics, the oracles that must be violated, and what a sweep must cover.

use super::error::{Problem, quote};
use super::figure::{Dimension, Figure, FigureVisitor};
use super::path::Path;
use super::vocabulary::Vocabulary;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use synod_oracle::metric;
use synod_sim::units::Share;

/// What a run must show. Metrics have the names that a run's results have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// `violates`: exactly these oracles must be violated. `None` if none may be.
    pub violates: Option<Vec<String>>,
    /// `covers`: marks that a sweep must hit in some run, or it has shown nothing. A single run does not look at them.
    pub covers: Vec<String>,
    /// `unknown: allowed`: what an oracle of safety could not judge does not keep a run from passing.
    pub allows_unknown: bool,
    /// `may_miss`: expectations that chance may let miss, each in up to this share of all runs. It fails no run; a sweep
    /// fails if it shows that the share is exceeded. With `violates` a positive control may show nothing; nothing else.
    pub may_miss: BTreeMap<String, Share>,
    /// Bounds on metrics, in the order of the file.
    pub bounds: Vec<(String, Bounds)>,
}

/// What a metric's value may be. A bare figure in the file means `exactly`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The value itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exactly: Option<Figure>,
    /// The least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Figure>,
    /// The greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Figure>,
}

impl Bounds {
    /// Returns the bounds that are given, with their names.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, Figure)> {
        [("exactly", self.exactly), ("at_least", self.at_least), ("at_most", self.at_most)]
            .into_iter()
            .filter_map(|(name, figure)| Some((name, figure?)))
    }

    /// Returns true if `value`, in the unit of results, keeps every bound.
    pub fn admit(&self, value: f64) -> bool {
        self.exactly.is_none_or(|figure| value == figure.value())
            && self.at_least.is_none_or(|figure| value >= figure.value())
            && self.at_most.is_none_or(|figure| value <= figure.value())
    }

    /// Checks that there are bounds, and that they are possible values of `what`, which has this dimension. They stand
    /// at `here`.
    ///
    /// # Errors
    /// The defect.
    pub fn check(&self, dimension: Dimension, what: &str, here: &Path) -> Result<(), Problem> {
        for (name, figure) in self.given() {
            if !dimension.admits(figure) {
                return Err(Problem::new(here.to(name), format!("{figure} is no value of {what}"))
                    .help(dimension.advice()));
            }
        }
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least.value() > most.value() => {
                Err(Problem::new(here.to("at_most"), format!("at most {most} excludes at least {least}")))
            }
            _ if self.given().next().is_none() => {
                Err(Problem::new(here.clone(), "no bound is given").help("give exactly, at_least or at_most"))
            }
            _ => Ok(()),
        }
    }
}

/// Checks names and units.
pub(super) fn check(expect: &Expect, vocabulary: &Vocabulary<'_>, faults: &[String]) -> Result<(), Problem> {
    let Vocabulary { metrics, oracles, marks } = *vocabulary;
    let top = Path::of(["expect"]);
    for (index, oracle) in expect.violates.iter().flatten().enumerate() {
        if !oracles.contains(&oracle.as_str()) {
            return Err(Problem::unknown(top.to("violates").to(index), "oracle", oracle, oracles));
        }
    }
    if expect.violates.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::new(top.to("violates"), "no oracle is named here"));
    }
    for (index, mark) in expect.covers.iter().enumerate() {
        if !marks.iter().any(|known| known.name == mark) {
            let names: Vec<&str> = marks.iter().map(|known| known.name).collect();
            return Err(Problem::unknown(top.to("covers").to(index), "mark", mark, &names));
        }
    }
    for (name, bounds) in &expect.bounds {
        let here = top.to(name);
        let Some(metric) = metric::find(metrics, name) else {
            let names: Vec<&str> = metrics.iter().map(|known| known.name).collect();
            return Err(Problem::unknown(here, "metric", name, &names));
        };
        if let Some(fault) = metric::FAULT_EFFECT.label_in(name)
            && !faults.iter().any(|known| known == fault)
        {
            let known: Vec<&str> = faults.iter().map(String::as_str).collect();
            return Err(Problem::unknown(here, "fault", fault, &known));
        }
        bounds.check(metric.unit.into(), &quote(name), &here)?;
    }
    let may_miss = top.to("may_miss");
    let expected: Vec<&str> = expect.expected().collect();
    for (name, share) in &expect.may_miss {
        if !expected.contains(&name.as_str()) {
            return Err(Problem::unknown(may_miss.to(name), "expectation", name, &expected));
        }
        if share.fraction() == 0.0 || share.fraction() == 1.0 {
            let problem = Problem::new(may_miss.to(name), format!("{share} of runs is no share to allow"));
            return Err(problem.help("it is more than 0% and less than 100%"));
        }
    }
    Ok(())
}

impl Expect {
    /// Returns of what something is expected: the metrics with bounds, and `undecided` unless oracles are to be violated.
    fn expected(&self) -> impl Iterator<Item = &str> {
        let undecided = self.demands_decisions().then_some(metric::UNDECIDED.name);
        let violates = self.violates.is_some().then_some("violates");
        self.bounds.iter().map(|(name, _)| name.as_str()).chain(undecided).chain(violates)
    }

    /// Returns true if everything has to be decided though no bound says so: a run that decides nothing does not pass
    /// by saying nothing about it. A positive control is another matter.
    pub(super) fn demands_decisions(&self) -> bool {
        self.violates.is_none() && self.bounds.iter().all(|(name, _)| name != metric::UNDECIDED.name)
    }
}

impl Serialize for Expect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (metric, bounds) in &self.bounds {
            map.serialize_entry(metric, bounds)?;
        }
        if let Some(oracles) = &self.violates {
            map.serialize_entry("violates", oracles)?;
        }
        if !self.covers.is_empty() {
            map.serialize_entry("covers", &self.covers)?;
        }
        if self.allows_unknown {
            map.serialize_entry("unknown", &Unknown::Allowed)?;
        }
        if !self.may_miss.is_empty() {
            map.serialize_entry("may_miss", &self.may_miss)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expect, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Expect;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map of metrics")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expect, A::Error> {
                let mut expect = Expect::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "violates" => expect.violates = Some(map.next_value()?),
                        "covers" => expect.covers = map.next_value()?,
                        "unknown" => {
                            let Unknown::Allowed = map.next_value()?;
                            expect.allows_unknown = true;
                        }
                        "may_miss" => expect.may_miss = map.next_value()?,
                        _ => expect.bounds.push((name, map.next_value::<BareOrBounds>()?.0)),
                    }
                }
                Ok(expect)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// What may become of what an oracle cannot judge.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unknown {
    /// It is left open.
    Allowed,
}

/// Bounds, or a bare figure that means `exactly`.
struct BareOrBounds(Bounds);

impl<'de> Deserialize<'de> for BareOrBounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BareOrBounds, D::Error> {
        struct Either;
        impl Either {
            fn exactly<E>(self, figure: Result<Figure, E>) -> Result<Bounds, E> {
                figure.map(|figure| Bounds { exactly: Some(figure), ..Bounds::default() })
            }
        }
        impl<'de> Visitor<'de> for Either {
            type Value = Bounds;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a figure or a map of bounds")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Bounds, E> {
                self.exactly(FigureVisitor.visit_u64(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Bounds, E> {
                self.exactly(FigureVisitor.visit_i64(number))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Bounds, E> {
                self.exactly(FigureVisitor.visit_f64(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Bounds, E> {
                self.exactly(FigureVisitor.visit_str(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bounds, A::Error> {
                Bounds::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either).map(BareOrBounds)
    }
}

impl JsonSchema for Expect {
    fn schema_name() -> Cow<'static, str> {
        "Expect".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "violates": { "type": "array", "items": { "type": "string" } },
                "covers": { "type": "array", "items": { "type": "string" } },
                "unknown": { "enum": ["allowed"] },
                "may_miss": { "type": "object", "additionalProperties": generator.subschema_for::<Share>() }
            },
            "additionalProperties": {
                "anyOf": [generator.subschema_for::<Figure>(), generator.subschema_for::<Bounds>()]
            }
        })
    }
}
