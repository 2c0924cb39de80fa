//! Sets of voters, by their positions in a part of the tree.

use serde::Serialize;

/// Some of so many voters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Voters {
    size: u32,
    count: u32,
    words: Vec<u64>,
}

impl Voters {
    /// None of `size`.
    pub fn none(size: u32) -> Voters {
        Voters { size, count: 0, words: vec![0; (size as usize).div_ceil(64)] }
    }

    /// Of how many.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// How many.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Adds one; false if it was there.
    ///
    /// # Panics
    /// If there is no such voter.
    pub fn insert(&mut self, voter: u32) -> bool {
        assert!(voter < self.size, "voter {voter} is one of {}", self.size);
        let (word, bit) = (&mut self.words[voter as usize / 64], 1 << (voter % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        self.count += u32::from(is_new);
        is_new
    }

    /// Returns true if it is among them.
    pub fn contains(&self, voter: u32) -> bool {
        voter < self.size && self.words[voter as usize / 64] >> (voter % 64) & 1 == 1
    }

    /// Adds all of `others`, whose first voter is the one at `start` here.
    pub fn absorb(&mut self, start: u32, others: &Voters) {
        others.present().for_each(|voter| {
            self.insert(start + voter);
        });
    }

    /// Those that are among them.
    pub fn present(&self) -> impl Iterator<Item = u32> {
        (0..self.size).filter(|&voter| self.contains(voter))
    }

    /// Those that are not.
    pub fn absent(&self) -> impl Iterator<Item = u32> {
        (0..self.size).filter(|&voter| !self.contains(voter))
    }

    /// Returns true if it is what it says: as many as it counts, and none beyond its size.
    pub fn is_sound(&self) -> bool {
        let ones: u32 = self.words.iter().map(|word| word.count_ones()).sum();
        self.words.len() == (self.size as usize).div_ceil(64)
            && ones == self.count
            && self.present().count() as u32 == ones
    }

    /// On the wire, in bytes.
    pub fn bytes(&self) -> usize {
        4 + (self.size as usize).div_ceil(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_counts_each_voter_once() {
        let mut all = Voters::none(70);
        assert!(all.insert(3) && all.insert(69) && !all.insert(3));
        let mut some = Voters::none(2);
        some.insert(1);
        all.absorb(68, &some);
        assert_eq!((all.count(), all.present().collect::<Vec<_>>()), (2, vec![3, 69]));
        assert_eq!(all.absent().count(), 68);
        assert!(all.is_sound() && !all.contains(70));
        assert!(!Voters { count: 3, ..all }.is_sound());
    }
}
