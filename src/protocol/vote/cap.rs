//! The fairness cap, by water-filling: no voter weighs more than a share of all, and what is cut off goes to the rest
//! in proportion.
//!
//! Cutting once and scaling up again does not do it: (8, 1, 1) at 50 % leaves the first 71 %.

use super::sums::MILLION;
use super::weights::{WHOLE, apportion};

/// Weights under a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capped {
    /// The weights, which add up to [`WHOLE`].
    pub weights: Vec<u64>,
    /// How far the cap could be kept.
    pub fit: Fit,
}

/// Whether a cap suits the number of voters.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Good,
    /// It leaves so little room (n·c < 1.5) that it erases much of what voters differ by.
    Tight,
    /// So few voters cannot keep it (n·c < 1): all weigh the same.
    Relaxed,
}

/// How a cap of `cap_ppm` suits `voters`.
pub fn fit(voters: usize, cap_ppm: u32) -> Fit {
    match voters as u128 * u128::from(cap_ppm) {
        room if room < MILLION => Fit::Relaxed,
        room if 2 * room < 3 * MILLION => Fit::Tight,
        _ => Fit::Good,
    }
}

/// The largest weight that a cap allows: ⌈cW⌉.
pub fn most(cap_ppm: u32) -> u64 {
    (u128::from(cap_ppm) * u128::from(WHOLE)).div_ceil(MILLION) as u64
}

/// Weights in proportion to `strengths`, none above `cap_ppm` of all: the strongest k have the cap itself, the rest
/// share what is left, for the least k with which that keeps the cap.
///
/// # Panics
/// If somebody has no strength at all.
pub fn water_fill(strengths: &[u64], cap_ppm: u32) -> Capped {
    assert!(strengths.iter().all(|&strength| strength > 0), "everybody has some strength");
    let fit = fit(strengths.len(), cap_ppm);
    if fit == Fit::Relaxed {
        return Capped { weights: apportion(&vec![1; strengths.len()], WHOLE), fit };
    }
    let cap = most(cap_ppm);
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by_key(|&voter| (std::cmp::Reverse(strengths[voter]), voter));
    let mut left = WHOLE;
    let mut rest: u128 = strengths.iter().copied().map(u128::from).sum();
    let mut capped = 0;
    for &voter in &order {
        let strength = u128::from(strengths[voter]);
        if u128::from(left) * strength <= u128::from(cap) * rest {
            break;
        }
        left -= cap;
        rest -= strength;
        capped += 1;
    }
    assert!(
        u128::from(cap) * capped as u128 + u128::from(left) == u128::from(WHOLE),
        "what is cut off is left to others"
    );
    let mut weights = vec![cap; strengths.len()];
    let others: Vec<u64> = order[capped..].iter().map(|&voter| strengths[voter]).collect();
    if !others.is_empty() {
        let shares = apportion(&others, left);
        order[capped..].iter().zip(shares).for_each(|(&voter, share)| weights[voter] = share);
    }
    assert_eq!(weights.iter().sum::<u64>(), WHOLE, "the weights make up the whole");
    assert!(weights.iter().all(|&weight| weight <= cap), "nobody weighs more than the cap");
    Capped { weights, fit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(strengths: &[u64], cap_ppm: u32) -> Vec<u64> {
        water_fill(strengths, cap_ppm).weights.iter().map(|weight| weight / 1_000_000).collect()
    }

    #[test]
    fn what_is_cut_off_goes_to_the_rest() {
        assert_eq!(shares(&[8, 1, 1], 500_000), [500, 250, 250]);
        assert_eq!(shares(&[10, 8, 1, 1], 400_000), [400, 400, 100, 100]);
        assert_eq!(shares(&[30, 1], 500_000), [500, 500]);
        assert_eq!(shares(&[5, 3, 2], 600_000), [500, 300, 200]);
    }

    #[test]
    fn a_tight_cap_erases_expertise_and_says_so() {
        let capped = water_fill(&[30, 30, 30, 1], 250_000);
        assert_eq!(capped, Capped { weights: vec![250_000_000; 4], fit: Fit::Tight });
        assert_eq!(fit(3, 500_000), Fit::Good);
        assert_eq!(water_fill(&[3, 1], 400_000).fit, Fit::Relaxed);
        assert_eq!(water_fill(&[3], 400_000).weights, [WHOLE]);
    }

    proptest! {
        #[test]
        fn the_cap_is_kept_and_order_and_ratios_with_it(
            strengths in prop::collection::vec(1..1_000_000_000u64, 1..40),
            cap_ppm in 1..=1_000_000u32,
        ) {
            let Capped { weights, fit } = water_fill(&strengths, cap_ppm);
            prop_assert_eq!(weights.iter().sum::<u64>(), WHOLE);
            let cap = most(cap_ppm);
            if fit != Fit::Relaxed {
                prop_assert!(weights.iter().all(|&weight| weight <= cap));
                for (a, v) in strengths.iter().zip(&weights) {
                    for (b, w) in strengths.iter().zip(&weights) {
                        prop_assert!(a <= b || v >= w);
                        if *v < cap && *w < cap {
                            // Each is within one unit of its share.
                            let error = (i128::from(*v) * i128::from(*b) - i128::from(*w) * i128::from(*a)).abs();
                            prop_assert!(error <= i128::from(a + b));
                        }
                    }
                }
            }
        }

        #[test]
        fn filling_twice_changes_nothing(
            strengths in prop::collection::vec(1..1_000_000_000u64, 1..40),
            cap_ppm in 1..=1_000_000u32,
        ) {
            let once = water_fill(&strengths, cap_ppm).weights;
            if once.iter().all(|&weight| weight > 0) {
                prop_assert_eq!(&water_fill(&once, cap_ppm).weights, &once);
            }
        }
    }
}
