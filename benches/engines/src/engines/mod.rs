//! One engine a file, each as its own documentation has it used.

mod desque;
mod nexosim;
mod synod;

use crate::workload::{Outcome, Phold, Votes};

/// An engine.
pub struct Engine {
    /// Its name, with the version if it is not Synod.
    pub name: &'static str,
    /// False if it draws for itself, so that its outcome is another.
    pub shares_draws: bool,
    /// Runs PHOLD.
    pub phold: fn(Phold) -> Outcome,
    /// Runs the votes.
    pub votes: fn(Votes) -> Outcome,
}

/// The place of Synod as its users have it.
pub const SYNOD: usize = 0;
/// The place of Synod with the draws of all engines.
pub const SYNOD_WITH_SAME_DRAWS: usize = 1;

/// All engines, in the order in which they take their turns.
pub const ENGINES: [Engine; 4] = [
    Engine {
        name: "synod",
        shares_draws: false,
        phold: synod::phold_with_own_draws,
        votes: synod::votes_with_own_draws,
    },
    Engine { name: "synod, same draws", shares_draws: true, phold: synod::phold, votes: synod::votes },
    Engine { name: "desque 0.4.0", shares_draws: true, phold: desque::phold, votes: desque::votes },
    Engine { name: "nexosim 1.0.0", shares_draws: true, phold: nexosim::phold, votes: nexosim::votes },
];
