//! Membership changes: newcomers are learners first, then joint consensus, then the new configuration alone (Ongaro and
//! Ousterhout 2014, §6; learners, thesis §4.2.1).
//!
//! The plan says what changes and when. Whoever leads carries the changes of members out in their order, and the
//! configuration counts those that are done, so that a new leader goes on where the one before stopped.

use super::config::Change;
use super::entry::Payload;
use super::membership::Configuration;
use super::observation::{Observation, Reason};
use super::progress::Progress;
use super::state::{Ctx, Replica, Role, Timer};
use std::rc::Rc;
use synod_sim::{NodeId, Time, sort};

impl Replica {
    /// Sets the timers of the planned changes. Membership changes whose time has passed are due at once.
    pub(super) fn schedule_changes(&mut self, ctx: &mut Ctx<'_>) {
        let config = Rc::clone(&self.config);
        for (place, (at, change)) in (0..).zip(&config.plan) {
            let at = Time::ZERO + *at;
            if at >= ctx.now() {
                ctx.set_timer(Timer::Change(place), at.since(ctx.now()));
            } else if let Change::Members { .. } = change {
                self.due.insert(place);
            }
        }
    }

    pub(super) fn on_change_due(&mut self, ctx: &mut Ctx<'_>, place: u32) {
        match self.config.plan[place as usize].1 {
            Change::Transfer(target) => self.transfer_to(ctx, target),
            Change::Members { .. } => {
                self.due.insert(place);
                self.advance_membership(ctx);
            }
        }
    }

    /// Advances a membership change as leader, if the configuration before is committed.
    pub(super) fn advance_membership(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let is_settled = self.configurations.latest_index() <= self.commit && self.commit >= lead.first_index;
        if !is_settled || lead.transfer.is_some() {
            return;
        }
        if let Some(next) = self.next_configuration(lead.progress.as_slice()) {
            self.append(ctx, Payload::Configuration(Rc::new(next)));
            self.replicate(ctx);
            self.advance_commit(ctx);
        }
    }

    /// The next configuration, if one is due.
    fn next_configuration(&self, progress: &[Progress]) -> Option<Configuration> {
        let now = self.configurations.latest();
        let changes = now.changes + 1;
        if now.is_joint() {
            return Some(Configuration { outgoing: Vec::new(), changes, ..Configuration::clone(now) });
        }
        let (voters, learners) = self.next_change(now.changes)?;
        let is_new = |node: &&NodeId| !now.voters.contains(node) && !now.learners.contains(node);
        let newcomers: Vec<NodeId> = voters.iter().filter(is_new).copied().collect();
        if !newcomers.is_empty() {
            let mut learners = [&now.learners[..], &newcomers].concat();
            sort::nodes(&mut learners);
            return Some(Configuration { learners, ..Configuration::clone(now) });
        }
        let has_caught_up =
            |node: &NodeId| now.voters.contains(node) || progress[node.index()].matched >= self.commit;
        let (voters, learners) = (voters.to_vec(), learners.to_vec());
        if voters == now.voters {
            return Some(Configuration { voters, outgoing: Vec::new(), learners, changes });
        }
        let outgoing = now.voters.clone();
        voters.iter().all(has_caught_up).then_some(Configuration {
            voters,
            outgoing,
            learners,
            changes: now.changes,
        })
    }

    /// The voters and learners of the change of members after the first `done`, if it is due.
    fn next_change(&self, done: u32) -> Option<(&[NodeId], &[NodeId])> {
        let members = (0..).zip(&self.config.plan).filter_map(|(place, (_, change))| match change {
            Change::Members { voters, learners } => Some((place, (&voters[..], &learners[..]))),
            Change::Transfer(_) => None,
        });
        let (place, change) = members.into_iter().nth(done as usize)?;
        self.due.contains(&place).then_some(change)
    }

    /// Uses the latest configuration of the log.
    pub(super) fn adopt_configuration(&mut self, ctx: &mut Ctx<'_>) {
        self.observe_configuration(ctx);
        self.update_peers();
    }

    pub(super) fn observe_configuration(&self, ctx: &mut Ctx<'_>) {
        let (index, configuration) = (self.configurations.latest_index(), self.configurations.latest());
        ctx.observe(Observation::Configured { index, configuration: Rc::clone(configuration) });
    }

    /// Updates the peers to replicate to: the members, and while a change is not committed, those that it removes.
    pub(super) fn update_peers(&mut self) {
        let last = self.log.last_index();
        let Role::Leader(lead) = &mut self.role else { return };
        let mut peers = self.configurations.latest().members();
        peers.extend(self.configurations.at(self.commit).1.members());
        let mut peers = sort::distinct(peers);
        peers.retain(|&peer| peer != self.me);
        for peer in peers.iter().filter(|peer| !lead.peers.contains(peer)) {
            lead.progress[peer.index()] = Progress::new(last);
        }
        lead.peers = peers.into();
    }

    /// Once a configuration is committed, stops replicating to the members that it removes; the leader itself steps
    /// down.
    pub(super) fn retire_removed_members(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let latest = self.configurations.latest();
        if self.configurations.latest_index() > self.commit || latest.is_joint() {
            return;
        }
        let has_removed = lead.peers.iter().any(|peer| !latest.members().contains(peer));
        let is_removed = !latest.is_voter(self.me);
        if has_removed || is_removed {
            // The last that those who leave hear from it.
            self.send_heartbeats(ctx);
            self.update_peers();
        }
        if is_removed && self.config.rules().removed_leader_leaves {
            self.step_down(ctx, Reason::Removed);
        }
    }
}
