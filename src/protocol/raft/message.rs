//! Messages of replicas and clients. Nothing is signed: Raft trusts its members, and channels authenticate senders.

use super::entry::{ClientId, Entry, Index, Request, Term};
use super::snapshot::Snapshot;
use serde::Serialize;
use std::rc::Rc;
use synod_log::Output;
use synod_sim::{Kind, Message as KernelMessage, NodeId, Time};

/// A replica's answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The client.
    pub client: ClientId,
    /// Its request.
    pub sequence: u64,
    /// The answer.
    pub answer: Answer,
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// The command was executed, with this output.
    Output(Output),
    /// The replica does not lead; the leader, as far as it knows.
    NotLeader(Option<NodeId>),
    /// A read of a machine that knows the time was answered without the log.
    OutputAt {
        /// The output.
        output: Output,
        /// The machine's time.
        at: Time,
    },
}

/// RequestVote: a candidate requests a vote or a pre-vote.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestVote {
    /// The term that it campaigns for.
    pub term: Term,
    /// The last index of its log.
    pub last_index: Index,
    /// The term of the entry there.
    pub last_term: Term,
    /// The kind of campaign.
    pub kind: Campaign,
}

/// Kind of campaign.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Campaign {
    /// Pre-vote: whether a campaign could win (thesis, §9.6). It changes no term.
    PreVote,
    /// To be elected.
    Election,
    /// An election for a leadership transfer (thesis, §3.10): voters that still hear the leader vote as well.
    Transfer,
}

/// The answer to [`RequestVote`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// The voter's term; that of the request if it grants a pre-vote.
    pub term: Term,
    /// True for a pre-vote.
    pub pre: bool,
    /// True if the vote is granted.
    pub granted: bool,
}

/// AppendEntries: a leader replicates its log; without entries, a heartbeat.
#[derive(Clone, Debug, Serialize)]
pub struct AppendEntries {
    /// The leader's term.
    pub term: Term,
    /// The index before the first entry.
    pub previous_index: Index,
    /// The term of the entry there.
    pub previous_term: Term,
    /// The entries: shared by all copies.
    pub entries: Rc<[Rc<Entry>]>,
    /// The leader's commit index.
    pub commit: Index,
    /// The leader's latest heartbeat round, for read index.
    pub round: u64,
}

/// The answer to [`AppendEntries`] and [`InstallSnapshot`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppendEntriesReply {
    /// The follower's term.
    pub term: Term,
    /// The heartbeat round that it confirms.
    pub round: u64,
    /// Number of entries in the request.
    pub entries: u32,
    /// Outcome of the request.
    pub outcome: Outcome,
}

/// Outcome of an AppendEntries or InstallSnapshot.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// The follower's log is the leader's up to here, durably.
    Matched(Index),
    /// The follower's log lacks, or contradicts, what comes before the entries.
    Conflict {
        /// The index before the entries.
        previous: Index,
        /// The last index at which the two logs may agree, as far as the follower can tell.
        hint_index: Index,
        /// The term of its entry there.
        hint_term: Term,
    },
}

/// InstallSnapshot: a leader sends its state, since the entries that the follower needs are compacted.
#[derive(Clone, Debug, Serialize)]
pub struct InstallSnapshot {
    /// The leader's term.
    pub term: Term,
    /// The leader's latest heartbeat round, for read index.
    pub round: u64,
    /// The state: shared by all copies.
    pub snapshot: Rc<Snapshot>,
}

/// A message.
#[derive(Clone, Debug, Serialize)]
pub enum Message {
    /// From a client.
    Request(Request),
    /// From a leader.
    AppendEntries(AppendEntries),
    /// From a follower.
    AppendEntriesReply(AppendEntriesReply),
    /// To a client.
    Reply(Reply),
    /// From a candidate.
    RequestVote(RequestVote),
    /// To a candidate.
    Vote(Vote),
    /// From a leader.
    InstallSnapshot(InstallSnapshot),
    /// From the leader of this term: the receiver is to campaign at once.
    TimeoutNow(Term),
}

