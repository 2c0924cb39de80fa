//! A leader's replication progress for a follower: match index, next index and appends in flight.

use super::entry::Index;
use std::collections::VecDeque;

/// A leader's view of one follower.
#[derive(Debug)]
pub(super) struct Progress {
    /// The follower's log is the leader's up to here, durably.
    pub(super) matched: Index,
    /// The next index to send.
    pub(super) next: Index,
    /// The highest index sent so far.
    sent: Index,
    mode: Mode,
    /// The last index of every append that has not been acknowledged.
    in_flight: VecDeque<Index>,
    /// Heartbeat intervals since its last answer.
    pub(super) ticks_since_ack: u32,
    /// Heartbeat intervals since its match index last rose, or since it was last sent something.
    ticks_since_progress: u32,
    /// The latest heartbeat round that it has confirmed.
    pub(super) round: u64,
}

/// State of the flow control.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Mode {
    /// Probing for the match index, with one append at a time.
    Probe {
        /// True while the answer is awaited.
        asked: bool,
    },
    /// Pipelining appends.
    Replicate,
    /// Waiting for the snapshot of this index.
    Snapshot(Index),
}

/// Number of heartbeats without progress after which appends in flight count as lost.
const PATIENCE: u32 = 2;

impl Progress {
    /// The initial progress of a follower, at a leader whose last index is `last`.
    pub(super) fn new(last: Index) -> Progress {
        Progress {
            matched: 0,
            next: last + 1,
            sent: 0,
            mode: Mode::Probe { asked: false },
            in_flight: VecDeque::new(),
            ticks_since_ack: 0,
            ticks_since_progress: 0,
            round: 0,
        }
    }

    /// Returns true if an append may leave now, for a leader whose last index is `last`.
    #[inline]
    pub(super) fn may_send(&self, last: Index, in_flight_max: usize) -> bool {
        match self.mode {
            Mode::Replicate => self.next <= last && self.in_flight.len() < in_flight_max,
            Mode::Probe { asked } => !asked,
            Mode::Snapshot(_) => false,
        }
    }

    /// Returns true if the next append repeats what was sent before.
    #[inline]
    pub(super) fn repeats(&self) -> bool {
        self.next <= self.sent
    }

    /// The index before which a heartbeat asks: the logs match there, or that is the question.
    pub(super) fn heartbeat_index(&self) -> Index {
        match self.mode {
            Mode::Replicate => self.matched,
            Mode::Probe { .. } => self.next - 1,
            Mode::Snapshot(_) => 0,
        }
    }

    /// Records an append up to `last`.
    pub(super) fn sent(&mut self, last: Index) {
        self.sent = self.sent.max(last);
        if self.in_flight.is_empty() {
            self.ticks_since_progress = 0;
        }
        match &mut self.mode {
            Mode::Probe { asked } => *asked = true,
            _ => {
                self.next = last + 1;
                self.in_flight.push_back(last);
            }
        }
        self.assert_sound();
    }

    /// Records the sending of a snapshot of `index`.
    pub(super) fn sent_snapshot(&mut self, index: Index) {
        self.mode = Mode::Snapshot(index);
        self.next = index + 1;
        self.in_flight.clear();
        self.ticks_since_progress = 0;
        self.assert_sound();
    }

    /// Records the passing of a heartbeat interval.
    pub(super) fn tick(&mut self) {
        self.ticks_since_ack = self.ticks_since_ack.saturating_add(1);
        self.ticks_since_progress = self.ticks_since_progress.saturating_add(1);
    }

    /// Records a match up to `index`; returns true if the match index rose.
    pub(super) fn on_match(&mut self, index: Index) -> bool {
        let is_further = index > self.matched;
        if is_further {
            self.matched = index;
            self.ticks_since_progress = 0;
        }
        while self.in_flight.front().is_some_and(|&last| last <= self.matched) {
            self.in_flight.pop_front();
        }
        let is_found = match self.mode {
            Mode::Replicate => false,
            Mode::Probe { .. } => index + 1 >= self.next,
            Mode::Snapshot(snapshot) => self.matched >= snapshot,
        };
        if is_found {
            self.mode = Mode::Replicate;
        }
        self.next = self.next.max(self.matched + 1);
        self.assert_sound();
        is_further
    }

