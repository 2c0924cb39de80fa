//! What clients ask of the queues, and what they are told.

use serde::{Deserialize, Serialize};
use std::fmt;
use synod_sim::Duration;

/// Names a queue.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QueueId(pub u32);

/// An item: a number that nobody else pushes.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Item(pub u64);

/// Names a delivery of a queue: later ones have higher numbers.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub u64);

/// Commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Puts an item at the end.
    Push {
        /// The queue.
        queue: QueueId,
        /// The item.
        item: Item,
    },
    /// Takes the oldest item that is ready.
    Pull {
        /// The queue.
        queue: QueueId,
        /// How long nobody else gets it, by the log's time.
        lasts: Duration,
    },
    /// The item is done with: let it go.
    Ack {
        /// The queue.
        queue: QueueId,
        /// The delivery.
        delivery: DeliveryId,
    },
    /// The item is handed back: let it be ready again.
    Nack {
        /// The queue.
        queue: QueueId,
        /// The delivery.
        delivery: DeliveryId,
    },
    /// Asks how many items there are.
    Size {
        /// The queue.
        queue: QueueId,
    },
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// To `push`: it is done.
    Pushed,
    /// To `pull`: an item.
    Delivered {
        /// The delivery.
        delivery: DeliveryId,
        /// The item.
        item: Item,
        /// How often it has been delivered, this time counted.
        times: u32,
    },
    /// To `pull`: no item is ready.
    Empty,
    /// To `ack` and `nack`: it is done.
    Done,
    /// To `ack` and `nack`: the delivery is over.
    Refused,
    /// To `size`.
    Holds {
        /// Number of items that are ready.
        ready: u32,
        /// Number of items whose delivery lasts.
        delivered: u32,
    },
}

impl Command {
    /// Returns the queue that it concerns.
    pub fn queue(&self) -> QueueId {
        match *self {
            Command::Push { queue, .. }
            | Command::Pull { queue, .. }
            | Command::Ack { queue, .. }
            | Command::Nack { queue, .. }
            | Command::Size { queue } => queue,
        }
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "queue {}", self.0)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "item {}", self.0)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "delivery {}", self.0)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Push { queue, item } => write!(out, "push {item} to {queue}"),
            Command::Pull { queue, lasts } => write!(out, "pull from {queue} for {lasts}"),
            Command::Ack { queue, delivery } => write!(out, "acknowledge {delivery} of {queue}"),
            Command::Nack { queue, delivery } => write!(out, "hand back {delivery} of {queue}"),
            Command::Size { queue } => write!(out, "count {queue}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Pushed => write!(out, "pushed"),
            Output::Delivered { delivery, item, times } => write!(out, "{item} as {delivery}, time {times}"),
            Output::Empty => write!(out, "nothing ready"),
            Output::Done => write!(out, "done"),
            Output::Refused => write!(out, "refused"),
            Output::Holds { ready, delivered } => write!(out, "{ready} ready, {delivered} delivered"),
        }
    }
}
