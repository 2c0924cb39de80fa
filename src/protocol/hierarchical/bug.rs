//! Known bugs of the hierarchy, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    OneClusterAbove "one_cluster_above", "tree": "Representatives are put in one cluster, however many they are.";
    OwnVoteForAll "own_vote_for_all", "flat_outcome": "A representative reports its own vote as that of all under it.";
    ClustersCountOnce "clusters_count_once", "flat_outcome": "What a cluster reports weighs as one vote, whatever its size.";
    PartialsAdd "partials_add", "flat_outcome": "A new report is added to the one that it replaces.";
    StaleEpochTaken "stale_epoch_taken", "highest_epoch": "Reports of a representative that was replaced are taken.";
    UnprovenEpochTaken "unproven_epoch_taken", "highest_epoch": "Whoever says so represents a cluster, without any suspicion of its predecessor.";
    SlowToSuspect "slow_to_suspect", "replacement": "Silence is suspect only after four heartbeats.";
    ReportsEachVote "reports_each_vote", "message_law": "Every vote that comes in is reported at once.";
}

rules! {
    /// Clusters of representatives have at most b members, as all others.
    narrow_above: bool = true, OneClusterAbove => false;
    /// Whose votes a representative reports.
    reported: Reported = Reported::Heard, OwnVoteForAll => Reported::Own;
    /// What a report of a child is to its parent.
    merging: Merging = Merging::Replaces, ClustersCountOnce => Merging::CountsOnce, PartialsAdd => Merging::Adds;
    /// Who was replaced is heeded as well.
    heeds_stale_epochs: bool = false, StaleEpochTaken => true;
    /// Whoever says that it represents a cluster has to prove it.
    asks_for_grounds: bool = true, UnprovenEpochTaken => false;
    /// After how many quarters of a heartbeat silence is suspect: two heartbeats, and what they are late at most.
    patience_quarters: u64 = 9, SlowToSuspect => 17;
    /// Every vote that comes in is reported at once.
    reports_each_vote: bool = false, ReportsEachVote => true;
}

/// Whose votes a representative reports.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reported {
    /// Those of all under it.
    Heard,
    /// Its own, for all.
    Own,
}

/// What a report of a child is to its parent.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Merging {
    /// All that the child has to say: it replaces the one before.
    Replaces,
    /// More of it: it is added to the one before.
    Adds,
    /// One vote.
    CountsOnce,
}
