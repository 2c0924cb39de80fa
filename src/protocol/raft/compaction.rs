//! Log compaction: a snapshot takes the place of the log up to an entry (Ongaro and Ousterhout 2014, §7).
//!
//! In storage a snapshot takes the log's place in one step. In memory some entries before it stay, for followers that
//! lag a little.

use super::durable::Record;
use super::log::Configurations;
use super::message::{AppendEntriesReply, InstallSnapshot, Message, Outcome};
use super::observation::Observation;
use super::snapshot::{Sessions, Snapshot};
use super::state::{Ctx, Replica, Role};
use std::rc::Rc;
use synod_log::LogEvent;
use synod_sim::NodeId;

impl Replica {
    /// Takes a snapshot every `snapshot_interval` entries.
    pub(super) fn take_snapshot_if_due(&mut self, ctx: &mut Ctx<'_>) {
        self.assert_sound();
        let index = self.applied;
        if index - self.snapshot.index < self.config.snapshot_interval {
            return;
        }
        let term = self.log.term_at(index).expect("what was just applied is in the log");
        let (configuration_index, configuration) = if self.config.rules().snapshots_hold_members_then {
            self.configurations.at(index)
        } else {
            (self.configurations.latest_index(), self.configurations.latest())
        };
        let sessions = if self.config.rules().snapshots_hold_sessions {
            self.sessions.clone()
        } else {
            Sessions::default()
        };
        self.snapshot = Rc::new(Snapshot {
            index,
            term,
            configuration: Rc::clone(configuration),
            configuration_index,
            state: self.machine.snapshot(),
            sessions,
        });
        self.configurations.compact(index);
        self.log.compact(index.saturating_sub(self.config.snapshot_trail));
        self.assert_sound();
        self.rewrite_storage(ctx);
        ctx.show(|| Observation::Holding(Rc::clone(&self.snapshot)));
        ctx.observe(Observation::SnapshotTaken { index, term });
    }

    /// Sends a snapshot to `to`, which needs entries that are compacted.
    pub(super) fn send_snapshot(&mut self, ctx: &mut Ctx<'_>, to: NodeId) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.progress[to.index()].sent_snapshot(self.snapshot.index);
        let (term, round) = (self.term, lead.pending_reads.round());
        let snapshot = Rc::clone(&self.snapshot);
        ctx.send(to, Message::InstallSnapshot(InstallSnapshot { term, round, snapshot }));
    }

    pub(super) fn on_install_snapshot(&mut self, ctx: &mut Ctx<'_>, from: NodeId, install: &InstallSnapshot) {
        let InstallSnapshot { term, round, snapshot } = install;
        let mut outcome = Outcome::Matched(snapshot.index);
        if *term < self.term || !self.follow(ctx, *term, from) {
            outcome = Outcome::Conflict { previous: snapshot.index, hint_index: 0, hint_term: 0 };
        } else if snapshot.index > self.commit || !self.config.rules().snapshots_only_advance {
            self.install(ctx, snapshot);
        }
        let reply = AppendEntriesReply { term: self.term, round: *round, entries: 0, outcome };
        ctx.send(from, Message::AppendEntriesReply(reply));
    }

    /// Installs a leader's snapshot. Entries after it stay if the log agrees with it there.
    fn install(&mut self, ctx: &mut Ctx<'_>, snapshot: &Rc<Snapshot>) {
        self.restore(snapshot);
        self.rewrite_storage(ctx);
        let Snapshot { index, term, .. } = **snapshot;
        ctx.show(|| Observation::Holding(Rc::clone(snapshot)));
        ctx.observe(Observation::SnapshotInstalled { index, term, last_index: self.log.last_index() });
        self.adopt_configuration(ctx);
    }

    /// Restores the state from `snapshot`, which replaces the log up to it.
    pub(super) fn restore(&mut self, snapshot: &Rc<Snapshot>) {
        let first = Rc::clone(&snapshot.configuration);
        let mut configurations = Configurations::new(snapshot.configuration_index, first);
        if self.log.term_at(snapshot.index) == Some(snapshot.term) {
            self.log.compact(snapshot.index);
            for (index, entry) in self.log.after(snapshot.index) {
                if let Some(configuration) = entry.configuration() {
                    configurations.push(index, Rc::clone(configuration));
                }
            }
        } else {
            self.log.reset(snapshot.index, snapshot.term);
        }
        self.configurations = configurations;
        self.commit = snapshot.index;
        self.applied = snapshot.index;
        self.machine.restore(&snapshot.state).expect("a snapshot holds a state of the machine");
        self.sessions = snapshot.sessions.clone();
        self.snapshot = Rc::clone(snapshot);
        self.assert_sound();
        self.tell_host(|| LogEvent::CaughtUp { index: snapshot.index });
    }

    /// Rewrites storage atomically: term, vote, snapshot and the entries after it.
    fn rewrite_storage(&self, ctx: &mut Ctx<'_>) {
        ctx.truncate();
        ctx.persist(Record::Vote(self.term, self.voted_for));
        ctx.persist(Record::Snapshot(Rc::clone(&self.snapshot)));
        for (index, entry) in self.log.after(self.snapshot.index) {
            ctx.persist(Record::Entry(index, Rc::clone(entry)));
        }
        ctx.sync();
    }
}
