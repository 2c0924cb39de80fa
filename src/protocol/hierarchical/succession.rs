//! Who represents whom: heartbeats, suspicions, and the epochs that they prove.
//!
//! While a session is open for it, a representative says every heartbeat that it is there: to its members, to the
//! representatives right below its cell and to the one above. Who has not heard it for two heartbeats suspects it, and
//! says so to the next of the succession. f_c + 1 suspicions, one at least of a correct agent, make the next epoch.
//! They come with everything that the new representative says, so that nobody misses a change for long.

use super::durable::Record;
use super::message::{Message, Suspicion, Tenure, Timer};
use super::observation::Observation;
use super::state::{Hierarchical, Watch, refuse, within};
use super::tree::{CellId, Epoch};
use std::rc::Rc;
use synod_sim::{Context, Duration, NodeId, Recipients, Signed};
use synod_vote::weighted::{self, Reason, SessionId};

impl Hierarchical {
    /// How long a representative may be silent: two heartbeats, and what they are late at most.
    fn patience(&self) -> Duration {
        let quarters = self.config.rules().patience_quarters;
        Duration::from_nanos(self.config.heartbeat.as_nanos().saturating_mul(quarters) / 4)
    }

    /// Expects to hear of those whom a session needs from now on, and sees to it that it is heard of.
    pub(super) fn keep_watch(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        self.stop_watching(ctx);
        let cells = match self.represents() {
            false => vec![self.home],
            true => {
                ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
                let cell = self.config.tree.cell(self.home);
                cell.children.iter().copied().chain(cell.parent).collect()
            }
        };
        for cell in cells.into_iter().filter(|&cell| self.config.is_replaceable(cell)) {
            let watch = Watch { epoch: self.succession.epoch(cell), until: ctx.now() + self.patience() };
            self.succession.watches.insert(cell, watch);
            ctx.set_timer(Timer::Watch(cell), self.patience());
        }
    }

    /// Expects to hear of nobody any more.
    pub(super) fn stop_watching(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        for (cell, _) in std::mem::take(&mut self.succession.watches) {
            ctx.cancel_timer(Timer::Watch(cell));
        }
        ctx.cancel_timer(Timer::Heartbeat);
    }

    /// Says that it is there.
    pub(super) fn beat(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        if self.session().is_some() && self.represents() {
            ctx.multicast(Recipients::List(self.neighbours()), Message::Alive(self.succession.own()));
            ctx.set_timer(Timer::Heartbeat, self.config.heartbeat);
        }
    }

    /// Whom this agent concerns as a representative.
    fn neighbours(&self) -> Rc<[NodeId]> {
        let superior = (!self.is_root()).then(|| self.chair());
        self.juniors().iter().copied().chain(superior).collect()
    }

    /// Nothing may have been heard of whoever represents `cell`.
    pub(super) fn watch(&mut self, ctx: &mut Context<'_, Hierarchical>, cell: CellId) {
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
        self.accuse(ctx, session, cell, missed);
    }

