//! Known bugs of voting, one at a time, and the rules that they break.

use synod_common::bugs;

bugs! {
    OpenWeightIgnored "open_weight_ignored", "early_stop": "A share of the weight cast so far is taken for a share of all that will be cast.";
    TieTakenEarly "tie_taken_early", "early_stop": "A lead that open votes can draw level with counts as won, whoever wins ties.";
    LateWeightForgotten "late_weight_forgotten", "early_stop": "Who has not voted by half time is taken for absent.";
    ResubmissionAdds "resubmission_adds", "one_vote": "A vote that is sent again counts again.";
    LastVoteWins "last_vote_wins", "one_vote": "A second vote replaces the first.";
    TieByArrival "tie_by_arrival", "order": "Of options that tie, the one that was voted for first wins.";
    CapOnce "cap_once", "cap": "Weights are cut at the cap once, and scaled up again.";
    CapEach "cap_each", "cap": "Each weight is cut at the cap by itself, and the rest is lost.";
    RoundingLoses "rounding_loses", "cap": "Weights are rounded down, and the rest is lost.";
    WeightsMove "weights_move", "snapshot": "Weights change while a session is open.";
    ApprovalOnly "approval_only", "two_sided": "Only acceptance ends a session early.";
    QuorumOfThreshold "quorum_of_threshold", "certificates": "Certificates need the threshold's weight, whatever liars weigh.";
    CompetenceJumps "competence_jumps", "competence": "Weights jump at competences of 40, 60 and 80 %.";
    OutcomeTwice "outcome_twice", "one_outcome": "A result that comes after an observer has given up is another outcome.";
}

/// What a vote goes by, wherever a known bug goes by something else: made once, with the configuration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A share of the weight cast is one of all that will be cast, open weight with it.
    pub(crate) open_weight_counts: bool,
    /// A lead that open votes can draw level with is won only by who wins the tie.
    pub(crate) ties_stay_open: bool,
    /// Who has not voted by half time may still vote.
    pub(crate) late_votes_stay_open: bool,
    /// What a further vote of the same voter is.
    pub(crate) second_vote: SecondVote,
    /// Which of options that tie wins.
    pub(crate) tie: Tie,
    /// How weight is divided.
    pub(crate) division: Division,
    /// Weights stay as they are while a session is open.
    pub(crate) weights_are_frozen: bool,
    /// A session ends early without a winner, too.
    pub(crate) rejects_early: bool,
    /// What certificates need.
    pub(crate) quorum: Quorum,
    /// How competence becomes strength.
    pub(crate) strength: Strength,
    /// An observer that has an outcome takes no other.
    pub(crate) outcomes_are_final: bool,
}

/// What a further vote of the same voter is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecondVote {
    /// Nothing: the first one counts.
    Ignored,
    /// Another vote.
    Added,
    /// The voter's vote from now on, if it differs.
    Replaces,
}

/// Which of options that tie wins.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The lowest.
    Lowest,
    /// The one that was voted for first.
    FirstVotedFor,
}

/// How weight is divided in proportion to strengths.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Division {
    /// By the largest remainders; what a cap cuts off goes to the rest.
    Whole,
    /// Cut at the cap once, and scaled up again.
    CutOnce,
    /// Cut at the cap, and what is cut off is lost.
    CutEach,
    /// Rounded down without any cap, and the rest is lost.
    RoundedDown,
}

/// What certificates need.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Quorum {
    /// So much weight that two of them share more than liars have.
    Intersecting,
    /// The threshold's weight.
    Threshold,
}

/// How competence becomes strength.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// By a scale without jumps.
    Continuous,
    /// By factors that jump.
    Jumping,
}

impl Rules {
    /// The protocol's.
    pub const PROTOCOL: Rules = Rules {
        open_weight_counts: true,
        ties_stay_open: true,
        late_votes_stay_open: true,
        second_vote: SecondVote::Ignored,
        tie: Tie::Lowest,
        division: Division::Whole,
        weights_are_frozen: true,
        rejects_early: true,
        quorum: Quorum::Intersecting,
        strength: Strength::Continuous,
        outcomes_are_final: true,
    };

    /// Those of the mutant with `bug`; the protocol's, if there is none.
    pub fn of(bug: Option<Bug>) -> Rules {
        let rules = Rules::PROTOCOL;
        match bug {
            None => rules,
            Some(Bug::OpenWeightIgnored) => Rules { open_weight_counts: false, ..rules },
            Some(Bug::TieTakenEarly) => Rules { ties_stay_open: false, ..rules },
            Some(Bug::LateWeightForgotten) => Rules { late_votes_stay_open: false, ..rules },
            Some(Bug::ResubmissionAdds) => Rules { second_vote: SecondVote::Added, ..rules },
            Some(Bug::LastVoteWins) => Rules { second_vote: SecondVote::Replaces, ..rules },
            Some(Bug::TieByArrival) => Rules { tie: Tie::FirstVotedFor, ..rules },
            Some(Bug::CapOnce) => Rules { division: Division::CutOnce, ..rules },
            Some(Bug::CapEach) => Rules { division: Division::CutEach, ..rules },
            Some(Bug::RoundingLoses) => Rules { division: Division::RoundedDown, ..rules },
            Some(Bug::WeightsMove) => Rules { weights_are_frozen: false, ..rules },
            Some(Bug::ApprovalOnly) => Rules { rejects_early: false, ..rules },
            Some(Bug::QuorumOfThreshold) => Rules { quorum: Quorum::Threshold, ..rules },
            Some(Bug::CompetenceJumps) => Rules { strength: Strength::Jumping, ..rules },
            Some(Bug::OutcomeTwice) => Rules { outcomes_are_final: false, ..rules },
        }
    }

    /// These, as far as mutants are built in: without them the protocol's, which the optimiser knows.
    #[inline]
    pub(crate) fn in_force(self) -> Rules {
        if cfg!(feature = "mutants") { self } else { Rules::PROTOCOL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_breaks_rules_of_its_own() {
        let mut all: Vec<Rules> = Bug::ALL.iter().map(|&bug| Rules::of(Some(bug))).collect();
        all.push(Rules::of(None));
        for (place, rules) in all.iter().enumerate() {
            assert!(!all[..place].contains(rules), "{rules:?}");
        }
        assert_eq!(Rules::of(None), Rules::PROTOCOL);
    }
}
