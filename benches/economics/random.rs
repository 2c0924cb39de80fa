//! Auctions and games, the same on every machine.

use std::fmt::Write;

/// How many goods an auction has.
const GOODS: usize = 15;

/// How many bidders it has.
const BIDDERS: usize = 10;

/// How many bids each has, of which at most one wins.
const BIDS: usize = 20;

/// What a good is worth to everybody, in whole units, is at least the first and below the second.
const WORTH: (u64, u64) = (500, 1_500);

/// By how many per cent at most a bidder's own worth is off the common one.
const TASTE_PERCENT: u64 = 20;

/// By how many per cent a bundle is worth more for each good beyond its first.
const SYNERGY_PERCENT: u64 = 10;

/// A generator of random words (SplitMix64).
///
/// Source: G. Steele, D. Lea and C. Flood, *Fast splittable pseudorandom number generators* (2014).
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Uniform in `first`..`end`.
    fn between(&mut self, first: u64, end: u64) -> u64 {
        first + ((u128::from(self.next()) * u128::from(end - first)) >> 64) as u64
    }

    /// A set of `size` goods.
    fn bundle(&mut self, size: u32) -> u64 {
        let mut bundle = 0_u64;
        while bundle.count_ones() < size {
            bundle |= 1 << self.between(0, GOODS as u64);
        }
        bundle
    }
}

/// The auction with this number, in the format of CATS.
///
/// Each bidder bids on [`BIDS`] different bundles of 2 to 5 goods. A good has a common worth, from which a bidder's
/// own is off by up to [`TASTE_PERCENT`]; a bid is the sum of its goods' worths, and [`SYNERGY_PERCENT`] more for each
/// good beyond the first. So values are superadditive, and the closer bidders agree, the more there is to search.
pub(super) fn auction(number: u64) -> String {
    let mut words = Words(number);
    let mut text = format!("goods {GOODS}\nbids {}\ndummy {BIDDERS}\n\n", BIDDERS * BIDS);
    let common: Vec<u64> = (0..GOODS).map(|_| words.between(WORTH.0, WORTH.1)).collect();
    for bidder in 0..BIDDERS {
        let taste = |worth: &u64| worth * words.between(100 - TASTE_PERCENT, 101 + TASTE_PERCENT) / 100;
        let own: Vec<u64> = common.iter().map(taste).collect();
        let mut bundles = Vec::new();
        while bundles.len() < BIDS {
            let size = words.between(2, 6) as u32;
            let bundle = words.bundle(size);
            if !bundles.contains(&bundle) {
                bundles.push(bundle);
            }
        }
        for (place, bundle) in bundles.iter().enumerate() {
            let goods = || (0..GOODS).filter(|good| bundle >> good & 1 == 1);
            let size = u64::from(bundle.count_ones());
            let apart: u64 = goods().map(|good| own[good]).sum();
            let price = apart * (100 + SYNERGY_PERCENT * (size - 1)) / 100;
            write!(text, "{}\t{price}", bidder * BIDS + place).expect("a string takes all");
            for good in goods().chain([GOODS + bidder]) {
                write!(text, "\t{good}").expect("a string takes all");
            }
            text.push_str("\t#\n");
        }
    }
    text
}

/// The payoffs of one player in a game of `size` × `size` strategies: whole, from −100 to 100.
pub(super) fn payoffs(number: u64, player: u64, size: usize) -> Vec<Vec<i64>> {
    let mut words = Words(2 * number + player);
    let mut row = || (0..size).map(|_| words.between(0, 201) as i64 - 100).collect();
    (0..size).map(|_| row()).collect()
}
