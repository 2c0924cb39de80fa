//! Decision rules: the winner, and when open votes cannot change it.
//!
//! Each is judged with R open: an outcome that comes of it comes of every completion, whoever else votes, for
//! whatever, or abstains. At the deadline it is judged with R = 0.

use super::bug::{Bug, Rules};
use super::sums::{MILLION, Sums};

/// The decision rule.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An option wins with this weight, however much is cast: a share θ > ½ of all weight.
    OfTotal {
        /// ⌈θW⌉, more than half of all weight.
        threshold: u64,
    },
    /// The option with the most weight wins, of equal ones the lowest.
    Plurality,
    /// An option wins with a share θ > ½ of the weight cast, if enough is cast.
    OfCast {
        /// θ, in parts per million.
        share_ppm: u32,
        /// ⌈ρW⌉: the least weight that has to be cast.
        participation: u64,
    },
    /// Options are numbers, and their weighted median wins.
    Median {
        /// How far the outcome may lie from the median of all votes, if that lets it come early.
        tolerance: u64,
    },
}

/// The terms of a vote: rule, options, and whether confidence counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct VoteTerms {
    /// The rule.
    pub rule: Rule,
    /// Number of options, from 0.
    pub options: u64,
    /// True if a vote's weight is multiplied by its voter's confidence.
    pub confidence: bool,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
}

/// Result of a tally.
#[derive(Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum TallyResult {
    /// This option has won.
    Accepted(u64),
    /// None has.
    Undecided(UndecidedReason),
}

/// Reason why no option has won.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum UndecidedReason {
    /// The voters disagree.
    NoConsensus,
    /// Too few voted.
    InsufficientParticipation,
    /// So few voted that not even one voice could have reached the threshold.
    ThresholdInfeasible,
}

