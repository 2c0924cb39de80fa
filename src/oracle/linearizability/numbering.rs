//! Numbers for the sequences that a search meets: equal ones get the same, so that they are compared by it.
//!
//! A search meets millions of small sets. They lie in a row in one list, and are found by a hash that depends on nothing
//! but their content; what is found is compared, so that no verdict rests on a hash.

/// Sequences of small numbers, each with a number of its own, from 0 in the order in which they came.
#[derive(Default)]
pub(super) struct Numbering {
    /// All sequences in a row.
    items: Vec<u32>,
    /// Where each of them ends.
    ends: Vec<u32>,
    /// Open addressing with linear probing: the number of a sequence and one, or zero where nothing is.
    slots: Vec<u32>,
}

/// The fewest slots that are laid out; a power of two.
const FEWEST_SLOTS: usize = 16;

impl Numbering {
    /// Returns the sequence of this number.
    pub(super) fn get(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.items[start as usize..self.ends[number] as usize]
    }

    /// Returns the number of `sequence`, and true if it is new.
    pub(super) fn number(&mut self, sequence: &[u32]) -> (u32, bool) {
        if self.ends.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot(sequence);
        if let Some(number) = self.slots[slot].checked_sub(1) {
            return (number, false);
        }
        let number = self.ends.len() as u32;
        self.items.extend_from_slice(sequence);
        self.ends.push(self.items.len() as u32);
        self.slots[slot] = number + 1;
        (number, true)
    }

    /// Returns how much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * self.items.capacity() + 4 * self.ends.capacity() + 4 * self.slots.capacity()
    }

    /// Returns the slot of `sequence`, or the free one in which it belongs.
    fn slot(&self, sequence: &[u32]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(sequence) as usize & mask;
        while let Some(number) = self.slots[slot].checked_sub(1)
            && self.get(number) != sequence
        {
            slot = (slot + 1) & mask;
        }
        slot
    }

    #[cold]
    fn grow(&mut self) {
        let count = (2 * self.slots.len()).max(FEWEST_SLOTS);
        self.slots = vec![0; count];
        for number in 0..self.ends.len() as u32 {
            let slot = self.slot(self.get(number));
            self.slots[slot] = number + 1;
        }
    }
}

/// Mixes all items into all bits.
fn hash(sequence: &[u32]) -> u64 {
    let mix = |hash: u64, item: u64| (hash.rotate_left(23) ^ item).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let all = sequence.iter().fold(sequence.len() as u64, |hash, &item| mix(hash, item.into()));
    all ^ (all >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sequences_have_one_number_and_others_another() {
        let mut numbering = Numbering::default();
        let sequence = |number: u32| (0..number % 7).map(move |item| number * 31 + item).collect::<Vec<_>>();
        let numbers: Vec<_> = (0..5_000).map(|number| numbering.number(&sequence(number))).collect();
        for (number, &(place, is_new)) in (0..).zip(&numbers) {
            assert_eq!(numbering.get(place), sequence(number));
            assert_eq!(is_new, number == 0 || number % 7 > 0, "the empty one comes often");
            assert_eq!(numbering.number(&sequence(number)), (place, false));
        }
    }
}
