//! Known bugs of PBFT, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

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
    ReadBelowQuorum "read_below_quorum", "linearizability": "Clients believe f + 1 replicas that have not ordered a read.";
    TickUnchecked "tick_unchecked", "P12": "Backups vote for a proposal whatever time it tells.";
    RepeatedSignerInCertificate "repeated_signer_in_certificate", "P13": "One signer's prepares in a certificate count as often as they stand there.";
    RepeatedSignerInProof "repeated_signer_in_proof", "P13": "One signer's checkpoints in a proof count as often as they stand there.";
    ProofOfAnother "proof_of_another", "P13": "Votes in certificates and proofs count whatever view or digest they are for.";
    SnapshotWithoutClients "snapshot_without_clients", "P14": "A checkpoint's state leaves out which requests were executed.";
    DeadlineNotCancelled "deadline_not_cancelled", "P11": "A session's deadline is not cancelled by its decision.";
}

rules! {
    /// How many votes make a quorum.
    quorum: Size = Size::Strong, QuorumTwoFPlusOne => Size::TwoFPlusOne, QuorumOneShort => Size::OneShort;
    /// A voter counts once, however often its vote arrives or stands in a certificate.
    one_vote_a_sender: bool = true, DuplicateSendersCounted => false;
    /// Votes count for the digest that they name.
    compares_digests: bool = true, DigestNotCompared => false;
    /// Prepares count in the view that they name.
    prepares_keep_their_view: bool = true, VotesWithoutView => false;
    /// Commits count in the view that they name.
    commits_keep_their_view: bool = true, CommitOfOtherViewCounted => false, VotesWithoutView => false;
    /// View changes carry what was prepared.
    reports_certificates: bool = true, EmptyPreparedSet => false;
    /// Which of a slot's certificates a new view takes.
    kept_certificate: Kept = Kept::HighestView, LowestViewCertificate => Kept::LowestView, FirstCertificate => Kept::First;
    /// Entering a view leaves the certificates of earlier ones.
    certificates_outlive_views: bool = true, LowerViewLogDiscarded => false;
    /// Backups work out for themselves what a new view must propose.
    recomputes_new_views: bool = true, NewViewNotRecomputed => false;
    /// A new view takes a quorum of view changes, and not f + 1.
    new_view_takes_a_quorum: bool = true, NewViewBelowQuorum => false;
    /// A replica's view change counts once in a new view.
    one_view_change_a_sender: bool = true, DuplicateViewChangesCounted => false;
    /// Votes are durable before they are sent.
    persists_promises: bool = true, PromiseNotPersisted => false;
    /// A second proposal for a slot of a view does not replace the first.
    first_proposal_stands: bool = true, ResentPrePrepareAfresh => false;
    /// A message counts only if its signature is its signer's.
    checks_signatures: bool = true, SignatureUnkeyed => false;
    /// A vote's signature counts for the view that it was given for.
    signatures_cover_the_view: bool = true, SignatureWithoutView => false;
    /// Slots execute in their order, without a gap.
    executes_in_order: bool = true, GapSkipped => false;
    /// A checkpoint's state tells which requests were executed.
    snapshots_hold_clients: bool = true, SnapshotWithoutClients => false;
    /// A state that is taken over tells which requests were executed.
    transfers_client_table: bool = true, ClientTableNotInSnapshot => false;
    /// What was executed is not executed again when a new view proposes it again.
    executes_once: bool = true, ReexecutedAfterNewView => false;
    /// The log forgets what a quorum vouches for, and nothing else.
    checkpoint_takes_a_quorum: bool = true, CollectedAtOwnCheckpoint => false;
    /// Slots beyond the high watermark are refused.
    has_upper_watermark: bool = true, NoUpperWatermark => false;
    /// A state is taken over only if its digest is the one that was asked for.
    checks_transferred_states: bool = true, StateTransferUnchecked => false;
    /// A replica's own prepare and commit count.
    counts_own_votes: bool = true, OwnVoteNotCounted => false;
    /// The proposal is its primary's vote: prepared takes q - 1 prepares besides.
    proposal_counts_as_prepare: bool = true, PreparesFromBackupsAlone => false;
    /// f + 1 view changes of others make a replica join them.
    joins_view_changes: bool = true, NoJoinRule => false;
    /// Each attempt at a view change waits twice as long as the one before.
    doubles_timers: bool = true, TimerNotDoubled => false;
    /// The timer of an attempt starts when a quorum wants the view.
    timer_awaits_quorum: bool = true, NewViewTimerAtFirst => false;
    /// What overtakes its proposal, or its view, is kept until that comes.
    keeps_early_messages: bool = true, EarlyMessagesDropped => false;
    /// What was lost is sent again.
    retransmits: bool = true, NoRetransmission => false;
    /// A proposal whose signature is wrong starts no view change.
    unsigned_proposals_change_nothing: bool = true, InvalidProposalTriggersChange => false;
    /// A time-out accuses nobody.
    suspicion_is_no_proof: bool = true, SuspicionAsProof => false;
    /// A wrong signature accuses nobody.
    bad_signature_is_no_proof: bool = true, BadSignatureAsProof => false;
    /// Two proposals are proof only if both signatures are right.
    verifies_evidence: bool = true, UnverifiedEvidence => false;
    /// A replica sends the commit of a slot once, unless it is asked again.
    commits_once: bool = true, CommitRebroadcast => false;
    /// A primary sends no prepare.
    proposal_is_all_a_primary_sends: bool = true, PrimaryPrepares => false;
    /// A time far from its own clock, or before the last one ordered, gets no vote from a backup.
    checks_ticks: bool = true, TickUnchecked => false;
    /// A client believes a quorum of replicas that have not ordered a read, and not f + 1.
    reads_take_a_quorum: bool = true, ReadBelowQuorum => false;
    /// A signer counts once in a prepared certificate.
    certificate_counts_signers: bool = true, RepeatedSignerInCertificate => false;
    /// A signer counts once in a proof of a checkpoint.
    proof_counts_signers: bool = true, RepeatedSignerInProof => false;
    /// The votes in certificates and proofs are for what these are to prove.
    compares_proofs: bool = true, ProofOfAnother => false;
    /// A decision cancels its session's deadline.
    decision_cancels_deadline: bool = true, DeadlineNotCancelled => false;
}

/// How many votes make a quorum.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// q, so that any two quorums share a correct replica.
    Strong,
    /// q - 1.
    OneShort,
    /// 2f + 1, whatever n is.
    TwoFPlusOne,
}

/// Which of several certificates for a slot a new view takes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// That of the highest view.
    HighestView,
    /// That of the lowest view.
    LowestView,
    /// The first that it finds.
    First,
}
