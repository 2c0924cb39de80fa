//! Log replication.

use super::durable::Record;
use super::entry::{Entry, Index, Payload};
use super::membership::{level_of, majority};
use super::message::{AppendEntries, AppendEntriesReply, Message, Outcome};
use super::observation::{Observation, Reason};
use super::progress::Progress;
use super::state::{Ctx, Leadership, PendingReads, Replica, Role, Timer};
use std::rc::Rc;
use synod_sim::NodeId;

impl Replica {
    /// Becomes the leader of its term.
    pub(super) fn become_leader(&mut self, ctx: &mut Ctx<'_>) {
        let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
        self.leader = Some(self.me);
        self.role = Role::Leader(Box::new(Leadership {
            first_index: last_index + 1,
            peers: Rc::new([]),
            progress: (0..self.config.replicas).map(|_| Progress::new(last_index)).collect(),
            pending_reads: PendingReads::default(),
            transfer: None,
            last_tick: self.last_tick(),
            tick_due: None,
            group: Vec::new(),
        }));
        ctx.cancel_timer(Timer::Election);
        ctx.set_timer(Timer::Heartbeat, self.config.heartbeat_interval);
        ctx.observe(Observation::Elected { term: self.term, last_index, last_term });
        if !self.config.rules().leader_keeps_its_log {
            self.truncate(ctx, self.commit + 1);
        }
        self.update_peers();
        self.append(ctx, Payload::Noop);
        self.await_deadline(ctx);
        self.replicate(ctx);
        self.advance_commit(ctx);
    }

    /// Adds an entry of its own to a leader's log.
    pub(super) fn append(&mut self, ctx: &mut Ctx<'_>, payload: Payload) {
        let entry = Entry::new(self.term, payload);
        ctx.persist(Record::Entry(self.log.last_index() + 1, Rc::clone(&entry)));
        ctx.sync();
        self.push(ctx, &entry);
    }

    /// Appends an entry to the log, and uses its configuration if it has one.
    fn push(&mut self, ctx: &mut Ctx<'_>, entry: &Rc<Entry>) {
        assert!(entry.term <= self.term, "nobody appends what is of a later term");
        self.log.push(Rc::clone(entry));
        let index = self.log.last_index();
        ctx.observe(Observation::Appended { index, term: entry.term, digest: entry.digest() });
        if let Payload::Configuration(configuration) = &entry.payload {
            self.configurations.push(index, Rc::clone(configuration));
            self.adopt_configuration(ctx);
        }
    }

    /// Removes the entries from `index` on.
    fn truncate(&mut self, ctx: &mut Ctx<'_>, index: Index) {
        if index > self.log.last_index() {
            return;
        }
        assert!(index > self.commit, "what is committed stays");
        self.log.truncate(index);
        self.assert_sound();
        ctx.observe(Observation::Truncated { from: index });
        if self.configurations.truncate(index) {
            self.adopt_configuration(ctx);
        }
    }

    // ---- The leader's side ----

    /// Sends every peer the entries that it lacks, as far as flow control allows; peers that lack the same share one
    /// message.
    pub(super) fn replicate(&mut self, ctx: &mut Ctx<'_>) {
        let in_flight_max = self.config.in_flight_max;
        self.assert_sound();
        let last = self.log.last_index();
        // What waits in the uplink still cannot have been lost, and is not sent again.
        let is_waiting = ctx.uplink_free_at() > ctx.now();
        let may_send =
            |peer: &Progress| peer.may_send(last, in_flight_max) && !(is_waiting && peer.repeats());
        let Role::Leader(lead) = &mut self.role else { return };
        while let Some(first) = lead.peers.iter().position(|peer| may_send(&lead.progress[peer.index()])) {
            let first = lead.peers[first];
            let (next, repeats) = (lead.progress[first.index()].next, lead.progress[first.index()].repeats());
            lead.progress[first.index()].assert_sound();
            assert!(next <= last + 1, "a leader sends what it has");
            let Some(previous_term) = self.log.term_at(next - 1) else {
                self.send_snapshot(ctx, first);
                return self.replicate(ctx);
            };
            lead.group.clear();
            lead.group.extend(lead.peers.iter().copied().filter(|peer| {
                let peer = &lead.progress[peer.index()];
                peer.next == next && peer.repeats() == repeats && may_send(peer)
            }));
            let entries = self.log.slice(next, self.config.batch_max);
            let sent = next - 1 + entries.len() as Index;
            lead.group.iter().for_each(|peer| lead.progress[peer.index()].sent(sent));
            let append = Message::AppendEntries(AppendEntries {
                term: self.term,
                previous_index: next - 1,
                previous_term,
                entries,
                commit: self.commit,
                round: lead.pending_reads.round(),
            });
            if repeats {
                ctx.resend(lead.recipients(), append)
            } else {
                ctx.multicast(lead.recipients(), append)
            }
        }
    }

