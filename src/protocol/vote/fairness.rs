//! Inequality of weights, for reports.

use synod_common::fixed::log2;

/// The Gini coefficient, in parts per million: 0 where all weigh the same.
pub fn gini_ppm(weights: &[u64]) -> u64 {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable();
    let (n, total) = (sorted.len() as i128, sum(&sorted) as i128);
    let ranked = |(rank, &weight): (usize, &u64)| (2 * (rank as i128 + 1) - n - 1) * i128::from(weight);
    let spread: i128 = sorted.iter().enumerate().map(ranked).sum();
    (spread * 1_000_000 / (n * total).max(1)) as u64
}

/// Shannon's entropy as a part of its most, log₂ n, in parts per million: 10⁶ where all weigh the same.
pub fn entropy_ppm(weights: &[u64]) -> u64 {
    let total = sum(weights);
    let most = match weights.len() {
        0 | 1 => return 1_000_000,
        n => u128::from(log2(n as u64, 1)),
    };
    let term = |&weight: &u64| u128::from(weight) * u128::from(log2(total as u64, weight));
    let entropy: u128 = weights.iter().filter(|&&weight| weight > 0).map(term).sum();
    (entropy * 1_000_000 / (total.max(1) * most)) as u64
}

/// The largest share, in parts per million.
pub fn largest_ppm(weights: &[u64]) -> u64 {
    let largest = weights.iter().copied().max().unwrap_or(0);
    (u128::from(largest) * 1_000_000 / sum(weights).max(1)) as u64
}

fn sum(weights: &[u64]) -> u128 {
    weights.iter().copied().map(u128::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_are_as_fair_as_can_be() {
        let weights = [7; 8];
        assert_eq!(gini_ppm(&weights), 0);
        assert_eq!(entropy_ppm(&weights), 1_000_000);
        assert_eq!(largest_ppm(&weights), 125_000);
    }

    #[test]
    fn one_who_has_all_is_as_unfair_as_can_be() {
        let weights = [1_000_000_000, 0, 0, 0];
        assert_eq!(gini_ppm(&weights), 750_000);
        assert_eq!(entropy_ppm(&weights), 0);
        assert_eq!(largest_ppm(&weights), 1_000_000);
        assert_eq!(gini_ppm(&[1, 3]), 250_000);
        assert_eq!(entropy_ppm(&[1, 1, 2]), 946_394);
    }
}
