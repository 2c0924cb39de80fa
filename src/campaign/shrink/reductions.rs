//! Differences between the original and the shrunk scenario, for people.

use serde::Serialize;
use synod_harness::Path;
use synod_scenario::Document;

/// A difference between the shrunk scenario and the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// A fault was removed.
    FaultRemoved(String),
    /// An expectation was dropped.
    ExpectationDropped(String),
    /// A value was changed.
    Changed {
        /// Its path; of a value of a fault the fault's name and the field.
        what: String,
        /// What it was.
        before: String,
        /// What it is.
        after: String,
    },
}

/// Returns what became of `before`.
pub(super) fn between(before: &Document, after: &Document) -> Vec<Reduction> {
    let (olds, news) = (named(before), named(after));
    let mut reductions = Vec::new();
    for (name, old) in &olds {
        match news.iter().find(|(other, _)| other == name) {
            None => reductions.push(Reduction::FaultRemoved(name.clone())),
            Some((_, new)) => compare(before, old, after, new, name, &mut reductions),
        }
    }
    let expect = Path::of(["expect"]);
    let kept = after.children(&expect);
    let dropped = before.children(&expect).into_iter().filter(|path| !kept.contains(path));
    reductions.extend(dropped.map(|path| Reduction::ExpectationDropped(path.steps()[1].clone())));
    for path in before.children(&Path::root()) {
        if !["faults", "expect"].contains(&path.to_string().as_str()) {
            compare(before, &path, after, &path, &path.to_string(), &mut reductions);
        }
    }
    reductions
}

/// Returns the faults with their names.
fn named(document: &Document) -> Vec<(String, Path)> {
    let faults = document.children(&Path::of(["faults"]));
    let shapes = faults.iter().flat_map(|fault| document.children(fault));
    shapes.map(|shape| (document.text(&shape.to("name")).unwrap_or_default().to_owned(), shape)).collect()
}

/// Enters the differences between the values at `old` and `new`, as deep as both have the same keys.
fn compare(
    before: &Document,
    old: &Path,
    after: &Document,
    new: &Path,
    label: &str,
    reductions: &mut Vec<Reduction>,
) {
    let text = |document: &Document, path: &Path| match document.one_line(path).as_deref() {
        None | Some("null") => "none".to_owned(),
        Some(text) => text.to_owned(),
    };
    let (was, is) = (text(before, old), text(after, new));
    if was == is {
        return;
    }
    let keys = |document: &Document, path: &Path| {
        let children = if document.is_list(path) { Vec::new() } else { document.children(path) };
        children.iter().filter_map(|child| child.steps().last().cloned()).collect::<Vec<_>>()
    };
    let (own, others) = (keys(before, old), keys(after, new));
    let is_law = own.len() == 1 && own != others;
    if own.is_empty() || others.is_empty() || is_law {
        reductions.push(Reduction::Changed { what: label.to_owned(), before: was, after: is });
        return;
    }
    let added = others.iter().filter(|key| !own.contains(key));
    for key in own.iter().chain(added) {
        compare(before, &old.to(key), after, &new.to(key), &format!("{label}.{key}"), reductions);
    }
}
