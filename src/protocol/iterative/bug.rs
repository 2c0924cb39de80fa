//! Known bugs of refinement, one at a time, and the rules that they break.

use synod_common::bugs;

bugs! {
    AllMustSubmit "all_must_submit", "termination": "A phase ends once everybody has answered, and nothing else ends it.";
    NoElitism "no_elitism", "elitism": "The best proposal so far has to be proposed anew in every round.";
    SynthesisedResult "synthesised_result", "submitted": "What is selected lies halfway between the two best proposals.";
    SelfSimilarity "self_similarity", "truthfulness": "Agents who repeat themselves count as agents who agree.";
    SemanticIsJaccard "semantic_is_jaccard", "truthfulness": "Texts are compared by the sets of their words.";
    CountsAll "counts_all", "phases": "A phase needs the answers of all n, not of n - f.";
    PlainMean "plain_mean", "robustness": "A score is the mean of all reviews.";
    SelfReview "self_review", "robustness": "Agents review their own proposals as well.";
    ConfidenceCounts "confidence_counts", "robustness": "A fifth of a score is what its proposer thinks of it.";
    NoTrimming "no_trimming", "contraction": "The mean is taken of all numbers received.";
    OutcomeTwice "outcome_twice", "one_outcome": "A result that comes after an observer has given up is another outcome.";
    StaleTermHeeded "stale_term_heeded", "one_result": "Agents follow whoever leads, in whatever term.";
    ToldUnaccepted "told_unaccepted", "one_result": "A result is told before most agents remember it.";
    EarliestStandingTaken "earliest_standing_taken", "one_result": "Who takes over goes on from the earliest step it finds, not the latest.";
    PromiseForgotten "promise_forgotten", "one_result": "What an agent promised and accepted does not outlive a crash.";
    LateStepTaken "late_step_taken", "one_result": "An agent forgets a result for a step of the same term that was sent before it.";
}

/// What a refinement goes by, wherever a known bug goes by something else: made once, with the configuration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Phases and sessions end when their time is up.
    pub(crate) time_runs_out: bool,
    /// A phase can do without those who may be faulty.
    pub(crate) does_without_faulty: bool,
    /// The best proposal so far stays selected.
    pub(crate) keeps_best: bool,
    /// What is selected was proposed.
    pub(crate) selects_submitted: bool,
    /// Who must be near whom.
    pub(crate) convergence: Convergence,
    /// How texts are compared.
    pub(crate) texts: Texts,
    /// A score does without the reviews that may be lies.
    pub(crate) trims_scores: bool,
    /// Agents review their own proposals as well.
    pub(crate) reviews_own: bool,
    /// What a proposer thinks of its proposal is part of the score.
    pub(crate) confidence_counts: bool,
    /// A mean does without the numbers that may be lies.
    pub(crate) trims_numbers: bool,
    /// An observer that has an outcome takes no other.
    pub(crate) outcomes_are_final: bool,
    /// Agents follow those who lead in earlier terms as well.
    pub(crate) heeds_stale_terms: bool,
    /// An agent that has accepted a step accepts none before it.
    pub(crate) steps_only_advance: bool,
    /// A result is told only once most agents remember it.
    pub(crate) told_once_accepted: bool,
    /// From where a session goes on under another leader.
    pub(crate) goes_on_from: Standing,
    /// Promises and accepted steps outlive crashes.
    pub(crate) keeps_promises: bool,
}

/// Who must be near whom when agents have converged.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Convergence {
    /// Agents each other.
    Mutual,
    /// Each agent itself, a round before.
    Own,
}

/// How texts are compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// By what they say, in its order.
    Shingles,
    /// By the sets of their words.
    Words,
}

/// From where a session goes on under another leader.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// From the latest step that most agents know.
    Latest,
    /// From the earliest.
    Earliest,
}

impl Rules {
    /// The protocol's.
    pub const PROTOCOL: Rules = Rules {
        time_runs_out: true,
        does_without_faulty: true,
        keeps_best: true,
        selects_submitted: true,
        convergence: Convergence::Mutual,
        texts: Texts::Shingles,
        trims_scores: true,
        reviews_own: false,
        confidence_counts: false,
        trims_numbers: true,
        outcomes_are_final: true,
        heeds_stale_terms: false,
        steps_only_advance: true,
        told_once_accepted: true,
        goes_on_from: Standing::Latest,
        keeps_promises: true,
    };

    /// Those of the mutant with `bug`; the protocol's, if there is none.
    pub fn of(bug: Option<Bug>) -> Rules {
        let rules = Rules::PROTOCOL;
        match bug {
            None => rules,
            Some(Bug::AllMustSubmit) => Rules { time_runs_out: false, ..rules },
            Some(Bug::NoElitism) => Rules { keeps_best: false, ..rules },
            Some(Bug::SynthesisedResult) => Rules { selects_submitted: false, ..rules },
            Some(Bug::SelfSimilarity) => Rules { convergence: Convergence::Own, ..rules },
            Some(Bug::SemanticIsJaccard) => Rules { texts: Texts::Words, ..rules },
            Some(Bug::CountsAll) => Rules { does_without_faulty: false, ..rules },
            Some(Bug::PlainMean) => Rules { trims_scores: false, ..rules },
            Some(Bug::SelfReview) => Rules { reviews_own: true, ..rules },
            Some(Bug::ConfidenceCounts) => Rules { confidence_counts: true, ..rules },
            Some(Bug::NoTrimming) => Rules { trims_numbers: false, ..rules },
            Some(Bug::OutcomeTwice) => Rules { outcomes_are_final: false, ..rules },
            Some(Bug::StaleTermHeeded) => {
                Rules { heeds_stale_terms: true, steps_only_advance: false, ..rules }
            }
            Some(Bug::ToldUnaccepted) => Rules { told_once_accepted: false, ..rules },
            Some(Bug::EarliestStandingTaken) => Rules { goes_on_from: Standing::Earliest, ..rules },
            Some(Bug::PromiseForgotten) => Rules { keeps_promises: false, ..rules },
            Some(Bug::LateStepTaken) => Rules { steps_only_advance: false, ..rules },
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
