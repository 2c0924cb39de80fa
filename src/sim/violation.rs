//! What an oracle objects to, and what its objection rests on.

use super::interleaving::Interleaving;
use super::value::Value;
use super::{Digest, NodeId};
use serde::Serialize;
use std::fmt;

/// What an oracle objects to.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The nodes concerned.
    pub agents: Vec<NodeId>,
    /// What happened, in one sentence.
    pub message: String,
    /// What the sentence names, as data.
    pub evidence: Vec<Evidence>,
    /// The operations concerned, side by side, where their times are what matters.
    pub interleaving: Option<Interleaving>,
}

/// A fact that an objection rests on: the operation, the slot, the digest in question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What it is. Where nodes claim the same thing, it is the name of the claim's field, by which the claims that the
    /// objection is about are found; an operation is `operation`, however claims call it.
    pub name: &'static str,
    /// The node that holds it, where nodes hold different values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<NodeId>,
    /// The value.
    pub value: Value,
}

impl Violation {
    /// An objection.
    pub fn new(agents: impl IntoIterator<Item = NodeId>, message: impl fmt::Display) -> Violation {
        Violation {
            agents: agents.into_iter().collect(),
            message: message.to_string(),
            evidence: Vec::new(),
            interleaving: None,
        }
    }

    /// This objection, which is about the `value` called `name`.
    pub fn with(self, name: &'static str, value: impl Serialize) -> Violation {
        self.resting_on(name, None, &value)
    }

    /// This objection, to which it matters that `agent` holds the `value` called `name`.
    pub fn held(self, agent: NodeId, name: &'static str, value: impl Serialize) -> Violation {
        self.resting_on(name, Some(agent), &value)
    }

    fn resting_on(mut self, name: &'static str, agent: Option<NodeId>, value: &impl Serialize) -> Violation {
        // What refuses to be serialized says why in its place.
        let value = Value::of(value).unwrap_or_else(|error| Value::Text(error.to_string()));
        self.evidence.push(Evidence { name, agent, value });
        self
    }

    /// This objection with the operations that it is about.
    pub fn drawn(self, interleaving: Interleaving) -> Violation {
        Violation { interleaving: Some(interleaving), ..self }
    }

    /// The objection that two nodes hold different values where they must hold one.
    pub fn differ(what: impl fmt::Display, (a, x): (NodeId, Digest), (b, y): (NodeId, Digest)) -> Violation {
        Violation::new([a, b], format_args!("{what}: agent {a} has {x}, agent {b} has {y}"))
            .held(a, "digest", x)
            .held(b, "digest", y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn evidence_says_whose_it_is_where_that_matters() {
        let (ours, theirs) = ((NodeId(0), Digest([1; 32])), (NodeId(2), Digest([2; 32])));
        let violation = Violation::differ("slot 3", ours, theirs).with("sequence", 3u64);
        assert_eq!(
            serde_json::to_value(&violation.evidence).expect("it has a JSON form"),
            json!([
                {"name": "digest", "agent": 0, "value": "0101010101010101"},
                {"name": "digest", "agent": 2, "value": "0202020202020202"},
                {"name": "sequence", "value": 3},
            ])
        );
    }
}
