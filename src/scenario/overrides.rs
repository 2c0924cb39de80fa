//! Overrides: `--set path=value`, laid over the tree before it is read strictly.

use super::parse;
use synod_harness::tree::{Entry, Node, Place, Source, SourceKind, Tree, Value};
use synod_harness::{ScenarioError, quote};

/// The words that can end the path of an expectation, after a metric's name.
const BOUNDS: [&str; 3] = ["exactly", "at_least", "at_most"];

/// The longest path.
const MAX_STEPS: usize = 64;

pub(super) fn set(tree: &mut Tree, assignment: &str) -> Result<(), ScenarioError> {
    let name = source_name(assignment);
    let Some((path, value)) = assignment.split_once('=') else {
        let mut error = ScenarioError::of_file(&name, "an override needs a value");
        error.help = Some("write path=value, such as network.loss=5%".into());
        return Err(error);
    };
    let steps = steps(path).map_err(|message| ScenarioError::of_file(&name, message))?;
    lay(tree, name, &steps, value)
}

/// Returns what errors call an override.
pub(super) fn source_name(assignment: &str) -> String {
    format!("--set {}", assignment.escape_debug())
}

/// Lays `value`, a YAML text, over the document at the end of `steps`. Errors call it `name`.
pub(super) fn lay<S: AsRef<str>>(
    tree: &mut Tree,
    name: String,
    steps: &[S],
    value: &str,
) -> Result<(), ScenarioError> {
    let index = tree.sources.len() as u32;
    let source = Source { name, text: value.to_owned(), kind: SourceKind::Override };
    let place = Place { source: index, line: 1, column: 1, width: 1 };
    let value = if value.trim().is_empty() {
        Node { value: Value::Scalar { text: String::new(), plain: true }, place }
    } else {
        parse::parse(&source, index)?
    };
    let slot = walk(&mut tree.root, steps, place)
        .map_err(|message| ScenarioError::at(&source, place, message, None))?;
    *slot = value;
    tree.sources.push(source);
    Ok(())
}

/// Returns the steps of a path, or that it is none.
pub(super) fn steps(path: &str) -> Result<Vec<&str>, String> {
    let steps = parted(path);
    if steps.len() > MAX_STEPS || steps.iter().any(|step| step.is_empty()) {
        Err(format!("{} is no path", quote(path)))
    } else {
        Ok(steps)
    }
}

/// Returns a path, parted. The names of metrics hold points themselves, so that `expect.latency.p99_ns.at_most` has
/// three steps.
fn parted(path: &str) -> Vec<&str> {
    let Some(metric) = path.strip_prefix("expect.") else { return path.split('.').collect() };
    match metric.rsplit_once('.') {
        Some((metric, bound)) if BOUNDS.contains(&bound) => vec!["expect", metric, bound],
        Some(("violates", index)) => vec!["expect", "violates", index],
        _ => vec!["expect", metric],
    }
}

