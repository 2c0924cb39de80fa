//! Kernel-side state of a node, by how often it is needed.

use super::collections::reserve_one;
use super::observer::Cause;
use super::protocol::{Effect, NodeState, Protocol};
use super::storage::Storage;
use super::{Duration, Time};
use std::collections::VecDeque;

/// State that every delivery reads, kept apart so that it stays in the cache.
#[derive(Copy, Clone, Debug)]
pub(super) struct Condition {
    pub(super) up: bool,
    /// True while the processor serves.
    pub(super) busy: bool,
    /// True if an active interceptor may act on what it sends.
    pub(super) guarded: bool,
    /// True if a fault slows it or has set its clock.
    pub(super) impaired: bool,
    /// True if it stands still, or if its crash took what was on its way to it.
    pub(super) struck: bool,
}

/// State that every handler touches: one cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Node {
    pub(super) own: NodeState,
    /// When the last effects that wait are released; later effects do not overtake them.
    pub(super) release_floor: Time,
    /// Incarnation number: what a crashed incarnation left pending does not affect the next.
    pub(super) incarnation: u32,
    /// Number of releases that are still to come.
    pub(super) unreleased: u32,
}

impl Node {
    pub(super) fn new(own: NodeState) -> Node {
        Node { own, release_floor: Time::ZERO, incarnation: 0, unreleased: 0 }
    }
}

/// A node's timers and storage, and the work that waits for its processor.
#[derive(Debug)]
pub(super) struct Devices<P: Protocol> {
    pub(super) timers: Timers<P::Timer>,
    /// Nothing until something is written.
    storage: Option<Box<Storage<P::Record>>>,
    /// Work that waits for the processor, FIFO: nothing until some has to wait.
    #[expect(
        clippy::box_collection,
        reason = "the devices of most nodes fit a cache line, and have no inbox"
    )]
    inbox: Option<Box<VecDeque<Work<P>>>>,
    /// When the present or last service ends.
    pub(super) busy_until: Time,
    /// When the storage device is free.
    pub(super) device_free: Time,
}

impl<P: Protocol> Devices<P> {
    pub(super) fn new() -> Devices<P> {
        Devices {
            timers: Timers::new(),
            storage: None,
            inbox: None,
            busy_until: Time::ZERO,
            device_free: Time::ZERO,
        }
    }

    pub(super) fn enqueue(&mut self, work: Work<P>) {
        self.inbox.get_or_insert_default().push_back(work);
    }

    pub(super) fn dequeue(&mut self) -> Option<Work<P>> {
        self.inbox.as_mut()?.pop_front()
    }

    /// Takes all work that waits.
    pub(super) fn take_inbox(&mut self) -> VecDeque<Work<P>> {
        self.inbox.as_mut().map(|inbox| std::mem::take(&mut **inbox)).unwrap_or_default()
    }

    pub(super) fn storage(&mut self) -> &mut Storage<P::Record> {
        self.storage.get_or_insert_with(|| Box::new(Storage::new()))
    }
}

/// What faults do to a node at the moment, each by its id.
#[derive(Debug, Default)]
pub(super) struct Impairment {
    /// The crashes that keep it down: the one that took it down first.
    pub(super) down_by: Vec<u32>,
    /// How much longer than others it takes for everything that it handles.
    pub(super) slowed_by: Vec<(u32, Duration)>,
    /// What has set its clock.
    pub(super) misled_by: Option<u32>,
    /// The pauses for which it stands still: the first one first.
    pub(super) paused_by: Vec<u32>,
    /// The last crash that took what was on its way to the node: messages up to this number.
    pub(super) deaf_to: Option<(u32, u64)>,
}

impl Impairment {
    /// Returns true if it matters while the node is up.
    pub(super) fn matters(&self) -> bool {
        !self.slowed_by.is_empty() || self.misled_by.is_some()
    }
}

/// An input for a handler.
#[derive(Debug)]
pub(super) enum Work<P: Protocol> {
    Start,
    Message { slot: u32 },
    Timer { timer: P::Timer, generation: u64 },
    Synced(Box<Told>),
}

/// What a node is told when a sync is done that nothing waited for. Few are, so that this is apart: work is moved often.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) token: u64,
    /// What the sync covers: what was written before.
    pub(super) position: u64,
    /// The handler that began it.
    pub(super) cause: Cause,
}

/// What protocol code runs for, for the case that it panics.
#[derive(Copy, Clone, Debug)]
pub(super) enum Input {
    Birth,
    Start,
    Message { slot: u32 },
    Timer,
    Synced,
}

/// A node's armed timers: at most one of a name, each under the generation that its event must match to fire.
#[derive(Debug)]
pub(super) struct Timers<T> {
    armed: Vec<(T, u64)>,
    generation: u64,
}

impl<T: Ord> Timers<T> {
    fn new() -> Timers<T> {
        Timers { armed: Vec::new(), generation: 0 }
    }

    /// Arms `timer`, and tells its generation.
    pub(super) fn arm(&mut self, timer: T) -> u64 {
        self.generation += 1;
        match self.place(&timer) {
            Ok(place) => self.armed[place].1 = self.generation,
            Err(place) => {
                reserve_one(&mut self.armed);
                self.armed.insert(place, (timer, self.generation));
            }
        }
        self.generation
    }

    pub(super) fn disarm(&mut self, timer: &T) {
        if let Ok(place) = self.place(timer) {
            self.armed.remove(place);
        }
    }

    /// Returns true if `timer` is armed under `generation`.
    pub(super) fn is_live(&self, timer: &T, generation: u64) -> bool {
        self.place(timer).is_ok_and(|place| self.armed[place].1 == generation)
    }

    fn place(&self, timer: &T) -> Result<usize, usize> {
        self.armed.binary_search_by(|(name, _)| name.cmp(timer))
    }

    /// Disarms all timers, and tells how many there were.
    pub(super) fn disarm_all(&mut self) -> usize {
        self.armed.drain(..).len()
    }
}

/// The effects of one handler, cut where a sync makes the later ones wait.
pub(super) struct Segments<P: Protocol> {
    /// The segments that wait, each with its release time.
    pub(super) waiting: Vec<(Time, Vec<Effect<P>>)>,
}

impl<P: Protocol> Segments<P> {
    /// Cuts `effects`, none of which is released before `ready`; each sync takes the device `latency`.
    pub(super) fn cut(
        effects: &mut Vec<Effect<P>>,
        ready: Time,
        latency: Duration,
        device_free: &mut Time,
    ) -> Segments<P> {
        let mut waiting = vec![(ready, Vec::new())];
        for effect in effects.drain(..) {
            let (at, segment) = waiting.last_mut().expect("there is a first segment");
            if matches!(effect, Effect::Sync) && !latency.is_zero() {
                let done = (*at).max(*device_free) + latency;
                *device_free = done;
                waiting.push((done, vec![effect]));
            } else {
                segment.push(effect);
            }
        }
        Segments { waiting }
    }
}
