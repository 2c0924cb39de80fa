//! Sorting a bucket: stable, and by the offsets of its entries alone.

use super::entry::Entry;

/// Up to here, insertion beats counting.
const INSERTION_MAX: usize = 24;
const DIGIT_BITS_MAX: u32 = 8;
const PASSES_MAX: usize = 3;

/// Sorts `entries` by their offsets, of `offset_bits` bits; equal offsets keep their order.
///
/// It is a radix sort from the least digit up. A digit in which all entries agree costs no pass, so a burst at one
/// instant is never moved.
pub(super) fn sort<E: Entry>(entries: &mut Vec<E>, scratch: &mut Vec<E>, offset_bits: u32) {
    if entries.len() <= INSERTION_MAX {
        return insert(entries);
    }
    let passes = offset_bits.div_ceil(DIGIT_BITS_MAX);
    let digit_bits = offset_bits.div_ceil(passes);
    let mask = (1usize << digit_bits) - 1;
    let digit = |entry: E, pass: u32| (entry.offset() >> (pass * digit_bits)) as usize & mask;

    let mut counts = [[0u32; 1 << DIGIT_BITS_MAX]; PASSES_MAX];
    for &entry in entries.iter() {
        for pass in 0..passes {
            counts[pass as usize][digit(entry, pass)] += 1;
        }
    }
    for pass in 0..passes {
        let places = &mut counts[pass as usize];
        if places[digit(entries[0], pass)] as usize == entries.len() {
            continue;
        }
        let mut sum = 0;
        for place in &mut places[..=mask] {
            sum += std::mem::replace(place, sum);
        }
        scratch.resize(entries.len(), E::default());
        for &entry in entries.iter() {
            let place = &mut places[digit(entry, pass)];
            scratch[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(entries, scratch);
    }
}

fn insert<E: Entry>(entries: &mut [E]) {
    for end in 1..entries.len() {
        let entry = entries[end];
        let mut place = end;
        while place > 0 && entries[place - 1].offset() > entry.offset() {
            entries[place] = entries[place - 1];
            place -= 1;
        }
        entries[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Narrow, Wide};
    use super::*;
    use crate::{Purpose, Streams};
    use rand::Rng;

    #[test]
    fn sorts_every_size_and_width_like_a_stable_sort() {
        like_a_stable_sort::<Narrow>();
        like_a_stable_sort::<Wide>();
    }

    fn like_a_stable_sort<E: Entry + PartialEq>() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let mut scratch = Vec::new();
        for offset_bits in 1..=24 {
            for len in [0, 1, 2, INSERTION_MAX, INSERTION_MAX + 1, 300, 3_000] {
                // The event reference falls with the place, so that a sort of whole entries would be found out.
                let mut entries: Vec<E> = (0..len as u64)
                    .map(|place| E::pack(stream.next_u64() >> (64 - offset_bits), len as u64 - place))
                    .collect();
                let mut sorted = entries.clone();
                sorted.sort_by_key(|entry| entry.offset());
                sort(&mut entries, &mut scratch, offset_bits);
                assert_eq!(entries, sorted, "{len} entries of {offset_bits} bits");
            }
        }
    }
}
