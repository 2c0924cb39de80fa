//! Known bugs of refinement, one at a time.

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
