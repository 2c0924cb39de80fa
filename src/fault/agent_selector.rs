//! Selects the agents of a fault: by number, by count, or by role.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use synod_sim::NodeId;
use synod_sim::units::Share;

/// The agents of a fault, as a scenario selects them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AgentSelector {
    /// Not specified: all agents, where that makes sense.
    #[default]
    Unspecified,
    /// These, by number: `[0, 3]`.
    Listed(Vec<u32>),
    /// So many, drawn from the seed: `3`. All faults that corrupt agents draw the same ones, and all others draw from
    /// the rest for as long as there is one.
    Count(u32),
    /// Such a part of all agents, rounded up, drawn as for a count: `20%`.
    Fraction(Share),
    /// As many as the protocol tolerates, drawn as for a count: `f`.
    Tolerated,
    /// As many as two quorums share at least, drawn as for a count: `2q-n`. One more than is tolerated, or a few.
    QuorumOverlap,
    /// The current leader when the fault begins: `leader`.
    Leader,
    /// All agents of a region of the network: `{region: eu}`.
    Region(String),
}

impl AgentSelector {
    /// Returns true if the scenario does not say.
    pub fn is_unspecified(&self) -> bool {
        *self == AgentSelector::Unspecified
    }

    /// Returns how many of so many agents it is, if it is a number of them or a part.
    pub fn number(&self, agents: u32) -> Option<u32> {
        match self {
            AgentSelector::Count(count) => Some(*count),
            AgentSelector::Fraction(share) => {
                let part = u64::from(agents) * u64::from(share.ppb());
                Some(part.div_ceil(u64::from(Share::WHOLE.ppb())) as u32)
            }
            _ => None,
        }
    }

    /// Returns the agents by number, in ascending order; empty unless they are named.
    pub fn named(&self) -> Vec<NodeId> {
        let AgentSelector::Listed(list) = self else { return Vec::new() };
        let mut nodes: Vec<NodeId> = list.iter().copied().map(NodeId).collect();
        nodes.sort();
        nodes
    }
}

impl Serialize for AgentSelector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            AgentSelector::Unspecified => serializer.serialize_none(),
            AgentSelector::Listed(list) => list.serialize(serializer),
            AgentSelector::Count(count) => serializer.serialize_u32(*count),
            AgentSelector::Fraction(share) => share.serialize(serializer),
            AgentSelector::Tolerated => serializer.serialize_str("f"),
            AgentSelector::QuorumOverlap => serializer.serialize_str("2q-n"),
            AgentSelector::Leader => serializer.serialize_str("leader"),
            AgentSelector::Region(region) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("region", region)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for AgentSelector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AgentSelector, D::Error> {
        struct SelectorVisitor;
        impl<'de> Visitor<'de> for SelectorVisitor {
            type Value = AgentSelector;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("agents, such as [0, 3], 2, 20%, f, 2q-n, leader or {region: name}")
            }

            fn visit_unit<E: Error>(self) -> Result<AgentSelector, E> {
                Ok(AgentSelector::Unspecified)
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<AgentSelector, E> {
                match u32::try_from(count) {
                    Ok(count @ 1..) => Ok(AgentSelector::Count(count)),
                    _ => Err(E::custom(format!("{count} agents cannot be struck"))),
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AgentSelector, E> {
                match text {
                    "f" => Ok(AgentSelector::Tolerated),
                    "2q-n" => Ok(AgentSelector::QuorumOverlap),
                    "leader" => Ok(AgentSelector::Leader),
                    text => match text.parse() {
                        Ok(Share::NONE) => Err(E::custom("no agents cannot be struck")),
                        Ok(share) => Ok(AgentSelector::Fraction(share)),
                        Err(_) => Err(E::custom(format!(
                            "{text:?} names no agents: use [0, 3], 2, 20%, f, 2q-n or leader"
                        ))),
                    },
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<AgentSelector, A::Error> {
                let mut list = Vec::new();
                while let Some(agent) = items.next_element()? {
                    list.push(agent);
                }
                Ok(AgentSelector::Listed(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AgentSelector, A::Error> {
                let region = match map.next_key::<String>()?.as_deref() {
                    Some("region") => map.next_value()?,
                    _ => {
                        return Err(A::Error::custom("only a region can be named like this: {region: name}"));
                    }
                };
                match map.next_key::<String>()? {
                    None => Ok(AgentSelector::Region(region)),
                    Some(_) => Err(A::Error::custom("one region at a time")),
                }
            }
        }
        deserializer.deserialize_any(SelectorVisitor)
    }
}

impl JsonSchema for AgentSelector {
    fn schema_name() -> Cow<'static, str> {
        "AgentSelector".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let share = generator.subschema_for::<Share>();
        json_schema!({
            "description": "Agents by number, or how many the seed draws, or which part of all, or f (as many as the protocol tolerates), 2q-n (as many as two quorums share), leader, or those of a region.",
            "anyOf": [
                { "type": "array", "items": { "type": "integer", "minimum": 0 } },
                { "type": "integer", "minimum": 1 },
                share,
                { "enum": ["f", "2q-n", "leader"] },
                { "type": "object", "properties": { "region": { "type": "string" } }, "required": ["region"], "additionalProperties": false }
            ]
        })
    }
}
