//! A double-faced primary and its forgers: attacks 20, 24 and 33 with one plan. Whoever accepts as proof what proves
//! nothing is led to a second history; the defence is in Castro and Liskov, OSDI 1999, section 4.4.

use super::super::{Checkpoint, Message, Pbft, PrePrepare, Prepare, Prepared, Sequence, View, ViewChange};
use super::coalition::{AttackContext, Insiders};
use super::equivocation::Equivocation;
use std::rc::Rc;
use synod_common::coalition::{StickyDraws, Strategy};
use synod_sim::collections::{SortedMap, TreeMap};
use synod_sim::inject::{Action, Envelope};
use synod_sim::{Digest, NodeId, Signed};

/// An insider that is primary proposes two batches; in the view change that follows, all insiders claim that the second
/// was prepared, and for checkpoints they hold up proofs of their own. What they lack in votes they make up: one of
/// theirs, so often, or true votes for something else.
#[derive(Debug)]
pub(super) struct SecondHistory {
    equivocation: Equivocation,
    draws: StickyDraws<(NodeId, View)>,
    proofs: StickyDraws<(NodeId, Sequence)>,
    /// What was voted for, by slot and view.
    prepares: TreeMap<(Sequence, View), Vec<Signed<Prepare>>>,
    /// Who vouches for which state.
    checkpoints: SortedMap<Sequence, Vec<Signed<Checkpoint>>>,
}

/// What takes the place of the votes that are missing.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Filling {
    /// One vote of an insider, so often.
    Repeated,
    /// True votes for another batch, of another view, or for another state.
    Others,
}

impl Filling {
    /// Both have their turn.
    fn of(number: u64) -> Filling {
        if number.is_multiple_of(2) { Filling::Repeated } else { Filling::Others }
    }
}

/// How many slots and states back insiders remember.
const KEPT: usize = 64;

impl SecondHistory {
    pub(super) fn new() -> SecondHistory {
        SecondHistory {
            equivocation: Equivocation::new(),
            draws: StickyDraws::new(),
            proofs: StickyDraws::new(),
            prepares: TreeMap::new(),
            checkpoints: SortedMap::new(),
        }
    }

    fn remember(&mut self, message: &Message) {
        match message {
            Message::Prepare(vote) => {
                let held = self.prepares.entry((vote.sequence, vote.view)).or_default();
                if held.iter().all(|other| other.signer() != vote.signer()) {
                    held.push(vote.clone());
                }
                if self.prepares.len() > KEPT {
                    self.prepares.pop_first();
                }
            }
            Message::Checkpoint(vote) => {
                let held = self.checkpoints.entry(vote.sequence).or_default();
                if held.iter().all(|other| other.signer() != vote.signer()) {
                    held.push(vote.clone());
                }
                if self.checkpoints.len() > KEPT {
                    self.checkpoints.pop_first();
                }
            }
            _ => {}
        }
    }

    /// A certificate for `proposal`, which too few have voted for, if something can stand in for what it lacks.
    fn certificate(
        &self,
        ctx: &AttackContext<'_, '_>,
        proposal: &Signed<PrePrepare>,
        filling: Filling,
    ) -> Option<Prepared> {
        let PrePrepare { view, sequence, digest } = **proposal;
        let needed = ctx.coalition.config.quorum.strong() as usize - 1;
        let primary = ctx.coalition.config.primary(view);
        let insiders = ctx.coalition.insiders().iter().copied().filter(|&insider| insider != primary);
        let own = insiders.map(|insider| ctx.sign(Prepare { view, sequence, digest }, insider));
        let mut prepares: Vec<Signed<Prepare>> = own.take(needed).collect();
        let heard = || self.prepares.range((sequence, 0)..=(sequence, View::MAX)).flat_map(|(_, held)| held);
        for vote in heard().filter(|vote| (vote.view, vote.digest) == (view, digest)) {
            if prepares.len() < needed && prepares.iter().all(|held| held.signer() != vote.signer()) {
                prepares.push(vote.clone());
            }
        }
        match filling {
            Filling::Repeated => prepares.resize(needed, prepares.first()?.clone()),
            Filling::Others => {
                for vote in heard().filter(|vote| vote.signer() != primary) {
                    if prepares.len() < needed && prepares.iter().all(|held| held.signer() != vote.signer()) {
                        prepares.push(vote.clone());
                    }
                }
            }
        }
        (prepares.len() == needed).then(|| Prepared { pre_prepare: proposal.clone(), prepares })
    }

