//! Simple consensus: one voter, one vote, and an option wins with the votes of more than half of all registered voters.
//!
//! It is [weighted voting](super::weighted) in which every word weighs the same and the threshold is ⌊n/2⌋ + 1. Votes are
//! final, and a voter that is silent counts for nothing but stays in n. Voters may crash and the outcome is the same
//! for all who hear it; a coordinator that crashes leaves the observers without one, which each finds out by itself and
//! says so. Fault-free it takes 3(n − 1) messages: request, vote and result.

use super::weighted::{Config, Deciding, Source};

/// `vote` as a simple one: of equal words, by majority, among voters who do not lie.
pub fn of(vote: Config) -> Config {
    let vote = Config { deciding: Deciding::Majority, confidence: false, faulty_ppm: 0, ..vote };
    vote.weighed(Source::Equal, None)
}
