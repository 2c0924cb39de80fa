//! The locks under their own oracle.

use super::rig::{assert_caught, assert_true};
use synod_services::ServiceParams;
use synod_services::lock::{Bug, LockParams};

#[test]
fn the_true_locks_keep_their_promises() {
    assert_true(ServiceParams::Lock(LockParams::default()));
}

#[test]
fn their_own_oracle_catches_every_bug() {
    for &bug in Bug::ALL {
        let params = ServiceParams::Lock(LockParams { bug: Some(bug), ..LockParams::default() });
        assert_caught(params, bug.name(), bug.oracle());
    }
}
