//! Clients: each has at most one request outstanding, and accepts a result with f + 1 matching replies, or a quorum of
//! them where it may read past the log.
//!
//! A host is a node that speaks for a pool of clients, so that an open loop can hand each request to whoever is
//! free: waiting for a free client counts in the latency.

use super::basis::Basis;
use super::config::{Clients, Config, Reads, Workload};
use super::ledger::{ClientId, Operation};
use super::message::{Message, Reply, Request, View};
use super::observation::{Observation, Reason};
use super::state::{Client, ClientHost, Ctx, Outstanding, Timer};
use std::rc::Rc;
use synod_common::workload::{Arrival, Pool};
use synod_log::Command;
use synod_log::history::{Call, Step};
use synod_sim::collections::SortedMap;
use synod_sim::{Body, NodeId, OperationId, Recipients, Signed, sort};

impl ClientHost {
    /// The host that is node `me`.
    pub fn new(config: Rc<Config>, me: NodeId) -> ClientHost {
        let all = clients_of(&config);
        let place = me.0 - config.quorum.n;
        let mine = (place..all.clients).step_by(all.hosts as usize);
        let source = || all.service.as_ref().map(|service| service.workload.client());
        let client = || Client { timestamp: 0, outstanding: None, reading: None, source: source() };
        ClientHost {
            pool: Pool::new(all.arrival, all.requests, all.hosts, place, mine.clone()),
            view: 0,
            clients: mine.map(|id| (ClientId(id), client())).collect(),
            config,
        }
    }

    fn clients(&self) -> &Clients {
        clients_of(&self.config)
    }

