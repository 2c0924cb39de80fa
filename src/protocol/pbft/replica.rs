//! A replica: how it starts, who handles what comes in, and what all its parts lean on.
//!
//! The normal case goes by the phases of the protocol: a request becomes a proposal (`request.rs`, `proposal.rs`), a
//! proposal a prepared certificate, a certificate a commitment (`voting.rs`).

use super::config::Config;
use super::durable::Record;
use super::ledger::{Application, ClientTable, Sequence};
use super::log::Log;
use super::message::{Batch, Commit, Message, Prepare, Prepared, View};
use super::observation::{Observation, Reason};
use super::pending::Pending;
use super::state::{Answered, Ctx, Mode, ProgressTimer, Proven, Replica, Timer};
use super::votes::{Checkpoints, Votes};
use std::collections::VecDeque;
use std::rc::Rc;
use synod_log::StateMachine;
use synod_sim::collections::SortedMap;
use synod_sim::{Body, Durable, NodeId, Recipients, Signed};

impl Replica {
    /// A replica that starts, or restarts from what it had made durable.
    pub fn new(config: Rc<Config>, me: NodeId, durable: Durable<'_, Record>) -> Replica {
        let n = config.quorum.n as usize;
        let mut replica = Replica {
            me,
            view: 0,
            mode: Mode::Normal,
            attempt: 0,
            progress_timer: ProgressTimer::Idle,
            low: 0,
            stable: Rc::new([]),
            checkpoints: Checkpoints::default(),
            snapshots: SortedMap::new(),
            fetching: None,
            log: Log::default(),
            last_executed: 0,
            executed_at_status: 0,
            known_at_status: 0,
            application: Application::new(config.machine()),
            clients: ClientTable::new(),
            pending: Pending::default(),
            reads: SortedMap::new(),
            next_sequence: 1,
            batch_armed: false,
            changes: vec![None; n],
            new_view: None,
            answered: Answered::default(),
            proven: Proven::new(),
            retry: config.client_timeout,
            events: VecDeque::new(),
            recovered: false,
            decided: false,
            config,
        };
        replica.recover(durable);
        replica
    }

    /// The view that the replica works in, or last worked in.
    pub fn view(&self) -> View {
        self.view
    }

    /// Whether it takes part in that view.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The last slot that it executed.
    pub fn last_executed(&self) -> Sequence {
        self.last_executed
    }

    /// The low watermark.
    pub fn low(&self) -> Sequence {
        self.low
    }

    /// The state machine of the service that the log replicates, if there is one.
    pub fn machine(&self) -> Option<&dyn StateMachine> {
        self.application.machine()
    }

    /// Number of slots in the log.
    pub fn open_slots(&self) -> usize {
        self.log.iter().count()
    }

    /// Checks what holds of a replica, whatever the others do: where it changes, and where it is relied on.
    ///
    /// It does not hold that it has executed what lies below its low watermark, nor that what it has executed lies below
    /// the high one: a quorum's word raises the one, and a state that it takes over the other.
    pub(super) fn assert_sound(&self) {
        let rules = self.config.rules();
        assert_eq!(self.log.low(), self.low, "the log begins at the low watermark");
        assert!(
            self.log.highest() <= self.low + self.config.window()
                || !(rules.has_upper_watermark && rules.recomputes_new_views),
            "the log ends at the high watermark"
        );
        assert!(
            self.stable.first().map_or(0, |vote| vote.sequence) == self.low
                || !rules.checkpoint_takes_a_quorum,
            "the low watermark is proven"
        );
        assert!(self.next_sequence > self.low, "what is proposed lies above the low watermark");
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let slots: usize = self.log.iter().map(|(_, slot)| slot.retained_bytes()).sum();
        let snapshots: usize = self.snapshots.values().map(|snapshot| snapshot.size()).sum();
        let changes: usize = self.changes.iter().flatten().map(Signed::size).sum();
        slots + snapshots + changes + self.pending.iter().map(Signed::size).sum::<usize>()
    }

