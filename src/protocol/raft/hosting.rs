//! Raft as a log inside another protocol: who hosts a replica proposes at it, and hears what it applies.
//!
//! A proposal is a request whose client is no node. Every replica tells its host of every command that it applies, so
//! that the leader need not reply, but to a read, and to a proposal that was carried out before.

use super::entry::{ClientId, Request};
use super::message::{Answer, Message, Reply};
use super::state::{Ctx, Raft, Replica, Role};
use synod_log::{Log, LogEvent, Output, Proposal, ProposalId, Proposed, StateMachine};
use synod_sim::OperationId;

impl Log for Raft {
    fn propose(&mut self, ctx: &mut Ctx<'_>, proposal: Proposal) -> Proposed {
        self.hosted_mut().propose(ctx, proposal)
    }

    fn next_event(&mut self) -> Option<LogEvent> {
        self.hosted_mut().events.pop_front()
    }

    fn machine(&self) -> &dyn StateMachine {
        let Raft::Replica(replica) = self else { panic!("a host of clients keeps no log") };
        replica.machine()
    }
}

impl Raft {
    fn hosted_mut(&mut self) -> &mut Replica {
        let Raft::Replica(replica) = self else { panic!("a host of clients keeps no log") };
        assert!(replica.config.clients.is_none(), "a log is hosted, or has clients of its own");
        replica
    }
}

impl Replica {
    /// Takes a proposal as leader, or passes it on.
    fn propose(&mut self, ctx: &mut Ctx<'_>, Proposal { id, command }: Proposal) -> Proposed {
        let sequence = u32::try_from(id.sequence).expect("a client proposes less than 2^32 times");
        let request = Request {
            client: ClientId(id.client),
            sequence: id.sequence,
            operation: OperationId(u64::from(id.client) << 32 | u64::from(sequence)),
            command,
            payload_bytes: 0,
        };
        match (&self.role, self.leader) {
            (Role::Leader(lead), _) if lead.transfer.is_some() => Proposed::NoLeader,
            (Role::Leader(_), _) => {
                self.on_request(ctx, self.me, &request);
                Proposed::Taken
            }
            (_, Some(leader)) => {
                ctx.send(leader, Message::Request(request));
                Proposed::PassedOn(leader)
            }
            (_, None) => Proposed::NoLeader,
        }
    }

    /// Handles the leader's answer to a proposal that was made here. Who is told that nobody leads proposes again.
    pub(super) fn on_reply(&mut self, reply: &Reply) {
        if let Answer::Output(output) | Answer::OutputAt { output, .. } = &reply.answer {
            self.tell_host(|| LogEvent::Answered { id: reply.id(), output: output.clone() });
        }
    }

    /// Tells the host that a command was applied at `index`.
    pub(super) fn tell_applied(&mut self, index: u64, request: &Request, output: &Output) {
        self.tell_host(|| LogEvent::Applied {
            index,
            id: ProposalId { client: request.client.0, sequence: request.sequence },
            command: request.command.clone(),
            output: output.clone(),
        });
    }

    /// Queues an event, if anybody will hear it.
    pub(super) fn tell_host(&mut self, event: impl FnOnce() -> LogEvent) {
        if self.config.clients.is_none() {
            self.events.push_back(event());
        }
    }
}

impl Reply {
    fn id(&self) -> ProposalId {
        ProposalId { client: self.client.0, sequence: self.sequence }
    }
}
