//! The calendar's ring of buckets: append-only chains of chunks that share one pool.

use super::super::collections::reserve_quarter;
use super::entry::Entry;

/// How many buckets the ring has.
pub(super) const BUCKETS: usize = 1 << BUCKET_BITS;
pub(super) const BUCKET_BITS: u32 = 12;
const CHUNK: u32 = 64;
const NO_CHUNK: u32 = u32::MAX;

/// A ring of buckets of entries.
///
/// A chunk that has been emptied is filled again before the pool grows, so in the steady state nothing is allocated.
pub(super) struct Buckets<E> {
    chains: Box<[Chain; BUCKETS]>,
    occupied: Occupied,
    /// Chunk after chunk, [`CHUNK`] slots each.
    slots: Vec<E>,
    /// The chunk that follows each chunk, in its chain or in the free list.
    next: Vec<u32>,
    free: u32,
}

/// One bucket's entries, in the order in which they were appended.
#[derive(Copy, Clone)]
pub(super) struct Chain {
    /// The first chunk.
    head: u32,
    /// The slot after the last entry; 0 when there is none.
    tail: u32,
}

impl Chain {
    const EMPTY: Chain = Chain { head: NO_CHUNK, tail: 0 };
}

impl<E: Entry> Buckets<E> {
    pub(super) fn new() -> Buckets<E> {
        Buckets {
            chains: no_chains(),
            occupied: Occupied::default(),
            slots: Vec::new(),
            next: Vec::new(),
            free: NO_CHUNK,
        }
    }

    /// Appends `entry` to the bucket at `index`, which is taken modulo the ring's length.
    #[inline]
    pub(super) fn append(&mut self, index: u64, entry: E) {
        let index = index as usize % BUCKETS;
        let mut slot = self.chains[index].tail;
        if slot.is_multiple_of(CHUNK) {
            slot = self.extend(index);
        }
        self.slots[slot as usize] = entry;
        self.chains[index].tail = slot + 1;
    }

    /// Appends `entry` if the bucket's last chunk has room for it; false if not.
    #[inline]
    pub(super) fn append_to_chunk(&mut self, index: u64, entry: E) -> bool {
        let index = index as usize % BUCKETS;
        let slot = self.chains[index].tail;
        if slot.is_multiple_of(CHUNK) {
            return false;
        }
        self.slots[slot as usize] = entry;
        self.chains[index].tail = slot + 1;
        true
    }

    /// How far ahead of `index` the next bucket with entries is, going round the ring; 0 if it is the one at `index`.
    pub(super) fn distance_to_occupied(&self, index: u64) -> Option<u64> {
        let index = index as usize % BUCKETS;
        let found = self.occupied.first_from(index).or_else(|| self.occupied.first_from(0))?;
        Some((found.wrapping_sub(index) % BUCKETS) as u64)
    }

    /// Moves the entries of the bucket at `index` to the end of `entries`.
    pub(super) fn take(&mut self, index: u64, entries: &mut Vec<E>) {
        let index = index as usize % BUCKETS;
        self.occupied.clear(index);
        let chain = std::mem::replace(&mut self.chains[index], Chain::EMPTY);
        self.release(chain, entries);
    }

    /// Detaches all chains, from bucket 0 on. Each must be given back by [`release`](Self::release).
    pub(super) fn detach(&mut self) -> Box<[Chain; BUCKETS]> {
        self.occupied = Occupied::default();
        std::mem::replace(&mut self.chains, no_chains())
    }

    /// Moves the entries of a detached chain to the end of `entries`.
    pub(super) fn release(&mut self, chain: Chain, entries: &mut Vec<E>) {
        if chain.tail == 0 {
            return;
        }
        let last = (chain.tail - 1) / CHUNK;
        let mut chunk = chain.head;
        while chunk != last {
            let start = (chunk * CHUNK) as usize;
            reserve_quarter(entries, CHUNK as usize);
            entries.extend_from_slice(&self.slots[start..start + CHUNK as usize]);
            chunk = self.next[chunk as usize];
        }
        entries.extend_from_slice(&self.slots[(last * CHUNK) as usize..chain.tail as usize]);
        self.next[last as usize] = self.free;
        self.free = chain.head;
    }

