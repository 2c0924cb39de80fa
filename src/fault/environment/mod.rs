//! What befalls correct agents: crashes, slow processors, wrong clocks, and a network that cuts, delays and loses.

mod crash;
mod partition;

use super::arm::Grip;
use super::kinds::Fault;
use crate::sim::Protocol;

pub(super) fn arm<P: Protocol>(fault: &Fault, grip: &mut Grip<'_, P>) {
    match fault {
        Fault::Crash(crash) => crash::arm(crash, grip),
        Fault::Partition(partition) => partition::arm(partition, grip),
        _ => panic!("{} corrupts", fault.kind()),
    }
}
