//! Links on which each copy may be late, lost, repeated, overtaken or damaged, whatever becomes of the others.

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
    links::install(builder, move |_, draws| match chance.admits(draws.next_u64()) {
        true => LinkAction::Drop,
        false => LinkAction::Pass,
    });
}

pub(super) fn duplicate<P: Protocol>(duplicate: &Duplicate, builder: &mut FaultBuilder<'_, P>) {
    let (chance, apart) = (duplicate.chance, duplicate.apart.0);
    links::install(builder, move |_, draws| match chance.admits(draws.next_u64()) {
        true => LinkAction::Duplicate(apart),
        false => LinkAction::Pass,
    });
}

pub(super) fn reorder<P: Protocol>(reorder: &Reorder, builder: &mut FaultBuilder<'_, P>) {
    let (chance, by) = (reorder.chance, reorder.by.0);
    links::install(builder, move |_, draws| match chance.admits(draws.next_u64()) {
        true => LinkAction::Delay(up_to(by, draws)),
        false => LinkAction::Pass,
    });
}

pub(super) fn corrupt<P: Protocol>(corrupt: &Corrupt, builder: &mut FaultBuilder<'_, P>) {
    let chance = corrupt.chance;
    links::install(builder, move |_, draws| match chance.admits(draws.next_u64()) {
        true => LinkAction::Damage,
        false => LinkAction::Pass,
    });
}

/// A span from none to `most`, each as likely.
fn up_to(most: Duration, draws: &mut Draws) -> Duration {
    let spans = u128::from(most.as_nanos()) + 1;
    Duration::from_nanos(((u128::from(draws.next_u64()) * spans) >> 64) as u64)
}
