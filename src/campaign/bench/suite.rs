//! The shape of a suite file: what a benchmark runs.

use crate::goals::Goals;
use crate::sweep::Seeds;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use synod_harness::{Draft, Path, Problem, Registry, ScenarioError, check_name};
use synod_scenario::Document;

/// A benchmark: series of points, each a scenario with one combination of sizes, faults and parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Suite {
    /// A short name: that of the folder of results, unless another is given.
    pub(super) name: String,
    /// What it measures, in one sentence.
    #[serde(default)]
    pub(super) about: String,
    /// What is measured.
    pub(super) series: Vec<Series>,
    /// What the figures have to be, those of the series and those of a whole catalogue, for it to be called ready.
    #[serde(default)]
    pub(super) readiness: Option<Goals>,
}

/// Points that belong together: every scenario with every combination of faults, parameters and sizes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "values that belong to scenarios are taken from the document")]
pub(super) struct Series {
    /// A short name.
    pub(super) name: String,
    /// What it measures, in one sentence.
    #[serde(default)]
    pub(super) about: String,
    /// The scenario files, looked for in the suite's folder.
    pub(super) scenarios: Vec<String>,
    /// The seeds that every point runs with, such as 0..1000.
    pub(super) seeds: Seeds,
    /// The seeds of a quick benchmark; the same, if left out.
    #[serde(default)]
    pub(super) quick: Option<Seeds>,
    /// What is laid over every scenario: paths, as those of `--set`, and values.
    #[serde(default)]
    pub(super) with: BTreeMap<String, Anything>,
    /// Numbers of agents; the scenario's own, if left out.
    #[serde(default)]
    pub(super) sizes: Vec<Anything>,
    /// Lists of faults by name, each in the place of the scenario's own. Fault models are looked for in the scenario's
    /// folder.
    #[serde(default)]
    pub(super) faults: BTreeMap<String, Vec<Anything>>,
    /// Values to go through by their paths: a list of them, or a map of names to them.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Values>,
    /// What a run that fails means.
    #[serde(default)]
    pub(super) failures: Failures,
    /// True if the first run of every point is to be shown over time.
    #[serde(default)]
    pub(super) timelines: bool,
    /// True if it measures the simulator rather than what it simulates.
    #[serde(default)]
    pub(super) host: bool,
}

/// What it means for a benchmark that a run fails.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failures {
    /// The benchmark has failed.
    #[default]
    Forbidden,
    /// It is counted: how often runs fail is what is measured.
    Counted,
}

/// A value that belongs to a scenario, and is read with it.
#[derive(Debug)]
pub(super) struct Anything;

/// A list of values, or a map of names to values, of which there is one at least.
#[derive(Debug)]
pub(super) struct Values;

impl Suite {
    /// Reads a suite, and checks what types cannot say.
    pub(super) fn read(registry: &Registry, document: &Document) -> Result<Suite, ScenarioError> {
        let suite: Suite = document.read_as()?;
        suite.check().map_err(|problem| document.error(problem))?;
        if let Some(goals) = &suite.readiness {
            goals.check(&registry.metrics()).map_err(|problem| document.error(problem))?;
        }
        Ok(suite)
    }

    fn check(&self) -> Result<(), Problem> {
        check_name(&self.name, Path::of(["name"]))?;
        let here = |index: usize| Path::of(["series"]).to(index);
        if self.series.is_empty() {
            return Err(Problem::new(Path::of(["series"]), "a suite has one series at least"));
        }
        for (index, series) in self.series.iter().enumerate() {
            check_name(&series.name, here(index).to("name"))?;
            if let Some(first) = self.series[..index].iter().position(|other| other.name == series.name) {
                let message = format!("series {first} has the name {:?} already", series.name);
                return Err(Problem::new(here(index).to("name"), message));
            }
            if series.scenarios.is_empty() {
                return Err(Problem::new(here(index).to("scenarios"), "a series has one scenario at least"));
            }
        }
        Ok(())
    }
}

/// Returns the JSON Schema of suite files.
pub fn schema(draft: Draft) -> serde_json::Value {
    let mut schema = draft.settings().into_generator().into_root_schema_for::<Suite>().to_value();
    schema["title"] = "Synod suite".into();
    schema
}

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Anything, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Anything)
    }
}

impl JsonSchema for Anything {
    fn schema_name() -> Cow<'static, str> {
        "Anything".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Values;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of values, or a map of names to values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
                let first = items.next_element::<IgnoredAny>()?;
                while items.next_element::<IgnoredAny>()?.is_some() {}
                first.map(|_| Values).ok_or_else(|| A::Error::custom("there is no value here"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Values, A::Error> {
                let first = entries.next_entry::<String, IgnoredAny>()?;
                while entries.next_entry::<String, IgnoredAny>()?.is_some() {}
                first.map(|_| Values).ok_or_else(|| A::Error::custom("there is no value here"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl JsonSchema for Values {
    fn schema_name() -> Cow<'static, str> {
        "Values".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a list of values, or a map of names to values",
            "anyOf": [{ "type": "array", "minItems": 1 }, { "type": "object", "minProperties": 1 }]
        })
    }
}
