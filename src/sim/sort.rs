//! Sorts that every protocol needs: compiled here once, and not wherever they are used.

use super::{Digest, NodeId};

/// Sorts nodes by number.
pub fn nodes(nodes: &mut [NodeId]) {
    nodes.sort_unstable();
}

/// Returns the nodes by number, each once.
pub fn distinct(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Sorts digests.
pub fn digests(digests: &mut [Digest]) {
    digests.sort_unstable();
}

/// Sorts numbers, the highest first.
pub fn descending(numbers: &mut [u64]) {
    numbers.sort_unstable_by(|a, b| b.cmp(a));
}
