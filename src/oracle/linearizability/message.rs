//! The violation message of a counterexample, and its data for drawing.

use super::minimize::Counterexample;
use super::model::Model;
use std::collections::BTreeSet;
use synod_sim::{Interleaving, Interval, NodeId, Violation};

/// Returns the objection to `counterexample`.
pub(super) fn violation<M: Model>(model: &M, counterexample: &Counterexample<M>) -> Violation {
    let Counterexample { prefixes, operations, is_minimal } = counterexample;
    let key = operations.first().map(|operation| model.key(&operation.input).to_string()).unwrap_or_default();
    let states: BTreeSet<&M::State> = prefixes.iter().map(|prefix| &prefix.state).collect();
    let states: Vec<String> = states.into_iter().map(ToString::to_string).collect();
    let before = format!("{key} held {}", states.join(" or "));
    let intervals = intervals(operations);
    let told: Vec<String> = intervals.iter().map(Interval::to_string).collect();
    let minimize = if *is_minimal { "" } else { " (and fewer may do)" };
    let message = format!(
        "no order of {} explains what clients were told{minimize}: {before} at first; {}",
        match operations.len() {
            1 => "one operation".to_owned(),
            count => format!("{count} operations"),
        },
        told.join("; ")
    );
    let nodes: BTreeSet<NodeId> = operations.iter().map(|operation| operation.node).collect();
    Violation::new(nodes, message).with("key", key).drawn(Interleaving { before, intervals })
}

/// Returns the operations side by side.
fn intervals<I: std::fmt::Display, O: std::fmt::Display>(
    operations: &[super::Operation<I, O>],
) -> Vec<Interval> {
    let returned = |operation: &super::Operation<I, O>| operation.returned.as_ref().map(|(place, _)| *place);
    let invocations = operations.iter().map(|operation| operation.invoked);
    let ends: BTreeSet<_> = invocations.chain(operations.iter().filter_map(returned)).collect();
    let rank = |place| ends.range(..place).count() as u32;
    let interval = |operation: &super::Operation<I, O>| Interval {
        who: format!("client {}", operation.client),
        asked: operation.input.to_string(),
        told: operation.output().map(ToString::to_string),
        from: operation.invoked.at,
        until: returned(operation).map(|place| place.at),
        first: rank(operation.invoked),
        last: returned(operation).map(rank),
    };
    operations.iter().map(interval).collect()
}