    pub(super) fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        match self.clients().arrival {
            Arrival::Open { .. } => self.await_arrival(ctx),
            Arrival::Closed { .. } => {
                while let Some(client) = self.pool.take_free() {
                    self.think_done(ctx, ClientId(client));
                }
            }
        }
    }

    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Arrival => {
                if let Some(request) = self.pool.arise(ctx.me()) {
                    ctx.observe(Observation::Submitted { request });
                    self.hand_out(ctx);
                    self.await_arrival(ctx);
                }
            }
            Timer::Think(client) => self.think_done(ctx, client),
            Timer::Retry(client) => self.retry(ctx, client),
            _ => unreachable!("{timer:?} is a replica's"),
        }
    }

    pub(super) fn on_message(&mut self, ctx: &mut Ctx<'_>, message: &Message) {
        match message {
            Message::Reply(reply) if self.is_sound(ctx, reply) => self.on_reply(ctx, reply),
            Message::ReadReply(reply) if self.is_sound(ctx, reply) => self.on_read_reply(ctx, reply),
            _ => {}
        }
    }

    /// Returns true if `signed` is a replica's.
    fn is_sound<B: Body>(&self, ctx: &mut Ctx<'_>, signed: &Signed<B>) -> bool {
        let signer = signed.signer();
        let reason = if signer.0 >= self.config.quorum.n {
            Reason::WrongSigner
        } else if !ctx.verify(signed) {
            Reason::BadSignature
        } else {
            return true;
        };
        ctx.observe(Observation::Rejected { reason, signer });
        false
    }

    fn on_reply(&mut self, ctx: &mut Ctx<'_>, reply: &Signed<Reply>) {
        let (weak, needed) = (self.config.weak(), self.config.replies());
        let Some(client) = self.clients.get_mut(&reply.client) else { return };
        let Some(outstanding) = client.outstanding.as_mut().filter(|_| client.timestamp == reply.timestamp)
        else {
            return;
        };
        outstanding.replies.entry(reply.signer()).or_insert((reply.outcome.clone(), reply.view));
        let alike = outstanding.replies.values().filter(|(outcome, _)| *outcome == reply.outcome);
        let mut views: Vec<View> = alike.map(|&(_, view)| view).collect();
        if views.len() < needed {
            return;
        }
        // Of f + 1 replicas one is correct: the lowest of the highest f + 1 views is one that a correct replica knows.
        sort::descending(&mut views);
        let request = outstanding.request.id();
        ctx.show(|| {
            let alike = outstanding.replies.iter().filter(|(_, (outcome, _))| *outcome == reply.outcome);
            let replicas = alike.map(|(&replica, _)| replica).collect();
            Observation::WentBy(Basis::Answers { request, ordered: true, replicas })
        });
        let command = outstanding.request.operation.command.clone();
        client.outstanding = None;
        if let (Some(command), Some(output)) = (command, &reply.outcome.output) {
            let source = client.source.as_mut().expect("commands come from it");
            source.learn(&command, output);
            let step = Step::Ok(output.clone());
            ctx.observe(Observation::Called(Call { operation: request, client: reply.client.0, step }));
        }
        self.view = self.view.max(views[weak - 1]);
        let outcome = reply.outcome.clone();
        ctx.observe(Observation::Completed { client: reply.client, request, outcome });
        self.go_on(ctx, reply.client);
    }

    /// The client knows its outcome, and is ready for the next request.
    pub(super) fn go_on(&mut self, ctx: &mut Ctx<'_>, client: ClientId) {
        ctx.cancel_timer(Timer::Retry(client));
        match self.clients().arrival {
            Arrival::Open { .. } => {
                self.pool.give_back(client.0);
                self.hand_out(ctx);
            }
            Arrival::Closed { think } if think.is_zero() => self.think_done(ctx, client),
            Arrival::Closed { think } => ctx.set_timer(Timer::Think(client), think),
        }
    }

    /// Waits for the next request of the Poisson stream.
    fn await_arrival(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(wait) = self.pool.next_arrival(ctx.rng()) {
            ctx.set_timer(Timer::Arrival, wait);
        }
    }

    /// Gives waiting requests to free clients.
    fn hand_out(&mut self, ctx: &mut Ctx<'_>) {
        while let Some((client, request)) = self.pool.pair() {
            self.send_request(ctx, ClientId(client), request);
        }
    }

    /// A closed-loop client is ready for its next request.
    fn think_done(&mut self, ctx: &mut Ctx<'_>, client: ClientId) {
        if let Some(request) = self.pool.arise_for_client(ctx.me()) {
            ctx.observe(Observation::Submitted { request });
            self.send_request(ctx, client, request);
        }
    }

    fn send_request(&mut self, ctx: &mut Ctx<'_>, id: ClientId, request: OperationId) {
        let payload_bytes = self.clients().payload_bytes;
        let number = self.pool.number(request);
        let client = self.clients.get_mut(&id).expect("a client of this host");
        let command = client.source.as_mut().map(|source| source.draw(ctx.rng(), number));
        if let Some(command) = &command {
            let step = Step::Invoke(command.clone());
            ctx.observe(Observation::Called(Call { operation: request, client: id.0, step }));
        }
        let operation = Operation { value: request.0, payload_bytes, command };
        client.timestamp += 1;
        if self.config.reads == Reads::Quorum && operation.command.as_ref().is_some_and(Command::is_read) {
            self.read(ctx, id, operation);
        } else {
            self.order(ctx, id, operation);
        }
    }

    /// Asks for `operation` to be ordered.
    pub(super) fn order(&mut self, ctx: &mut Ctx<'_>, id: ClientId, operation: Operation) {
        let client = self.clients.get_mut(&id).expect("a client of this host");
        let request = ctx.authenticate(Request { client: id, timestamp: client.timestamp, operation });
        let retry = self.config.client_timeout;
        client.outstanding = Some(Outstanding { request: request.clone(), replies: SortedMap::new(), retry });
        ctx.send(self.config.primary(self.view), Message::Request(request));
        ctx.set_timer(Timer::Retry(id), retry);
    }

    /// Handles a timeout: has a read ordered; sends a request to all replicas, and doubles the timeout.
    fn retry(&mut self, ctx: &mut Ctx<'_>, id: ClientId) {
        let client = self.clients.get_mut(&id).expect("a client of this host");
        if let Some(reading) = client.reading.take() {
            return self.order(ctx, id, reading.operation);
        }
        let Some(outstanding) = &mut client.outstanding else { return };
        ctx.repeat(Recipients::Peers(0..self.config.quorum.n), Message::Request(outstanding.request.clone()));
        outstanding.retry = outstanding.retry.saturating_mul(2);
        ctx.set_timer(Timer::Retry(id), outstanding.retry);
    }
}

fn clients_of(config: &Config) -> &Clients {
    match &config.workload {
        Workload::Log(clients) => clients,
        Workload::Session(_) | Workload::Hosted(_) => unreachable!("there are no client hosts"),
    }
}
