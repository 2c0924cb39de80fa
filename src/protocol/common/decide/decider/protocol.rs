//! The protocol that any deciding protocol is: nodes and configurations whose protocol only they know.

use super::kinds::KindTable;
use super::values::{DeciderAbortProof, DeciderMessage, DeciderObservation, DeciderRecord, DeciderTimer};
use crate::decide::abortable::{Abortable, InitHistory};
use crate::decide::deciding::{Decide, Ending};
use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::rc::Rc;
use synod_sim::{Context, Durable, GroundTruth, Kind, NodeId, Oracle, Protocol, Time};

/// Members and their abort histories; nothing of those that took no part.
pub(super) type Proofs<'a> = &'a [(NodeId, Option<&'a DeciderAbortProof>)];

/// A node of a deciding protocol: of which, its configuration decides.
pub struct Decider(pub(super) Box<dyn ErasedNode>);

impl Debug for Decider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A node, whatever its protocol.
pub(super) trait ErasedNode: Debug {
    fn on_start(&mut self, ctx: &mut Context<'_, Decider>);
    fn on_message(&mut self, ctx: &mut Context<'_, Decider>, from: NodeId, message: &DeciderMessage);
    fn on_timer(&mut self, ctx: &mut Context<'_, Decider>, timer: &DeciderTimer);
    fn on_synced(&mut self, ctx: &mut Context<'_, Decider>, token: u64);
    fn state(&self) -> Option<&dyn Debug>;
    fn leader(&self) -> Option<(u64, NodeId)>;
    fn retained_bytes(&self) -> usize;
    fn abort_proof(&self) -> DeciderAbortProof;
}

/// Configuration of a child, the same for every node: it decides of which protocol the child is.
#[derive(Clone)]
pub struct DeciderConfig {
    pub(super) child: Rc<dyn ErasedConfig>,
    /// Index of the first of the child's kinds of message.
    pub(super) first_kind: usize,
    /// The kinds of all children of the run.
    pub(super) kinds: KindTable,
}

impl DeciderConfig {
    /// Returns true if it can be left before it has decided.
    pub fn is_abortable(&self) -> bool {
        self.child.is_abortable()
    }

    /// The same, but for the child.
    pub(super) fn with(&self, child: Rc<dyn ErasedConfig>) -> DeciderConfig {
        DeciderConfig { child, ..self.clone() }
    }
}

impl Debug for DeciderConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} nodes of {}", self.child.members(), self.child.protocol())
    }
}

/// A child's configuration, whatever its protocol.
pub(super) trait ErasedConfig {
    fn protocol(&self) -> &'static str;
    fn members(&self) -> usize;
    fn node(
        &self,
        first_kind: usize,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, DeciderRecord>,
    ) -> Box<dyn ErasedNode>;
    fn starting(&self, now: Time, proposal: Option<u64>) -> Rc<dyn ErasedConfig>;
    fn twin(&self, life: u32) -> Rc<dyn ErasedConfig>;
    fn oracles(&self, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Decider>>>;
    fn is_abortable(&self) -> bool;
    fn is_proven(
        &self,
        ctx: &mut Context<'_, Decider>,
        witness: NodeId,
        abort_proof: &DeciderAbortProof,
    ) -> bool;
    fn init_history(&self, proofs: Proofs<'_>) -> InitHistory;
    fn with_init_value(&self, value: u64) -> Rc<dyn ErasedConfig>;
}

impl Protocol for Decider {
    type Config = DeciderConfig;
    type Message = DeciderMessage;
    type Timer = DeciderTimer;
    type Record = DeciderRecord;
    type Observation = DeciderObservation;

    fn new(
        config: &Rc<DeciderConfig>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, DeciderRecord>,
    ) -> Decider {
        Decider(config.child.node(config.first_kind, me, nodes, seed, durable))
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Decider>) {
        self.0.on_start(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Decider>, from: NodeId, message: &DeciderMessage) {
        self.0.on_message(ctx, from, message);
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Decider>, timer: DeciderTimer) {
        self.0.on_timer(ctx, &timer);
    }

    fn on_synced(&mut self, ctx: &mut Context<'_, Decider>, token: u64) {
        self.0.on_synced(ctx, token);
    }

    fn state(&self) -> Option<&dyn Debug> {
        self.0.state()
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        self.0.leader()
    }

    fn twin(config: &Rc<DeciderConfig>, life: u32) -> Rc<DeciderConfig> {
        Rc::new(config.with(config.child.twin(life)))
    }

    fn kinds(config: &DeciderConfig) -> Cow<'static, [Kind]> {
        Cow::Owned(config.kinds.all())
    }

    fn retained_bytes(&self) -> usize {
        self.0.retained_bytes()
    }
}

impl Decide for Decider {
    fn ending(claim: &DeciderObservation) -> Option<Ending> {
        claim.ending
    }

    fn starting(config: &DeciderConfig, now: Time, proposal: Option<u64>) -> DeciderConfig {
        config.with(config.child.starting(now, proposal))
    }

    fn members(config: &DeciderConfig) -> usize {
        config.child.members()
    }

    fn oracles(config: &Rc<DeciderConfig>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Decider>>> {
        config.child.oracles(ground_truth)
    }
}

/// # Panics
/// If the protocol has no rules of abortion.
impl Abortable for Decider {
    type AbortProof = DeciderAbortProof;

    fn abort_proof(&self) -> DeciderAbortProof {
        self.0.abort_proof()
    }

    fn is_proven(
        config: &DeciderConfig,
        ctx: &mut Context<'_, Decider>,
        witness: NodeId,
        abort_proof: &DeciderAbortProof,
    ) -> bool {
        config.child.is_proven(ctx, witness, abort_proof)
    }

    fn init_history(config: &DeciderConfig, proofs: &[(NodeId, Option<&DeciderAbortProof>)]) -> InitHistory {
        config.child.init_history(proofs)
    }

    fn with_init_value(config: &DeciderConfig, value: u64) -> DeciderConfig {
        config.with(config.child.with_init_value(value))
    }

    fn size(abort_proof: &DeciderAbortProof) -> usize {
        abort_proof.size
    }
}
