//! Succession of representatives: heartbeats, suspicions, and the epochs that they certify.
//!
//! While a session is open for it, a representative says every heartbeat that it is there: to its members, to the
//! representatives right below its cell and to the one above. Who has not heard it for two heartbeats suspects it, and
//! says so to the next of the succession. f_c + 1 suspicions, one at least of a correct agent, make the next epoch.
//! They come with everything that the new representative says, so that nobody misses a change for long.

use super::durable::Record;
use super::message::{EpochCertificate, Message, Suspicion, Timer};
use super::observation::Observation;
use super::state::{Hierarchical, Watch, refuse, within};
use super::tree::{CellId, Epoch};
use std::rc::Rc;
use synod_sim::{Context, Duration, NodeId, Recipients, Signed, sort};
use synod_vote::weighted::{self, Reason, SessionId};

impl Hierarchical {
    /// The timeout of the failure detector: two heartbeats, and their largest delay.
    fn patience(&self) -> Duration {
        let quarters = self.config.rules().patience_quarters;
        Duration::from_nanos(self.config.heartbeat.as_nanos().saturating_mul(quarters) / 4)
    }

    /// Starts the failure detector for the neighbours that a session needs, and its own heartbeats.
    pub(super) fn watch_neighbours(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        self.stop_watching(ctx);
        let cells = if self.represents() {
            ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
            let cell = self.config.tree.cell(self.home);
            cell.children.iter().copied().chain(cell.parent).collect()
        } else {
            vec![self.home]
        };
        for cell in cells.into_iter().filter(|&cell| self.config.is_replaceable(cell)) {
            let watch = Watch { epoch: self.succession.epoch(cell), until: ctx.now() + self.patience() };
            self.succession.watches.insert(cell, watch);
            ctx.set_timer(Timer::Watch(cell), self.patience());
        }
    }

    /// Stops the failure detector.
    pub(super) fn stop_watching(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        for (cell, _) in std::mem::take(&mut self.succession.watches) {
            ctx.cancel_timer(Timer::Watch(cell));
        }
        ctx.cancel_timer(Timer::Heartbeat);
    }

    /// Sends a heartbeat.
    pub(super) fn on_heartbeat_timer(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        if self.session().is_some() && self.represents() {
            ctx.multicast(
                Recipients::List(self.neighbours()),
                Message::Alive(self.succession.own_certificate(self.home)),
            );
            ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
        }
    }

    /// Parent and children of this agent as a representative.
    fn neighbours(&self) -> Rc<[NodeId]> {
        let superior = (!self.is_root()).then(|| self.parent());
        self.children().iter().copied().chain(superior).collect()
    }

    /// Handles the watch timer of `cell`: suspects its representative, if it has been silent for too long.
    pub(super) fn on_watch_timer(&mut self, ctx: &mut Context<'_, Hierarchical>, cell: CellId) {
        let patience = self.patience();
        let (Some(session), Some(watch)) = (self.session(), self.succession.watches.get_mut(&cell)) else {
            return;
        };
        if ctx.now() < watch.until {
            return ctx.set_timer(Timer::Watch(cell), watch.until.since(ctx.now()));
        }
        let missed = watch.epoch;
        // Whoever comes next is given as long.
        *watch = Watch { epoch: missed + 1, until: ctx.now() + patience };
        ctx.set_timer(Timer::Watch(cell), patience);
        self.suspect(ctx, session, cell, missed);
    }

    /// Sends a suspicion of the representative of `cell` in `epoch` to its successor.
    pub(super) fn suspect(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        cell: CellId,
        epoch: Epoch,
    ) {
        if !self.config.is_replaceable(cell) {
            return;
        }
        ctx.observe(Observation::Suspected { cell, epoch });
        let suspicion = ctx.sign(Suspicion { session, cell, epoch });
        match self.config.tree.representative(cell, epoch + 1) {
            next if next == self.me => self.on_suspicion(ctx, &suspicion),
            next => ctx.send(next, Message::Suspicion(suspicion)),
        }
    }

