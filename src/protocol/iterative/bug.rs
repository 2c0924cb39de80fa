//! Known bugs of refinement, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

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

rules! {
    /// Phases and sessions end when their time is up.
    time_runs_out: bool = true, AllMustSubmit => false;
    /// A phase can do without those who may be faulty.
    does_without_faulty: bool = true, CountsAll => false;
    /// The best proposal so far stays selected.
    keeps_best: bool = true, NoElitism => false;
    /// What is selected was proposed.
    selects_submitted: bool = true, SynthesisedResult => false;
    /// Who must be near whom.
    convergence: Convergence = Convergence::Mutual, SelfSimilarity => Convergence::Own;
    /// How texts are compared.
    texts: Texts = Texts::Shingles, SemanticIsJaccard => Texts::Words;
    /// A score does without the reviews that may be lies.
    trims_scores: bool = true, PlainMean => false;
    /// Agents review their own proposals as well.
    reviews_own: bool = false, SelfReview => true;
    /// What a proposer thinks of its proposal is part of the score.
    confidence_counts: bool = false, ConfidenceCounts => true;
    /// A mean does without the numbers that may be lies.
    trims_numbers: bool = true, NoTrimming => false;
    /// An observer that has an outcome takes no other.
    outcomes_are_final: bool = true, OutcomeTwice => false;
    /// Agents follow those who lead in earlier terms as well.
    heeds_stale_terms: bool = false, StaleTermHeeded => true;
    /// An agent that has accepted a step accepts none before it.
    steps_only_advance: bool = true, StaleTermHeeded => false, LateStepTaken => false;
    /// A result is told only once most agents remember it.
    told_once_accepted: bool = true, ToldUnaccepted => false;
    /// From where a session goes on under another leader.
    goes_on_from: Standing = Standing::Latest, EarliestStandingTaken => Standing::Earliest;
    /// Promises and accepted steps outlive crashes.
    keeps_promises: bool = true, PromiseForgotten => false;
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
