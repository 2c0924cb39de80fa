//! The counters under their own oracle.

use super::rig::{assert_caught, assert_true};
use synod_services::ServiceParams;
use synod_services::counter::{Bug, CounterParams};

#[test]
fn the_true_counters_keep_their_promises() {
    assert_true(ServiceParams::Counter(CounterParams::default()));
}

#[test]
fn their_own_oracle_catches_every_bug() {
    for &bug in Bug::ALL {
        let params = ServiceParams::Counter(CounterParams { bug: Some(bug), ..CounterParams::default() });
        assert_caught(params, bug.name(), bug.oracle());
    }
}
