//! Links that keep the order of what they carry.

use synod_sim::{NodeId, Time};

/// When the latest copy arrives on every (sender, receiver) that keeps order. A sender's row of 8 bytes a receiver is
/// made when it first sends, and the list of rows when anybody does.
#[derive(Clone, Debug)]
pub(super) struct LatestArrivals {
    nodes: usize,
    rows: Box<[Option<Box<[Time]>>]>,
}

impl LatestArrivals {
    pub(super) fn new(nodes: u32) -> LatestArrivals {
        LatestArrivals { nodes: nodes as usize, rows: Box::default() }
    }

    /// `at`, or when the copy before it arrives if that is later.
    pub(super) fn in_order(&mut self, from: NodeId, to: NodeId, at: Time) -> Time {
        let nodes = self.nodes;
        if self.rows.is_empty() {
            self.rows = vec![None; nodes].into();
        }
        let row = self.rows[from.index()].get_or_insert_with(|| vec![Time::ZERO; nodes].into());
        let latest = &mut row[to.index()];
        *latest = at.max(*latest);
        *latest
    }
}