    /// `change` with the second proposals in it.
    fn forged(&self, ctx: &AttackContext<'_, '_>, change: &Signed<ViewChange>) -> Option<Signed<ViewChange>> {
        let config = &ctx.coalition.config;
        let filling = Filling::of(change.view + u64::from(change.signer().0));
        let mut prepared = change.prepared.clone();
        let slots = change.low + 1..=change.low.saturating_add(config.window());
        let lies: Vec<Rc<Prepared>> = slots
            .filter_map(|sequence| {
                let views = (0..change.view).rev().take(KEPT);
                let proposal = views.into_iter().find_map(|view| self.second(ctx, view, sequence))?;
                self.certificate(ctx, &proposal, filling).map(Rc::new)
            })
            .collect();
        if lies.is_empty() {
            return None;
        }
        for lie in lies {
            let sequence = lie.pre_prepare.sequence;
            prepared.retain(|other| other.pre_prepare.sequence != sequence);
            let place = prepared.partition_point(|other| other.pre_prepare.sequence < sequence);
            prepared.insert(place, lie);
        }
        Some(ctx.reseal(change, ViewChange { prepared, ..(**change).clone() }))
    }

    /// The proposal of the second history for a slot of a view that an insider led.
    fn second(
        &self,
        ctx: &AttackContext<'_, '_>,
        view: View,
        sequence: Sequence,
    ) -> Option<Signed<PrePrepare>> {
        let primary = ctx.coalition.config.primary(view);
        if let Some(other) = self.equivocation.other(view, sequence) {
            return Some(other.clone());
        }
        // Where nothing was divided, nothing may have been proposed at all.
        let is_led = ctx.coalition.contains(primary) && self.prepares.contains_key(&(sequence, view));
        is_led.then(|| {
            let body = PrePrepare { view, sequence, digest: Digest::of(&("a second history", sequence)) };
            ctx.sign(body, primary)
        })
    }

    /// Holds a proof of a checkpoint up to a correct replica.
    fn prove(&mut self, ctx: &mut AttackContext<'_, '_>, own: &Signed<Checkpoint>, victim: NodeId) {
        let needed = ctx.coalition.config.quorum.strong() as usize;
        let sequence = own.sequence;
        let number = sequence / ctx.coalition.config.checkpoint_interval + u64::from(own.signer().0);
        let proof: Vec<Signed<Checkpoint>> = match Filling::of(number) {
            Filling::Repeated => vec![own.clone(); needed],
            Filling::Others => {
                let digest = Digest::of(&("a state that never was", sequence));
                let lie = ctx.reseal(own, Checkpoint { sequence, digest });
                let heard = self.checkpoints.get(&sequence).into_iter().flatten();
                let others = heard.filter(|vote| vote.signer() != own.signer()).cloned();
                std::iter::once(lie).chain(others).take(needed).collect()
            }
        };
        if proof.len() == needed {
            ctx.send(own.signer(), victim, Message::Stable(proof.into()));
        }
    }
}

impl Strategy<Pbft> for SecondHistory {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.remember(envelope.message);
        match envelope.message {
            Message::ViewChange(change)
                if ctx.is_own(change) && self.draws.draw(ctx.coalition, (change.signer(), change.view)) =>
            {
                match self.forged(ctx, change) {
                    Some(forged) => Action::Replace(Message::ViewChange(forged)),
                    None => Action::Pass,
                }
            }
            Message::Checkpoint(vote)
                if ctx.is_own(vote)
                    && ctx.coalition.correct().contains(&envelope.to)
                    && self.proofs.draw(ctx.coalition, (vote.signer(), vote.sequence)) =>
            {
                self.prove(ctx, vote, envelope.to);
                Action::Pass
            }
            _ => self.equivocation.on_send(ctx, envelope),
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.remember(envelope.message);
        Action::Pass
    }
}
