//! What corrupted agents do on their wires, whatever the protocol.

mod silent;

use super::arm::Grip;
use super::kinds::Fault;
use crate::sim::Protocol;

pub(super) fn arm<P: Protocol>(fault: &Fault, grip: &mut Grip<'_, P>) {
    match fault {
        Fault::Silent(_) => silent::arm(grip),
        _ => panic!("{} is not Byzantine", fault.kind()),
    }
}
