//! The JSON Schema of scenario files, for editors.

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
}

impl<'a> ProtocolSchema<'a> {
    /// Returns the protocol called `name`, with parameters of type `P` and a workload of type `W`.
    pub fn of<P: JsonSchema, W: JsonSchema>(name: &'a str) -> ProtocolSchema<'a> {
        ProtocolSchema {
            name,
            params: SchemaGenerator::subschema_for::<P>,
            workload: SchemaGenerator::subschema_for::<W>,
        }
    }
}

/// Returns the schema of scenario files that run any of these protocols.
pub fn schema(protocols: &[ProtocolSchema<'_>], draft: Draft) -> Value {
    let mut generator = draft.settings().into_generator();
    let alternatives: Vec<Value> = protocols
        .iter()
        .map(|protocol| {
            let params = (protocol.params)(&mut generator);
            let workload = (protocol.workload)(&mut generator);
            json!({
                "properties": {
                    "protocol": {
                        "type": "object",
                        "properties": { protocol.name: params },
                        "required": [protocol.name],
                        "additionalProperties": false
                    },
                    "workload": workload
                }
            })
        })
        .collect();
    let mut root = generator.into_root_schema_for::<World>().to_value();
    root["title"] = json!("Synod scenario");
    root["oneOf"] = Value::Array(alternatives);
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
