//! Which operations of unknown outcome can matter: those to which something owes what it was told.
//!
//! All others can be left out of any order, by the law of [`Model::owes`], and need not be tried.

use super::model::{Model, OperationOf};

/// Returns those of `open` to which one of `known` may owe its outcome, by itself or through others of them.
pub(super) fn relevant<'a, M: Model>(
    model: &M,
    known: &[&OperationOf<M>],
    open: &[&'a OperationOf<M>],
) -> Vec<&'a OperationOf<M>> {
    let is_owed = |other: &OperationOf<M>| {
        known.iter().any(|operation| {
            operation.returned.as_ref().is_some_and(|(returned, _)| *returned > other.invoked)
                && model.owes(operation, other)
        })
    };
    let may_matter = open.iter().copied().filter(|other| model.may_take_effect(&other.input));
    let (mut kept, mut rest): (Vec<_>, Vec<_>) = may_matter.partition(|other| is_owed(other));
    let mut reached = 0;
    while let Some(&operation) = kept.get(reached) {
        reached += 1;
        let (more, others) = rest.into_iter().partition(|other| model.owes(operation, other));
        rest = others;
        kept.extend::<Vec<_>>(more);
    }
    kept.sort_unstable_by_key(|operation| operation.invoked);
    kept
}

/// Returns true if one of `known`, or another one of `open`, may tell that `other` took effect.
pub(super) fn is_seen<M: Model>(
    model: &M,
    known: &[&OperationOf<M>],
    open: &[&OperationOf<M>],
    other: &OperationOf<M>,
) -> bool {
    known.iter().chain(open).any(|operation| model.sees(operation, other))
}

/// Returns true if whatever comes last of `known` leaves the same state behind, whatever the state was before. Then the
/// operations of unknown outcome that are not relevant may as well take effect after all of them.
pub(super) fn is_settled<M: Model>(model: &M, known: &[&OperationOf<M>]) -> bool {
    let Some(last) = known.last().map(|operation| operation.invoked) else { return true };
    known.iter().all(|operation| match &operation.returned {
        Some((returned, output)) => *returned < last || model.determines(&operation.input, output),
        None => true,
    })
}
