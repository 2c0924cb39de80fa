//! A replicated log inside another protocol.

use super::encoded::{Command, Output};
use super::machine::StateMachine;
use serde::Serialize;
use synod_sim::{Context, NodeId, Protocol};

/// A protocol that orders commands, and whose node another protocol hosts as a child.
///
/// The parent's node holds the child's as a field, with the state machine that the child's configuration names, and runs
/// each of its handlers in [`Context::narrow`], through a [`Lens`](synod_sim::Lens) that wraps messages, timers and
/// records. After each of them, and after [`Log::propose`], it drains [`Log::next_event`]. A proposal that is not
/// answered it makes again, by a timer of its own, under the same name: it takes effect once. Where members may lie, a
/// client's proposals are signed, so that only its own node makes them; elsewhere another node can do so as well.
///
/// `tests/hosting.rs` of this crate shows all of that.
pub trait Log: Protocol {
    /// Proposes a command at this node. A node that does not lead passes it on, if it knows who does.
    fn propose(&mut self, ctx: &mut Context<'_, Self>, proposal: Proposal) -> Proposed;

    /// Returns the next of what the parent has not yet heard, oldest first; `None` if it has heard all.
    fn next_event(&mut self) -> Option<LogEvent>;

    /// Returns this node's state machine: what the log has ordered so far, as far as the node knows. It may be behind,
    /// so that whoever needs to read the latest state proposes a read.
    fn machine(&self) -> &dyn StateMachine;
}

/// Names a proposal, however often and wherever it is made.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProposalId {
    /// Who proposes: a client of the log. It has one proposal under way at most.
    pub client: u32,
    /// Its proposal, from 1, rising.
    pub sequence: u64,
}

/// A command that a parent wants ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its name.
    pub id: ProposalId,
    /// The command. A read need not get an index.
    pub command: Command,
}

/// What became of a proposal at the node where it was made.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// The node leads, as far as it knows, and has taken it.
    Taken,
    /// The node has passed it on to the leader.
    PassedOn(NodeId),
    /// The node knows no leader: propose it again later.
    NoLeader,
}

/// What a child tells its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEvent {
    /// This replica has applied an entry. Indices rise by one, but where a snapshot has been installed and at entries
    /// that are no command.
    Applied {
        /// The entry's index.
        index: u64,
        /// The proposal.
        id: ProposalId,
        /// The command.
        command: Command,
        /// What the machine answered. That of a duplicate is what the first was answered.
        output: Output,
    },
    /// What was proposed here is answered without an entry: a read, or what a snapshot already covers.
    Answered {
        /// The proposal.
        id: ProposalId,
        /// What the machine answered.
        output: Output,
    },
    /// This replica has installed a snapshot: it has not applied the entries up to here, and the parent looks at
    /// [`Log::machine`] instead.
    CaughtUp {
        /// The index of the last entry that it covers.
        index: u64,
    },
}
