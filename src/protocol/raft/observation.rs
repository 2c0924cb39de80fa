//! Observations of replicas and clients: enough to rebuild every replica's term, vote, log and commit index, the
//! history variables of the TLA+ specification.

use super::durable::Corruption;
use super::entry::{Entry, Index, Term};
use super::membership::Configuration;
use super::snapshot::Snapshot;
use serde::Serialize;
use std::rc::Rc;
use synod_log::Executed;
use synod_log::history::{Call, Step};
use synod_sim::{
    CoverageMark, Digest, Milestone, NodeId, Observation as KernelObservation, OperationId, Settled,
};

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub enum Observation {
    /// An operation arose at a client host.
    Submitted {
        /// The operation.
        operation: OperationId,
    },
    /// A client's operation began or ended.
    Call(Call),
    /// A replica starts, or starts again, with what it had made durable.
    Recovered {
        /// Its term.
        term: Term,
        /// Its vote in that term.
        voted_for: Option<NodeId>,
        /// The index of its snapshot, 0 for none: its log begins after it, and it has committed and applied that much.
        base_index: Index,
        /// The term of the entry there.
        base_term: Term,
        /// The term and the digest of every entry after it.
        entries: Vec<(Term, Digest)>,
    },
    /// A replica's storage is corrupt, and it stops.
    Refused {
        /// The corruption.
        corruption: Corruption,
    },
    /// A replica entered a term.
    TermEntered {
        /// The term.
        term: Term,
    },
    /// A replica's election timeout has passed, and it starts a pre-vote.
    PreVoteStarted {
        /// The term that it would campaign for.
        term: Term,
    },
    /// A replica campaigns for a term.
    Campaigned {
        /// The term.
        term: Term,
        /// True if it is for a leadership transfer.
        transfer: bool,
    },
    /// A replica voted, in its present term. Candidates vote for themselves.
    VoteGranted {
        /// The term.
        term: Term,
        /// For whom.
        candidate: NodeId,
    },
    /// A replica was elected leader of a term.
    Elected {
        /// The term.
        term: Term,
        /// The last index of its log at that moment.
        last_index: Index,
        /// The term of the entry there.
        last_term: Term,
    },
    /// A leader stepped down.
    SteppedDown {
        /// The term that it led.
        term: Term,
        /// The reason.
        reason: Reason,
    },
    /// A replica appended an entry, durably.
    Appended {
        /// Its index: one beyond the last of the log.
        index: Index,
        /// Its term.
        term: Term,
        /// Its digest.
        digest: Digest,
    },
    /// A replica removed the entries from this index on.
    Truncated {
        /// The first that it removed.
        from: Index,
    },
    /// A replica knows that its log is committed up to this index.
    Committed {
        /// The index.
        index: Index,
        /// The replica's term.
        term: Term,
    },
    /// A replica applied an entry, in the order of the log.
    Applied {
        /// The entry's index.
        index: Index,
        /// The entry's term.
        term: Term,
        /// The entry's digest.
        digest: Digest,
        /// The operation that was executed; none for a duplicate, and for what is no command.
        executed: Option<OperationId>,
    },
    /// A replica applied an entry whose command had been executed before: it changed nothing.
    Duplicate {
        /// The operation.
        operation: OperationId,
        /// The entry's index.
        index: Index,
    },
    /// A leader answered a read without the log.
    ReadServed {
        /// The operation.
        operation: OperationId,
        /// The entry after which the state stood.
        index: Index,
        /// True if it trusted its lease, false if a majority confirmed that it leads.
        lease: bool,
    },
    /// A replica took a snapshot; its log begins after it, or somewhat before.
    SnapshotTaken {
        /// The index of the last entry that it covers.
        index: Index,
        /// The term of that entry.
        term: Term,
    },
    /// A replica installed a leader's snapshot, which covers everything up to its index.
    SnapshotInstalled {
        /// The index of the last entry that it covers.
        index: Index,
        /// The term of that entry.
        term: Term,
        /// The index of the replica's last entry from now on: those after the snapshot stay if they agree with it.
        last_index: Index,
    },
    /// A replica uses a configuration: the latest in its log, committed or not.
    Configured {
        /// The index of its entry; 0 for the first members.
        index: Index,
        /// The configuration.
        configuration: Rc<Configuration>,
    },
    /// A leader has started a leadership transfer.
    TransferStarted {
        /// The target.
        target: NodeId,
    },
    /// A leadership transfer has timed out.
    TransferAborted {
        /// The intended leader.
        target: NodeId,
    },
    /// An operation took effect at a time of the log, which its machine knows: a replica executed a command, or a client
    /// is told what it read.
    Executed(Executed),
    /// A replica applies an entry. This is shown, not claimed.
    Applying {
        /// Its index.
        index: Index,
        /// The entry.
        entry: Rc<Entry>,
    },
    /// A replica has this snapshot from now on: its own, or a leader's. This is shown, not claimed.
    Holding(Rc<Snapshot>),
}