    /// Records a conflict at `previous`, with `agreeing` as the last index that may match. Stale conflicts are ignored.
    pub(super) fn on_conflict(&mut self, previous: Index, agreeing: Index) {
        let is_news = match self.mode {
            Mode::Replicate => previous > self.matched && previous < self.next,
            Mode::Probe { .. } => previous + 1 == self.next && previous > self.matched,
            Mode::Snapshot(_) => false,
        };
        if is_news {
            self.probe((agreeing + 1).clamp(self.matched + 1, previous.max(self.matched + 1)));
        }
    }

    /// Probes again if it answers but appends in flight seem to be lost.
    pub(super) fn retransmit_if_stalled(&mut self) {
        let is_waiting = match self.mode {
            Mode::Replicate => !self.in_flight.is_empty(),
            Mode::Probe { asked } => asked,
            Mode::Snapshot(_) => true,
        };
        if is_waiting && self.ticks_since_progress >= PATIENCE {
            let next = if let Mode::Probe { .. } = self.mode { self.next } else { self.matched + 1 };
            self.probe(next);
        }
    }

    fn probe(&mut self, next: Index) {
        self.mode = Mode::Probe { asked: false };
        self.next = next;
        self.in_flight.clear();
        self.ticks_since_progress = 0;
        self.assert_sound();
    }

    /// Checks what holds whatever the follower says: where it changes, and where it is relied on.
    #[inline]
    pub(super) fn assert_sound(&self) {
        assert!(self.matched < self.next, "what matches is not sent again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_follow_each_other_once_the_logs_match() {
        let mut follower = Progress::new(10);
        assert!(follower.may_send(11, 2));
        follower.sent(11);
        assert!(!follower.may_send(12, 2), "one probe at a time");
        assert!(follower.on_match(11));
        assert_eq!(follower.next, 12);
        follower.sent(12);
        follower.sent(13);
        assert!(!follower.may_send(14, 2), "two are on their way");
        assert!(follower.on_match(12) && follower.may_send(14, 2) && !follower.may_send(13, 2));
        assert!(!follower.on_match(5), "old news");
    }

    #[test]
    fn a_conflict_takes_the_leader_back_once() {
        let mut follower = Progress::new(10);
        follower.sent(11);
        follower.on_conflict(10, 4);
        assert_eq!((follower.next, follower.may_send(11, 2)), (5, true));
        follower.sent(8);
        follower.on_conflict(10, 4);
        assert!(!follower.may_send(11, 2), "an answer to an earlier question");
        follower.on_match(8);
        assert_eq!((follower.next, follower.repeats()), (9, true));
    }

    #[test]
    fn what_is_lost_is_sent_again_when_the_follower_is_there() {
        let mut follower = Progress::new(0);
        follower.sent(1);
        follower.on_match(1);
        follower.sent(5);
        follower.retransmit_if_stalled();
        assert_eq!(follower.next, 6);
        (0..PATIENCE).for_each(|_| follower.tick());
        follower.retransmit_if_stalled();
        assert_eq!((follower.next, follower.repeats()), (2, true));
    }

    #[test]
    fn patience_counts_heartbeats_since_the_last_progress() {
        let tick = |follower: &mut Progress, times: u32| (0..times).for_each(|_| follower.tick());
        // A probe, an append, a snapshot: each waits so many heartbeats from when it was sent, and no less.
        let send: [fn(&mut Progress); 3] = [
            |peer| peer.sent(11),
            |peer| {
                peer.on_match(10);
                peer.sent(11);
            },
            |peer| peer.sent_snapshot(8),
        ];
        for send in send {
            let mut follower = Progress::new(10);
            tick(&mut follower, PATIENCE);
            send(&mut follower);
            tick(&mut follower, PATIENCE - 1);
            follower.retransmit_if_stalled();
            assert!(!follower.may_send(11, 1), "it waits still");
            tick(&mut follower, 1);
            follower.retransmit_if_stalled();
            assert!(follower.may_send(11, 1), "it does not wait for ever");
            assert_eq!(follower.ticks_since_ack, 2 * PATIENCE, "only an answer sets that back");
        }
    }

    #[test]
    fn nothing_is_sent_until_a_snapshot_is_installed() {
        let mut follower = Progress::new(90);
        follower.sent_snapshot(80);
        assert!(!follower.may_send(90, 9) && follower.heartbeat_index() == 0);
        follower.on_match(70);
        assert!(!follower.may_send(90, 9));
        follower.on_match(80);
        assert!(follower.may_send(90, 9) && follower.next == 81);
    }
}
