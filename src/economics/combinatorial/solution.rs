//! Which bids are accepted, and whether that is known to be best.

use crate::Amount;
use serde::{Deserialize, Serialize};

/// Which bids are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// The numbers of the accepted bids, in order.
    pub accepted: Vec<usize>,
    /// The sum of the accepted bids, in minor units.
    pub welfare: Amount,
    /// No set of bids has a greater sum than this, in minor units.
    pub bound: Amount,
    /// Whether it is proven that no allowed set of bids has a greater sum, and that of all best sets this is the
    /// canonical one: the one whose vector of zeros and ones, read from bid 0, is greatest.
    ///
    /// If not, the work allowed was too little. The bids can be accepted together, but others may be better.
    pub proven: bool,
    /// What was done for it.
    pub work: Work,
}

/// What was done to find a solution. It counts steps, never time, so that it is the same on every machine.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Nodes of the search tree at which a bound was computed.
    pub branch_nodes: u64,
    /// Cells of tables that were compared and filled.
    pub table_cells: u64,
}

impl Work {
    /// Returns the number of all steps: what a limit on work is compared to.
    pub fn steps(&self) -> u64 {
        self.branch_nodes + self.table_cells
    }
}
