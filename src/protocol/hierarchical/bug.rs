//! Known bugs of the hierarchy, one at a time.

use synod_common::bugs;

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

/// True for the mutant with `bug`.
#[inline]
pub(super) fn has(mutant: Option<Bug>, bug: Bug) -> bool {
    cfg!(feature = "mutants") && mutant == Some(bug)
}