/// Size of the header of a message: kind, sender, term.
const HEADER: usize = 16;

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("request"),
        Kind::protocol("append-entries"),
        Kind::protocol("append-entries-reply"),
        Kind::protocol("reply"),
        Kind::protocol("request-vote"),
        Kind::protocol("vote"),
        Kind::upkeep("install-snapshot"),
        Kind::upkeep("timeout-now"),
        Kind::upkeep("heartbeat"),
        Kind::upkeep("heartbeat-reply"),
        Kind::upkeep("request-pre-vote"),
        Kind::upkeep("pre-vote"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Request(_) => 0,
            Message::AppendEntries(append) if append.entries.is_empty() => 8,
            Message::AppendEntries(_) => 1,
            Message::AppendEntriesReply(AppendEntriesReply { entries: 0, .. }) => 9,
            Message::AppendEntriesReply(_) => 2,
            Message::Reply(_) => 3,
            Message::RequestVote(RequestVote { kind: Campaign::PreVote, .. }) => 10,
            Message::RequestVote(_) => 4,
            Message::Vote(Vote { pre: true, .. }) => 11,
            Message::Vote(_) => 5,
            Message::InstallSnapshot(_) => 6,
            Message::TimeoutNow(_) => 7,
        }
    }

    fn size(&self) -> usize {
        HEADER
            + match self {
                Message::Request(request) => request.size(),
                Message::AppendEntries(append) => {
                    32 + append.entries.iter().map(|entry| entry.size()).sum::<usize>()
                }
                Message::AppendEntriesReply(_) => 40,
                Message::Reply(Reply { answer: Answer::Output(output), .. }) => 16 + output.size(),
                Message::Reply(Reply { answer: Answer::OutputAt { output, .. }, .. }) => 24 + output.size(),
                Message::Reply(Reply { answer: Answer::NotLeader(_), .. }) => 16,
                Message::RequestVote(_) => 24,
                Message::Vote(_) => 2,
                Message::InstallSnapshot(install) => 8 + install.snapshot.size(),
                Message::TimeoutNow(_) => 0,
            }
    }
    // Frames carry a checksum, so a damaged one is discarded; and members that lie are not Raft's business.
}

#[cfg(test)]
mod tests {
    use super::super::{Configuration, Payload, Sessions};
    use super::*;
    use synod_common::kv::{self, Key, Store};
    use synod_log::{Command, Image};
    use synod_sim::OperationId;

    #[test]
    fn kinds_and_sizes_are_those_of_the_table() {
        let command = Command::of::<Store>(&kv::Command::Put { key: Key(0), value: 1 });
        let request = Request {
            client: ClientId(0),
            sequence: 1,
            operation: OperationId(1),
            command: command.clone(),
            payload_bytes: 100,
        };
        let output = Output::of::<Store>(&kv::Output::Written);
        let reply = |answer| Message::Reply(Reply { client: ClientId(0), sequence: 1, answer });
        let append = |entries: &[Rc<Entry>]| {
            let entries = entries.into();
            let (term, previous_index, previous_term, commit, round) = (1, 0, 0, 0, 0);
            Message::AppendEntries(AppendEntries {
                term,
                previous_index,
                previous_term,
                entries,
                commit,
                round,
            })
        };
        let answer = |entries| {
            Message::AppendEntriesReply(AppendEntriesReply {
                term: 1,
                round: 0,
                entries,
                outcome: Outcome::Matched(1),
            })
        };
        let ask = |kind| Message::RequestVote(RequestVote { term: 1, last_index: 0, last_term: 0, kind });
        let vote = |pre| Message::Vote(Vote { term: 1, pre, granted: true });
        let configuration =
            Configuration { voters: vec![NodeId(0)], outgoing: vec![], learners: vec![], changes: 0 };
        let snapshot = Snapshot {
            index: 1,
            term: 1,
            configuration: Rc::new(configuration),
            configuration_index: 0,
            state: Image::of(&Store::default()),
            sessions: Sessions::default(),
        };
        let held = snapshot.size();
        let install = InstallSnapshot { term: 1, round: 0, snapshot: Rc::new(snapshot) };
        // Header of 16, then what the modelled message holds.
        let asked = 16 + 32 + command.size() + 100;
        let table = [
            (Message::Request(request.clone()), "request", asked),
            (append(&[]), "heartbeat", 16 + 32),
            (append(&[Entry::new(1, Payload::Noop)]), "append-entries", 16 + 32 + 8),
            (append(&[Entry::new(1, Payload::Tick(Time::ZERO))]), "append-entries", 16 + 32 + 16),
            (append(&[Entry::new(1, Payload::Command(request))]), "append-entries", 32 + 8 + asked),
            (answer(0), "heartbeat-reply", 16 + 40),
            (answer(1), "append-entries-reply", 16 + 40),
            (reply(Answer::Output(output.clone())), "reply", 16 + 16 + output.size()),
            (
                reply(Answer::OutputAt { output: output.clone(), at: Time::ZERO }),
                "reply",
                16 + 24 + output.size(),
            ),
            (reply(Answer::NotLeader(None)), "reply", 16 + 16),
            (ask(Campaign::PreVote), "request-pre-vote", 16 + 24),
            (ask(Campaign::Election), "request-vote", 16 + 24),
            (ask(Campaign::Transfer), "request-vote", 16 + 24),
            (vote(true), "pre-vote", 16 + 2),
            (vote(false), "vote", 16 + 2),
            (Message::InstallSnapshot(install), "install-snapshot", 16 + 8 + held),
            (Message::TimeoutNow(1), "timeout-now", 16),
        ];
        for (message, kind, size) in table {
            assert_eq!((Message::KINDS[message.kind()].name, message.size()), (kind, size), "{message:?}");
        }
    }
}
