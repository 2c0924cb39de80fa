//! A replica: how it starts, what it tells, and which file answers which message.

use super::config::{Config, Reads};
use super::durable::Record;
use super::entry::{ClientId, Entry, Index, Payload, Request, Term};
use super::log::{Configurations, Log};
use super::membership::Configuration;
use super::message::{Answer, Message, Reply};
use super::observation::Observation;
use super::snapshot::{Found, Sessions, Snapshot};
use super::state::{Ctx, Replica, Role, Timer};
use std::collections::VecDeque;
use std::rc::Rc;
use synod_log::StateMachine;
use synod_sim::collections::TreeSet;
use synod_sim::{Durable, NodeId, Time};

impl Replica {
    /// A replica that starts, or restarts from what it had made durable.
    pub fn new(config: Rc<Config>, me: NodeId, durable: Durable<'_, Record>) -> Replica {
        let first = Rc::new(Configuration {
            voters: config.voters.clone(),
            outgoing: Vec::new(),
            learners: config.learners.clone(),
            changes: 0,
        });
        let machine = config.machine.start();
        let snapshot = Rc::new(Snapshot {
            index: 0,
            term: 0,
            configuration: Rc::clone(&first),
            configuration_index: 0,
            state: machine.snapshot(),
            sessions: Sessions::default(),
        });
        let lag = config.machine.clock();
        let mut replica = Replica {
            config,
            me,
            term: 0,
            voted_for: None,
            log: Log::default(),
            snapshot,
            corruption: None,
            configurations: Configurations::new(0, first),
            commit: 0,
            applied: 0,
            machine,
            lag,
            sessions: Sessions::default(),
            role: Role::Follower,
            leader: None,
            heard_at: None,
            deadline: Time::ZERO,
            due: TreeSet::new(),
            levels: Vec::new(),
            events: VecDeque::new(),
        };
        replica.recover(durable);
        replica
    }

    /// Its term.
    pub fn term(&self) -> Term {
        self.term
    }

    /// Its role.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Leader of its term, if known.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// The last index that it knows to be committed.
    pub fn commit(&self) -> Index {
        self.commit
    }

    /// The last index of its log.
    pub fn last_index(&self) -> Index {
        self.log.last_index()
    }

    /// The entry at `index`, if the log reaches there and has not forgotten it.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.get(index).map(|entry| &**entry)
    }

    /// The state machine.
    pub fn machine(&self) -> &dyn StateMachine {
        &*self.machine
    }

    /// The configuration that it uses.
    pub fn configuration(&self) -> &Configuration {
        self.configurations.latest()
    }

    /// Checks what holds of a replica, whatever the others do: where it changes, and where it is relied on.
    #[inline]
    pub(super) fn assert_sound(&self) {
        assert!(
            self.log.base_index() <= self.snapshot.index,
            "what the log has forgotten is in the snapshot"
        );
        assert!(self.snapshot.index <= self.applied, "what a snapshot covers is applied");
        assert!(self.applied <= self.commit, "what is applied is committed");
        assert!(self.commit <= self.log.last_index(), "what is committed is in the log");
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.log.bytes() + self.snapshot.size() + self.machine.size() + self.sessions.size()
    }

    pub(super) fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(corruption) = self.corruption {
            return ctx.observe(Observation::Refused { corruption });
        }
        self.observe_recovery(ctx);
        if self.term > 0 {
            // It may have promised a leader not to vote for another, and has forgotten whom and when.
            self.heard_at = Some(ctx.now());
        }
        self.restart_election_timer(ctx);
        self.schedule_changes(ctx);
    }

    pub(super) fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, message: &Message) {
        if self.corruption.is_some() {
            return;
        }
        match message {
            Message::AppendEntries(append) => self.on_append(ctx, from, append),
            Message::AppendEntriesReply(reply) => self.on_append_reply(ctx, from, reply),
            Message::Request(request) => self.on_request(ctx, from, request),
            Message::RequestVote(request) => self.on_request_vote(ctx, from, request),
            Message::Vote(vote) => self.on_vote(ctx, from, vote),
            Message::InstallSnapshot(install) => self.on_install_snapshot(ctx, from, install),
            Message::TimeoutNow(term) => self.on_timeout_now(ctx, *term),
            Message::Reply(reply) => self.on_reply(reply),
        }
    }

    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Election => self.on_election_timer(ctx),
            Timer::Heartbeat => self.on_heartbeat_timer(ctx),
            Timer::Change(place) => self.on_change_due(ctx, place),
            Timer::Transfer => self.abort_transfer(ctx),
            Timer::Tick => self.on_tick_timer(ctx),
            Timer::Retry(_) | Timer::Think(_) | Timer::Arrival => unreachable!("{timer:?} is a client's"),
        }
    }

    /// Handles a client's request: a leader appends or reads; others redirect.
    pub(super) fn on_request(&mut self, ctx: &mut Ctx<'_>, from: NodeId, request: &Request) {
        let Role::Leader(lead) = &self.role else {
            let leader = self.leader;
            return self.reply(ctx, from, request.client, request.sequence, Answer::NotLeader(leader));
        };
        if lead.transfer.is_some() {
            return self.reply(ctx, from, request.client, request.sequence, Answer::NotLeader(None));
        }
        if self.config.reads != Reads::Log && request.command.is_read() {
            return self.read(ctx, from, request);
        }
        match self.sessions.find(self.config.place(request.client), request) {
            Found::Last(output) if self.config.rules().executes_once => {
                let output = output.clone();
                self.reply(ctx, from, request.client, request.sequence, Answer::Output(output));
            }
            _ => {
                self.tick_before_command(ctx);
                self.append(ctx, Payload::Command(request.clone()));
                self.replicate(ctx);
                self.advance_commit(ctx);
            }
        }
    }

    /// Answers a request of the node `to`, which is this one where its host has proposed.
    pub(super) fn reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        to: NodeId,
        client: ClientId,
        sequence: u64,
        answer: Answer,
    ) {
        let reply = Reply { client, sequence, answer };
        if to == self.me {
            return self.on_reply(&reply);
        }
        ctx.send(to, Message::Reply(reply));
    }
}
