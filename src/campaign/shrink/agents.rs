//! Fewer agents.

use super::faults;
use super::quantity::{Quantity, Unit};
use super::search::Search;
use synod_harness::{Path, ScenarioError};
use synod_scenario::Document;

/// Up to so many agents every smaller number is tried; beyond, every half.
const FEW: u64 = 32;

/// Tries smaller numbers of agents, the smallest first.
pub(super) fn fewer(search: &mut Search<'_>) {
    let path = Path::of(["agents"]);
    let Some(Quantity { amount: agents, unit: Unit::Count }) = Quantity::at(search.document(), &path) else {
        return;
    };
    let numbers: Vec<u64> = match agents {
        0..=FEW => (1..agents).collect(),
        _ => (1..u64::from(agents.ilog2()))
            .rev()
            .map(|halvings| agents >> halvings)
            .chain([agents - 1])
            .collect(),
    };
    for number in numbers {
        let ways = [Absent::Dropped, Absent::Replaced, Absent::ReplacedEverywhere];
        let attempt = |absent| search.attempt_with(|candidate| reduce(candidate, agents, number, absent));
        if ways.into_iter().any(attempt) {
            return;
        }
    }
}

/// What becomes of agents that are no longer there.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Absent {
    /// Faults forget them.
    Dropped,
    /// Faults strike others in their place.
    Replaced,
    /// Others take their place in the workload as well.
    ReplacedEverywhere,
}

/// Leaves so many `agents` of those `before`.
fn reduce(document: &mut Document, before: u64, agents: u64, absent: Absent) -> Result<(), ScenarioError> {
    document.put(&Path::of(["agents"]), &agents.to_string())?;
    // From the end, so that the paths of what is still to be changed stay the same.
    for path in faults::lists(document, &faults::all()).into_iter().skip(1).rev() {
        let Some(numbers) = numbers(document, &path) else { continue };
        let mut staying: Vec<u64> = match absent {
            Absent::Dropped => numbers.into_iter().filter(|&agent| agent < agents).collect(),
            _ => numbers.into_iter().map(|agent| agent % agents).collect(),
        };
        staying.sort_unstable();
        staying.dedup();
        if staying.is_empty() {
            remove_empty(document, &path)
        } else {
            let items: Vec<String> = staying.iter().map(u64::to_string).collect();
            document.put(&path, &format!("[{}]", items.join(", ")))?;
        }
    }
    if absent == Absent::ReplacedEverywhere {
        for path in document.scalars(&Path::of(["workload"])) {
            if let Some(Quantity { amount, unit: Unit::Count }) = Quantity::at(document, &path)
                && (agents..before).contains(&amount)
            {
                document.put(&path, &(amount % agents).to_string())?;
            }
        }
    }
    Ok(())
}

/// Returns the numbers in a list of numbers.
fn numbers(document: &Document, list: &Path) -> Option<Vec<u64>> {
    let items = document.children(list);
    let numbers = items.iter().map(|item| document.text(item)?.parse().ok());
    numbers.collect::<Option<Vec<u64>>>().filter(|numbers| !numbers.is_empty())
}

/// Removes the list at `path`, in which nobody is left, from the lists around it; or else the fault, which strikes
/// nobody then.
fn remove_empty(document: &mut Document, path: &Path) {
    let above = Path::of(&path.steps()[..path.steps().len() - 1]);
    let fault = Path::of(&path.steps()[..2]);
    // A single group is separated from nobody.
    let is_group = document.is_list(&above) && document.children(&above).len() > 2;
    document.remove(if is_group { path } else { &fault });
}
