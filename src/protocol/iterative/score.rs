//! Scores of proposals from reviews, some of which may be lies.

/// How many of a proposal's reviews are dropped at either end: as many as may still be lies, when of `assigned`
/// reviewers `received` have answered, of all agents at most `faulty` lie, and reviews that are missing are theirs.
/// Where they need not be, as many as lie in all.
pub fn trimmed(assigned: usize, received: usize, faulty: usize, missing_are_faulty: bool) -> usize {
    let missing = if missing_are_faulty { assigned.saturating_sub(received) } else { 0 };
    faulty.saturating_sub(missing)
}

/// The mean of `scores` without the `trim` lowest and highest, rounded down; `None` where nothing is left. With at
/// most `trim` lies among them it lies between the lowest and the highest honest score.
pub fn trimmed_mean(scores: &mut [u32], trim: usize) -> Option<u32> {
    scores.sort_unstable();
    let kept = scores.get(trim..scores.len().checked_sub(trim)?)?;
    let sum: u64 = kept.iter().copied().map(u64::from).sum();
    sum.checked_div(kept.len() as u64).map(|mean| mean as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_many_are_dropped_as_may_be_lies() {
        assert_eq!([7, 6, 5, 4].map(|received| trimmed(7, received, 2, true)), [2, 1, 0, 0]);
        assert_eq!([7, 6, 5].map(|received| trimmed(7, received, 2, false)), [2, 2, 2]);
    }

    #[test]
    fn means_are_of_what_is_left() {
        assert_eq!(trimmed_mean(&mut [0, 1_000, 400, 601], 1), Some(500));
        assert_eq!(trimmed_mean(&mut [0, 1_000], 1), None);
        assert_eq!(trimmed_mean(&mut [0], 1), None);
        assert_eq!(trimmed_mean(&mut [], 0), None);
    }

    proptest! {
        #[test]
        fn lies_do_not_move_a_score_out_of_the_honest_range(
            honest in prop::collection::vec(0u32..=1_000_000, 3..20),
            lies in prop::collection::vec(0u32..=1_000_000, 0..3),
        ) {
            let mut all = [honest.clone(), lies.clone()].concat();
            prop_assume!(all.len() > 2 * lies.len());
            let score = trimmed_mean(&mut all, lies.len()).expect("some are left");
            let (low, high) = (honest.iter().min(), honest.iter().max());
            prop_assert!(Some(&score) >= low && Some(&score) <= high);
        }
    }
}
