//! Known bugs of PBFT, one at a time.

use synod_common::bugs;

bugs! {
    QuorumTwoFPlusOne "quorum_two_f_plus_one", "P1": "Quorums of 2f + 1, whatever n is.";
    QuorumOneShort "quorum_one_short", "P1": "Quorums of q − 1.";
    DuplicateSendersCounted "duplicate_senders_counted", "P1": "One voter's votes count as often as they arrive.";
    DigestNotCompared "digest_not_compared", "P1": "Votes for any digest count for the accepted one.";
    CommitOfOtherViewCounted "commit_of_other_view_counted", "P1": "A commit counts in whatever view the replica is in.";
    VotesWithoutView "votes_without_view", "P1": "Votes of all views are kept in one map.";
    EmptyPreparedSet "empty_prepared_set", "P2": "View changes carry no prepared certificates.";
    LowestViewCertificate "lowest_view_certificate", "P2": "A new view takes the certificate of the lowest view.";
    FirstCertificate "first_certificate", "P2": "A new view takes the first certificate it finds.";
    LowerViewLogDiscarded "lower_view_log_discarded", "P2": "Entering a view discards the certificates of earlier ones.";
    NewViewNotRecomputed "new_view_not_recomputed", "P2": "Backups take a new view's proposals on trust.";
    NewViewBelowQuorum "new_view_below_quorum", "P2": "A new view needs only f + 1 view changes.";
    DuplicateViewChangesCounted "duplicate_view_changes_counted", "P2": "One replica's view change counts as often as it appears.";
    PromiseNotPersisted "promise_not_persisted", "P3": "Votes are sent without being persisted.";
    ResentPrePrepareAfresh "resent_pre_prepare_afresh", "P3": "A second proposal for a slot replaces the first.";
    SignatureUnkeyed "signature_unkeyed", "P4": "Signatures are taken to be valid if they are there.";
    SignatureWithoutView "signature_without_view", "P4": "A vote's signature counts for any view.";
    GapSkipped "gap_skipped", "P5": "Committed slots execute without waiting for earlier ones.";
    ClientTableNotInSnapshot "client_table_not_in_snapshot", "P5": "A state transfer forgets which requests were executed.";
    ReexecutedAfterNewView "reexecuted_after_new_view", "P5": "What a new view proposes again is executed again.";
    CollectedAtOwnCheckpoint "collected_at_own_checkpoint", "P6": "A replica's own checkpoint makes it forget.";
    NoUpperWatermark "no_upper_watermark", "P6": "Slots beyond the high watermark are accepted.";
    StateTransferUnchecked "state_transfer_unchecked", "P6": "A transferred state is installed without checking its digest.";
    OwnVoteNotCounted "own_vote_not_counted", "P7": "A replica's own prepare and commit do not count.";
    PreparesFromBackupsAlone "prepares_from_backups_alone", "P7": "Prepared needs q prepares, though the primary sends none.";
    NoJoinRule "no_join_rule", "P7": "f + 1 view changes of others do not make a replica join.";
    TimerNotDoubled "timer_not_doubled", "P7": "Each attempt at a view change has the same timer.";
    NewViewTimerAtFirst "new_view_timer_at_first", "P7": "The timer of an attempt starts with the replica's own view change.";
    EarlyMessagesDropped "early_messages_dropped", "P7": "Votes that overtake what they vote for are dropped.";
    NoRetransmission "no_retransmission", "P7": "Nothing is ever sent again.";
    InvalidProposalTriggersChange "invalid_proposal_triggers_change", "P8": "An invalid, unsigned proposal starts a view change.";
    SuspicionAsProof "suspicion_as_proof", "P9": "A time-out is recorded as proof against the primary.";
    BadSignatureAsProof "bad_signature_as_proof", "P9": "A message whose signature is wrong is held against whoever it names.";
    UnverifiedEvidence "unverified_evidence", "P9": "Two proposals are proof before the second's signature is checked.";
    CommitRebroadcast "commit_rebroadcast", "P10": "Every prepare beyond the quorum sends the commit again.";
    PrimaryPrepares "primary_prepares", "P10": "The primary sends a prepare as well.";
    DeadlineNotCancelled "deadline_not_cancelled", "P11": "A session's deadline is not cancelled by its decision.";
}
