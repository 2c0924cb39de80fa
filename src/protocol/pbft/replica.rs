//! A replica in the normal case: a request becomes a proposal, a proposal a prepared certificate, a certificate a
//! commitment.

use super::checkpoint::{Checkpoints, Fetching};
use super::evidence::Proven;
use super::ledger::{ClientTable, Ledger, Snapshot};
use super::log::Log;
use super::message::{
    Batch, Commit, Message, NewView, PrePrepare, Prepare, Prepared, Request, Sequence, View, ViewChange,
};
use super::observation::{Observation, Reason};
use super::pending::Pending;
use super::status::Answered;
use super::votes::{Cast, Votes};
use super::{Bug, ClientId, Config, Pbft, Record, Timer};
use crate::sim::{Body, Context, Digest, Durable, Duration, NodeId, Recipients, Signed};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A replica.
#[derive(Debug)]
pub struct Replica {
    pub(super) config: Rc<Config>,
    pub(super) me: NodeId,
    pub(super) view: View,
    pub(super) mode: Mode,
    /// j: how many view changes in a row this replica has started without executing anything new.
    pub(super) attempt: u32,
    pub(super) progress: Progress,
    /// h: the low watermark, with its proof.
    pub(super) low: Sequence,
    pub(super) stable: Rc<[Signed<super::Checkpoint>]>,
    pub(super) checkpoints: Checkpoints,
    pub(super) snapshots: BTreeMap<Sequence, Rc<Snapshot>>,
    pub(super) fetching: Option<Fetching>,
    pub(super) log: Log,
    pub(super) last_executed: Sequence,
    /// What that was when STATUS was last due.
    pub(super) executed_at_status: Sequence,
    /// The highest slot that it knew of at its last STATUS.
    pub(super) known_at_status: Sequence,
    pub(super) ledger: Ledger,
    pub(super) clients: ClientTable,
    pub(super) pending: Pending,
    /// The slot of the next proposal, where this replica is the primary.
    pub(super) next_sequence: Sequence,
    pub(super) batch_armed: bool,
    /// The latest view change of every replica, this one's own included.
    pub(super) changes: Vec<Option<Signed<ViewChange>>>,
    /// What started the present view; none for view 0.
    pub(super) new_view: Option<Signed<NewView>>,
    pub(super) answered: Answered,
    pub(super) proven: Proven,
    /// How long this replica's own session proposal has waited before being sent to all.
    pub(super) retry: Duration,
    pub(super) recovered: bool,
    pub(super) decided: bool,
}

/// Whether a replica takes part in its view.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Normal,
    /// It has given the view up and wants this one.
    Changing(View),
}

/// What the progress timer runs for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It does not run.
    Idle,
    /// The execution of the request with this arrival number.
    Request(u64),
    /// Not yet for anything: a quorum of view changes must be seen first.
    AwaitingQuorum,
    /// The new view, and something new executed in it.
    Attempt,
}

pub(super) type Ctx<'a> = Context<'a, Pbft>;

