//! Links on which each copy may be late, lost, repeated, overtaken or damaged, whatever becomes of the others.

use super::links::{self, Deed};
use crate::grip::Grip;
use crate::kinds::{Corrupt, Duplicate, Loss, Reorder, SlowLinks};
use rand::Rng;
use synod_sim::random::Draws;
use synod_sim::{Duration, Protocol};

pub(super) fn slow_links<P: Protocol>(slow: &SlowLinks, grip: &mut Grip<'_, P>) {
    let (by, jitter) = (slow.by.resolved(), slow.jitter.0);
    links::arm(grip, move |_, draws| Deed::Hold(by + up_to(jitter, draws)));
}

pub(super) fn loss<P: Protocol>(loss: &Loss, grip: &mut Grip<'_, P>) {
    let chance = loss.chance;
    links::arm(grip, move |_, draws| match chance.admits(draws.next_u64()) {
        true => Deed::Lose,
        false => Deed::Nothing,
    });
}

pub(super) fn duplicate<P: Protocol>(duplicate: &Duplicate, grip: &mut Grip<'_, P>) {
    let (chance, apart) = (duplicate.chance, duplicate.apart.0);
    links::arm(grip, move |_, draws| match chance.admits(draws.next_u64()) {
        true => Deed::Repeat(apart),
        false => Deed::Nothing,
    });
}

pub(super) fn reorder<P: Protocol>(reorder: &Reorder, grip: &mut Grip<'_, P>) {
    let (chance, by) = (reorder.chance, reorder.by.0);
    links::arm(grip, move |_, draws| match chance.admits(draws.next_u64()) {
        true => Deed::Hold(up_to(by, draws)),
        false => Deed::Nothing,
    });
}

pub(super) fn corrupt<P: Protocol>(corrupt: &Corrupt, grip: &mut Grip<'_, P>) {
    let chance = corrupt.chance;
    links::arm(grip, move |_, draws| match chance.admits(draws.next_u64()) {
        true => Deed::Damage,
        false => Deed::Nothing,
    });
}

/// A span from none to `most`, each as likely.
fn up_to(most: Duration, draws: &mut Draws) -> Duration {
    let spans = u128::from(most.as_nanos()) + 1;
    Duration::from_nanos(((u128::from(draws.next_u64()) * spans) >> 64) as u64)
}
