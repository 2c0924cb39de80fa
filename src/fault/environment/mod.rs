//! Faults of correct agents and of the network: crashes, pauses, slow processors, clock errors, partitions, delays and
//! losses.

mod clock;
mod crash;
mod cuts;
mod gilbert_elliott;
mod links;
mod noise;
mod pause;
mod slow;

use super::agent_selector::AgentSelector;
use super::builder::FaultBuilder;
use super::kinds::Fault;
use gilbert_elliott::gilbert_elliott;
pub(super) use links::LinkInterceptor;

/// Installs a fault; returns its interceptor, if it needs one.
pub(super) fn install(fault: &Fault, builder: &mut FaultBuilder<'_>) -> Option<LinkInterceptor> {
    let rule = match fault {
        Fault::SlowLinks(slow) => noise::slow_links(slow),
        Fault::Loss(loss) => noise::loss(loss),
        Fault::GilbertElliott(bursts) => gilbert_elliott(bursts),
        Fault::Duplicate(duplicate) => noise::duplicate(duplicate),
        Fault::Reorder(reorder) => noise::reorder(reorder),
        Fault::Corrupt(corrupt) => noise::corrupt(corrupt),
        _ => {
            intervene(fault, builder);
            return None;
        }
    };
    let to = fault.link_ends().map_or_else(Vec::new, AgentSelector::named);
    Some(LinkInterceptor::new(rule, to, builder))
}

fn intervene(fault: &Fault, builder: &mut FaultBuilder<'_>) {
    match fault {
        Fault::Crash(crash) => crash::install(crash, builder),
        Fault::Pause(_) => pause::install(builder),
        Fault::Slow(slow) => slow::install(slow, builder),
        Fault::Clock(clock) => clock::install(clock, builder),
        Fault::Partition(partition) => cuts::partition(partition, builder),
        Fault::Isolate(isolate) => cuts::isolate(isolate, builder),
        Fault::OneWay(cut) => cuts::one_way(cut, builder),
        Fault::Ring(ring) => cuts::ring(ring, builder),
        _ => panic!("{} corrupts", fault.kind()),
    }
}
