//! Fewer faults, on fewer agents, for a shorter time, and weaker.
//!
//! An entry is `- kind: {field: value, …}`. Nothing is known of kinds, and of fields only what is said below.

use super::ddmin;
use super::quantity::{self, Quantity, Unit};
use super::search::Search;
use synod_harness::Path;
use synod_scenario::Document;
use synod_sim::Time;

/// The field that says when a fault begins.
const BEGINNING: &str = "from";
/// The field that says when it ends; it never does without.
const END: &str = "until";
/// Fields of which less is not weaker: when a fault is off, how soon it is over, how far the unhindered reach.
const NO_STRENGTHS: [&str; 4] = ["name", "off", "leave", "reach"];

/// Removes faults, and agents from those that stay.
pub(super) fn fewer(search: &mut Search<'_>) {
    let faults = search.document().children(&all());
    ddmin::ddmin(search, &faults);
    let mut place = 0;
    // Removing an item of a list can remove lists that come after it.
    while let Some(list) = lists(search.document(), &all()).into_iter().skip(1).nth(place) {
        let items = search.document().children(&list);
        if items.len() > 1 {
            ddmin::ddmin(search, &items);
        }
        place += 1;
    }
}

/// Lets faults begin later and end earlier.
pub(super) fn shorter(search: &mut Search<'_>) {
    for fault in settings(search.document()) {
        let over = search.outcome().end.at.since(Time::ZERO).as_nanos();
        for (field, is_end) in [(END, true), (BEGINNING, false)] {
            let path = fault.to(field);
            let put = |document: &mut Document, text: &str| document.put(&path, text);
            let now = Quantity::at(search.document(), &path).map(|span| span.amount);
            if is_end {
                // One that lasts as long as the run is no shorter than one that never ends, but half of that is.
                quantity::lower(search, Unit::Span, 0, now.unwrap_or(over), &put)
            } else {
                quantity::raise(search, Unit::Span, over, now.unwrap_or(0), &put)
            }
        }
    }
}

/// Lowers everything else that faults say in numbers.
pub(super) fn weaker(search: &mut Search<'_>) {
    for path in search.document().scalars(&all()) {
        let Some(name) = path.steps().last() else { continue };
        // Items of lists are agents, not strengths.
        let is_item = name.parse::<usize>().is_ok();
        if is_item || [&NO_STRENGTHS[..], &[BEGINNING, END]].concat().contains(&name.as_str()) {
            continue;
        }
        if let Some(Quantity { amount, unit }) = Quantity::at(search.document(), &path) {
            let put = |document: &mut Document, text: &str| document.put(&path, text);
            quantity::lower(search, unit, 0, amount, &put);
        }
    }
}

/// Takes away the ends of faults that lie beyond `horizon`, in nanoseconds: there they mean nothing.
pub(super) fn clip(document: &mut Document, horizon: u64) {
    for fault in settings(document) {
        let end = fault.to(END);
        if Quantity::at(document, &end).is_some_and(|end| end.amount > horizon) {
            document.remove(&end);
        }
    }
}

/// Returns the paths of the settings of every fault.
fn settings(document: &Document) -> Vec<Path> {
    document.children(&all()).iter().flat_map(|fault| document.children(fault)).collect()
}

/// Returns the paths of all lists of faults: the one of faults itself, and those in it.
pub(super) fn lists(document: &Document, path: &Path) -> Vec<Path> {
    let own = document.is_list(path).then(|| path.clone());
    let inner = document.children(path);
    own.into_iter().chain(inner.iter().flat_map(|child| lists(document, child))).collect()
}

/// Returns the path of all faults.
pub(super) fn all() -> Path {
    Path::of(["faults"])
}
