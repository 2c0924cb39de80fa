//! Known bugs of voting, one at a time.

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

/// True for the mutant with `bug`.
#[inline]
pub(crate) fn has(mutant: Option<Bug>, bug: Bug) -> bool {
    cfg!(feature = "mutants") && mutant == Some(bug)
}
