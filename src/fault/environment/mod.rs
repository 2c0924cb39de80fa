//! Faults of correct agents and of the network: crashes, slow processors, clock errors, partitions, delays and losses.

mod clock;
mod crash;
mod cuts;
mod gilbert_elliott;
mod links;
mod noise;
mod slow;

use super::builder::FaultBuilder;
use super::kinds::Fault;
use synod_sim::Protocol;

pub(super) fn install<P: Protocol>(fault: &Fault, builder: &mut FaultBuilder<'_, P>) {
    match fault {
        Fault::Crash(crash) => crash::install(crash, builder),
        Fault::Slow(slow) => slow::install(slow, builder),
        Fault::Clock(clock) => clock::install(clock, builder),
        Fault::Partition(partition) => cuts::partition(partition, builder),
        Fault::Isolate(_) => cuts::isolate(builder),
        Fault::OneWay(cut) => cuts::one_way(cut, builder),
        Fault::Ring(ring) => cuts::ring(ring, builder),
        Fault::SlowLinks(slow) => noise::slow_links(slow, builder),
        Fault::Loss(loss) => noise::loss(loss, builder),
        Fault::GilbertElliott(gilbert_elliott) => gilbert_elliott::install(gilbert_elliott, builder),
        Fault::Duplicate(duplicate) => noise::duplicate(duplicate, builder),
        Fault::Reorder(reorder) => noise::reorder(reorder, builder),
        Fault::Corrupt(corrupt) => noise::corrupt(corrupt, builder),
        _ => panic!("{} corrupts", fault.kind()),
    }
}
