//! Formats the messages of an explanation, during a second execution of its run.

use std::collections::{BTreeMap, BTreeSet};
use synod_harness::{AnyEvent, Recorder, readable_within};
use synod_sim::EventTime;

/// Number of scalars of a message that are read, and the length of its text, in bytes.
const MESSAGE: (usize, usize) = (500, 200);

/// Formats selected messages of a run.
#[derive(Debug, Default)]
pub(super) struct Wording {
    /// Which steps to word, by their place among all of the run's.
    wanted: BTreeSet<u64>,
    pub(super) words: BTreeMap<u64, String>,
    place: u64,
}

impl Wording {
    /// Words the messages of the steps at `wanted`.
    pub(super) fn of(wanted: BTreeSet<u64>) -> Wording {
        Wording { wanted, ..Wording::default() }
    }
}

impl Recorder for Wording {
    fn record(&mut self, _: EventTime, event: AnyEvent<'_>) {
        let message = match event {
            // These are no steps of a node.
            AnyEvent::Cut { .. } | AnyEvent::Healed { .. } => return,
            AnyEvent::Sent { message, .. } | AnyEvent::Delivered { message, .. } => Some(message),
            _ => None,
        };
        let place = self.place;
        self.place += 1;
        if let Some(message) = message
            && self.wanted.contains(&place)
        {
            self.words.insert(place, readable_within(&message.beginning(MESSAGE.0), MESSAGE.1));
        }
    }
}