    /// Handles the heartbeat timer: sends heartbeats, or steps down without a majority (CheckQuorum).
    pub(super) fn on_heartbeat_timer(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.peers.iter().for_each(|peer| lead.progress[peer.index()].tick());
        if self.config.check_quorum && self.config.rules().silence_deposes {
            let heartbeats =
                self.config.election_timeout.as_nanos() / self.config.heartbeat_interval.as_nanos();
            let (me, progress) = (self.me, &lead.progress);
            let is_there = |node: NodeId| {
                u64::from(node == me || u64::from(progress[node.index()].ticks_since_ack) < heartbeats)
            };
            if self.configurations.latest().level(&mut self.levels, is_there) == 0 {
                return self.step_down(ctx, Reason::NoQuorum);
            }
        }
        ctx.set_timer(Timer::Heartbeat, self.config.heartbeat_interval);
        self.begin_round(ctx);
    }

    /// Sends heartbeats with the commit index.
    pub(super) fn send_heartbeats(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let index_for = |lead: &Leadership, peer: NodeId| lead.progress[peer.index()].heartbeat_index();
        let mut after = None;
        // Peers of which the same is known share one message.
        while let Some(index) =
            lead.peers.iter().map(|&peer| index_for(lead, peer)).filter(|&index| Some(index) > after).min()
        {
            after = Some(index);
            lead.group.clear();
            lead.group.extend(
                lead.peers
                    .iter()
                    .copied()
                    .filter(|peer| lead.progress[peer.index()].heartbeat_index() == index),
            );
            // What is forgotten here cannot be asked about; 0 matches everywhere.
            let previous = self.log.term_at(index).map_or((0, 0), |term| (index, term));
            let append = AppendEntries {
                term: self.term,
                previous_index: previous.0,
                previous_term: previous.1,
                entries: Rc::clone(&lead.pending_reads.nothing),
                commit: self.commit,
                round: lead.pending_reads.round(),
            };
            ctx.multicast(lead.recipients(), Message::AppendEntries(append));
        }
    }

    pub(super) fn on_append_reply(&mut self, ctx: &mut Ctx<'_>, from: NodeId, reply: &AppendEntriesReply) {
        if reply.term > self.term {
            return self.adopt_term(ctx, reply.term, None);
        }
        let Role::Leader(lead) = &mut self.role else { return };
        if reply.term < self.term {
            return;
        }
        let peer = &mut lead.progress[from.index()];
        peer.ticks_since_ack = 0;
        peer.round = peer.round.max(reply.round);
        let mut is_further = false;
        match reply.outcome {
            Outcome::Matched(index) => is_further = peer.on_match(index.min(self.log.last_index())),
            Outcome::Conflict { previous, hint_index, hint_term } => {
                peer.on_conflict(previous, self.log.last_agreeing(hint_index, hint_term).0);
            }
        }
        peer.retransmit_if_stalled();
        if is_further {
            self.advance_commit(ctx);
            self.advance_membership(ctx);
            self.advance_transfer(ctx);
        }
        self.replicate(ctx);
        self.confirm_reads(ctx);
    }

