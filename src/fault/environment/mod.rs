//! What befalls correct agents: crashes, slow processors, wrong clocks, and a network that cuts, delays and loses.

mod bursts;
mod clock;
mod crash;
mod cuts;
mod links;
mod noise;
mod slow;

use super::grip::Grip;
use super::kinds::Fault;
use synod_sim::Protocol;

pub(super) fn arm<P: Protocol>(fault: &Fault, grip: &mut Grip<'_, P>) {
    match fault {
        Fault::Crash(crash) => crash::arm(crash, grip),
        Fault::Slow(slow) => slow::arm(slow, grip),
        Fault::Clock(clock) => clock::arm(clock, grip),
        Fault::Partition(partition) => cuts::partition(partition, grip),
        Fault::Isolate(_) => cuts::isolate(grip),
        Fault::OneWay(cut) => cuts::one_way(cut, grip),
        Fault::Ring(ring) => cuts::ring(ring, grip),
        Fault::SlowLinks(slow) => noise::slow_links(slow, grip),
        Fault::Loss(loss) => noise::loss(loss, grip),
        Fault::Bursts(bursts) => bursts::arm(bursts, grip),
        Fault::Duplicate(duplicate) => noise::duplicate(duplicate, grip),
        Fault::Reorder(reorder) => noise::reorder(reorder, grip),
        Fault::Corrupt(corrupt) => noise::corrupt(corrupt, grip),
        _ => panic!("{} corrupts", fault.kind()),
    }
}
