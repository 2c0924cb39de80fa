//! Memory of past messages, for replay and flooding.

use super::chance::place;
use std::collections::VecDeque;
use synod_sim::inject::Envelope;
use synod_sim::random::Draws;
use synod_sim::{NodeId, Time};

/// The last messages on the wires of some agents, each once however many copies it had.
pub(super) struct Memory<M> {
    messages: VecDeque<(Time, M)>,
    most: usize,
    /// Sender and number of the last.
    last: Option<(NodeId, u64)>,
}

impl<M: Clone> Memory<M> {
    pub(super) fn new(most: u32) -> Memory<M> {
        Memory { messages: VecDeque::new(), most: most as usize, last: None }
    }

    pub(super) fn note(&mut self, now: Time, envelope: &Envelope<'_, M>) {
        if self.last.replace((envelope.from, envelope.number)) == Some((envelope.from, envelope.number)) {
            return;
        }
        if self.messages.len() == self.most {
            self.messages.pop_front();
        }
        self.messages.push_back((now, envelope.message.clone()));
    }

    /// One of the messages from before `now`.
    pub(super) fn old(&self, now: Time, draws: &mut Draws) -> Option<&M> {
        let old = self.messages.partition_point(|&(at, _)| at < now);
        (old > 0).then(|| &self.messages[place(draws, old)].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use synod_sim::{Purpose, Streams};

    #[test]
    fn it_keeps_the_last_ones_and_tells_the_old_from_the_new() {
        let mut memory = Memory::new(3);
        for number in 0..5u64 {
            for to in 0..4 {
                let envelope = Envelope { from: NodeId(9), to: NodeId(to), number, message: &number };
                memory.note(Time::from_nanos(number), &envelope);
            }
        }
        let mut draws = Streams::new(1).counter(Purpose::Fault).draws(NodeId(0), NodeId(1), 1);
        let mut seen = |now| -> BTreeSet<u64> {
            (0..100).filter_map(|_| memory.old(Time::from_nanos(now), &mut draws).copied()).collect()
        };
        assert_eq!(seen(9), [2, 3, 4].into());
        assert_eq!(seen(4), [2, 3].into(), "4 is said only now");
        assert!(seen(2).is_empty());
    }
}
