//! Execution: committed slots, strictly in order, each request at most once.

use super::config::Workload;
use super::ledger::{ClientId, Outcome, Sequence};
use super::message::{Batch, Message, Reply, Request};
use super::observation::Observation;
use super::state::{Ctx, Mode, ProgressTimer, Replica, Timer};
use synod_log::Executed;
use synod_sim::{Recipients, Signed};

impl Replica {
    /// Executes what is committed and next in order.
    pub(super) fn execute(&mut self, ctx: &mut Ctx<'_>) {
        while let Some((sequence, batch)) = self.next_executable() {
            self.execute_slot(ctx, sequence, &batch);
        }
        self.answer_reads(ctx);
        self.propose(ctx, false);
        self.await_deadline(ctx);
    }

    fn next_executable(&self) -> Option<(Sequence, Batch)> {
        let ready = |sequence: Sequence| {
            let slot = self.log.get(sequence)?;
            let (_, digest) = slot.committed?;
            Some((sequence, self.log.batch(digest)?))
        };
        if !self.config.rules().executes_in_order {
            return (self.last_executed + 1..=self.log.highest()).find_map(ready);
        }
        ready(self.last_executed + 1)
    }

    fn execute_slot(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, batch: &Batch) {
        let rules = self.config.rules();
        assert!(
            sequence == self.last_executed + 1 || !(rules.executes_in_order && rules.executes_once),
            "slots execute in their order"
        );
        assert!(
            sequence > self.low
                && (sequence <= self.low + self.config.window()
                    || !(rules.has_upper_watermark && rules.recomputes_new_views)),
            "what executes lies between the watermarks"
        );
        let digest = batch.digest();
        self.last_executed = sequence;
        ctx.show(|| Observation::Executing { sequence, digest, batch: batch.clone() });
        ctx.observe(Observation::Executed { sequence, digest });
        if let Some(tick) = batch.tick {
            let now = self.application.tick(tick);
            ctx.observe(Observation::Ticked { sequence, digest, tick, now });
        }
        let mut is_new = false;
        for request in batch.requests.iter() {
            is_new |= self.apply(ctx, sequence, request);
        }
        if is_new {
            self.made_progress(ctx);
        }
        if self.config.session().is_some() {
            self.decide(ctx, sequence, batch);
        } else if sequence.is_multiple_of(self.config.checkpoint_interval) {
            self.take_checkpoint(ctx, sequence);
        }
    }

    /// Applies one request, unless it was executed before; true if it was not.
    fn apply(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, request: &Signed<Request>) -> bool {
        let (client, timestamp) = (request.client, request.timestamp);
        if let Some((executed, outcome)) = self.clients.get(&client)
            && timestamp <= *executed
        {
            if timestamp == *executed {
                self.reply(ctx, client, timestamp, outcome.clone(), true);
            }
            self.pending.executed(client, timestamp);
            return false;
        }
        let outcome = self.application.apply(&request.operation);
        self.clients.insert(client, (timestamp, outcome.clone()));
        self.pending.executed(client, timestamp);
        if self.config.clock().is_some()
            && let Some(machine) = self.application.machine()
        {
            let executed = Executed { operation: request.id(), at: machine.now() };
            ctx.observe(Observation::TookEffect(executed));
        }
        self.tell_host(request, &outcome);
        let request = (**request).clone();
        ctx.observe(Observation::Applied { sequence, request, outcome: outcome.clone() });
        self.reply(ctx, client, timestamp, outcome, false);
        true
    }

    /// Replies to the client, if that is another node.
    pub(super) fn reply(
        &self,
        ctx: &mut Ctx<'_>,
        client: ClientId,
        timestamp: u64,
        outcome: Outcome,
        again: bool,
    ) {
        if let (Workload::Log(_), Some(host)) = (&self.config.workload, self.config.host(client)) {
            let reply = ctx.authenticate(Reply { view: self.view, client, timestamp, outcome });
            if again {
                ctx.resend(Recipients::One(host), Message::Reply(reply));
            } else {
                ctx.send(host, Message::Reply(reply));
            }
        }
    }

    /// A session has its outcome.
    fn decide(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, batch: &Batch) {
        let Some(request) = batch.requests.first() else { return };
        let digest = batch.digest();
        let strong = self.config.strong();
        let proof = self.log.slot(sequence).commit_proof(strong);
        let certificate = proof.expect("what is executed is committed").to_vec();
        self.decided = true;
        ctx.observe(Observation::Decided { request: request.id(), digest, certificate });
        if self.config.rules().decision_cancels_deadline {
            ctx.cancel_timer(Timer::Deadline);
        }
        ctx.cancel_timer(Timer::Retry(request.client));
    }

    /// Notes progress: a new request was executed.
    fn made_progress(&mut self, ctx: &mut Ctx<'_>) {
        self.attempt = 0;
        match self.progress_timer {
            ProgressTimer::Request(arrival) if self.pending.oldest() == Some(arrival) => {}
            ProgressTimer::AwaitingQuorum => {}
            ProgressTimer::Attempt if matches!(self.mode, Mode::Changing(_)) => {}
            ProgressTimer::Idle | ProgressTimer::Request(_) | ProgressTimer::Attempt => {
                self.progress_timer = ProgressTimer::Idle;
                ctx.cancel_timer(Timer::Progress);
                self.start_request_timer(ctx);
            }
        }
    }

    /// A mutant's: executes a slot again that a new view proposes again.
    pub(super) fn execute_again(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let Some((_, digest)) = self.log.slot(sequence).committed else { return };
        let Some(batch) = self.log.batch(digest) else { return };
        for request in batch.requests.iter() {
            self.clients.remove(&request.client);
        }
        self.execute_slot(ctx, sequence, &batch);
    }
}
