//! Audits of representatives that may lie: reports carry the votes, so that a representative can only omit some; the
//! receiver of a report challenges a sample of the voters that it lacks, and one that answers reveals the omission.
//!
//! Its vote counts all the same, all others that are missing are asked as well, and both suspect the representative.
//! That proves nothing, since the vote may have been late: it moves the cell on to the next of its succession.

use super::count;
use super::message::{Message, Partial, ReportBody};
use super::misreport::Misreport;
use super::observation::Observation;
use super::state::{Hierarchical, refuse, within};
use super::tree::CellId;
use rand::seq::SliceRandom;
use std::rc::Rc;
use synod_sim::{Context, NodeId, Recipients, Signed};
use synod_vote::weighted::{self, Reason, SessionId, Vote};

impl Partial {
    /// The votes that it carries.
    pub(super) fn votes(&self) -> &[Signed<Vote>] {
        match &self.body {
            ReportBody::Votes(_, votes) => votes,
            ReportBody::Sums(_) | ReportBody::Delegated(_) => &[],
        }
    }
}

impl Hierarchical {
    /// Counts the votes that a report carries, and challenges some of the voters that it lacks.
    pub(super) fn audit(&mut self, ctx: &mut Context<'_, Hierarchical>, partial: &Signed<Partial>) {
        if !self.config.is_certified() {
            return;
        }
        for vote in partial.votes() {
            self.count(ctx, vote);
        }
        self.challenge(ctx, partial, self.config.samples as usize);
    }

    /// Challenges at most `most` voters that a report lacks.
    fn challenge(&mut self, ctx: &mut Context<'_, Hierarchical>, partial: &Signed<Partial>, most: usize) {
        let tree = &self.config.tree;
        let subtree = tree.cell(partial.certificate.cell).subtree.clone();
        let Some(state) = self.aggregator.session(partial.session) else { return };
        let is_missing = |node: &NodeId| {
            state.count.vote(tree.position(*node)).is_none() && !state.challenged.contains_key(node)
        };
        let mut missing: Vec<NodeId> = subtree.map(|position| tree.at(position)).filter(is_missing).collect();
        missing.shuffle(ctx.rng());
        missing.truncate(most);
        if missing.is_empty() {
            return;
        }
        state.challenged.extend(missing.iter().map(|&node| (node, partial.clone())));
        ctx.multicast(Recipients::List(missing.into()), Message::Challenge(partial.clone()));
    }

    /// Handles a challenge: an ancestor shows a report without this agent's vote.
    pub(super) fn on_challenge(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        partial: &Signed<Partial>,
    ) {
        let session = partial.session;
        if !ctx.verify(partial) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let (cell, epoch) = (partial.certificate.cell, partial.certificate.epoch);
        let tree = &self.config.tree;
        let place = ((cell as usize) < tree.cells().len())
            .then(|| self.config.place(self.me, &tree.cell(cell).subtree))
            .flatten();
        let Some(place) = place.filter(|_| partial.signer() == tree.representative(cell, epoch)) else {
            return refuse(ctx, Reason::Invalid, from);
        };
        let is_wrong = !partial.voters.contains(place) || count::fault(&self.config, partial).is_some();
        let had_voted = self.voter.cast_vote(session).is_some();
        if let Some(vote) = self.own_vote(ctx, session) {
            let answer = weighted::Message::Vote(vote);
            ctx.resend(Recipients::One(from), Message::FlatVote(answer));
        }
        let is_own = cell == self.home && epoch == self.succession.epoch(cell);
        if had_voted && is_wrong && is_own && self.is_open(session) && partial.signer() != self.me {
            self.suspect(ctx, session, cell, epoch);
        }
    }

    /// Reports proof of misbehaviour, a report that contradicts itself, and challenges all voters that it should cover.
    pub(super) fn report_fault(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        partial: &Signed<Partial>,
        why: Misreport,
    ) {
        ctx.observe(Observation::Misreported { partial: partial.clone(), why });
        if self.config.is_certified() {
            self.challenge(ctx, partial, usize::MAX);
        }
        if self.is_open(partial.session) {
            self.suspect(ctx, partial.session, partial.certificate.cell, partial.certificate.epoch);
        }
    }

    /// Checks a vote that came directly: if a report had omitted it, its representative is suspected.
    pub(super) fn on_vote_fetched(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) {
        let (session, voter) = (vote.session, vote.signer());
        let Some(state) = self.aggregator.session(session) else { return };
        let Some(partial) = state.challenged.get(&voter).cloned() else { return };
        if state.count.vote(self.config.tree.position(voter)).is_some() {
            return;
        }
        let (cell, epoch) = (partial.certificate.cell, partial.certificate.epoch);
        ctx.observe(Observation::Fetched { session, voter, cell });
        self.challenge(ctx, &partial, usize::MAX);
        if epoch == self.succession.epoch(cell) && self.is_open(session) {
            self.suspect(ctx, session, cell, epoch);
        }
    }

    /// Handles the last quarter: asks the voters under silent children directly. A suspicion would stand alone, since
    /// nobody else has seen the silence.
    pub(super) fn fetch_missing(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        if !self.is_open(session) {
            return;
        }
        let Some(state) = self.aggregator.session(session) else { return };
        let tree = &self.config.tree;
        let silent: Vec<CellId> = tree
            .cell(self.home)
            .children
            .iter()
            .copied()
            .filter(|&child| !state.count.has_reported(child))
            .collect();
        let under = silent.iter().flat_map(|&cell| tree.cell(cell).subtree.clone());
        let missing: Rc<[NodeId]> = under
            .filter(|&position| state.count.vote(position).is_none())
            .map(|position| tree.at(position))
            .collect();
        if !missing.is_empty() {
            ctx.multicast(Recipients::List(missing), Message::Fetch(session));
        }
    }

    /// Handles an ancestor's request for its vote.
    pub(super) fn on_fetch(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, session: SessionId) {
        if let Some(vote) = self.own_vote(ctx, session) {
            ctx.resend(Recipients::One(from), Message::FlatVote(weighted::Message::Vote(vote)));
        }
    }

    /// Its vote in `session`, cast now if it was not requested yet.
    fn own_vote(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) -> Option<Signed<Vote>> {
        if self.is_open(session) && self.voter.cast_vote(session).is_none() {
            let snapshot = self.config.vote.weighing.snapshot.digest();
            within(ctx, |ctx| self.voter.deliberate(ctx, session, snapshot));
        }
        self.voter.cast_vote(session).cloned()
    }

    /// Suspects its representative if, at half time, it was not asked for its vote, where representatives may lie.
    pub(super) fn suspect_if_not_asked(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let is_left_out = self.is_open(session) && !self.voter.has_been_asked(session) && !self.represents();
        if self.config.is_certified() && is_left_out {
            let epoch = self.succession.epoch(self.home);
            self.suspect(ctx, session, self.home, epoch);
        }
    }

    /// Handles a result that is overdue, where representatives may lie: suspects its parent, and asks the grandparent.
    pub(super) fn on_overdue(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        if !self.is_open(session) || self.voter.parent() == self.me {
            return;
        }
        let cell = self.config.tree.home(self.voter.parent());
        let epoch = self.succession.epoch(cell);
        self.suspect(ctx, session, cell, epoch);
        if let Some(above) = self.config.tree.cell(cell).parent {
            let ask = weighted::Message::Ask(session, None);
            ctx.send(self.representative(above), Message::FlatVote(ask));
        }
    }
}
