//! Commitment and execution: committed entries apply in the order of the log, commands at most once.

use super::entry::{Entry, Index, Payload, Request};
use super::message::Answer;
use super::observation::Observation;
use super::snapshot::Found;
use super::state::{Ctx, Replica, Role};
use std::rc::Rc;
use synod_log::Executed;
use synod_sim::OperationId;

impl Replica {
    /// Advances the commit index to `index`, and applies the entries.
    pub(super) fn commit_to(&mut self, ctx: &mut Ctx<'_>, index: Index) {
        assert!(
            index > self.commit && index <= self.log.last_index(),
            "the commit index rises within the log"
        );
        self.commit = index;
        ctx.observe(Observation::Committed { index, term: self.term });
        while self.applied < self.commit {
            let next = self.applied + 1;
            let entry = Rc::clone(self.log.get(next).expect("what is not applied is in the log"));
            self.apply(ctx, next, &entry);
        }
        self.assert_sound();
        self.take_snapshot_if_due(ctx);
        self.serve_deferred_reads(ctx);
        self.await_deadline(ctx);
        self.retire_removed_members(ctx);
        self.advance_membership(ctx);
    }

    fn apply(&mut self, ctx: &mut Ctx<'_>, index: Index, entry: &Rc<Entry>) {
        self.applied = index;
        ctx.show(|| Observation::Applying { index, entry: Rc::clone(entry) });
        let executed = match &entry.payload {
            Payload::Command(request) => self.execute(ctx, index, request),
            Payload::Tick(now) => {
                self.machine.tick(*now);
                None
            }
            Payload::Noop | Payload::Configuration(_) => None,
        };
        ctx.observe(Observation::Applied { index, term: entry.term, digest: entry.digest(), executed });
    }

    /// Executes a command unless it is a duplicate, and returns the operation executed; the leader replies either way.
    fn execute(&mut self, ctx: &mut Ctx<'_>, index: Index, request: &Request) -> Option<OperationId> {
        let place = self.config.place(request.client);
        let (output, is_new) = match self.sessions.find(place, request) {
            Found::Last(output) if self.config.rules().executes_once => (output.clone(), false),
            Found::Past => return None,
            _ => (self.machine.apply(&request.command), true),
        };
        if is_new {
            self.sessions.remember(place, request, &output);
            if self.lag.is_some() {
                let at = self.machine.now();
                ctx.observe(Observation::Executed(Executed { operation: request.operation, at }));
            }
        } else {
            ctx.observe(Observation::Duplicate { operation: request.operation, index });
        }
        self.tell_applied(index, request, &output);
        if let Role::Leader(_) = self.role
            && let Some(host) = self.config.host(request.client)
        {
            self.reply(ctx, host, request.client, request.sequence, Answer::Output(output));
        }
        is_new.then_some(request.operation)
    }
}
