//! Links with independent per-copy delay, loss, duplication, reordering or corruption.

use super::links::{self, LinkAction};
use crate::builder::FaultBuilder;
use crate::kinds::{Corrupt, Duplicate, Loss, Reorder, SlowLinks};
use rand::Rng;
use synod_sim::random::Draws;
use synod_sim::{Duration, Protocol};

pub(super) fn slow_links<P: Protocol>(slow: &SlowLinks, builder: &mut FaultBuilder<'_, P>) {
    let (by, jitter) = (slow.by.resolved(), slow.jitter.0);
    links::install(builder, move |_, draws| LinkAction::Delay(by + up_to(jitter, draws)));
}

pub(super) fn loss<P: Protocol>(loss: &Loss, builder: &mut FaultBuilder<'_, P>) {
    let chance = loss.chance;
    links::install(builder, move |_, draws| {
        if chance.admits(draws.next_u64()) { LinkAction::Drop } else { LinkAction::Pass }
    });
}

pub(super) fn duplicate<P: Protocol>(duplicate: &Duplicate, builder: &mut FaultBuilder<'_, P>) {
    let (chance, apart) = (duplicate.chance, duplicate.apart.0);
    links::install(builder, move |_, draws| {
        if chance.admits(draws.next_u64()) { LinkAction::Duplicate(apart) } else { LinkAction::Pass }
    });
}

pub(super) fn reorder<P: Protocol>(reorder: &Reorder, builder: &mut FaultBuilder<'_, P>) {
    let (chance, by) = (reorder.chance, reorder.by.0);
    links::install(builder, move |_, draws| {
        if chance.admits(draws.next_u64()) { LinkAction::Delay(up_to(by, draws)) } else { LinkAction::Pass }
    });
}

pub(super) fn corrupt<P: Protocol>(corrupt: &Corrupt, builder: &mut FaultBuilder<'_, P>) {
    let chance = corrupt.chance;
    links::install(builder, move |_, draws| {
        if chance.admits(draws.next_u64()) { LinkAction::Damage } else { LinkAction::Pass }
    });
}

/// Returns a duration drawn uniformly from 0 to `most`.
fn up_to(most: Duration, draws: &mut Draws) -> Duration {
    let spans = u128::from(most.as_nanos()) + 1;
    Duration::from_nanos(((u128::from(draws.next_u64()) * spans) >> 64) as u64)
}