    pub(super) fn retained_bytes(&self) -> usize {
        size_of::<[Chain; BUCKETS]>()
            + self.slots.capacity() * size_of::<E>()
            + self.next.capacity() * size_of::<u32>()
    }

    /// Gives the bucket at `index` one more chunk, and returns the chunk's first slot.
    #[inline(never)]
    fn extend(&mut self, index: usize) -> u32 {
        let chunk = match self.free {
            NO_CHUNK => self.grow(),
            chunk => {
                self.free = self.next[chunk as usize];
                chunk
            }
        };
        let chain = &mut self.chains[index];
        if chain.tail == 0 {
            chain.head = chunk;
            self.occupied.set(index);
        } else {
            self.next[(chain.tail / CHUNK - 1) as usize] = chunk;
        }
        chunk * CHUNK
    }

    fn grow(&mut self) -> u32 {
        let chunk = self.next.len();
        assert!(chunk < (u32::MAX / CHUNK) as usize, "fewer than 2^32 events can be pending");
        self.next.push(NO_CHUNK);
        reserve_quarter(&mut self.slots, CHUNK as usize);
        self.slots.resize(self.slots.len() + CHUNK as usize, E::default());
        chunk as u32
    }
}

fn no_chains() -> Box<[Chain; BUCKETS]> {
    vec![Chain::EMPTY; BUCKETS].into_boxed_slice().try_into().ok().expect("the ring has BUCKETS buckets")
}

/// Which buckets hold entries: a bit for each, and a bit for every 64 of them.
struct Occupied {
    words: [u64; BUCKETS / 64],
    summary: u64,
}

impl Default for Occupied {
    fn default() -> Occupied {
        Occupied { words: [0; BUCKETS / 64], summary: 0 }
    }
}

impl Occupied {
    fn set(&mut self, index: usize) {
        self.words[index / 64] |= 1 << (index % 64);
        self.summary |= 1 << (index / 64);
    }

    fn clear(&mut self, index: usize) {
        self.words[index / 64] &= !(1 << (index % 64));
        if self.words[index / 64] == 0 {
            self.summary &= !(1 << (index / 64));
        }
    }

    fn first_from(&self, index: usize) -> Option<usize> {
        let word = index / 64;
        let rest = self.words[word] & u64::MAX << (index % 64);
        if rest != 0 {
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        // Shifting twice by less than 64 leaves nothing after the last word.
        let later = self.summary & u64::MAX << word << 1;
        (later != 0).then(|| {
            let word = later.trailing_zeros() as usize;
            word * 64 + self.words[word].trailing_zeros() as usize
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Narrow;
    use super::*;

    #[test]
    fn chains_keep_their_order_and_chunks_are_used_again() {
        let mut buckets = Buckets::<Narrow>::new();
        let mut retained = 0;
        for round in 0..5 {
            for entry in 0..1_000 {
                buckets.append(entry % 3, Narrow::pack(0, entry));
            }
            for bucket in 0..3 {
                let mut entries = Vec::new();
                buckets.take(bucket, &mut entries);
                assert!(entries.iter().map(|entry| entry.event()).eq((bucket..1_000).step_by(3)));
            }
            if round == 0 {
                retained = buckets.retained_bytes();
            }
            assert_eq!(buckets.retained_bytes(), retained);
        }
    }

    #[test]
    fn the_next_occupied_bucket_is_found_round_the_ring() {
        let mut buckets = Buckets::<Narrow>::new();
        assert_eq!(buckets.distance_to_occupied(9), None);
        for occupied in [0, 1, 63, 64, 700, BUCKETS as u64 - 1] {
            buckets.append(occupied, Narrow::pack(0, 1));
            for from in 0..BUCKETS as u64 {
                let distance = occupied.wrapping_sub(from) % BUCKETS as u64;
                assert_eq!(buckets.distance_to_occupied(from), Some(distance), "{from} to {occupied}");
            }
            buckets.take(occupied, &mut Vec::new());
        }
    }
}
