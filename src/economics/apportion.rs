//! Division of a whole in proportion to weights, by largest remainder.

use num_traits::Num;

/// Returns whole shares of `total` in proportion to `weights`: each share is rounded down, and what is left goes by one
/// to the largest remainders, ties to the lowest index (Hamilton's method). The shares sum to `total`.
///
/// # Panics
/// If all weights are 0. `total` times any weight, and the sum of the weights, must fit the type.
pub(crate) fn apportion<T: Num + Ord + Clone>(total: &T, weights: &[T]) -> Vec<T> {
    let sum = weights.iter().fold(T::zero(), |sum, weight| sum + weight.clone());
    assert!(sum > T::zero(), "some weight is positive");
    let products: Vec<T> = weights.iter().map(|weight| total.clone() * weight.clone()).collect();
    let mut shares: Vec<T> = products.iter().map(|product| product.clone() / sum.clone()).collect();
    let mut left = shares.iter().fold(total.clone(), |left, share| left - share.clone());
    let mut order: Vec<(T, usize)> =
        products.into_iter().enumerate().map(|(index, product)| (product % sum.clone(), index)).collect();
    order.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
    for (_, index) in order {
        if left.is_zero() {
            break;
        }
        shares[index] = shares[index].clone() + T::one();
        left = left - T::one();
    }
    assert!(left.is_zero(), "fewer units are left than weights have remainders");
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_goes_to_the_largest_remainders() {
        assert_eq!(apportion(&10_u64, &[1, 1, 1]), [4, 3, 3], "ties to the lowest index");
        assert_eq!(apportion(&10_u64, &[5, 0, 3]), [6, 0, 4]);
        assert_eq!(apportion(&0_u64, &[5, 3]), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_total_and_are_near_their_quota(
            total in 0_u64..1000, weights in prop::collection::vec(0_u64..50, 1..8)
        ) {
            let sum: u64 = weights.iter().sum();
            prop_assume!(sum > 0);
            let shares = apportion(&total, &weights);
            prop_assert_eq!(shares.iter().sum::<u64>(), total);
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!((share * sum).abs_diff(total * weight) < sum, "within one unit");
            }
        }
    }
}
