//! Reads that are not in the log: a client asks all replicas, and believes a quorum of equal answers.
//!
//! Source: M. Castro and B. Liskov, TOCS 20(4), 2002, section 5.1.3. Why it is linearizable: f + 1 correct replicas of a
//! quorum have executed whatever a client has been told, by replies or by answers, and they meet the next quorum in a
//! correct one. So replies take a quorum as well (C. Berger, H. Reiser and A. Bessani, *Making Reads in BFT State Machine
//! Replication Fast, Linearizable, and Live*, SRDS 2021). Answers differ where writes come in between: then the read is
//! ordered.

use super::basis::Basis;
use super::ledger::{ClientId, Operation};
use super::message::{Message, Read, ReadReply, View};
use super::observation::{Observation, Reason};
use super::state::{Answer, ClientHost, Ctx, Reading, Replica, Timer};
use synod_log::history::{Call, Step};
use synod_log::{Executed, Output};
use synod_sim::collections::SortedMap;
use synod_sim::{OperationId, Recipients, Signed, Time, sort};

// ---- Replicas ----

impl Replica {
    pub(super) fn on_read(&mut self, ctx: &mut Ctx<'_>, read: &Signed<Read>) {
        if self.config.host(read.client) != Some(read.signer()) {
            return self.reject(ctx, Reason::WrongSigner, read.signer());
        }
        if !self.authentic(ctx, read) {
            return self.reject(ctx, Reason::BadSignature, read.signer());
        }
        let is_read = read.operation.command.as_ref().is_some_and(|command| command.is_read());
        if !is_read || self.machine().is_none() {
            return self.reject(ctx, Reason::Invalid, read.signer());
        }
        // What is prepared may have been executed elsewhere: with it, answers are more likely to be equal.
        let prepared = self.log.iter().filter(|(_, slot)| slot.certificate.is_some());
        match prepared.last() {
            Some((last, _)) if last > self.last_executed => {
                self.reads.insert(read.client, (last, read.clone()));
            }
            _ => self.answer(ctx, read),
        }
    }

    /// Answers the reads for which enough is executed now.
    pub(super) fn answer_reads(&mut self, ctx: &mut Ctx<'_>) {
        if self.reads.is_empty() {
            return;
        }
        let reads = std::mem::take(&mut self.reads);
        for (client, (last, read)) in reads {
            if last <= self.last_executed {
                self.answer(ctx, &read);
            } else {
                self.reads.insert(client, (last, read));
            }
        }
    }

    fn answer(&self, ctx: &mut Ctx<'_>, read: &Signed<Read>) {
        let (Some(machine), Some(command)) = (self.machine(), &read.operation.command) else { return };
        let at = self.config.clock().map(|_| machine.now());
        let Read { client, timestamp, .. } = **read;
        let body = ReadReply { view: self.view, client, timestamp, at, output: machine.read(command) };
        ctx.observe(Observation::ReadServed { request: OperationId(read.operation.value) });
        let reply = ctx.authenticate(body);
        ctx.send(read.signer(), Message::ReadReply(reply));
    }
}

// ---- Clients ----

impl ClientHost {
    /// Asks all replicas what `operation` would be told.
    pub(super) fn read(&mut self, ctx: &mut Ctx<'_>, id: ClientId, operation: Operation) {
        let client = self.clients.get_mut(&id).expect("a client of this host");
        let body = Read { client: id, timestamp: client.timestamp, operation: operation.clone() };
        client.reading = Some(Reading { operation, answers: SortedMap::new() });
        let read = ctx.authenticate(body);
        ctx.multicast(Recipients::Peers(0..self.config.quorum.n), Message::Read(read));
        ctx.set_timer(Timer::Retry(id), self.config.client_timeout);
    }

    pub(super) fn on_read_reply(&mut self, ctx: &mut Ctx<'_>, reply: &Signed<ReadReply>) {
        let Some(client) = self.clients.get_mut(&reply.client) else { return };
        let is_current = client.timestamp == reply.timestamp;
        let Some(reading) = client.reading.as_mut().filter(|_| is_current) else { return };
        let answer = Answer { output: reply.output.clone(), at: reply.at, view: reply.view };
        reading.answers.entry(reply.signer()).or_insert(answer);
        let needed = self.config.answers();
        if let Some((output, at)) = reading.believed(needed) {
            let mut views: Vec<View> = reading.answers.values().map(|answer| answer.view).collect();
            sort::descending(&mut views);
            self.view = self.view.max(views[self.config.weak() - 1]);
            let Reading { operation, answers } = client.reading.take().expect("it is under way");
            let command = operation.command.expect("a read is a command");
            client.source.as_mut().expect("commands come from it").learn(&command, &output);
            let request = OperationId(operation.value);
            ctx.show(|| {
                let alike = answers.iter().filter(|(_, answer)| (&answer.output, answer.at) == (&output, at));
                let replicas = alike.map(|(&replica, _)| replica).collect();
                Observation::WentBy(Basis::Answers { request, ordered: false, replicas })
            });
            if let Some(at) = at {
                ctx.observe(Observation::TookEffect(Executed { operation: request, at }));
            }
            let call = Call { operation: request, client: reply.client.0, step: Step::Ok(output) };
            ctx.observe(Observation::Called(call));
            ctx.observe(Observation::ReadCompleted { client: reply.client, request });
            return self.go_on(ctx, reply.client);
        }
        if reading.is_in_vain(needed, self.config.quorum.n as usize) {
            let Reading { operation, .. } = client.reading.take().expect("it is under way");
            self.order(ctx, reply.client, operation);
        }
    }
}

impl Reading {
    /// The answer that `needed` replicas give, if there is one.
    fn believed(&self, needed: usize) -> Option<(Output, Option<Time>)> {
        let answer = self.answers.values().find(|answer| self.count(answer) >= needed)?;
        Some((answer.output.clone(), answer.at))
    }

    /// Returns true if no answer can come from `needed` of `n` replicas any more.
    fn is_in_vain(&self, needed: usize, n: usize) -> bool {
        let missing = n - self.answers.len();
        self.answers.values().all(|answer| self.count(answer) + missing < needed)
    }

    fn count(&self, answer: &Answer) -> usize {
        let equal = |other: &&Answer| (&other.output, other.at) == (&answer.output, answer.at);
        self.answers.values().filter(equal).count()
    }
}
