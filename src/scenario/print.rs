//! Tree -> YAML text.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use synod_harness::tree::{Node, Value};
use synod_harness::{Finding, ScenarioError, tree};

/// Returns the tree as a YAML text that reads back to the same.
///
/// # Errors
/// If it has no YAML form.
pub fn to_yaml(tree: &Node) -> Result<String, ScenarioError> {
    serde_yaml::to_string(&Printed(tree))
        .map_err(|error| ScenarioError::of_file("scenario", format!("cannot be printed: {error}")))
}

/// Returns the text of a repro file: `scenario`, the text of a scenario without a finding, with this one.
///
/// # Errors
/// If the finding has no YAML form.
pub fn stamp(finding: &Finding, scenario: &str) -> Result<String, ScenarioError> {
    let finding = tree::write(finding)
        .map_err(|mismatch| ScenarioError::of_file("repro", format!("cannot be printed: {mismatch}")))?;
    let place = finding.place;
    let entry = tree::Entry { key: "repro".to_owned(), place, node: finding };
    let own = to_yaml(&Node { value: Value::Map(vec![entry]), place })?;
    Ok(format!("{}\n{own}", scenario.trim_end()))
}

struct Printed<'a>(&'a Node);

impl Serialize for Printed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Printed(item)))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries
                    .iter()
                    .try_for_each(|entry| map.serialize_entry(&entry.key, &Printed(&entry.node)))?;
                map.end()
            }
            Value::Scalar { .. } if self.0.is_null() => serializer.serialize_unit(),
            Value::Scalar { text, plain: false } => serializer.serialize_str(text),
            Value::Scalar { text, .. } => scalar(text, serializer),
        }
    }
}

/// Returns what was not quoted, as what it is read as.
fn scalar<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    match text {
        "true" => serializer.serialize_bool(true),
        "false" => serializer.serialize_bool(false),
        _ => match (text.parse(), text.parse(), text.parse::<f64>()) {
            (Ok(natural), _, _) => serializer.serialize_u64(natural),
            (_, Ok(integer), _) => serializer.serialize_i64(integer),
            (_, _, Ok(float)) if number && float.is_finite() => serializer.serialize_f64(float),
            _ => serializer.serialize_str(text),
        },
    }
}
