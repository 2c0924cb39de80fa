//! Requests: admission by replicas, and a session's own proposal.

use super::ledger::ClientId;
use super::message::{Message, Request};
use super::observation::{Observation, Reason};
use super::state::{Ctx, Mode, Replica, Timer};
use synod_sim::{Recipients, Signed};

impl Replica {
    pub(super) fn on_request(&mut self, ctx: &mut Ctx<'_>, request: &Signed<Request>) {
        if self.config.host(request.client) != Some(request.signer()) {
            return self.reject(ctx, Reason::WrongSigner, request.signer());
        }
        if !self.authentic(ctx, request) {
            return self.reject(ctx, Reason::BadSignature, request.signer());
        }
        if !self.admissible(request) {
            return self.reject(ctx, Reason::Invalid, request.signer());
        }
        match self.clients.get(&request.client) {
            Some((executed, _)) if request.timestamp < *executed => {}
            Some((executed, outcome)) if request.timestamp == *executed => {
                let outcome = outcome.clone();
                self.answer_own(request, &outcome);
                self.reply(ctx, request.client, request.timestamp, outcome, true);
            }
            _ => self.admit(ctx, request),
        }
    }

    /// Takes a valid request that is not executed yet.
    fn admit(&mut self, ctx: &mut Ctx<'_>, request: &Signed<Request>) {
        let is_new = self.pending.insert(request);
        if self.is_primary() {
            self.propose(ctx, false);
        } else if is_new && self.mode == Mode::Normal && request.signer() != self.me {
            ctx.resend(Recipients::One(self.primary()), Message::Request(request.clone()));
        }
        self.start_request_timer(ctx);
    }

    /// Returns true if the request satisfies the session's validity rule.
    pub(super) fn admissible(&self, request: &Request) -> bool {
        self.config.session().is_none_or(|session| session.valid.contains(&request.operation.value))
    }

    pub(super) fn propose_session(&mut self, ctx: &mut Ctx<'_>) {
        let Some(session) = self.config.session() else { return };
        let client = ClientId(self.me.0);
        let request = Request { client, timestamp: 1, operation: session.operation.clone() };
        let id = request.id();
        let request = ctx.authenticate(request);
        ctx.observe(Observation::Submitted { request: id });
        if !self.is_primary() {
            ctx.send(self.primary(), Message::Request(request.clone()));
        }
        // A primary too: if its proposal does not come through, the others must hear what it is that they wait for.
        ctx.set_timer(Timer::Retry(client), self.retry);
        self.on_request(ctx, &request);
    }

    pub(super) fn retry_session(&mut self, ctx: &mut Ctx<'_>) {
        if self.decided {
            return;
        }
        let mine = self.pending.iter().find(|request| request.signer() == self.me).cloned();
        if let Some(request) = mine {
            ctx.repeat(self.replicas(), Message::Request(request.clone()));
            self.retry = self.retry.saturating_mul(2);
            ctx.set_timer(Timer::Retry(request.client), self.retry);
        }
    }

    pub(super) fn on_deadline(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(session) = self.config.session() {
            let request = Request {
                client: ClientId(session.initiator.0),
                timestamp: 1,
                operation: session.operation.clone(),
            };
            ctx.observe(Observation::Aborted { request: request.id() });
        }
    }
}
