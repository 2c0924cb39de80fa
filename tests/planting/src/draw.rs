//! Draws mutants by a seed.

use crate::site::Site;

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is small against 2^64: what is uneven about it cannot be seen.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// Draws `count` sites that do not overlap, in the order of the draw; fewer if there are no more.
pub fn sample(seed: u64, count: usize, mut sites: Vec<Site>) -> Vec<Site> {
    let mut random = Random(seed);
    let mut drawn: Vec<Site> = Vec::new();
    while drawn.len() < count && !sites.is_empty() {
        let site = sites.swap_remove(random.below(sites.len()));
        if !drawn.iter().any(|other| overlap(&site, other)) {
            drawn.push(site);
        }
    }
    drawn
}

/// Whether two sites cannot both be written down. Two empty places can only if they are not the same.
fn overlap(a: &Site, b: &Site) -> bool {
    a.file == b.file && (a.place == b.place || (a.place.start < b.place.end && b.place.start < a.place.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::sites;

    #[test]
    fn the_same_seed_draws_the_same_and_nothing_overlaps() {
        let source = "fn f() -> X { (a < b) == (c + 1 < d && e) }";
        let all = || sites("f.rs", source).expect("it parses");
        let texts = |seed| {
            let drawn = sample(seed, 100, all());
            for (index, one) in drawn.iter().enumerate() {
                assert!(drawn[..index].iter().all(|other| !overlap(one, other)));
            }
            drawn.into_iter().map(|site| site.after).collect::<Vec<_>>()
        };
        assert_eq!(texts(1), texts(1));
        assert!((2..20).any(|seed| texts(seed) != texts(1)), "seeds differ");
    }
}
