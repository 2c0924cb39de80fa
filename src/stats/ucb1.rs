//! UCB1: chooses which of several options to try next, so that few trials are spent on suboptimal ones.

/// The trials of the arms of a bandit, each with a reward from 0 to 1.
///
/// The next trial goes to the arm with the highest upper confidence bound x̄ + √(2 ln n / nᵢ), after nᵢ of n trials.
/// The regret grows as ln n.
///
/// Source: P. Auer, N. Cesa-Bianchi and P. Fischer, *Finite-time analysis of the multiarmed bandit problem*, Machine
/// Learning 47 (2002).
#[derive(Clone, Debug)]
pub struct Ucb1 {
    arms: Vec<BanditArm>,
}

#[derive(Clone, Debug, Default)]
struct BanditArm {
    trials: u64,
    reward: f64,
}

impl Ucb1 {
    /// Creates a bandit of so many `arms`, none of them tried.
    pub fn new(arms: usize) -> Ucb1 {
        Ucb1 { arms: vec![BanditArm::default(); arms] }
    }

    /// Adds a trial of `arm`, by number from 0, which gave `reward`.
    ///
    /// # Panics
    /// If there is no such arm, or unless 0 ≤ `reward` ≤ 1.
    pub fn record(&mut self, arm: usize, reward: f64) {
        assert!((0.0..=1.0).contains(&reward), "a reward lies between 0 and 1, not at {reward}");
        self.arms[arm].trials += 1;
        self.arms[arm].reward += reward;
    }

    /// Number of trials of all arms.
    pub fn trials(&self) -> u64 {
        self.arms.iter().map(|arm| arm.trials).sum()
    }

    /// Returns the arm to try next, of those that are `eligible`: one that was never tried, or else that of the highest
    /// bound; of several the first. `None` if none is eligible.
    pub fn next(&self, eligible: impl Fn(usize) -> bool) -> Option<usize> {
        let log = libm::log(self.trials() as f64);
        let bound = |arm: &BanditArm| match arm.trials as f64 {
            0.0 => f64::INFINITY,
            trials => arm.reward / trials + libm::sqrt(2.0 * log / trials),
        };
        let eligible = self.arms.iter().enumerate().filter(|(place, _)| eligible(*place));
        let best = eligible.max_by(|(i, a), (j, b)| bound(a).total_cmp(&bound(b)).then(j.cmp(i)));
        best.map(|(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_is_tried_before_any_is_tried_again() {
        let mut bandit = Ucb1::new(3);
        for arm in 0..3 {
            assert_eq!(bandit.next(|_| true), Some(arm));
            bandit.record(arm, 1.0);
        }
        assert_eq!((bandit.next(|_| true), bandit.trials()), (Some(0), 3));
    }

    #[test]
    fn bounds_are_those_of_the_paper() {
        // Means .5 and .4 after 10 and 5 trials of 15: the bounds are .5 + .7360 and .4 + 1.0408.
        let mut bandit = Ucb1::new(2);
        (0..10).for_each(|trial| bandit.record(0, f64::from(trial % 2)));
        (0..5).for_each(|_| bandit.record(1, 0.4));
        assert_eq!(bandit.next(|_| true), Some(1));
        // After 9 of 19 it is .4 + .8089 against .5 + .7674.
        (0..4).for_each(|_| bandit.record(1, 0.4));
        assert_eq!(bandit.next(|_| true), Some(0));
    }

    #[test]
    fn who_is_not_eligible_is_left_out() {
        let mut bandit = Ucb1::new(2);
        bandit.record(0, 1.0);
        bandit.record(1, 0.0);
        assert_eq!(bandit.next(|arm| arm == 1), Some(1));
        assert_eq!(bandit.next(|_| false), None);
        assert_eq!(Ucb1::new(0).next(|_| true), None);
    }

    #[test]
    fn what_is_worse_is_tried_as_seldom_as_theorem_1_says() {
        // At most 8 ln n / Δ² + 1 + π² / 3 trials of an arm that is Δ worse, in expectation; here rewards are constant.
        let means = [0.9, 0.5, 0.3];
        let (mut bandit, mut trials) = (Ucb1::new(3), [0_u32; 3]);
        for _ in 0..5_000 {
            let arm = bandit.next(|_| true).expect("all are eligible");
            trials[arm] += 1;
            bandit.record(arm, means[arm]);
        }
        for arm in [1, 2] {
            let most = 8.0 * libm::log(5_000.0) / ((0.9 - means[arm]) * (0.9 - means[arm])) + 4.29;
            assert!(f64::from(trials[arm]) <= most, "{trials:?}");
        }
        assert!(trials[0] > 4_000 && trials[1] > trials[2], "{trials:?}");
    }
}