/// Reason for stepping down.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// It heard of a higher term.
    HigherTerm,
    /// It has heard from no majority within an election timeout.
    NoQuorum,
    /// It is no longer a voter.
    Removed,
}

synod_sim::marks! {
    /// What should sometimes happen in Raft.
    pub enum Mark {
        PreVote = "pre_vote": "A replica asked whether standing for election would be of use.",
        Election = "election": "A replica stood for election on its own.",
        TransferElection = "transfer_election": "A replica stood for election because the leader wanted it.",
        Elected = "elected": "A replica won an election.",
        SteppedDownHigherTerm = "stepped_down_higher_term": "A leader stepped down: it heard of a higher term.",
        SteppedDownNoQuorum = "stepped_down_no_quorum": "A leader stepped down: it heard from no majority.",
        SteppedDownRemoved = "stepped_down_removed": "A leader stepped down: it was no longer a voter.",
        Truncation = "truncation": "A replica removed entries of its log.",
        SnapshotTaken = "snapshot_taken": "A replica took a snapshot.",
        SnapshotInstalled = "snapshot_installed": "A replica took a leader's snapshot over.",
        Recovery = "recovery": "A replica restarted from its own storage.",
        Refused = "refused": "A replica found its storage corrupt and takes no part any more.",
        JointConfiguration = "joint_configuration": "A replica went by a joint configuration.",
        DuplicateCommand = "duplicate_command": "A replica applied a command that had been executed before.",
        ReadIndexRead = "read_index_read": "A leader answered a read once a majority had confirmed that it leads.",
        LeaseRead = "lease_read": "A leader answered a read on the strength of its lease.",
        TransferAborted = "transfer_aborted": "A transfer of leadership was given up.",
        OperationGivenUp = "operation_given_up": "A client gave an operation up.",
    }
}

impl KernelObservation for Observation {
    fn milestone(&self) -> Option<Milestone> {
        Some(match self {
            Observation::Submitted { operation } => Milestone::Submitted(*operation),
            Observation::Applied { index, executed: Some(operation), .. } => {
                Milestone::Decided(*operation, *index)
            }
            Observation::ReadServed { operation, .. } => Milestone::Served(*operation),
            Observation::SnapshotInstalled { index, .. } => Milestone::CaughtUp(*index),
            Observation::Call(Call { operation, step, .. }) => match step {
                Step::Invoke(_) => return None,
                Step::Ok(_) => Milestone::Completed(*operation),
                Step::Fail | Step::Info => Milestone::Abandoned(*operation),
            },
            _ => return None,
        })
    }

    fn settles(&self) -> Option<Settled> {
        match *self {
            Observation::Applied { index, digest, .. } => Some(Settled::digest(index, digest)),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        match self {
            Observation::TermEntered { term } => Some(("term", *term)),
            _ => None,
        }
    }

    fn suspects(&self) -> bool {
        matches!(self, Observation::PreVoteStarted { .. } | Observation::Campaigned { transfer: false, .. })
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        let mark = match self {
            Observation::PreVoteStarted { .. } => Mark::PreVote,
            Observation::Campaigned { transfer: false, .. } => Mark::Election,
            Observation::Campaigned { transfer: true, .. } => Mark::TransferElection,
            Observation::Elected { .. } => Mark::Elected,
            Observation::SteppedDown { reason, .. } => match reason {
                Reason::HigherTerm => Mark::SteppedDownHigherTerm,
                Reason::NoQuorum => Mark::SteppedDownNoQuorum,
                Reason::Removed => Mark::SteppedDownRemoved,
            },
            Observation::Truncated { .. } => Mark::Truncation,
            Observation::SnapshotTaken { .. } => Mark::SnapshotTaken,
            Observation::SnapshotInstalled { .. } => Mark::SnapshotInstalled,
            Observation::Recovered { term: 1.., .. } => Mark::Recovery,
            Observation::Refused { .. } => Mark::Refused,
            Observation::Configured { configuration, .. } if configuration.is_joint() => {
                Mark::JointConfiguration
            }
            Observation::Duplicate { .. } => Mark::DuplicateCommand,
            Observation::ReadServed { lease: false, .. } => Mark::ReadIndexRead,
            Observation::ReadServed { lease: true, .. } => Mark::LeaseRead,
            Observation::TransferAborted { .. } => Mark::TransferAborted,
            Observation::Call(Call { step: Step::Fail | Step::Info, .. }) => Mark::OperationGivenUp,
            _ => return None,
        };
        Some(mark.declared())
    }
}
