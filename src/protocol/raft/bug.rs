//! Known bugs of Raft, one at a time.

use synod_common::bugs;

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
}
