//! The JSON Schema of scenario files, for editors.

use super::inner::InnerProtocol;
use super::world::World;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// A version of JSON Schema.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// What editors' YAML servers read.
    Draft07,
    /// The newest.
    Draft2020,
}

impl Draft {
    /// How to write a schema of this version.
    pub fn settings(self) -> SchemaSettings {
        match self {
            Draft::Draft07 => SchemaSettings::draft07(),
            Draft::Draft2020 => SchemaSettings::draft2020_12(),
        }
    }
}

/// A protocol as the schema knows it: its name and the types of its parameters and workload.
#[derive(Copy, Clone, Debug)]
pub struct ProtocolSchema<'a> {
    name: &'a str,
    params: fn(&mut SchemaGenerator) -> Schema,
    workload: fn(&mut SchemaGenerator) -> Schema,
    /// True if it can run inside other protocols.
    is_inner: bool,
}

impl<'a> ProtocolSchema<'a> {
    /// Returns the protocol called `name`, with parameters of type `P` and a workload of type `W`.
    pub fn of<P: JsonSchema, W: JsonSchema>(name: &'a str) -> ProtocolSchema<'a> {
        ProtocolSchema {
            name,
            params: SchemaGenerator::subschema_for::<P>,
            workload: SchemaGenerator::subschema_for::<W>,
            is_inner: false,
        }
    }

    /// Returns the same protocol as one that can run inside others.
    pub fn inner(self) -> ProtocolSchema<'a> {
        ProtocolSchema { is_inner: true, ..self }
    }
}

/// Returns the schema of scenario files that run any of these protocols.
pub fn schema(protocols: &[ProtocolSchema<'_>], draft: Draft) -> Value {
    let mut generator = draft.settings().into_generator();
    let mut inner = Vec::new();
    let alternatives: Vec<Value> = protocols
        .iter()
        .map(|protocol| {
            let params = (protocol.params)(&mut generator);
            let workload = (protocol.workload)(&mut generator);
            let named = json!({
                "type": "object",
                "properties": { protocol.name: params },
                "required": [protocol.name],
                "additionalProperties": false
            });
            inner.extend(protocol.is_inner.then(|| named.clone()));
            json!({ "properties": { "protocol": named, "workload": workload } })
        })
        .collect();
    let mut root = generator.into_root_schema_for::<World>().to_value();
    root["title"] = json!("Synod scenario");
    root["oneOf"] = Value::Array(alternatives);
    for definitions in ["definitions", "$defs"] {
        if let Some(definition) = root.pointer_mut(&format!("/{definitions}/{}", InnerProtocol::SCHEMA)) {
            *definition = json!({
                "description": "A deciding protocol and its parameters, as they stand under `protocol` where it runs alone.",
                "oneOf": inner,
            });
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[schemars(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema matters")]
    struct Params {
        /// How many rounds.
        rounds: u32,
    }

    #[test]
    fn every_protocol_is_an_alternative() {
        let protocols =
            [ProtocolSchema::of::<Params, ()>("flood"), ProtocolSchema::of::<(), Params>("gossip")];
        for (draft, version, definitions) in [
            (Draft::Draft07, "http://json-schema.org/draft-07/schema#", "definitions"),
            (Draft::Draft2020, "https://json-schema.org/draft/2020-12/schema", "$defs"),
        ] {
            let schema = schema(&protocols, draft);
            assert_eq!(schema["$schema"], version);
            assert_eq!(schema["additionalProperties"], false);
            assert_eq!(schema["oneOf"][1]["properties"]["protocol"]["required"], json!(["gossip"]));
            let params = &schema[definitions]["Params"];
            assert_eq!(params["properties"]["rounds"]["description"], "How many rounds.");
            assert_eq!(schema["properties"]["seed"]["default"], 1);
        }
    }
}