    /// Commits what a majority holds, if it is of the present term: entries of earlier terms are committed by the way
    /// only, since a later leader could still replace them (Ongaro and Ousterhout 2014, §5.4.2).
    pub(super) fn advance_commit(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let (me, last, progress) = (self.me, self.log.last_index(), &lead.progress);
        // Whatever is said after this waits for the leader's own sync, so its own entries count at once.
        let matched = |node: NodeId| if node == me { last } else { progress[node.index()].matched };
        let configuration = self.configurations.latest();
        let index = if self.config.rules().majority_of_all {
            self.config.quorum_level(configuration, &mut self.levels, matched)
        } else {
            let is_live = |node: &NodeId| *node == me || progress[node.index()].ticks_since_ack <= 2;
            let live: Vec<NodeId> = configuration.voters.iter().copied().filter(is_live).collect();
            level_of(majority(live.len()), live.into_iter(), &mut self.levels, matched)
        };
        let is_of_this_term = self.log.term_at(index) == Some(self.term);
        if index > self.commit && (is_of_this_term || !self.config.rules().counts_for_own_term_only) {
            self.commit_to(ctx, index);
        }
    }

    // ---- The follower's side ----

    pub(super) fn on_append(&mut self, ctx: &mut Ctx<'_>, from: NodeId, append: &AppendEntries) {
        if append.term < self.term || !self.follow(ctx, append.term, from) {
            // A leader that is behind learns of the term by it, wherever votes do not reach.
            let outcome = Outcome::Conflict { previous: append.previous_index, hint_index: 0, hint_term: 0 };
            return self.answer(ctx, from, append, outcome);
        }
        self.assert_sound();
        // What is committed is the same at every leader.
        let is_committed = append.previous_index < self.commit;
        let found = self.log.term_at(append.previous_index);
        let is_by_index = found.is_some() && !self.config.rules().compares_previous_term;
        if !is_committed && found != Some(append.previous_term) && !is_by_index {
            let (hint_index, hint_term) = self.log.last_agreeing(append.previous_index, append.previous_term);
            let outcome = Outcome::Conflict { previous: append.previous_index, hint_index, hint_term };
            return self.answer(ctx, from, append, outcome);
        }
        let matched = self.commit.max(append.previous_index + append.entries.len() as Index);
        if !self.config.rules().syncs_before_it_acknowledges {
            self.answer(ctx, from, append, Outcome::Matched(matched));
        }
        self.append_entries(ctx, append);
        if self.config.rules().syncs_before_it_acknowledges {
            self.answer(ctx, from, append, Outcome::Matched(matched));
        }
        let known =
            if self.config.rules().commits_only_what_was_compared { matched } else { self.log.last_index() };
        if append.commit.min(known) > self.commit {
            self.commit_to(ctx, append.commit.min(known));
        }
    }

    /// Appends the entries that the log lacks, durably, after truncating conflicting ones.
    fn append_entries(&mut self, ctx: &mut Ctx<'_>, append: &AppendEntries) {
        let indexed = || (append.previous_index + 1..).zip(append.entries.iter());
        let is_held = |&(index, entry): &(Index, &Rc<Entry>)| {
            index <= self.commit || self.log.term_at(index) == Some(entry.term)
        };
        let held = indexed().take_while(is_held).count();
        let new = || indexed().skip(held);
        if let Some((index, _)) = new().next() {
            for (index, entry) in new() {
                ctx.persist(Record::Entry(index, Rc::clone(entry)));
            }
            ctx.sync();
            self.truncate(ctx, index);
            new().for_each(|(_, entry)| self.push(ctx, entry));
        } else if !self.config.rules().truncates_only_conflicts {
            let matched = append.previous_index + append.entries.len() as Index;
            self.truncate(ctx, matched.max(self.commit) + 1);
        }
    }

    fn answer(&self, ctx: &mut Ctx<'_>, to: NodeId, append: &AppendEntries, outcome: Outcome) {
        let entries = append.entries.len() as u32;
        let reply = AppendEntriesReply { term: self.term, round: append.round, entries, outcome };
        ctx.send(to, Message::AppendEntriesReply(reply));
    }
}