    pub(super) fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        if self.recovered {
            self.resume(ctx);
        }
        let session = self.config.session().map(|session| (session.initiator, session.at, session.deadline));
        if let Some((initiator, at, deadline)) = session
            && !self.decided
        {
            if initiator == self.me {
                if at.is_zero() { self.propose_session(ctx) } else { ctx.set_timer(Timer::Propose, at) }
            }
            if let Some(deadline) = deadline {
                ctx.set_timer(Timer::Deadline, deadline);
            }
        }
        if self.config.rules().retransmits {
            ctx.set_timer(Timer::Status, self.config.status_interval);
        }
    }

    pub(super) fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, message: &Message) {
        match message {
            Message::Prepare(prepare) => self.on_prepare(ctx, prepare),
            Message::Commit(commit) => self.on_commit(ctx, commit),
            Message::PrePrepare(pre_prepare, batch) => self.on_pre_prepare(ctx, pre_prepare, batch),
            Message::Request(request) => self.on_request(ctx, request),
            Message::Read(read) => self.on_read(ctx, read),
            Message::Checkpoint(checkpoint) => self.on_checkpoint(ctx, checkpoint),
            Message::ViewChange(change) => self.on_view_change(ctx, change),
            Message::NewView(new_view) => self.on_new_view(ctx, new_view),
            Message::Status(status) => self.on_status(ctx, status),
            Message::Fetch(fetch) => self.on_fetch(ctx, fetch),
            Message::State(snapshot, proof) => self.on_state(ctx, snapshot, proof),
            Message::FetchBatch(fetch) => self.on_fetch_batch(ctx, fetch),
            Message::Batch(batch) => self.on_batch(ctx, batch),
            Message::Committed(commits, batch) => self.on_committed(ctx, from, commits, batch),
            Message::Stable(proof) => self.on_stable(ctx, from, proof),
            // Replies are for clients.
            Message::Reply(_) | Message::ReadReply(_) => self.reject(ctx, Reason::WrongSigner, from),
        }
    }

    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Progress => self.on_progress_timeout(ctx),
            Timer::Batch => {
                self.batch_armed = false;
                self.propose(ctx, true);
            }
            Timer::Tick => self.propose(ctx, false),
            Timer::Status => self.on_status_timer(ctx),
            Timer::Fetch => self.rotate_fetch(ctx),
            Timer::Deadline => self.on_deadline(ctx),
            Timer::Propose => self.propose_session(ctx),
            Timer::Retry(_) => self.retry_session(ctx),
            Timer::Think(_) | Timer::Arrival => unreachable!("{timer:?} is a client's"),
        }
    }

    // ---- What the other files lean on ----

    pub(super) fn n(&self) -> usize {
        self.config.quorum.n as usize
    }

    pub(super) fn replicas(&self) -> Recipients {
        Recipients::Peers(0..self.config.quorum.n)
    }

    pub(super) fn primary(&self) -> NodeId {
        self.config.primary(self.view)
    }

    pub(super) fn is_primary(&self) -> bool {
        self.primary() == self.me
    }

    pub(super) fn in_window(&self, sequence: Sequence) -> bool {
        let highest = match self.config.session() {
            Some(_) => 1,
            None if !self.config.rules().has_upper_watermark => self.low + 64 * self.config.window(),
            None => self.low + self.config.window(),
        };
        sequence > self.low && sequence <= highest
    }

    /// Returns true for the views whose messages are kept: the current one, the next, and the target of a view change.
    pub(super) fn is_current_or_next(&self, view: View) -> bool {
        match self.mode {
            Mode::Normal => view == self.view || view == self.view + 1,
            Mode::Changing(target) => view == self.view + 1 || view == target,
        }
    }

    /// Persists a vote before it is sent.
    pub(super) fn persist_vote(&self, ctx: &mut Ctx<'_>, record: Record) {
        if self.config.rules().persists_promises {
            ctx.persist(record);
        }
    }

    pub(super) fn authentic<B: Body>(&self, ctx: &mut Ctx<'_>, signed: &Signed<B>) -> bool {
        ctx.verify(signed) || !self.config.rules().checks_signatures
    }

    pub(super) fn reject(&self, ctx: &mut Ctx<'_>, reason: Reason, signer: NodeId) {
        if reason == Reason::BadSignature && !self.config.rules().bad_signature_is_no_proof {
            ctx.observe(Observation::Accused { replica: signer });
        }
        ctx.observe(Observation::Rejected { reason, signer });
    }

    /// Its certificate of the highest view for a slot, and the batch, if it has that.
    pub(super) fn prepared_in(&self, sequence: Sequence) -> Option<(Rc<Prepared>, Option<Batch>)> {
        let slots = self.log.iter().find(|&(slot, _)| slot == sequence);
        let certificate = slots.and_then(|(_, slot)| slot.certificate.clone())?;
        let batch = self.log.batch(certificate.pre_prepare.digest);
        Some((certificate, batch))
    }

    /// The votes of the present view for a slot that this replica itself cast.
    pub(super) fn own_votes(&self, sequence: Sequence) -> (Option<Signed<Prepare>>, Option<Signed<Commit>>) {
        fn own<B: Body>(votes: &Votes<B>, me: NodeId) -> Option<Signed<B>> {
            votes.of(me).cloned()
        }
        let round = self.log.get(sequence).and_then(|slot| slot.get_round(self.view));
        round.map_or((None, None), |round| (own(&round.prepares, self.me), own(&round.commits, self.me)))
    }
}
