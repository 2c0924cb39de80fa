//! PBFT inside another protocol, which hosts a replica at each of its nodes: every replica is a client of its own.
//!
//! A node signs what it proposes, so nobody else proposes in its name. It is told by its own replica, and so needs no
//! replies.

use super::ledger::{ClientId, Operation, Outcome, Snapshot};
use super::message::{Message, Request};
use super::observation::Observation;
use super::state::{Ctx, Mode, Pbft, Replica};
use synod_log::{Log, LogEvent, Output, Proposal, ProposalId, Proposed, StateMachine};
use synod_sim::{Context, Signed};

/// The index of an entry is the number of operations that were executed up to it.
///
/// # Panics
/// If the configuration is not [`Workload::Hosted`](super::Workload::Hosted), or the node proposes in another's name.
impl Log for Pbft {
    fn propose(&mut self, ctx: &mut Context<'_, Pbft>, proposal: Proposal) -> Proposed {
        hosted_mut(self).propose_own(ctx, proposal)
    }

    fn next_event(&mut self) -> Option<LogEvent> {
        hosted_mut(self).events.pop_front()
    }

    fn machine(&self) -> &dyn StateMachine {
        let Pbft::Replica(replica) = self else { panic!("a host of clients replicates nothing") };
        replica.machine().expect("a log that is hosted replicates a service")
    }
}

fn hosted_mut(node: &mut Pbft) -> &mut Replica {
    match node {
        Pbft::Replica(replica) if replica.config.is_hosted() => replica,
        _ => panic!("another protocol hosts no such node"),
    }
}

impl Replica {
    /// Proposes a command of this node. If it is proposed again, all replicas hear of it: the primary may be faulty.
    fn propose_own(&mut self, ctx: &mut Ctx<'_>, Proposal { id, command }: Proposal) -> Proposed {
        assert_eq!(id.client, self.me.0, "a node proposes in its own name");
        let is_same =
            |request: &&Signed<Request>| request.client.0 == id.client && request.timestamp == id.sequence;
        if let Some(request) = self.pending.iter().find(is_same).cloned() {
            ctx.resend(self.replicas(), Message::Request(request));
        } else {
            let operation = Operation { command: Some(command), ..Operation::new(value(id), 0) };
            let body = Request { client: ClientId(id.client), timestamp: id.sequence, operation };
            ctx.observe(Observation::Submitted { request: body.id() });
            let request = ctx.authenticate(body);
            if !self.is_primary() {
                ctx.send(self.primary(), Message::Request(request.clone()));
            }
            self.on_request(ctx, &request);
        }
        match self.mode {
            Mode::Changing(_) => Proposed::NoLeader,
            Mode::Normal if self.is_primary() => Proposed::Taken,
            Mode::Normal => Proposed::PassedOn(self.primary()),
        }
    }

    /// Tells the host that `request` is executed.
    pub(super) fn tell_host(&mut self, request: &Request, outcome: &Outcome) {
        if !self.config.is_hosted() {
            return;
        }
        let machine = self.config.machine().expect("a log that is hosted replicates a service");
        let command = request.operation.command.clone().unwrap_or_else(|| machine.command(&[]));
        let (index, id) = (outcome.height, name(request));
        self.events.push_back(LogEvent::Applied { index, id, command, output: output(outcome) });
    }

    /// Tells the host what its `request` came to, which was executed before: a state may have covered it.
    pub(super) fn answer_own(&mut self, request: &Request, outcome: &Outcome) {
        if self.config.is_hosted() && request.client.0 == self.me.0 {
            self.events.push_back(LogEvent::Answered { id: name(request), output: output(outcome) });
        }
    }

    /// Tells the host that this replica goes on from `snapshot`.
    pub(super) fn tell_host_of_state(&mut self, snapshot: &Snapshot) {
        if self.config.is_hosted() {
            self.events.push_back(LogEvent::CaughtUp { index: snapshot.ledger.height() });
        }
    }
}

/// A number that no other proposal has.
fn value(id: ProposalId) -> u64 {
    u64::from(id.client) << 40 | id.sequence
}

fn name(request: &Request) -> ProposalId {
    ProposalId { client: request.client.0, sequence: request.timestamp }
}

fn output(outcome: &Outcome) -> Output {
    outcome.output.clone().expect("a service answers every command")
}
