//! Clients: each has at most one operation outstanding, and records its history.
//!
//! A host is a node that speaks for a pool of clients. It asks whoever it takes for the leader, follows redirections,
//! and asks the next replica when no answer comes. A client that gives a write up does not know whether it took effect,
//! and goes on under a new number, as whoever reads its history expects.

use super::config::Config;
use super::entry::{ClientId, Request};
use super::message::{Answer, Message, Reply};
use super::observation::Observation;
use super::state::{Client, ClientHost, Ctx, Outstanding, Timer};
use std::rc::Rc;
use synod_common::workload::{Arrival, Pool};
use synod_log::history::{Call, Step};
use synod_log::{Executed, Output};
use synod_sim::{Duration, NodeId, OperationId, Recipients};

/// Divisor of the client timeout when there is no leader.
const HURRY: u64 = 8;

impl ClientHost {
    /// The host that is node `me`.
    pub fn new(config: Rc<Config>, me: NodeId) -> ClientHost {
        let all = config.own_clients();
        let place = me.0 - config.replicas;
        let mine = (place..all.clients).step_by(all.hosts as usize);
        let client =
            |id| Client { id: ClientId(id), sequence: 0, source: all.workload.client(), outstanding: None };
        ClientHost {
            pool: Pool::new(all.arrival, all.operations, all.hosts, place, mine.clone()),
            leader: NodeId(0),
            turn: NodeId(0),
            clients: mine.map(client).collect(),
            config,
        }
    }

