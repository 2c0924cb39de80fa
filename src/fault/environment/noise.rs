//! Links with independent per-copy delay, loss, duplication, reordering or corruption.

use super::links::{LinkAction, LinkRule};
use crate::kinds::{Corrupt, Duplicate, Loss, Reorder, SlowLinks};
use rand::Rng;
use synod_sim::Duration;
use synod_sim::random::Draws;

pub(super) fn slow_links(slow: &SlowLinks) -> LinkRule {
    let (by, jitter) = (slow.by.resolved(), slow.jitter.0);
    Box::new(move |_, draws| LinkAction::Delay(by + up_to(jitter, draws)))
}

pub(super) fn loss(loss: &Loss) -> LinkRule {
    let chance = loss.chance;
    Box::new(
        move |_, draws| {
            if chance.admits(draws.next_u64()) { LinkAction::Drop } else { LinkAction::Pass }
        },
    )
}

pub(super) fn duplicate(duplicate: &Duplicate) -> LinkRule {
    let (chance, apart) = (duplicate.chance, duplicate.apart.0);
    Box::new(
        move |_, draws| {
            if chance.admits(draws.next_u64()) { LinkAction::Duplicate(apart) } else { LinkAction::Pass }
        },
    )
}

pub(super) fn reorder(reorder: &Reorder) -> LinkRule {
    let (chance, by) = (reorder.chance, reorder.by.0);
    Box::new(move |_, draws| {
        if chance.admits(draws.next_u64()) { LinkAction::Delay(up_to(by, draws)) } else { LinkAction::Pass }
    })
}

pub(super) fn corrupt(corrupt: &Corrupt) -> LinkRule {
    let chance = corrupt.chance;
    Box::new(
        move |_, draws| {
            if chance.admits(draws.next_u64()) { LinkAction::Damage } else { LinkAction::Pass }
        },
    )
}

/// Returns a duration drawn uniformly from 0 to `most`.
fn up_to(most: Duration, draws: &mut Draws) -> Duration {
    let spans = u128::from(most.as_nanos()) + 1;
    Duration::from_nanos(((u128::from(draws.next_u64()) * spans) >> 64) as u64)
}