/// Returns the value at the end of `steps`, created if need be.
pub(super) fn walk<'a, S: AsRef<str>>(
    mut node: &'a mut Node,
    steps: &[S],
    place: Place,
) -> Result<&'a mut Node, String> {
    for (depth, step) in steps.iter().map(AsRef::as_ref).enumerate() {
        let so_far = steps[..depth].iter().map(AsRef::as_ref).collect::<Vec<_>>().join(".");
        if node.is_null() {
            node.value = Value::Map(Vec::new());
        }
        node = match &mut node.value {
            Value::Map(entries) => match entries.iter().position(|entry| entry.key == step) {
                Some(index) => &mut entries[index].node,
                None => {
                    let value = Value::Map(Vec::new());
                    entries.push(Entry { key: step.to_string(), place, node: Node { value, place } });
                    let last = entries.len() - 1;
                    &mut entries[last].node
                }
            },
            Value::List(items) => {
                let count = items.len();
                step.parse::<usize>().ok().and_then(|index| items.get_mut(index)).ok_or_else(
                    || match count {
                        0 => format!("{so_far} is empty: it has no item {}", quote(step)),
                        _ => format!("{so_far} has the items 0 to {}, not {}", count - 1, quote(step)),
                    },
                )?
            }
            Value::Scalar { text, .. } => {
                return Err(format!("{so_far} is {}: it has no {} inside", quote(text), quote(step)));
            }
        };
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use crate::Document;
    use std::collections::BTreeMap;
    use synod_harness::{Scenario, ScenarioError, Vocabulary, World, metric};

    const TEXT: &str = "\
name: example
agents: 4
network: {latency: {constant: 5ms}}
protocol: {flood: {rounds: 3}}
workload:
faults:
  - silent: {agents: [0]}
";

    type Read = Scenario<BTreeMap<String, u32>, ()>;

    fn read(overrides: &[&str]) -> Result<Read, ScenarioError> {
        let mut document = Document::parse("x.yaml", TEXT)?;
        overrides.iter().try_for_each(|assignment| document.set(assignment))?;
        Scenario::read(
            &document.complete()?,
            "flood",
            &Vocabulary { metrics: &[&metric::LATENCY.p99], oracles: &["agreement"], marks: &[] },
        )
    }

    fn refusal(assignment: &str) -> String {
        read(&[assignment]).unwrap_err().to_string()
    }

    #[test]
    fn overrides_replace_and_create() {
        let scenario = read(&[
            "agents=7",
            "network.loss=5%",
            "network.latency={uniform: {min: 1ms, max: 2ms}}",
            "faults.0.silent.from=1s",
            "faults.0.silent.agents.0=6",
            "protocol.flood.rounds=9",
            "workload=",
            "limits.events=10",
            "expect.latency.p99_ns.at_most=1s",
            "expect.violates=[agreement]",
            "about=a = b",
        ])
        .unwrap();
        let plan = scenario.world.plan(1, None);
        assert_eq!((scenario.world.agents, scenario.world.limits.events), (7, 10));
        assert_eq!(scenario.world.network.loss.to_string(), "5%");
        assert_eq!(
            (plan.faults[0].from().to_string(), plan.faults[0].agents().named()[0].0),
            ("1s".to_owned(), 6)
        );
        assert_eq!(scenario.params["rounds"], 9);
        assert_eq!(scenario.world.expect.bounds[0].0, "latency.p99_ns");
        assert_eq!(scenario.world.expect.violates.as_deref(), Some(&["agreement".to_owned()][..]));
        assert_eq!(scenario.world.about, "a = b");
    }

    #[test]
    fn errors_of_overrides_name_the_override() {
        for (assignment, error) in [
            ("network.loss=150%", r#""150%": a share is at most 100%"#),
            ("network.los=1%", r#"unknown field "los", did you mean "loss"?"#),
            ("newtork.loss=1%", r#"unknown field "newtork", did you mean "network"?"#),
            ("limits={event: 1}", r#"unknown field "event", did you mean "events"?"#),
            ("name.first=a", r#"name is "example": it has no "first" inside"#),
            ("faults.1.silent.from=1s", r#"faults has the items 0 to 0, not "1""#),
            ("faults.x=1", r#"faults has the items 0 to 0, not "x""#),
            ("network.loss=[", "broken YAML: unclosed bracket '['"),
            ("network..loss=1", r#""network..loss" is no path"#),
            ("horizon=0", "a run takes longer than no time"),
        ] {
            assert_eq!(refusal(assignment), format!("--set {assignment}: error: {error}"));
        }
        assert_eq!(
            refusal("network.loss"),
            "--set network.loss: error: an override needs a value\n = help: write path=value, such as network.loss=5%"
        );
    }

    #[test]
    fn what_is_not_overridden_keeps_its_position() {
        let mut document = Document::parse("x.yaml", &TEXT.replace("agents: 4", "agent: 4")).unwrap();
        document.set("network.loss=5%").unwrap();
        let error = World::read(&document.complete().unwrap(), &Vocabulary::default()).unwrap_err();
        assert!(error.to_string().starts_with("x.yaml:2:1: error: unknown field \"agent\""), "{error}");
    }

    #[test]
    fn a_path_cannot_go_on_for_ever() {
        let path = vec!["a"; 10_000].join(".");
        assert!(refusal(&format!("{path}=1")).contains("is no path"));
    }
}
