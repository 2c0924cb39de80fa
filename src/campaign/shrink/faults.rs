//! Fewer faults, on fewer agents, for a shorter time, and weaker.
//!
//! An entry is `- kind: {field: value, …}`. Nothing is known of kinds; of fields only which say when a fault begins and
//! ends.

use super::quantity::{self, Quantity, Unit};
use super::search::Search;
use super::thin;
use crate::scenario::{Document, Path, ScenarioError};
use crate::sim::Time;

/// Fields that say when a fault begins.
const BEGINNINGS: [&str; 2] = ["from", "at"];
/// Fields that say when it ends.
const ENDS: [&str; 2] = ["until", "restart_after"];
/// Fields that say nothing of how strong it is.
const NO_STRENGTHS: [&str; 2] = ["name", "period"];

/// Removes faults, and agents from those that stay.
pub(super) fn fewer(search: &mut Search<'_>) {
    let faults = search.document().children(&all());
    thin::out(search, &faults);
    let mut place = 0;
    // Removing an item of a list can remove lists that come after it.
    while let Some(list) = lists(search.document(), &all()).into_iter().skip(1).nth(place) {
        let items = search.document().children(&list);
        if items.len() > 1 {
            thin::out(search, &items);
        }
        place += 1;
    }
}

/// Lets faults begin later and end earlier.
pub(super) fn shorter(search: &mut Search<'_>) {
    for path in search.document().scalars(&all()) {
        let put = |document: &mut Document, text: &str| document.put(&path, text);
        let end = search.outcome().end.at.since(Time::ZERO).as_nanos();
        let value = search.document().text(&path).map(Quantity::parse);
        match (field(&path), value) {
            (Some(name), Some(Some(Quantity { amount, unit: Unit::Span }))) if BEGINNINGS.contains(&name) => {
                quantity::raise(search, Unit::Span, end, amount, &put);
            }
            (Some(name), Some(Some(Quantity { amount, unit: Unit::Span }))) if ENDS.contains(&name) => {
                quantity::lower(search, Unit::Span, 0, amount, &put);
            }
            // It never ends; one that lasts as long as the run is no shorter, but half of that is.
            (Some(name), None) if ENDS.contains(&name) => {
                quantity::lower(search, Unit::Span, 0, end, &put);
            }
            _ => {}
        }
    }
}

/// Lowers everything else that faults say in numbers.
pub(super) fn weaker(search: &mut Search<'_>) {
    for path in search.document().scalars(&all()) {
        let Some(name) = field(&path) else { continue };
        if [&BEGINNINGS[..], &ENDS, &NO_STRENGTHS].concat().contains(&name) {
            continue;
        }
        if let Some(Quantity { amount, unit }) = Quantity::at(search.document(), &path) {
            let put = |document: &mut Document, text: &str| document.put(&path, text);
            quantity::lower(search, unit, 0, amount, &put);
        }
    }
}

/// Takes away the ends of faults that lie beyond `horizon`, in nanoseconds: there they mean nothing.
pub(super) fn clip(document: &mut Document, horizon: u64) -> Result<(), ScenarioError> {
    for path in document.scalars(&all()) {
        let is_end = field(&path).is_some_and(|name| ENDS.contains(&name));
        if is_end && Quantity::at(document, &path).is_some_and(|end| end.amount > horizon) {
            document.put(&path, "null")?;
        }
    }
    Ok(())
}

/// The paths of all lists of faults: the one of faults itself, and those in it.
pub(super) fn lists(document: &Document, path: &Path) -> Vec<Path> {
    let own = document.is_list(path).then(|| path.clone());
    let inner = document.children(path);
    own.into_iter().chain(inner.iter().flat_map(|child| lists(document, child))).collect()
}

/// The path of all faults.
pub(super) fn all() -> Path {
    Path::of(["faults"])
}

/// The field that a scalar is the value of; `None` for an item of a list.
fn field(path: &Path) -> Option<&str> {
    let last = path.steps().last()?;
    last.parse::<usize>().is_err().then_some(last)
}
