//! Known bugs of voting, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

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

rules! {
    /// A share of the weight cast is one of all that will be cast, open weight with it.
    open_weight_counts: bool = true, OpenWeightIgnored => false;
    /// A lead that open votes can draw level with is won only by who wins the tie.
    ties_stay_open: bool = true, TieTakenEarly => false;
    /// Who has not voted by half time may still vote.
    late_votes_stay_open: bool = true, LateWeightForgotten => false;
    /// What a further vote of the same voter is.
    second_vote: SecondVote = SecondVote::Ignored,
        ResubmissionAdds => SecondVote::Added, LastVoteWins => SecondVote::Replaces;
    /// Which of options that tie wins.
    tie: Tie = Tie::Lowest, TieByArrival => Tie::FirstVotedFor;
    /// How weight is divided.
    division: Division = Division::Whole,
        CapOnce => Division::CutOnce, CapEach => Division::CutEach, RoundingLoses => Division::RoundedDown;
    /// Weights stay as they are while a session is open.
    weights_are_frozen: bool = true, WeightsMove => false;
    /// A session ends early without a winner, too.
    rejects_early: bool = true, ApprovalOnly => false;
    /// What certificates need.
    quorum: Quorum = Quorum::Intersecting, QuorumOfThreshold => Quorum::Threshold;
    /// Mapping from competence to strength.
    strength: Strength = Strength::Continuous, CompetenceJumps => Strength::Jumping;
    /// An observer that has an outcome takes no other.
    outcomes_are_final: bool = true, OutcomeTwice => false;
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

/// Mapping from competence to strength.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// By a scale without jumps.
    Continuous,
    /// By factors that jump.
    Jumping,
}