    pub(super) fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        match self.config.own_clients().arrival {
            Arrival::Open { .. } => self.await_arrival(ctx),
            Arrival::Closed { .. } => {
                while let Some(place) = self.pool.take_free() {
                    self.think_done(ctx, place);
                }
            }
        }
    }

    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Arrival => {
                if let Some(operation) = self.pool.arise(ctx.me()) {
                    ctx.observe(Observation::Submitted { operation });
                    self.hand_out(ctx);
                    self.await_arrival(ctx);
                }
            }
            Timer::Think(place) => self.think_done(ctx, place),
            Timer::Retry(place) => self.retry(ctx, place),
            _ => unreachable!("{timer:?} is a replica's"),
        }
    }

    pub(super) fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, message: &Message) {
        let Message::Reply(Reply { client: id, sequence, answer }) = message else { return };
        let place = self.config.place(*id);
        let (replicas, timeout) = (self.config.replicas, self.config.client_timeout);
        let client = self.client(place);
        let Some(outstanding) =
            client.outstanding.as_mut().filter(|_| client.id == *id && client.sequence == *sequence)
        else {
            return;
        };
        match answer {
            Answer::Output(output) => self.on_output(ctx, from, place, output),
            Answer::OutputAt { output, at } => {
                // Of a read that was answered more than once, the answer that counts is the one that arrives first.
                let operation = outstanding.request.operation;
                ctx.observe(Observation::Executed(Executed { operation, at: *at }));
                self.on_output(ctx, from, place, output);
            }
            // Only whoever was asked last can tell anything new.
            Answer::NotLeader(_) if outstanding.asked != from => {}
            Answer::NotLeader(Some(leader)) if *leader != from && outstanding.redirections < replicas => {
                outstanding.redirections += 1;
                self.leader = *leader;
                self.ask_again(ctx, place);
            }
            Answer::NotLeader(_) => {
                let hurried = Duration::from_nanos(timeout.as_nanos().div_ceil(HURRY));
                outstanding.wait = hurried;
                ctx.set_timer(Timer::Retry(place), hurried);
            }
        }
    }

    fn client(&mut self, place: u32) -> &mut Client {
        &mut self.clients[(place / self.config.own_clients().hosts) as usize]
    }

    /// The leader `from` has answered the client at `place`.
    fn on_output(&mut self, ctx: &mut Ctx<'_>, from: NodeId, place: u32, output: &Output) {
        let client = self.client(place);
        let outstanding = client.outstanding.as_ref().expect("it is answered");
        client.source.learn(&outstanding.request.command, output);
        self.leader = from;
        self.finish(ctx, place, Step::Ok(output.clone()));
    }

    /// Waits for the next operation of the Poisson stream.
    fn await_arrival(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(wait) = self.pool.next_arrival(ctx.rng()) {
            ctx.set_timer(Timer::Arrival, wait);
        }
    }

    /// Gives waiting operations to free clients.
    fn hand_out(&mut self, ctx: &mut Ctx<'_>) {
        while let Some((place, operation)) = self.pool.pair() {
            self.invoke(ctx, place, operation);
        }
    }

    /// A closed-loop client is ready for its next operation.
    fn think_done(&mut self, ctx: &mut Ctx<'_>, place: u32) {
        if let Some(operation) = self.pool.arise_for_client(ctx.me()) {
            ctx.observe(Observation::Submitted { operation });
            self.invoke(ctx, place, operation);
        }
    }

    fn invoke(&mut self, ctx: &mut Ctx<'_>, place: u32, operation: OperationId) {
        let (leader, wait) = (self.leader, self.config.client_timeout);
        let payload_bytes = self.config.own_clients().payload_bytes;
        let number = self.pool.number(operation);
        let client = self.client(place);
        client.sequence += 1;
        let (id, sequence) = (client.id, client.sequence);
        let command = client.source.draw(ctx.rng(), number);
        ctx.observe(Observation::Call(Call { operation, client: id.0, step: Step::Invoke(command.clone()) }));
        let request = Request { client: id, sequence, operation, command, payload_bytes };
        ctx.send(leader, Message::Request(request.clone()));
        ctx.set_timer(Timer::Retry(place), wait);
        client.outstanding =
            Some(Outstanding { request, asked: leader, redirections: 0, wait, waited: Duration::ZERO });
    }

    /// Sends an operation to the presumed leader.
    fn ask_again(&mut self, ctx: &mut Ctx<'_>, place: u32) {
        let leader = self.leader;
        let Some(outstanding) = &mut self.client(place).outstanding else { return };
        let is_repeated = outstanding.asked == leader;
        outstanding.asked = leader;
        let (to, request) = (Recipients::One(leader), Message::Request(outstanding.request.clone()));
        if is_repeated {
            ctx.repeat(to, request);
        } else {
            ctx.resend(to, request);
        }
    }

    /// Handles a timeout: asks the next replica, or gives up.
    fn retry(&mut self, ctx: &mut Ctx<'_>, place: u32) {
        let (leader, wait) = (self.leader, self.config.client_timeout);
        let patience = wait.saturating_mul(self.config.client_attempts.into());
        let replicas = self.config.replicas;
        let Some(outstanding) = &mut self.client(place).outstanding else { return };
        outstanding.waited += outstanding.wait;
        if outstanding.waited >= patience {
            return self.give_up(ctx, place);
        }
        outstanding.wait = wait;
        outstanding.redirections = 0;
        // Another client of this host may have found the leader meanwhile.
        let has_moved = outstanding.asked != leader;
        if !has_moved {
            self.turn = NodeId((self.turn.0 + 1) % replicas);
            self.leader = self.turn;
        }
        self.ask_again(ctx, place);
        ctx.set_timer(Timer::Retry(place), wait);
    }

    /// Gives an operation up: a read has failed for certain; the outcome of a write is unknown.
    fn give_up(&mut self, ctx: &mut Ctx<'_>, place: u32) {
        let clients = self.config.own_clients().clients;
        let client = self.client(place);
        let outstanding = client.outstanding.as_ref().expect("it is given up");
        if outstanding.request.command.is_read() {
            return self.finish(ctx, place, Step::Fail);
        }
        self.finish(ctx, place, Step::Info);
        let client = self.client(place);
        client.id = ClientId(client.id.0 + clients);
        client.sequence = 0;
    }

    fn finish(&mut self, ctx: &mut Ctx<'_>, place: u32, step: Step) {
        let client = self.client(place);
        let Some(Outstanding { request, .. }) = client.outstanding.take() else { return };
        ctx.cancel_timer(Timer::Retry(place));
        let (operation, client) = (request.operation, request.client.0);
        ctx.observe(Observation::Call(Call { operation, client, step }));
        match self.config.own_clients().arrival {
            Arrival::Open { .. } => {
                self.pool.give_back(place);
                self.hand_out(ctx);
            }
            Arrival::Closed { think } if think.is_zero() => self.think_done(ctx, place),
            Arrival::Closed { think } => ctx.set_timer(Timer::Think(place), think),
        }
    }
}