impl Replica {
    /// A replica that starts, or restarts from what it had made durable.
    pub fn new(config: Rc<Config>, me: NodeId, durable: Durable<'_, Record>) -> Replica {
        let n = config.quorum.n as usize;
        let mut replica = Replica {
            me,
            view: 0,
            mode: Mode::Normal,
            attempt: 0,
            progress: Progress::Idle,
            low: 0,
            stable: Rc::new([]),
            checkpoints: Checkpoints::default(),
            snapshots: BTreeMap::new(),
            fetching: None,
            log: Log::default(),
            last_executed: 0,
            executed_at_status: 0,
            known_at_status: 0,
            ledger: Ledger::new(),
            clients: ClientTable::new(),
            pending: Pending::default(),
            next_sequence: 1,
            batch_armed: false,
            changes: vec![None; n],
            new_view: None,
            answered: Answered::default(),
            proven: Proven::new(),
            retry: config.client_timeout,
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

    /// How many slots the log holds.
    pub fn open_slots(&self) -> usize {
        self.log.iter().count()
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
        if !self.config.has(Bug::NoRetransmission) {
            ctx.set_timer(Timer::Status, self.config.status_interval);
        }
    }

    pub(super) fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, message: &Message) {
        match message {
            Message::Prepare(prepare) => self.on_prepare(ctx, prepare),
            Message::Commit(commit) => self.on_commit(ctx, commit),
            Message::PrePrepare(pre_prepare, batch) => self.on_pre_prepare(ctx, pre_prepare, batch),
            Message::Request(request) => self.on_request(ctx, request),
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
            Message::Reply(_) => self.reject(ctx, Reason::WrongSigner, from),
        }
    }

    pub(super) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Progress => self.on_progress_timeout(ctx),
            Timer::Batch => {
                self.batch_armed = false;
                self.propose(ctx, true);
            }
            Timer::Status => self.on_status_timer(ctx),
            Timer::Fetch => self.rotate_fetch(ctx),
            Timer::Deadline => self.on_deadline(ctx),
            Timer::Propose => self.propose_session(ctx),
            Timer::Retry(_) => self.retry_session(ctx),
            Timer::Think(_) | Timer::Arrival => unreachable!("{timer:?} is a client's"),
        }
    }

    // ---- Requests ----

    fn on_request(&mut self, ctx: &mut Ctx<'_>, request: &Signed<Request>) {
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
                self.reply(ctx, request.client, request.timestamp, outcome.clone(), true);
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
        self.watch_oldest(ctx);
    }

    /// True if the session's validity rule lets the request pass.
    fn admissible(&self, request: &Request) -> bool {
        self.config.session().is_none_or(|session| session.valid.contains(&request.operation.value))
    }

    fn propose_session(&mut self, ctx: &mut Ctx<'_>) {
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

    fn retry_session(&mut self, ctx: &mut Ctx<'_>) {
        if self.decided {
            return;
        }
        let mine = self.pending.iter().find(|request| request.signer() == self.me).cloned();
        if let Some(request) = mine {
            ctx.resend(self.replicas(), Message::Request(request.clone()));
            self.retry = self.retry.saturating_mul(2);
            ctx.set_timer(Timer::Retry(request.client), self.retry);
        }
    }

    fn on_deadline(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(session) = self.config.session() {
            let request = Request {
                client: ClientId(session.initiator.0),
                timestamp: 1,
                operation: session.operation.clone(),
            };
            ctx.observe(Observation::Aborted { request: request.id() });
        }
    }

    // ---- Proposals ----

    /// The primary proposes what waits, as far as watermark and flow allow; a batch that is not full waits for more
    /// unless it `is_due`.
    pub(super) fn propose(&mut self, ctx: &mut Ctx<'_>, is_due: bool) {
        if self.mode != Mode::Normal || !self.is_primary() {
            return;
        }
        let mut is_due = is_due || self.config.batch_delay.is_zero();
        loop {
            let waiting = self.pending.unproposed(self.config.batch_max);
            let within_window = self.next_sequence <= self.low + self.config.window()
                || self.config.has(Bug::NoUpperWatermark);
            let in_flight = self.next_sequence.saturating_sub(self.last_executed + 1);
            let session_over = self.config.session().is_some() && self.next_sequence > 1;
            if waiting == 0 || !within_window || in_flight >= self.config.in_flight_max || session_over {
                return;
            }
            if waiting < self.config.batch_max && !is_due {
                if !self.batch_armed {
                    self.batch_armed = true;
                    ctx.set_timer(Timer::Batch, self.config.batch_delay);
                }
                return;
            }
            let requests = self.pending.propose(self.config.batch_max);
            let batch = match self.config.session() {
                None if self.config.life > 0 => other_batch(&requests, self.config.life),
                _ => Batch(requests.into()),
            };
            self.propose_batch(ctx, batch);
            is_due = self.config.batch_delay.is_zero();
        }
    }

    fn propose_batch(&mut self, ctx: &mut Ctx<'_>, batch: Batch) {
        let (view, sequence, digest) = (self.view, self.next_sequence, batch.digest());
        self.next_sequence += 1;
        assert!(
            self.log.slot(sequence).round(view).pre_prepare.is_none(),
            "a slot is proposed for once in a view"
        );
        let pre_prepare = ctx.sign(PrePrepare { view, sequence, digest });
        self.note_accepted(ctx, &pre_prepare, Some(&batch));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::PrePrepare(pre_prepare, batch));
        if self.config.has(Bug::PrimaryPrepares) {
            let prepare = ctx.sign(Prepare { view, sequence, digest });
            ctx.multicast(self.replicas(), Message::Prepare(prepare));
        }
        self.check_prepared(ctx, sequence);
    }

    /// Enters a proposal of the present view into the log, and remembers it for good.
    pub(super) fn note_accepted(
        &mut self,
        ctx: &mut Ctx<'_>,
        pre_prepare: &Signed<PrePrepare>,
        batch: Option<&Batch>,
    ) {
        let PrePrepare { view, sequence, digest } = **pre_prepare;
        let slot = self.log.slot(sequence);
        if let Some(batch) = batch {
            slot.keep_batch(digest, batch);
        }
        slot.round(view).pre_prepare = Some(pre_prepare.clone());
        ctx.observe(Observation::Accepted { view, sequence, digest, low: self.low });
        self.promise(ctx, Record::PrePrepare(pre_prepare.clone(), batch.cloned()));
    }

    fn on_pre_prepare(&mut self, ctx: &mut Ctx<'_>, pre_prepare: &Signed<PrePrepare>, batch: &Batch) {
        let PrePrepare { view, sequence, digest } = **pre_prepare;
        if !self.is_current_or_next(view) {
            return;
        }
        if pre_prepare.signer() != self.config.primary(view) {
            self.judge_author(ctx, pre_prepare, batch);
            return self.reject(ctx, Reason::WrongSigner, pre_prepare.signer());
        }
        if !self.in_window(sequence) {
            return self.reject(ctx, Reason::OutsideWindow, pre_prepare.signer());
        }
        if self.config.has(Bug::UnverifiedEvidence)
            && let Some(first) = self.log.slot(sequence).round(view).pre_prepare.clone()
            && first.digest() != pre_prepare.digest()
        {
            let second = pre_prepare.clone();
            return ctx.observe(Observation::Equivocation { first, second });
        }
        if !self.authentic(ctx, pre_prepare) {
            if self.config.has(Bug::InvalidProposalTriggersChange) {
                return self.start_view_change(ctx, self.view + 1);
            }
            return self.reject(ctx, Reason::BadSignature, pre_prepare.signer());
        }
        let round = self.log.slot(sequence).round(view);
        let early = round.early.as_ref().map(|(proposal, _)| proposal);
        let accepted = round.pre_prepare.as_ref().or(early).cloned();
        if let Some(first) = accepted {
            let contradicts = first.digest() != pre_prepare.digest();
            if contradicts && !self.config.has(Bug::ResentPrePrepareAfresh) {
                let second = pre_prepare.clone();
                ctx.observe(Observation::Equivocation { first, second });
                if view == self.view && self.mode == Mode::Normal {
                    self.start_view_change(ctx, view + 1);
                }
                return;
            }
            if !contradicts {
                return self.keep_batch(ctx, sequence, digest, batch);
            }
        }
        // What the primary has proposed it knows; what others say that it did, its keys being stolen, it did not.
        if pre_prepare.signer() == self.me {
            return self.reject(ctx, Reason::Invalid, self.me);
        }
        if !self.acceptable_batch(ctx, digest, batch) {
            self.judge_contents(ctx, pre_prepare, batch);
            return self.reject(ctx, Reason::Invalid, pre_prepare.signer());
        }
        if view != self.view || self.mode != Mode::Normal {
            let early = !self.config.has(Bug::EarlyMessagesDropped);
            self.log.slot(sequence).round(view).early = early.then(|| (pre_prepare.clone(), batch.clone()));
            return;
        }
        self.note_accepted(ctx, pre_prepare, Some(batch));
        self.judge_early_votes(ctx, view, sequence);
        self.await_execution(batch);
        self.watch_oldest(ctx);
        self.vote_prepare(ctx, view, sequence, digest);
    }

    /// What is proposed waits for execution here too: its author may have told the primary alone.
    pub(super) fn await_execution(&mut self, batch: &Batch) {
        for request in batch.0.iter() {
            if self.clients.get(&request.client).is_none_or(|&(executed, _)| executed < request.timestamp) {
                self.pending.insert(request);
            }
        }
    }

    /// A batch that came with a repeated proposal, in case it was missing.
    fn keep_batch(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence, digest: Digest, batch: &Batch) {
        if batch.digest() == digest && self.log.slot(sequence).batch(digest).is_none() {
            self.log.slot(sequence).keep_batch(digest, batch);
            self.execute(ctx);
        }
    }

    /// True if `batch` is what `digest` names, and every request in it is its client's and not overtaken.
    pub(super) fn acceptable_batch(&mut self, ctx: &mut Ctx<'_>, digest: Digest, batch: &Batch) -> bool {
        // A null batch is a new view's to propose, and a session decides on one request.
        let is_sized = match self.config.session() {
            Some(_) => batch.0.len() == 1,
            None => !batch.0.is_empty(),
        };
        is_sized
            && batch.digest() == digest
            && batch.0.iter().all(|request| {
                self.config.host(request.client) == Some(request.signer())
                    && self.authentic(ctx, request)
                    && self.admissible(request)
                    && self
                        .clients
                        .get(&request.client)
                        .is_none_or(|&(executed, _)| executed <= request.timestamp)
            })
    }

    // ---- Votes ----

    /// Votes for an accepted proposal.
    pub(super) fn vote_prepare(&mut self, ctx: &mut Ctx<'_>, view: View, sequence: Sequence, digest: Digest) {
        let prepare = ctx.sign(Prepare { view, sequence, digest });
        if !self.config.has(Bug::OwnVoteNotCounted) {
            let n = self.n();
            self.log.slot(sequence).round(view).prepares.cast(n, &prepare, digest);
        }
        self.promise(ctx, Record::Prepare(prepare.clone()));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::Prepare(prepare));
        self.check_prepared(ctx, sequence);
    }

    fn on_prepare(&mut self, ctx: &mut Ctx<'_>, prepare: &Signed<Prepare>) {
        let Prepare { view, sequence, digest } = **prepare;
        if prepare.signer() == self.config.primary(view) && !self.config.has(Bug::PrimaryPrepares) {
            return self.reject(ctx, Reason::WrongSigner, prepare.signer());
        }
        let view = if self.config.has(Bug::VotesWithoutView) { self.view } else { view };
        let Some(view) = self.admit_vote(ctx, prepare, view, sequence) else { return };
        let n = self.n();
        let round = self.log.slot(sequence).round(view);
        let cast = round.prepares.cast(n, prepare, digest);
        if matches!(cast, Cast::Repeated) && self.config.has(Bug::DuplicateSendersCounted) {
            round.prepares.add(digest);
        } else if !matches!(cast, Cast::Counted) {
            if let Cast::Conflicting { first, second } = cast {
                ctx.observe(Observation::DoublePrepare { first, second });
            }
            return;
        }
        let sent_commit = round.prepared;
        self.judge_prepare(ctx, prepare);
        if view == self.view && self.mode == Mode::Normal {
            if sent_commit && self.config.has(Bug::CommitRebroadcast) {
                return self.rebroadcast_commit(ctx, sequence);
            }
            self.check_prepared(ctx, sequence);
        }
    }

    fn on_commit(&mut self, ctx: &mut Ctx<'_>, commit: &Signed<Commit>) {
        let Commit { view, sequence, digest } = **commit;
        let in_any_view =
            self.config.has(Bug::CommitOfOtherViewCounted) || self.config.has(Bug::VotesWithoutView);
        let view = if in_any_view { self.view } else { view };
        let Some(view) = self.admit_vote(ctx, commit, view, sequence) else { return };
        let n = self.n();
        let round = self.log.slot(sequence).round(view);
        let cast = round.commits.cast(n, commit, digest);
        if matches!(cast, Cast::Repeated) && self.config.has(Bug::DuplicateSendersCounted) {
            round.commits.add(digest);
        } else if !matches!(cast, Cast::Counted) {
            if let Cast::Conflicting { first, second } = cast {
                ctx.observe(Observation::DoubleCommit { first, second });
            }
            return;
        }
        self.judge_commit(ctx, commit);
        if view == self.view && self.mode == Mode::Normal {
            self.check_committed(ctx, sequence);
        }
    }

    /// Whether a replica's vote for (`view`, `sequence`) is to be kept, and under which view.
    fn admit_vote<B: ViewBound>(
        &mut self,
        ctx: &mut Ctx<'_>,
        vote: &Signed<B>,
        view: View,
        sequence: Sequence,
    ) -> Option<View> {
        if !self.is_current_or_next(view) {
            return None;
        }
        if vote.signer().0 >= self.config.quorum.n {
            self.reject(ctx, Reason::WrongSigner, vote.signer());
            return None;
        }
        if !self.in_window(sequence) {
            // What a slot that is done with still brings is late, not wrong.
            if sequence > self.low {
                self.reject(ctx, Reason::OutsideWindow, vote.signer());
            }
            return None;
        }
        let signed = self.authentic(ctx, vote)
            || (self.config.has(Bug::SignatureWithoutView) && self.signed_for_some_view(ctx, vote));
        if !signed {
            self.reject(ctx, Reason::BadSignature, vote.signer());
            return None;
        }
        if self.config.has(Bug::EarlyMessagesDropped)
            && self
                .log
                .get(sequence)
                .and_then(|slot| slot.get_round(view))
                .is_none_or(|r| r.pre_prepare.is_none())
        {
            return None;
        }
        Some(view)
    }

    /// What a signature that does not cover the view would prove.
    fn signed_for_some_view<B: ViewBound>(&self, ctx: &mut Ctx<'_>, vote: &Signed<B>) -> bool {
        (0..=self.view).any(|view| {
            let body = vote.with_view(view);
            ctx.verify(&Signed::with_tag(body, vote.signer(), ctx.scope(), vote.tag().clone()))
        })
    }

    /// Prepared: an accepted proposal and q − 1 backups' prepares for it.
    pub(super) fn check_prepared(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        if self.mode != Mode::Normal {
            return;
        }
        let (view, strong) = (self.view, self.config.strong());
        let needed = if self.config.has(Bug::PreparesFromBackupsAlone) { strong } else { strong - 1 };
        let any_digest = self.config.has(Bug::DigestNotCompared);
        let Some(slot) = self.log.get_mut(sequence) else { return };
        let round = slot.round(view);
        let Some(pre_prepare) = &round.pre_prepare else { return };
        let digest = pre_prepare.digest;
        let prepares = if any_digest { round.prepares.total() } else { round.prepares.count(digest) };
        if round.prepared || prepares < needed {
            return;
        }
        round.prepared = true;
        let matching = round.prepares.iter().filter(|prepare| prepare.digest == digest || any_digest);
        let certificate = Rc::new(Prepared {
            pre_prepare: pre_prepare.clone(),
            prepares: matching.take(strong - 1).cloned().collect(),
        });
        slot.certify(Rc::clone(&certificate));
        let commit = ctx.sign(Commit { view, sequence, digest });
        if !self.config.has(Bug::OwnVoteNotCounted) {
            let n = self.n();
            self.log.slot(sequence).round(view).commits.cast(n, &commit, digest);
        }
        self.promise(ctx, Record::Certificate(certificate));
        self.promise(ctx, Record::Commit(commit.clone()));
        ctx.sync();
        ctx.multicast(self.replicas(), Message::Commit(commit));
        self.check_committed(ctx, sequence);
    }

    fn rebroadcast_commit(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let me = self.me;
        if let Some(commit) = self.log.slot(sequence).round(self.view).commits.of(me).cloned() {
            ctx.multicast(self.replicas(), Message::Commit(commit));
        }
    }

    /// Committed: prepared, and commits from a quorum.
    pub(super) fn check_committed(&mut self, ctx: &mut Ctx<'_>, sequence: Sequence) {
        let (view, strong) = (self.view, self.config.strong());
        let any_digest = self.config.has(Bug::DigestNotCompared);
        let Some(slot) = self.log.get_mut(sequence) else { return };
        let round = slot.round(view);
        let Some(pre_prepare) = &round.pre_prepare else { return };
        let digest = pre_prepare.digest;
        let commits = if any_digest { round.commits.total() } else { round.commits.count(digest) };
        if !round.prepared || round.committed || commits < strong {
            return;
        }
        round.committed = true;
        ctx.observe(Observation::Committed { view, sequence, digest });
        if slot.committed.is_none() || self.config.has(Bug::ReexecutedAfterNewView) {
            slot.committed = Some((view, digest));
        }
        if self.config.has(Bug::ReexecutedAfterNewView) && sequence <= self.last_executed {
            return self.execute_again(ctx, sequence);
        }
        self.execute(ctx);
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
            None if self.config.has(Bug::NoUpperWatermark) => self.low + 64 * self.config.window(),
            None => self.low + self.config.window(),
        };
        sequence > self.low && sequence <= highest
    }

    /// True for the views whose messages are kept: the present one, the next, and the one that is wanted.
    fn is_current_or_next(&self, view: View) -> bool {
        match self.mode {
            Mode::Normal => view == self.view || view == self.view + 1,
            Mode::Changing(target) => view == self.view + 1 || view == target,
        }
    }

    /// Remembers a vote before it is sent.
    pub(super) fn promise(&self, ctx: &mut Ctx<'_>, record: Record) {
        if !self.config.has(Bug::PromiseNotPersisted) {
            ctx.persist(record);
        }
    }

    pub(super) fn authentic<B: Body>(&self, ctx: &mut Ctx<'_>, signed: &Signed<B>) -> bool {
        ctx.verify(signed) || self.config.has(Bug::SignatureUnkeyed)
    }

    pub(super) fn reject(&self, ctx: &mut Ctx<'_>, reason: Reason, signer: NodeId) {
        if reason == Reason::BadSignature && self.config.has(Bug::BadSignatureAsProof) {
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

/// What a further life proposes for the same requests: each more than once, the last first.
fn other_batch(requests: &[Signed<Request>], life: u32) -> Batch {
    let again = |request| std::iter::repeat_n(request, life as usize + 1);
    Batch(requests.iter().rev().flat_map(again).cloned().collect())
}

/// A vote that names a view.
pub(super) trait ViewBound: Body {
    /// The same vote for another view.
    fn with_view(&self, view: View) -> Self;
}

impl ViewBound for Prepare {
    fn with_view(&self, view: View) -> Prepare {
        Prepare { view, ..self.clone() }
    }
}

impl ViewBound for Commit {
    fn with_view(&self, view: View) -> Commit {
        Commit { view, ..self.clone() }
    }
}
