//! Measures of convergence in a round: dispersion, drift and approval.

use super::distance::WHOLE;
use super::domain::Value;

/// Thresholds of convergence.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// ε_D, in parts per million.
    pub dispersion_ppm: u32,
    /// ε_S, in parts per million.
    pub drift_ppm: u32,
    /// θ, in parts per million.
    pub approval_ppm: u32,
    /// τ_a: from which score on a review approves, in parts per million.
    pub approves_ppm: u32,
}

/// The three measures of a round, each in parts per million, and a diagnostic.
#[derive(Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Measures {
    /// D: the median distance of two proposals.
    pub dispersion_ppm: u32,
    /// S: how far the selection has moved since the round before; `None` in the first.
    pub drift_ppm: Option<u32>,
    /// A: the weight of those who approve of the selection, as a part of all who have reviewed it.
    pub approval_ppm: u32,
    /// The mean distance of an agent's proposal from its own in the round before. Agents who repeat themselves have
    /// none, whether or not they agree.
    pub self_drift_ppm: Option<u32>,
}

impl Measures {
    /// Returns true if all three are within their thresholds.
    pub fn agree(&self, thresholds: &Thresholds) -> bool {
        self.dispersion_ppm <= thresholds.dispersion_ppm
            && self.drift_ppm.is_some_and(|drift| drift <= thresholds.drift_ppm)
            && self.approval_ppm >= thresholds.approval_ppm
    }
}

/// The median distance of two of `values`; the lower one, where two are in the middle, so that half of the pairs are
/// no farther apart. None where there is nobody to differ.
pub(super) fn dispersion(values: &[&Value], distance: impl Fn(&Value, &Value) -> u32) -> u32 {
    let later = |(place, a): (usize, &&Value)| -> Vec<u32> {
        values[place + 1..].iter().map(|b| distance(a, b)).collect()
    };
    let mut distances: Vec<u32> = values.iter().enumerate().flat_map(later).collect();
    match distances.len() {
        0 => 0,
        pairs => *distances.select_nth_unstable((pairs - 1) / 2).1,
    }
}

/// The weight of the reviews, (weight, score) each, that approve.
pub(super) fn approval(reviews: impl Iterator<Item = (u64, u32)>, approves_ppm: u32) -> u32 {
    let (mut approving, mut whole) = (0u128, 0u128);
    for (weight, score) in reviews {
        whole += u128::from(weight);
        approving += if score >= approves_ppm { u128::from(weight) } else { 0 };
    }
    (approving * u128::from(WHOLE)).checked_div(whole).unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_pairs_are_no_farther_apart_than_the_dispersion() {
        let numbers =
            |values: &[i64]| -> Vec<Value> { values.iter().map(|&value| Value::Number(value)).collect() };
        let apart = |a: &Value, b: &Value| match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.abs_diff(*b) as u32,
            _ => WHOLE,
        };
        for (values, expected) in [(&[][..], 0), (&[5], 0), (&[1, 4], 3), (&[0, 0, 0, 9], 0), (&[0, 1, 5], 4)]
        {
            let values = numbers(values);
            assert_eq!(dispersion(&values.iter().collect::<Vec<_>>(), apart), expected);
        }
    }

    #[test]
    fn approval_is_a_share_of_weight() {
        let reviews = [(3, 800_000), (1, 799_999), (0, 900_000)];
        assert_eq!(approval(reviews.into_iter(), 800_000), 750_000);
        assert_eq!(approval(std::iter::empty(), 0), 0);
    }

    #[test]
    fn agreement_takes_all_three() {
        let thresholds = Thresholds { dispersion_ppm: 10, drift_ppm: 10, approval_ppm: 60, approves_ppm: 50 };
        let good =
            Measures { dispersion_ppm: 10, drift_ppm: Some(10), approval_ppm: 60, self_drift_ppm: None };
        assert!(good.agree(&thresholds));
        for bad in [
            Measures { dispersion_ppm: 11, ..good },
            Measures { drift_ppm: Some(11), ..good },
            Measures { drift_ppm: None, ..good },
            Measures { approval_ppm: 59, ..good },
        ] {
            assert!(!bad.agree(&thresholds));
        }
    }
}
