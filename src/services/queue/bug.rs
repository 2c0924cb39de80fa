//! Known bugs of the queues, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    DeliveredTwice "delivered_twice", "queue": "A delivered item stays ready for whoever pulls next.";
    NewestFirst "newest_first", "queue": "Whoever pulls gets the newest item that is ready.";
    AcknowledgementForgotten "acknowledgement_forgotten", "queue": "An acknowledged item is ready again at the delivery's deadline.";
    RedeliveryBeforeTheDeadline "redelivery_before_the_deadline", "queue": "Every tick makes all delivered items ready again.";
    LostAtTheDeadline "lost_at_the_deadline", "queue": "An item that is not acknowledged in time is gone.";
    DeliveriesLostInSnapshot "deliveries_lost_in_snapshot", "queue": "A snapshot takes delivered items for ready ones.";
}

rules! {
    /// A delivered item is not ready.
    delivery_hides: bool = true, DeliveredTwice => false;
    /// The oldest item comes first.
    oldest_first: bool = true, NewestFirst => false;
    /// An acknowledged item is gone.
    acknowledgement_removes: bool = true, AcknowledgementForgotten => false;
    /// A delivery lasts until its deadline.
    deliveries_last: bool = true, RedeliveryBeforeTheDeadline => false;
    /// An item whose delivery is over is ready again.
    deadline_returns: bool = true, LostAtTheDeadline => false;
    /// A snapshot has all deliveries.
    snapshots_hold_deliveries: bool = true, DeliveriesLostInSnapshot => false;
}
