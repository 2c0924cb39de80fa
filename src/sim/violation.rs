//! Violations that oracles find, and their evidence.

use super::interleaving::Interleaving;
use super::value::{Value, ValueError};
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
    /// The facts that the message mentions, as data.
    pub evidence: Vec<Evidence>,
    /// The operations concerned, side by side, where their times are what matters.
    pub interleaving: Option<Interleaving>,
}

/// Evidence of a violation: the operation, slot or digest in question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// Its name. It is that of the field in claims of the same fact, by which those claims are found; an operation is
    /// always `operation`.
    pub name: &'static str,
    /// The node that holds this value, where nodes hold different ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<NodeId>,
    /// The value.
    pub value: Value,
}

impl Violation {
    /// Creates an objection.
    pub fn new(agents: impl IntoIterator<Item = NodeId>, message: impl fmt::Display) -> Violation {
        Violation::of(agents.into_iter().collect(), message.to_string())
    }

    fn of(agents: Vec<NodeId>, message: String) -> Violation {
        Violation { agents, message, evidence: Vec::new(), interleaving: None }
    }

    /// Adds `value`, called `name`, to the evidence.
    pub fn with(self, name: &'static str, value: impl Serialize) -> Violation {
        self.resting_on(name, None, Value::of(&value))
    }

    /// Adds to the evidence that `agent` holds `value`, called `name`.
    pub fn held(self, agent: NodeId, name: &'static str, value: impl Serialize) -> Violation {
        self.resting_on(name, Some(agent), Value::of(&value))
    }

    fn resting_on(
        mut self,
        name: &'static str,
        agent: Option<NodeId>,
        value: Result<Value, ValueError>,
    ) -> Violation {
        // A value whose serialization fails is replaced by its error.
        let value = value.unwrap_or_else(|error| Value::Text(error.to_string()));
        self.evidence.push(Evidence { name, agent, value });
        self
    }

    /// This objection with the operations that it is about.
    pub fn drawn(self, interleaving: Interleaving) -> Violation {
        Violation { interleaving: Some(interleaving), ..self }
    }

    /// Returns the objection that two nodes hold different values where they must hold one.
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
