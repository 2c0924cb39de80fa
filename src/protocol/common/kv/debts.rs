//! What operations on a key owe each other: hints for the oracle of linearizability.

use super::command::{Command, Output, Value};

/// An operation on a key, with what its client was told, if it was.
pub type Operation<'a> = (&'a Command, Option<&'a Output>);

/// Returns true if `operation` may owe its outcome to `other`: a get owes what it read to those who wrote it; a
/// compare-and-swap what it expected, and if it did not find that, to whoever may have written in between.
pub fn owes(operation: Operation<'_>, other: Operation<'_>) -> bool {
    let Some(written) = writes(other) else { return false };
    matches!(operation, (_, Some(Output::Swapped(false)))) || names(operation, written)
}

/// Returns true if `operation` names what `other` wrote.
pub fn sees(operation: Operation<'_>, other: Operation<'_>) -> bool {
    writes(other).is_some_and(|written| names(operation, written))
}

/// Returns true if it makes no difference which of two commands takes effect, as long as nobody sees what they wrote.
pub fn are_alike(command: &Command, other: &Command) -> bool {
    matches!(
        (command, other),
        (Command::Put { .. }, Command::Put { .. }) | (Command::Append { .. }, Command::Append { .. })
    )
}

/// Returns the values through which a key may come to what `operation` names: the beginnings of that list. `None` if it is
/// too long for that.
pub fn glimpses(operation: Operation<'_>) -> Option<Vec<Value>> {
    let Some(found) = found(operation) else { return Some(Vec::new()) };
    let beginnings = (0..=found.0.len()).map(|length| Value(found.0[..length].into()));
    (found.0.len() <= LONGEST).then(|| beginnings.collect())
}

/// The longest list of which all beginnings are looked at.
const LONGEST: usize = 32;

/// Returns true if what an operation read or expected has `number` in it.
fn names(operation: Operation<'_>, number: u64) -> bool {
    found(operation).is_some_and(|found| found.0.contains(&number))
}

/// Returns true if `operation`, which does not fit where the key holds `held`, may do so after `other`. To find a list, the
/// next of its numbers has to be appended, or else another first one put.
pub fn awaits(held: &Value, operation: Operation<'_>, other: Operation<'_>) -> bool {
    if let (_, Some(Output::Swapped(false))) = operation {
        return owes(operation, other);
    }
    let (Some(written), Some(found)) = (writes(other), found(operation)) else { return false };
    match other.0 {
        Command::Append { .. } => found.0.starts_with(&held.0) && found.0.get(held.0.len()) == Some(&written),
        _ => found.0.first() == Some(&written),
    }
}

/// Returns true if the key holds the same after the operation, whatever it held before.
pub fn determines(command: &Command, output: &Output) -> bool {
    match (command, output) {
        (Command::Get { .. }, Output::Value(_)) | (Command::Put { .. }, _) => true,
        (Command::Cas { .. }, output) => *output == Output::Swapped(true),
        _ => false,
    }
}

/// Returns the number that an operation may have written.
fn writes((command, told): Operation<'_>) -> Option<u64> {
    if told == Some(&Output::Swapped(false)) { None } else { command.written() }
}

/// Returns what the key must have held.
fn found<'a>((command, told): Operation<'a>) -> Option<&'a Value> {
    match (command, told) {
        (_, Some(Output::Value(value))) => Some(value),
        (Command::Cas { expected, .. }, _) => Some(expected),
        _ => None,
    }
}
