//! The queues under their own oracle.

use super::rig::{assert_caught, assert_true};
use synod_services::ServiceParams;
use synod_services::queue::{Bug, QueueParams};

#[test]
fn the_true_queues_keep_their_promises() {
    assert_true(ServiceParams::Queue(QueueParams::default()));
}

#[test]
fn their_own_oracle_catches_every_bug() {
    for &bug in Bug::ALL {
        let params = ServiceParams::Queue(QueueParams { bug: Some(bug), ..QueueParams::default() });
        assert_caught(params, bug.name(), bug.oracle());
    }
}
