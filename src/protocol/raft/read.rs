//! Reads without the log: by read index, or by lease (thesis, §6.4).
//!
//! A leader numbers its rounds of heartbeats. That a majority has confirmed a round means that it led when the round
//! began: whatever was committed anywhere by then, it has committed too, provided that it has committed an entry of its
//! own term.
//!
//! A read of a machine that knows the time sees the machine as of the last tick that the leader has applied: no read
//! waits for another. So what ends at a deadline may be seen until the tick of that deadline is committed.

use super::config::Reads;
use super::entry::{Index, Request};
use super::message::Answer;
use super::observation::Observation;
use super::state::{Ctx, Leadership, Read, Replica, Role};
use synod_sim::{Duration, NodeId, Time};

impl Replica {
    /// Serves a read as leader, now or once leadership is confirmed.
    pub(super) fn read(&mut self, ctx: &mut Ctx<'_>, from: NodeId, request: &Request) {
        let Role::Leader(lead) = &mut self.role else { return };
        if self.commit < lead.first_index && self.config.rules().reads_await_own_term {
            lead.pending_reads.deferred.push((from, request.clone()));
            return;
        }
        if !self.config.rules().confirms_reads {
            return self.serve(ctx, from, request, self.commit, false);
        }
        if self.has_lease(ctx.now()) {
            return self.serve(ctx, from, request, self.commit, true);
        }
        let Role::Leader(lead) = &mut self.role else { return };
        let pending_reads = &mut lead.pending_reads;
        // A round that has begun may have been confirmed by somebody before this read: it takes the next.
        let is_idle = pending_reads.waiting.is_empty();
        let read = Read { from, request: request.clone(), index: self.commit };
        let is_under_way = pending_reads.begun > pending_reads.confirmed;
        let joins = is_under_way && !self.config.rules().reads_await_later_round;
        pending_reads.waiting.push_back((pending_reads.begun + u64::from(!joins), read));
        if is_idle && !joins {
            self.begin_round(ctx);
        }
    }

    /// Begins a round of heartbeats.
    pub(super) fn begin_round(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.pending_reads.begun += 1;
        if let Reads::Lease { .. } = self.config.reads {
            lead.pending_reads.begun_at.push_back((lead.pending_reads.begun, ctx.now()));
        }
        self.send_heartbeats(ctx);
        self.confirm_reads(ctx);
    }

    /// Answers the reads whose round a majority has confirmed.
    pub(super) fn confirm_reads(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if lead.pending_reads.confirmed == lead.pending_reads.begun {
            return;
        }
        let lease_starts_with_round = self.config.rules().lease_starts_with_round;
        let (me, begun, progress) = (self.me, lead.pending_reads.begun, &lead.progress);
        let rounds = |node: NodeId| if node == me { begun } else { progress[node.index()].round };
        let confirmed = self.config.quorum_level(self.configurations.latest(), &mut self.levels, rounds);
        let pending_reads = &mut lead.pending_reads;
        if confirmed <= pending_reads.confirmed {
            return;
        }
        pending_reads.confirmed = confirmed;
        while let Some(&(round, at)) = pending_reads.begun_at.front()
            && round <= confirmed
        {
            pending_reads.lease_from = Some(if lease_starts_with_round { at } else { ctx.now() });
            pending_reads.begun_at.pop_front();
        }
        while let Role::Leader(lead) = &mut self.role
            && let Some((_, read)) = lead.pending_reads.waiting.pop_front_if(|(round, _)| *round <= confirmed)
        {
            self.serve(ctx, read.from, &read.request, read.index, false);
        }
        if let Role::Leader(lead) = &self.role
            && lead.pending_reads.waiting.front().is_some_and(|&(round, _)| round > lead.pending_reads.begun)
        {
            self.begin_round(ctx);
        }
    }

    /// Serves the reads that came before the first entry of the term was committed.
    pub(super) fn serve_deferred_reads(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if self.commit >= lead.first_index {
            for (from, request) in std::mem::take(&mut lead.pending_reads.deferred) {
                self.read(ctx, from, &request);
            }
        }
    }

    /// Returns true if no other leader can have been elected by `now`: those who confirmed the last round vote for
    /// nobody within E by their clocks, which run faster than this one by ρ at most.
    fn has_lease(&self, now: Time) -> bool {
        let (Role::Leader(lead), Reads::Lease { drift_ppm }) = (&self.role, self.config.reads) else {
            return false;
        };
        if lead.pending_reads.lease_is_lost && self.config.rules().transfer_ends_lease {
            return false;
        }
        let drift_ppm = if self.config.rules().lease_allows_for_drift { drift_ppm } else { 0 };
        let nanos = u128::from(self.config.election_timeout.as_nanos()) * u128::from(1_000_000 - drift_ppm)
            / 1_000_000;
        let lease = Duration::from_nanos(nanos as u64);
        lead.pending_reads.lease_from.is_some_and(|from| now >= from && now.since(from) < lease)
    }

    fn serve(&mut self, ctx: &mut Ctx<'_>, from: NodeId, request: &Request, index: Index, lease: bool) {
        self.assert_sound();
        assert!(self.applied >= index, "what is committed is applied at once");
        ctx.observe(Observation::ReadServed { operation: request.operation, index: self.applied, lease });
        let output = self.machine.read(&request.command);
        let answer = match self.lag {
            Some(_) => Answer::OutputAt { output, at: self.machine.now() },
            None => Answer::Output(output),
        };
        self.reply(ctx, from, request.client, request.sequence, answer);
    }

    /// Redirects the clients of pending reads, when the leader steps down.
    pub(super) fn redirect_reads(&mut self, ctx: &mut Ctx<'_>, lead: Leadership) {
        let waiting = lead.pending_reads.waiting.into_iter().map(|(_, read)| (read.from, read.request));
        for (from, request) in lead.pending_reads.deferred.into_iter().chain(waiting) {
            self.reply(ctx, from, request.client, request.sequence, Answer::NotLeader(self.leader));
        }
    }
}