    /// Handles a suspicion of this agent's predecessor.
    pub(super) fn on_suspicion(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        suspicion: &Signed<Suspicion>,
    ) {
        let Suspicion { session, cell, epoch } = **suspicion;
        let from = suspicion.signer();
        if !ctx.verify(suspicion) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let is_next = cell == self.home && self.config.tree.representative(cell, epoch + 1) == self.me;
        if !is_next || !self.config.tree.concerns(cell, from) {
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !self.is_open(session) {
            // Where the session is over, silence is in order, and the suspicious one lacks the result.
            return self.send_result(ctx, from, session);
        }
        if epoch < self.succession.epoch(cell) {
            return ctx
                .resend(Recipients::One(from), Message::Alive(self.succession.own_certificate(self.home)));
        }
        let against = self.succession.suspicions.entry(epoch).or_default();
        if against.iter().all(|other| other.signer() != from) {
            against.push(suspicion.clone());
        }
        if against.len() > self.config.faulty_per_cell as usize {
            let suspicions = std::mem::take(against);
            self.become_representative(
                ctx,
                session,
                Rc::new(EpochCertificate { cell, epoch: epoch + 1, suspicions }),
            );
        }
    }

    /// Takes over its cell in a new epoch.
    fn become_representative(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        certificate: Rc<EpochCertificate>,
    ) {
        ctx.observe(Observation::TookOver { cell: certificate.cell, epoch: certificate.epoch });
        self.aggregator.forget_all();
        self.succession.enter(Rc::clone(&certificate));
        ctx.persist(Record::Followed(Rc::clone(&certificate)));
        ctx.sync();
        self.voter.set_parent(self.parent());
        ctx.resend(Recipients::List(self.neighbours()), Message::Alive(certificate));
        self.watch_neighbours(ctx);
        self.start_session(ctx, session, true);
    }

    /// Accepts an epoch certificate from `from`; returns true if `from` represents the cell, as far as this agent
    /// knows.
    pub(super) fn accept_epoch(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        certificate: &Rc<EpochCertificate>,
    ) -> bool {
        let EpochCertificate { cell, epoch, .. } = **certificate;
        if cell as usize >= self.config.tree.cells().len() || !self.config.tree.concerns(cell, self.me) {
            refuse(ctx, Reason::WrongSender, from);
            return false;
        }
        let known = self.succession.epoch(cell);
        if epoch > known && !self.is_proven(ctx, certificate) {
            refuse(ctx, Reason::Unproven, from);
            return false;
        }
        if epoch < known {
            // The sender has been replaced and does not know.
            if let Some(later) = self.succession.certificates.get(&cell) {
                ctx.resend(Recipients::One(from), Message::Alive(Rc::clone(later)));
            }
            return self.config.rules().heeds_stale_epochs;
        }
        if epoch > known {
            self.adopt_epoch(ctx, certificate);
        }
        if self.config.tree.representative(cell, epoch) != from {
            refuse(ctx, Reason::WrongSender, from);
            return false;
        }
        let until = ctx.now() + self.patience();
        if let Some(watch) = self.succession.watches.get_mut(&cell) {
            *watch = Watch { epoch, until };
        }
        true
    }

    /// Returns true if f_c + 1 suspicions of the predecessor prove the certificate.
    fn is_proven(&self, ctx: &mut Context<'_, Hierarchical>, certificate: &EpochCertificate) -> bool {
        let EpochCertificate { cell, epoch, ref suspicions } = *certificate;
        let signers = sort::distinct(suspicions.iter().map(Signed::signer).collect());
        let is_valid = |suspicion: &Signed<Suspicion>| {
            (suspicion.cell, suspicion.epoch + 1) == (cell, epoch)
                && self.config.tree.concerns(cell, suspicion.signer())
        };
        !self.config.rules().asks_for_grounds
            || (signers.len() > self.config.faulty_per_cell as usize
                && suspicions.iter().all(|suspicion| is_valid(suspicion) && ctx.verify(suspicion)))
    }

    /// Adopts a later epoch.
    fn adopt_epoch(&mut self, ctx: &mut Context<'_, Hierarchical>, certificate: &Rc<EpochCertificate>) {
        let EpochCertificate { cell, epoch, .. } = **certificate;
        let has_represented = self.represents();
        let before = self.succession.epoch(cell);
        self.succession.enter(Rc::clone(certificate));
        ctx.persist(Record::Followed(Rc::clone(certificate)));
        ctx.sync();
        ctx.observe(Observation::Followed { cell, epoch });
        self.voter.set_parent(self.parent());
        let Some(session) = self.next.checked_sub(1) else { return };
        if cell == self.home && has_represented && !self.represents() {
            ctx.observe(Observation::Stopped { cell, epoch: before });
            self.aggregator.forget_all();
            if self.is_open(session) {
                // From now on it waits like all others.
                within(ctx, |ctx| self.voter.open(ctx, session));
                self.watch_neighbours(ctx);
            }
        } else if cell == self.home && self.represents() && self.is_open(session) {
            // It had taken over, and crashed before it could write that down.
            self.watch_neighbours(ctx);
            self.start_session(ctx, session, true);
        } else if self.config.tree.cell(cell).parent == Some(self.home) && self.represents() {
            let to = self.config.tree.representative(cell, epoch);
            if self.is_open(session) {
                self.request_again(ctx, session, [to].into())
            } else {
                self.send_result(ctx, to, session)
            }
        }
    }

    /// Sends the result of `session` to `to`, if it is known.
    pub(super) fn send_result(&self, ctx: &mut Context<'_, Hierarchical>, to: NodeId, session: SessionId) {
        if let Some(result) = self.results.get(&session) {
            let result = weighted::Message::Result(Rc::clone(result));
            ctx.resend(Recipients::One(to), Message::FlatVote(result));
        }
    }
}
