//! Leadership transfer: a leader brings another voter up to date and tells it to stand at once (thesis, §3.10).

use super::entry::Term;
use super::message::{Campaign, Message};
use super::observation::Observation;
use super::state::{Ctx, Replica, Role, Timer, Transfer};
use synod_sim::NodeId;

impl Replica {
    /// Hands leadership to `target`, if this replica leads and `target` is another voter.
    pub(super) fn transfer_to(&mut self, ctx: &mut Ctx<'_>, target: NodeId) {
        let Role::Leader(lead) = &mut self.role else { return };
        if lead.transfer.is_some()
            || target == self.me
            || !self.configurations.latest().voters.contains(&target)
        {
            return;
        }
        lead.transfer = Some(Transfer { target, is_told: false });
        ctx.observe(Observation::TransferStarted { target });
        ctx.set_timer(Timer::Transfer, self.config.election_timeout);
        self.advance_transfer(ctx);
    }

    /// Sends TimeoutNow once the target has the whole log.
    pub(super) fn advance_transfer(&mut self, ctx: &mut Ctx<'_>) {
        let last = self.log.last_index();
        let Role::Leader(lead) = &mut self.role else { return };
        let Some(transfer) = &mut lead.transfer else { return };
        let target = transfer.target;
        if !transfer.is_told && lead.progress[target.index()].matched == last {
            transfer.is_told = true;
            lead.pending_reads.lease_is_lost = true;
            ctx.send(target, Message::TimeoutNow(self.term));
        }
    }

    /// Aborts a transfer that has timed out, and accepts requests again.
    pub(super) fn abort_transfer(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if let Some(Transfer { target, .. }) = lead.transfer.take() {
            ctx.observe(Observation::TransferAborted { target });
            self.advance_membership(ctx);
            self.await_deadline(ctx);
        }
    }

    pub(super) fn on_timeout_now(&mut self, ctx: &mut Ctx<'_>, term: Term) {
        let leads = matches!(self.role, Role::Leader(_));
        if term == self.term && !leads && self.configurations.latest().is_voter(self.me) {
            self.campaign(ctx, Campaign::Transfer);
        }
    }
}
