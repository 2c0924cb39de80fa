//! Known bugs of the counters, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    BoundCheckedBeforeTheAddition "bound_checked_before_the_addition", "counter": "What is compared with the bounds is what the counter holds before the addition.";
    StopsAtTheBound "stops_at_the_bound", "counter": "An addition that leads beyond a bound leads to the bound.";
    RefusesTheBound "refuses_the_bound", "counter": "An addition that leads to a bound is refused.";
    DebtLostInSnapshot "debt_lost_in_snapshot", "counter": "A snapshot forgets counters below zero.";
}

rules! {
    /// It is the sum that stays within the bounds.
    bounds_the_sum: bool = true, BoundCheckedBeforeTheAddition => false;
    /// An addition beyond the bounds changes nothing.
    refuses_beyond: bool = true, StopsAtTheBound => false;
    /// The bounds themselves can be reached.
    bounds_are_within: bool = true, RefusesTheBound => false;
    /// A snapshot has every counter.
    snapshots_hold_debts: bool = true, DebtLostInSnapshot => false;
}
