//! Sorting a bucket: stable, and by the upper 24 bits of its entries alone.

use super::EVENT_BITS;

/// Up to here, insertion beats counting.
const INSERTION_MAX: usize = 24;
const DIGIT_BITS_MAX: u32 = 8;
const PASSES_MAX: usize = 3;

/// Sorts `entries` by the `offset_bits` bits above the event reference; equal offsets keep their order.
///
/// It is a radix sort from the least digit up. A digit in which all entries agree costs no pass, so a burst at one
/// instant is never moved.
pub(super) fn sort(entries: &mut Vec<u64>, scratch: &mut Vec<u64>, offset_bits: u32) {
    if entries.len() <= INSERTION_MAX {
        return insert(entries);
    }
    let passes = offset_bits.div_ceil(DIGIT_BITS_MAX);
    let digit_bits = offset_bits.div_ceil(passes);
    let mask = (1usize << digit_bits) - 1;
    let digit = |entry: u64, pass: u32| (entry >> (EVENT_BITS + pass * digit_bits)) as usize & mask;

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
        scratch.resize(entries.len(), 0);
        for &entry in entries.iter() {
            let place = &mut places[digit(entry, pass)];
            scratch[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(entries, scratch);
    }
}

fn insert(entries: &mut [u64]) {
    for end in 1..entries.len() {
        let entry = entries[end];
        let mut place = end;
        while place > 0 && entries[place - 1] >> EVENT_BITS > entry >> EVENT_BITS {
            entries[place] = entries[place - 1];
            place -= 1;
        }
        entries[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Streams};
    use rand::Rng;

    #[test]
    fn sorts_every_size_and_width_like_a_stable_sort() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let mut scratch = Vec::new();
        for offset_bits in 1..=24 {
            for len in [0, 1, 2, INSERTION_MAX, INSERTION_MAX + 1, 300, 3_000] {
                // The event reference falls with the place, so that a sort of whole entries would be found out.
                let mut entries: Vec<u64> = (0..len as u64)
                    .map(|place| stream.next_u64() >> (64 - offset_bits) << EVENT_BITS | (len as u64 - place))
                    .collect();
                let mut sorted = entries.clone();
                sorted.sort_by_key(|entry| entry >> EVENT_BITS);
                sort(&mut entries, &mut scratch, offset_bits);
                assert_eq!(entries, sorted, "{len} entries of {offset_bits} bits");
            }
        }
    }
}
