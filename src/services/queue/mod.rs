//! FIFO queues with acknowledgements.
//!
//! An item that is pushed stays until it is acknowledged. Whoever pulls gets the oldest item that is ready, under a
//! *delivery*, a number that is never given again; until the delivery's deadline nobody else gets the item. An
//! acknowledgement in time removes it; what is handed back, or not acknowledged by the deadline, is ready again in its
//! old place, and will be delivered again. Deadlines pass in the log, by ticks.
//!
//! **What "once, in order" means.** Delivery is *at least once*: a consumer that is too slow, or whose acknowledgement is
//! lost, makes an item come again, and no queue can know whether the first consumer did the work. Three things hold for
//! certain: an item is acknowledged once at most, and never delivered after that; at any time of the log one delivery of
//! an item lasts at most; and *first* deliveries come in the order of pushes. The order of acknowledgements follows from
//! it only for one consumer that takes one item at a time and acknowledges each in time.
//!
//! Sources: P. Bernstein, M. Hsu and B. Mann, *Implementing recoverable requests using queues*, SIGMOD 1990; the deadline
//! of a delivery is what message services call a visibility timeout, and a lease as in C. Gray and D. Cheriton, SOSP 1989.

mod bug;
mod client;
mod command;
mod machine;
mod oracle;
mod params;

pub use bug::Bug;
pub use client::QueueClient;
pub use command::{Command, DeliveryId, Item, Output, QueueId};
pub use machine::Queues;
pub use oracle::QueueJudge;
pub use params::QueueParams;
