//! Known bugs of Raft, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    VoteNotPersisted "vote_not_persisted", "R1": "A vote is sent without being persisted.";
    TwoVotesInATerm "two_votes_in_a_term", "R1": "A node votes for every candidate of a term that asks.";
    MajorityOfLiveNodes "majority_of_live_nodes", "R1": "A majority of those heard from lately is enough.";
    JointConsensusWithOneMajority "joint_consensus_with_one_majority", "R1": "A joint configuration decides by its new voters alone.";
    LearnerCountedInQuorum "learner_counted_in_quorum", "R4": "A learner's acknowledgement counts like a voter's.";
    AppendOverwritesLeaderOwnLog "append_overwrites_leader_own_log", "R2": "A new leader takes its uncommitted entries of earlier terms back.";
    TruncateWithoutConflict "truncate_without_conflict", "R4": "A follower cuts its log off after what a leader sends, though nothing conflicts.";
    ConsistencyCheckByIndexOnly "consistency_check_by_index_only", "R3": "A follower appends wherever its log is long enough.";
    LogComparedByLengthOnly "log_compared_by_length_only", "R4": "The longer log is the more up to date, whatever its last term.";
    OldTermCommittedByCounting "old_term_committed_by_counting", "R4": "An entry of an earlier term is committed once a majority holds it.";
    AckBeforeSync "ack_before_sync", "R4": "A follower acknowledges entries before they are durable.";
    CommitBeyondLastNewEntry "commit_beyond_last_new_entry", "R5": "A follower commits as far as the leader, though what it holds there was never compared.";
    CommitRegressesOnSnapshot "commit_regresses_on_snapshot", "R5": "An old snapshot takes a node back.";
    LocalReadWithoutReadIndex "local_read_without_read_index", "R6": "A leader answers reads without asking whether it still leads.";
    ReadIndexWithoutTermEntry "read_index_without_term_entry", "R6": "A new leader answers reads before it has committed an entry of its term.";
    LeaseWithoutDriftMargin "lease_without_drift_margin", "R6": "A lease lasts as long as the election timeout, as if clocks never drifted.";
    LeaseOutlivesTransfer "lease_outlives_transfer", "R6": "A leader trusts its lease after it has told another to stand.";
    SessionDedupeLostInSnapshot "session_dedupe_lost_in_snapshot", "R6": "A snapshot forgets which commands were executed.";
    SessionExecutesTwice "session_executes_twice", "R6": "A command that is in the log twice is executed twice.";
    PreVoteIncrementsTerm "pre_vote_increments_term", "R7": "A node raises its term to ask for pre-votes.";
    PreVoteResetsFollowerTimer "pre_vote_resets_follower_timer", "R8": "Granting a pre-vote is taken for hearing from a leader.";
    StickinessWithoutCheckQuorum "stickiness_without_check_quorum", "R8": "Followers stick to a leader that does not step down when it hears from no majority.";
    IdenticalTimeouts "identical_timeouts", "R8": "Every election timeout is the same.";
    RemovedLeaderStays "removed_leader_stays", "R8": "A leader that is no longer a voter goes on leading.";
    LatestMembersInSnapshot "latest_members_in_snapshot", "R9": "A snapshot tells the latest members, committed or not, and not those at its index.";
    ReadJoinsRoundUnderWay "read_joins_round_under_way", "R10": "A read waits for the round that has begun before it, if one has.";
    LeaseFromConfirmation "lease_from_confirmation", "R10": "A lease counts from the confirmation of a round, and not from its begin.";
}

rules! {
    /// A vote is durable before it is sent.
    persists_votes: bool = true, VoteNotPersisted => false;
    /// A node votes for one candidate a term.
    one_vote_a_term: bool = true, TwoVotesInATerm => false;
    /// A majority is one of all voters, heard from or not.
    majority_of_all: bool = true, MajorityOfLiveNodes => false;
    /// A joint configuration decides by a majority of either set of voters.
    joint_takes_two_majorities: bool = true, JointConsensusWithOneMajority => false;
    /// A learner's acknowledgement does not count.
    learners_decide_nothing: bool = true, LearnerCountedInQuorum => false;
    /// A new leader keeps all entries that it has.
    leader_keeps_its_log: bool = true, AppendOverwritesLeaderOwnLog => false;
    /// A follower cuts its log off only where it conflicts with the leader's.
    truncates_only_conflicts: bool = true, TruncateWithoutConflict => false;
    /// A follower appends only after an entry of the term that the leader names.
    compares_previous_term: bool = true, ConsistencyCheckByIndexOnly => false;
    /// The log with the higher last term is the more up to date.
    compares_last_terms: bool = true, LogComparedByLengthOnly => false;
    /// A leader counts who holds entries of its own term, and commits earlier ones with them.
    counts_for_own_term_only: bool = true, OldTermCommittedByCounting => false;
    /// Entries are durable before they are acknowledged.
    syncs_before_it_acknowledges: bool = true, AckBeforeSync => false;
    /// A follower commits no further than its log was compared with the leader's.
    commits_only_what_was_compared: bool = true, CommitBeyondLastNewEntry => false;
    /// A snapshot of what is committed already is passed over.
    snapshots_only_advance: bool = true, CommitRegressesOnSnapshot => false;
    /// A leader answers reads only once it is certain that it still leads.
    confirms_reads: bool = true, LocalReadWithoutReadIndex => false;
    /// A leader answers reads only once it has committed an entry of its term.
    reads_await_own_term: bool = true, ReadIndexWithoutTermEntry => false;
    /// A lease ends early by as much as clocks may differ.
    lease_allows_for_drift: bool = true, LeaseWithoutDriftMargin => false;
    /// A leader's lease ends when it tells another to stand.
    transfer_ends_lease: bool = true, LeaseOutlivesTransfer => false;
    /// A read waits for a round that begins after it.
    reads_await_later_round: bool = true, ReadJoinsRoundUnderWay => false;
    /// A lease counts from when the confirmed round began.
    lease_starts_with_round: bool = true, LeaseFromConfirmation => false;
    /// A snapshot tells the members at its index.
    snapshots_hold_members_then: bool = true, LatestMembersInSnapshot => false;
    /// A snapshot tells which commands were executed.
    snapshots_hold_sessions: bool = true, SessionDedupeLostInSnapshot => false;
    /// A command is executed once, however often it is in the log.
    executes_once: bool = true, SessionExecutesTwice => false;
    /// Asking for pre-votes leaves the term as it is.
    pre_vote_keeps_term: bool = true, PreVoteIncrementsTerm => false;
    /// Granting a pre-vote leaves the election timeout as it is.
    pre_vote_keeps_timer: bool = true, PreVoteResetsFollowerTimer => false;
    /// A leader that hears from no majority steps down, where the configuration has it so.
    silence_deposes: bool = true, StickinessWithoutCheckQuorum => false;
    /// Election timeouts are drawn.
    timeouts_vary: bool = true, IdenticalTimeouts => false;
    /// A leader that is no longer a voter steps down.
    removed_leader_leaves: bool = true, RemovedLeaderStays => false;
}
