//! The sets of operations that a search has ordered, and which may come next.

use super::numbering::Numbering;
use std::ops::Range;

/// The sets of operations that a search has ordered, by number.
pub(super) struct Orders {
    /// When each operation was invoked, and when it returned.
    times: Vec<(u64, u64)>,
    /// Each set as the first operation from which on none has been ordered, and those before it that have not been
    /// ordered either. These were under way when the last of those that have been was invoked, so they are fewer than
    /// the clients.
    sets: Numbering,
    /// What follows from each set, by its number.
    all: Vec<Ordered>,
    /// The operations that may come next, of all sets in a row, each with the number of the set with it, once that is
    /// known.
    followers: Vec<(u32, u32)>,
    /// A set in the making.
    draft: Vec<u32>,
}

/// The number of the empty one.
pub(super) const NOTHING: u32 = 0;

/// The set is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// Operations that have been ordered, and what may come next.
#[derive(Copy, Clone)]
struct Ordered {
    /// From this operation on none has been ordered.
    next: u32,
    /// Before this operation, and from `next` on, all may come next.
    end: u32,
    /// Where its followers begin and end.
    followers: (usize, usize),
    /// The first return of one that is left.
    bound: u64,
}

impl Orders {
    /// Nothing has been ordered yet of operations that were invoked and returned at `times`, in the order of their
    /// invocations.
    pub(super) fn new(times: Vec<(u64, u64)>) -> Orders {
        let sets = Numbering::default();
        let mut orders = Orders { times, sets, all: Vec::new(), followers: Vec::new(), draft: vec![0] };
        let none = orders.number();
        assert_eq!(none, NOTHING, "it is the first");
        orders
    }

    /// Returns how many may come next after the set `ordered`; none if all have been ordered.
    pub(super) fn count(&self, ordered: u32) -> usize {
        let (start, end) = self.all[ordered as usize].followers;
        end - start
    }

    /// Returns the operation that may come next at `place` among those that may.
    pub(super) fn next(&self, ordered: u32, place: usize) -> u32 {
        self.followers[self.all[ordered as usize].followers.0 + place].0
    }

    /// Returns the number of the set `ordered` with the operation that may come next at `place`.
    pub(super) fn follower(&mut self, ordered: u32, place: usize) -> u32 {
        let Ordered { next, followers: (start, end), .. } = self.all[ordered as usize];
        let (at, known) = self.followers[start + place];
        if known != UNKNOWN {
            return known;
        }
        let after = next.max(at + 1);
        self.draft.clear();
        self.draft.push(after);
        let left = self.followers[start..end].iter().map(|&(other, _)| other);
        self.draft.extend(left.filter(|&other| other != at && other < after));
        let number = self.number();
        self.followers[start + place].1 = number;
        number
    }

    /// Returns before when an operation must have been invoked to come next.
    pub(super) fn bound(&self, ordered: u32) -> u64 {
        self.all[ordered as usize].bound
    }

    /// Returns when `operation` returned.
    pub(super) fn returned(&self, operation: u32) -> u64 {
        self.times[operation as usize].1
    }

    /// Returns the first operation that may not come next, as none of those after it may.
    pub(super) fn end(&self, ordered: u32) -> u32 {
        self.all[ordered as usize].end
    }

    /// Returns the operations that may not come next, but may come before `operation`.
    pub(super) fn between(&self, ordered: u32, operation: u32) -> Range<u32> {
        let end = self.all[ordered as usize].end;
        let returned = self.returned(operation);
        let count = self.times[end as usize..].partition_point(|&(invoked, _)| invoked < returned);
        end..end + count as u32
    }

    /// Returns how much memory they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.sets.bytes() + size_of::<Ordered>() * self.all.capacity() + 8 * self.followers.capacity()
    }

    /// Returns the number of the set that is drafted.
    fn number(&mut self) -> u32 {
        let (number, is_new) = self.sets.number(&self.draft);
        if !is_new {
            return number;
        }
        let (next, behind) = (self.draft[0], &self.draft[1..]);
        // An operation may come next if none that is left returned before it was invoked.
        let returned = |at: u32| self.times[at as usize].1;
        let mut bound = behind.iter().map(|&at| returned(at)).min().unwrap_or(u64::MAX);
        let mut end = next;
        while (end as usize) < self.times.len() && self.times[end as usize].0 < bound {
            bound = bound.min(returned(end));
            end += 1;
        }
        let start = self.followers.len();
        self.followers.extend(behind.iter().copied().chain(next..end).map(|at| (at, UNKNOWN)));
        self.all.push(Ordered { next, end, followers: (start, self.followers.len()), bound });
        number
    }
}
