//! Weights: integers, frozen in a snapshot with a digest.

use std::cmp::Reverse;
use std::rc::Rc;
use synod_sim::Digest;

/// W: the sum of weights that represent shares.
pub const WHOLE: u64 = 1_000_000_000;

/// Divides `whole` in proportion to `strengths` by the largest remainders, of equal ones to the first; evenly where
/// nobody has any strength.
///
/// # Panics
/// If there is nobody to divide it among.
pub fn apportion(strengths: &[u64], whole: u64) -> Vec<u64> {
    assert!(!strengths.is_empty(), "there is somebody to divide it among");
    let sum: u128 = strengths.iter().copied().map(u128::from).sum();
    if sum == 0 {
        return apportion(&vec![1; strengths.len()], whole);
    }
    let part = |&strength: &u64| u128::from(strength) * u128::from(whole);
    let mut parts: Vec<u64> = strengths.iter().map(|strength| (part(strength) / sum) as u64).collect();
    let left = whole - parts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by_key(|&index| (Reverse(part(&strengths[index]) % sum), index));
    assert!(left <= order.len() as u64, "each part lacks less than one");
    order.into_iter().take(left as usize).for_each(|index| parts[index] += 1);
    assert_eq!(parts.iter().sum::<u64>(), whole, "the parts make up the whole");
    parts
}

/// The weights of a session, by voter: frozen when it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    weights: Rc<[u64]>,
    total: u64,
    digest: Digest,
}

impl Snapshot {
    /// The snapshot of `weights`.
    ///
    /// # Panics
    /// If they add up to nothing, or to more than 64 bits hold.
    pub fn new(weights: impl Into<Rc<[u64]>>) -> Snapshot {
        let weights = weights.into();
        let total = weights.iter().try_fold(0u64, |sum, &weight| sum.checked_add(weight));
        let total = total.expect("weights add up to 64 bits at most");
        assert!(total > 0, "somebody has weight");
        let digest = Digest::of(&*weights);
        Snapshot { weights, total, digest }
    }

    /// The weight of each voter.
    pub fn weights(&self) -> &Rc<[u64]> {
        &self.weights
    }

    /// W: the sum of the weights.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Digest of the weights, which proposals name.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn remainders_go_to_the_largest_and_then_to_the_first() {
        assert_eq!(apportion(&[1, 1, 1], 10), [4, 3, 3]);
        assert_eq!(apportion(&[3, 3, 1], 10), [4, 4, 2]);
        assert_eq!(apportion(&[0, 0], 5), [3, 2]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_order_is_kept(strengths in prop::collection::vec(0..u64::MAX >> 8, 1..40)) {
            let parts = apportion(&strengths, WHOLE);
            prop_assert_eq!(parts.iter().sum::<u64>(), WHOLE);
            for (a, b) in strengths.iter().zip(&parts) {
                for (c, d) in strengths.iter().zip(&parts) {
                    prop_assert!(a <= c || b >= d);
                }
            }
        }
    }
}