impl VoteTerms {
    /// The result, if open votes cannot change it; always there when nothing is open.
    pub fn judge(&self, sums: &Sums) -> Option<TallyResult> {
        let verdict = match self.rule {
            Rule::OfTotal { threshold } => of_total(sums, threshold),
            Rule::Plurality => self.plurality(sums),
            Rule::OfCast { share_ppm, participation } => self.of_cast(sums, share_ppm, participation),
            Rule::Median { tolerance } => self.median(sums, tolerance),
        };
        let is_held_back = !self.rules().rejects_early
            && sums.open > 0
            && matches!(verdict, Some(TallyResult::Undecided(_)));
        verdict.filter(|_| !is_held_back)
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The result with nothing open: missing voters abstain.
    pub fn close(&self, sums: &Sums) -> TallyResult {
        self.judge(&sums.closed()).expect("with nothing open there is an outcome")
    }

    fn plurality(&self, sums: &Sums) -> Option<TallyResult> {
        let Some((leader, lead)) = sums.leader() else { return nobody(sums) };
        // Of options without a vote only the lowest can matter: it wins more ties than the others.
        let unheard = (0..self.options).find(|option| !sums.options.contains_key(option));
        let mut rivals = sums.options.iter().map(|(&option, &weight)| (option, weight));
        let withstands = |(option, weight): (u64, u64)| {
            let reach = weight + sums.open;
            let wins_ties = leader < option || !self.rules().ties_stay_open;
            option == leader || lead > reach || (lead == reach && wins_ties)
        };
        let is_certain = rivals.all(withstands) && unheard.is_none_or(|option| withstands((option, 0)));
        is_certain.then_some(TallyResult::Accepted(leader))
    }

    fn of_cast(&self, sums: &Sums, share_ppm: u32, participation: u64) -> Option<TallyResult> {
        let at_most = u128::from(sums.cast) + u128::from(sums.open);
        if at_most < u128::from(participation) || at_most == 0 {
            return Some(TallyResult::Undecided(UndecidedReason::InsufficientParticipation));
        }
        let all = if self.rules().open_weight_counts { at_most } else { u128::from(sums.cast) };
        let suffices = |weight: u128, of: u128| weight * MILLION >= u128::from(share_ppm) * of;
        match sums.leader() {
            Some((leader, lead)) if sums.cast >= participation && suffices(u128::from(lead), all) => {
                Some(TallyResult::Accepted(leader))
            }
            leader => {
                let reach = leader.map_or(0, |(_, lead)| u128::from(lead)) + u128::from(sums.open);
                let is_lost = reach == 0 || !suffices(reach, at_most);
                is_lost.then_some(TallyResult::Undecided(UndecidedReason::NoConsensus))
            }
        }
    }

    /// The median with all that is open at the lowest number, and at the highest: it lies in between.
    fn median(&self, sums: &Sums, tolerance: u64) -> Option<TallyResult> {
        let Some(middle) = sums.median(0, 0) else { return nobody(sums) };
        let low = sums.median(sums.open, 0).unwrap_or(0);
        let high = sums.median(0, sums.open).unwrap_or(self.options - 1);
        (high - low <= tolerance).then_some(TallyResult::Accepted(middle))
    }
}

fn of_total(sums: &Sums, threshold: u64) -> Option<TallyResult> {
    let (leader, lead) = sums.leader().unwrap_or((0, 0));
    match lead + sums.open {
        _ if lead >= threshold => Some(TallyResult::Accepted(leader)),
        reach if reach >= threshold => None,
        _ if sums.cast + sums.open < threshold => {
            Some(TallyResult::Undecided(UndecidedReason::ThresholdInfeasible))
        }
        _ => Some(TallyResult::Undecided(UndecidedReason::NoConsensus)),
    }
}

/// The outcome where no vote weighs anything.
fn nobody(sums: &Sums) -> Option<TallyResult> {
    (sums.open == 0).then_some(TallyResult::Undecided(UndecidedReason::InsufficientParticipation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(rule: Rule) -> VoteTerms {
        VoteTerms { rule, options: 3, confidence: false, bug: None }
    }

    fn sums(votes: &[(u64, u64)], open: u64) -> Sums {
        let mut sums = Sums::new(open);
        votes.iter().for_each(|&(option, weight)| sums.add(option, weight));
        sums
    }

    const NO_CONSENSUS: Option<TallyResult> = Some(TallyResult::Undecided(UndecidedReason::NoConsensus));

    #[test]
    fn a_share_of_all_weight_is_reached_or_out_of_reach() {
        let rule = terms(Rule::OfTotal { threshold: 6 });
        assert_eq!(rule.judge(&sums(&[(1, 6)], 4)), Some(TallyResult::Accepted(1)));
        assert_eq!(rule.judge(&sums(&[(1, 5), (0, 4)], 1)), None);
        assert_eq!(rule.judge(&sums(&[(1, 4), (0, 5)], 0)), NO_CONSENSUS);
        assert_eq!(rule.judge(&sums(&[(1, 4), (0, 4), (2, 1)], 1)), NO_CONSENSUS);
        let silent = rule.close(&sums(&[(1, 5)], 5));
        assert_eq!(silent, TallyResult::Undecided(UndecidedReason::ThresholdInfeasible));
    }

    #[test]
    fn a_lead_counts_once_nobody_can_draw_level_and_win_the_tie() {
        let rule = terms(Rule::Plurality);
        assert_eq!(rule.judge(&sums(&[(0, 5), (1, 3)], 2)), Some(TallyResult::Accepted(0)));
        assert_eq!(rule.judge(&sums(&[(1, 5), (0, 3)], 2)), None);
        assert_eq!(rule.judge(&sums(&[(1, 5)], 5)), None, "option 0 would win the tie");
        assert_eq!(rule.judge(&sums(&[(0, 5)], 5)), Some(TallyResult::Accepted(0)));
        assert_eq!(rule.close(&sums(&[(1, 5), (2, 5)], 1)), TallyResult::Accepted(1));
        assert_eq!(
            rule.close(&sums(&[], 5)),
            TallyResult::Undecided(UndecidedReason::InsufficientParticipation)
        );
    }

    #[test]
    fn a_share_of_the_weight_cast_needs_participation() {
        let rule = terms(Rule::OfCast { share_ppm: 600_000, participation: 5 });
        assert_eq!(rule.judge(&sums(&[(1, 6)], 4)), Some(TallyResult::Accepted(1)));
        assert_eq!(rule.judge(&sums(&[(1, 5)], 4)), None);
        assert_eq!(rule.close(&sums(&[(1, 5)], 4)), TallyResult::Accepted(1));
        assert_eq!(
            rule.close(&sums(&[(1, 4)], 6)),
            TallyResult::Undecided(UndecidedReason::InsufficientParticipation)
        );
        assert_eq!(rule.judge(&sums(&[(0, 5), (1, 4)], 1)), None);
        assert_eq!(rule.judge(&sums(&[(0, 4), (1, 4)], 1)), NO_CONSENSUS);
    }

    #[test]
    fn a_share_of_the_weight_cast_wins_only_once_enough_is_cast() {
        const TOO_FEW: TallyResult = TallyResult::Undecided(UndecidedReason::InsufficientParticipation);
        // More has to be cast than the share of all: 8 of 10, of which 51 % win.
        let rule = terms(Rule::OfCast { share_ppm: 510_000, participation: 8 });
        assert_eq!(rule.judge(&sums(&[(1, 7)], 3)), None, "one more has to vote, for whatever");
        assert_eq!(rule.close(&sums(&[(1, 7)], 3)), TOO_FEW);
        assert_eq!(rule.judge(&sums(&[(1, 7)], 0)), Some(TOO_FEW));
        assert_eq!(rule.judge(&sums(&[(1, 7), (0, 1)], 2)), Some(TallyResult::Accepted(1)));
        assert_eq!(rule.close(&sums(&[(1, 5), (0, 3)], 2)), TallyResult::Accepted(1));
        assert_eq!(rule.judge(&sums(&[(1, 4), (0, 3)], 0)), Some(TOO_FEW), "whatever its share");
    }

    #[test]
    fn a_median_is_certain_once_open_votes_cannot_move_it() {
        let of_numbers = |tolerance| VoteTerms { options: 100, ..terms(Rule::Median { tolerance }) };
        let exact = of_numbers(0);
        assert_eq!(exact.judge(&sums(&[(10, 1), (20, 3), (30, 1)], 2)), Some(TallyResult::Accepted(20)));
        assert_eq!(exact.judge(&sums(&[(10, 2), (20, 1), (30, 2)], 2)), None);
        let rough = of_numbers(20);
        assert_eq!(rough.judge(&sums(&[(10, 2), (20, 1), (30, 2)], 2)), Some(TallyResult::Accepted(20)));
        assert_eq!(
            exact.close(&sums(&[], 9)),
            TallyResult::Undecided(UndecidedReason::InsufficientParticipation)
        );
    }

    /// Every way in which voters of these weights can vote for one of three options, or abstain.
    fn completions(sums: &Sums, open: &[u64]) -> Vec<Sums> {
        open.iter().fold(vec![sums.clone()], |all, &weight| {
            let vote = |sums: &Sums, option: Option<u64>| {
                let mut sums = sums.clone();
                sums.open -= weight;
                if let Some(option) = option {
                    sums.add(option, weight);
                }
                sums
            };
            all.iter()
                .flat_map(|sums| [None, Some(0), Some(1), Some(2)].map(|option| vote(sums, option)))
                .collect()
        })
    }

    fn rules() -> impl Strategy<Value = Rule> {
        prop_oneof![
            Just(Rule::Plurality),
            (0..3u64).prop_map(|tolerance| Rule::Median { tolerance }),
            (1..4u64).prop_map(|threshold| Rule::OfTotal { threshold }),
            (500_001..=1_000_000u32, 0..30u64)
                .prop_map(|(share_ppm, participation)| Rule::OfCast { share_ppm, participation }),
        ]
    }

    proptest! {
        #[test]
        fn an_early_outcome_is_the_outcome_of_every_completion(
            rule in rules(),
            votes in prop::collection::vec((0..3u64, 1..9u64), 0..8),
            open in prop::collection::vec(1..6u64, 0..5),
        ) {
            let before = sums(&votes, open.iter().sum());
            // More than half of all weight, or two options could reach it.
            let rule = match rule {
                Rule::OfTotal { threshold } => Rule::OfTotal { threshold: threshold + (before.cast + before.open) / 2 },
                rule => rule,
            };
            let terms = terms(rule);
            let ends: Vec<TallyResult> = completions(&before, &open).iter().map(|end| terms.close(end)).collect();
            let same = |a: &TallyResult, b: &TallyResult| match (rule, a, b) {
                (Rule::Median { tolerance }, TallyResult::Accepted(a), TallyResult::Accepted(b)) => a.abs_diff(*b) <= tolerance,
                (_, TallyResult::Accepted(a), TallyResult::Accepted(b)) => a == b,
                (_, TallyResult::Undecided(_), TallyResult::Undecided(_)) => true,
                _ => false,
            };
            match terms.judge(&before) {
                Some(verdict) => prop_assert!(ends.iter().all(|end| same(end, &verdict))),
                None => prop_assert!(ends.iter().any(|a| ends.iter().any(|b| !same(a, b)))),
            }
        }
    }
}
