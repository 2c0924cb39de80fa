//! Links that keep the order of what they carry.

use synod_sim::{NodeId, Time};

/// When the latest copy arrives on every (sender, receiver) that keeps order. A sender's row of 8 bytes a receiver is
/// made when it first sends.
#[derive(Clone, Debug)]
pub(super) struct LatestArrivals {
    rows: Box<[Option<Box<[Time]>>]>,
}

impl LatestArrivals {
    pub(super) fn new(nodes: u32) -> LatestArrivals {
        LatestArrivals { rows: vec![None; nodes as usize].into() }
    }

    /// `at`, or when the copy before it arrives if that is later.
    pub(super) fn in_order(&mut self, from: NodeId, to: NodeId, at: Time) -> Time {
        let nodes = self.rows.len();
        let row = self.rows[from.index()].get_or_insert_with(|| vec![Time::ZERO; nodes].into());
        let latest = &mut row[to.index()];
        *latest = at.max(*latest);
        *latest
    }
}
