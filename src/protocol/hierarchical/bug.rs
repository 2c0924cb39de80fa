//! Known bugs of the hierarchy, one at a time, and the rules that they break.

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

/// What a hierarchy goes by, wherever a known bug goes by something else: made once, with tree and configuration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Clusters of representatives have at most b members, as all others.
    pub(crate) narrow_above: bool,
    /// Whose votes a representative reports.
    pub(crate) reported: Reported,
    /// What a report of a child is to its parent.
    pub(crate) merging: Merging,
    /// Who was replaced is heeded as well.
    pub(crate) heeds_stale_epochs: bool,
    /// Whoever says that it represents a cluster has to prove it.
    pub(crate) asks_for_grounds: bool,
    /// After how many quarters of a heartbeat silence is suspect.
    pub(crate) patience_quarters: u64,
    /// Every vote that comes in is reported at once.
    pub(crate) reports_each_vote: bool,
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

impl Rules {
    /// The protocol's.
    pub const PROTOCOL: Rules = Rules {
        narrow_above: true,
        reported: Reported::Heard,
        merging: Merging::Replaces,
        heeds_stale_epochs: false,
        asks_for_grounds: true,
        // Two heartbeats, and what they are late at most.
        patience_quarters: 9,
        reports_each_vote: false,
    };

    /// Those of the mutant with `bug`; the protocol's, if there is none.
    pub fn of(bug: Option<Bug>) -> Rules {
        let rules = Rules::PROTOCOL;
        match bug {
            None => rules,
            Some(Bug::OneClusterAbove) => Rules { narrow_above: false, ..rules },
            Some(Bug::OwnVoteForAll) => Rules { reported: Reported::Own, ..rules },
            Some(Bug::ClustersCountOnce) => Rules { merging: Merging::CountsOnce, ..rules },
            Some(Bug::PartialsAdd) => Rules { merging: Merging::Adds, ..rules },
            Some(Bug::StaleEpochTaken) => Rules { heeds_stale_epochs: true, ..rules },
            Some(Bug::UnprovenEpochTaken) => Rules { asks_for_grounds: false, ..rules },
            Some(Bug::SlowToSuspect) => Rules { patience_quarters: 17, ..rules },
            Some(Bug::ReportsEachVote) => Rules { reports_each_vote: true, ..rules },
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
