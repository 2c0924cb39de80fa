//! What the words of those who have left a rung come to.

use super::{Close, Config};
use crate::protocol::compose::{Bound, Leave};
use crate::sim::{NodeId, Signed};

/// What may have been decided in the rungs up to `rung`, as these words have it.
///
/// A rung that was opened was bound to what may have been decided before, so the highest in which anything may have
/// been decided tells.
pub(super) fn bound<C: Leave>(config: &Config<C>, rung: u32, words: &[Signed<Close<C::Testimony>>]) -> Bound {
    let of = |rung: u32| {
        let said: Vec<(NodeId, Option<&C::Testimony>)> = words
            .iter()
            .map(|close| (close.signer(), close.words.get(rung as usize).and_then(Option::as_ref)))
            .collect();
        match said.iter().any(|(_, word)| word.is_some()) {
            true => C::bound(&config.chain[rung as usize].child, &said),
            // Nobody of n − f took part, so no quorum did.
            false => Bound::Free,
        }
    };
    (0..=rung).rev().map(of).find(|bound| *bound != Bound::Free).unwrap_or(Bound::Free)
}

/// True if `certificate` holds the words of enough different members on `rung`, whoever signed them.
pub(super) fn is_complete<C: Leave>(
    config: &Config<C>,
    rung: u32,
    certificate: &[Signed<Close<C::Testimony>>],
) -> bool {
    let mut signers: Vec<NodeId> = certificate.iter().map(Signed::signer).collect();
    signers.sort_unstable();
    signers.dedup();
    signers.len() == certificate.len()
        && signers.len() >= config.closing()
        && signers.iter().all(|signer| signer.0 < config.members)
        && certificate.iter().all(|close| close.rung == rung && close.words.len() == rung as usize + 1)
}