    /// Tells the next of the succession that whoever represents `cell` in `epoch` is not to be relied on.
    pub(super) fn accuse(
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
            next if next == self.me => self.suspected(ctx, &suspicion),
            next => ctx.send(next, Message::Suspicion(suspicion)),
        }
    }

    /// Somebody suspects whom this agent is to follow.
    pub(super) fn suspected(&mut self, ctx: &mut Context<'_, Hierarchical>, suspicion: &Signed<Suspicion>) {
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
            return self.tell(ctx, from, session);
        }
        if epoch < self.succession.epoch(cell) {
            return ctx.resend(Recipients::One(from), Message::Alive(self.succession.own()));
        }
        let against = self.succession.suspicions.entry(epoch).or_default();
        if against.iter().all(|other| other.signer() != from) {
            against.push(suspicion.clone());
        }
        if against.len() > self.config.faulty_per_cell as usize {
            let grounds = std::mem::take(against);
            self.take_over(ctx, session, Rc::new(Tenure { cell, epoch: epoch + 1, grounds }));
        }
    }

    /// Represents its cell from now on.
    fn take_over(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId, tenure: Rc<Tenure>) {
        ctx.observe(Observation::Took { cell: tenure.cell, epoch: tenure.epoch });
        self.office.forget_all();
        self.succession.enter(Rc::clone(&tenure));
        ctx.persist(Record::Followed(Rc::clone(&tenure)));
        ctx.sync();
        self.voter.follow(self.chair());
        ctx.resend(Recipients::List(self.neighbours()), Message::Alive(tenure));
        self.keep_watch(ctx);
        self.preside(ctx, session, true);
    }

    /// Takes note of a claim to a cell that came from `from`; true if that is whoever represents the cell, as far as
    /// this agent knows.
    pub(super) fn heed(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        tenure: &Rc<Tenure>,
    ) -> bool {
        let Tenure { cell, epoch, .. } = **tenure;
        if cell as usize >= self.config.tree.cells().len() || !self.config.tree.concerns(cell, self.me) {
            refuse(ctx, Reason::WrongSender, from);
            return false;
        }
        let known = self.succession.epoch(cell);
        if epoch > known && !self.is_proven(ctx, tenure) {
            refuse(ctx, Reason::Unproven, from);
            return false;
        }
        if epoch < known {
            // Whoever it is has been replaced and does not know.
            if let Some(later) = self.succession.tenures.get(&cell) {
                ctx.resend(Recipients::One(from), Message::Alive(Rc::clone(later)));
            }
            return self.config.rules().heeds_stale_epochs;
        }
        if epoch > known {
            self.follow(ctx, tenure);
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

    /// True if enough suspicions of the one before it prove a claim.
    fn is_proven(&self, ctx: &mut Context<'_, Hierarchical>, tenure: &Tenure) -> bool {
        let Tenure { cell, epoch, ref grounds } = *tenure;
        let mut signers: Vec<NodeId> = grounds.iter().map(Signed::signer).collect();
        signers.sort_unstable();
        signers.dedup();
        let is_ground = |suspicion: &Signed<Suspicion>| {
            (suspicion.cell, suspicion.epoch + 1) == (cell, epoch)
                && self.config.tree.concerns(cell, suspicion.signer())
        };
        !self.config.rules().asks_for_grounds
            || (signers.len() > self.config.faulty_per_cell as usize
                && grounds.iter().all(|suspicion| is_ground(suspicion) && ctx.verify(suspicion)))
    }

    /// Knows of a new representative from now on.
    fn follow(&mut self, ctx: &mut Context<'_, Hierarchical>, tenure: &Rc<Tenure>) {
        let Tenure { cell, epoch, .. } = **tenure;
        let has_represented = self.represents();
        let before = self.succession.epoch(cell);
        self.succession.enter(Rc::clone(tenure));
        ctx.persist(Record::Followed(Rc::clone(tenure)));
        ctx.sync();
        ctx.observe(Observation::Followed { cell, epoch });
        self.voter.follow(self.chair());
        let Some(session) = self.next.checked_sub(1) else { return };
        if cell == self.home && has_represented && !self.represents() {
            ctx.observe(Observation::Stopped { cell, epoch: before });
            self.office.forget_all();
            if self.is_open(session) {
                // From now on it waits like all others.
                within(ctx, |ctx| self.voter.open(ctx, session));
                self.keep_watch(ctx);
            }
        } else if cell == self.home && self.represents() && self.is_open(session) {
            // It had taken over, and crashed before it could write that down.
            self.keep_watch(ctx);
            self.preside(ctx, session, true);
        } else if self.config.tree.cell(cell).parent == Some(self.home) && self.represents() {
            let to = self.config.tree.representative(cell, epoch);
            match self.is_open(session) {
                true => self.call_again(ctx, session, [to].into()),
                false => self.tell(ctx, to, session),
            }
        }
    }

    /// Tells `to` what came of `session`, if this agent knows.
    pub(super) fn tell(&self, ctx: &mut Context<'_, Hierarchical>, to: NodeId, session: SessionId) {
        if let Some(report) = self.reports.get(&session) {
            let result = weighted::Message::Result(Rc::clone(report));
            ctx.resend(Recipients::One(to), Message::Ballot(result));
        }
    }
}
