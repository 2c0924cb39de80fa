//! A child whose protocol is known: its nodes and its configuration, as the protocol without a type has them.

use super::kinds::KindTable;
use super::protocol::{Decider, DeciderConfig, ErasedConfig, ErasedNode, Proofs};
use super::values::{DeciderAbortProof, DeciderMessage, DeciderObservation, DeciderRecord, DeciderTimer};
use crate::decide::abortable::{Abortable, InitHistory};
use crate::decide::deciding::Decide;
use crate::decide::lift::{Lifted, ParentOf};
use std::fmt::{self, Debug};
use std::rc::Rc;
use synod_sim::{Context, Durable, GroundTruth, Lens, Members, NodeId, Oracle, Time};

impl DeciderConfig {
    /// Configuration of a child that runs `C`, in a run whose children have `kinds`; `abort` says how it is left, if it
    /// can be.
    pub fn new<C: Decide>(
        config: C::Config,
        abort: Option<AbortRules<C>>,
        kinds: &KindTable,
    ) -> DeciderConfig {
        let first_kind = kinds.enter::<C>(&config);
        let child = Rc::new(Configured { config: Rc::new(config), abort });
        DeciderConfig { child, first_kind, kinds: kinds.clone() }
    }
}

/// How nodes of `C` are left: [`Abortable`]'s rules as data, which a protocol has or has not.
pub struct AbortRules<C: Decide> {
    abort_proof: fn(&C) -> DeciderAbortProof,
    is_proven: fn(&C::Config, &mut Context<'_, C>, NodeId, &DeciderAbortProof) -> bool,
    init_history: fn(&C::Config, Proofs<'_>) -> InitHistory,
    with_init_value: fn(&C::Config, u64) -> C::Config,
}

impl<C: Decide> Copy for AbortRules<C> {}

impl<C: Decide> Clone for AbortRules<C> {
    fn clone(&self) -> AbortRules<C> {
        *self
    }
}

impl<C: Abortable> AbortRules<C> {
    /// Those of `C`.
    pub fn of() -> AbortRules<C> {
        AbortRules {
            abort_proof: |node| {
                let proof = node.abort_proof();
                let size = C::size(&proof);
                DeciderAbortProof::new(proof, size)
            },
            // Another protocol's proof proves nothing here.
            is_proven: |config, ctx, witness, proof| {
                proof.get().is_some_and(|proof| C::is_proven(config, ctx, witness, proof))
            },
            init_history: |config, proofs| {
                let own: Vec<_> = proofs
                    .iter()
                    .map(|&(witness, proof)| (witness, proof.and_then(DeciderAbortProof::get)))
                    .collect();
                C::init_history(config, &own)
            },
            with_init_value: C::with_init_value,
        }
    }
}

/// The configuration of a child that runs `C`.
struct Configured<C: Decide> {
    config: Rc<C::Config>,
    abort: Option<AbortRules<C>>,
}

impl<C: Decide> Configured<C> {
    fn with(&self, config: Rc<C::Config>) -> Rc<dyn ErasedConfig> {
        Rc::new(Configured { config, abort: self.abort })
    }

    fn abort(&self) -> AbortRules<C> {
        self.abort.expect("a protocol that is left says how")
    }
}

impl<C: Decide> ErasedConfig for Configured<C> {
    fn protocol(&self) -> &'static str {
        std::any::type_name::<C>()
    }

    fn members(&self) -> usize {
        C::members(&self.config)
    }

    fn node(
        &self,
        first_kind: usize,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, DeciderRecord>,
    ) -> Box<dyn ErasedNode> {
        let own = |record: &DeciderRecord| -> C::Record {
            record.get::<C::Record>().expect("a node writes the records of its own protocol").clone()
        };
        let records: Vec<C::Record> = durable.records.iter().map(own).collect();
        let node = C::new(&self.config, me, nodes, seed, Durable { records: &records, torn: durable.torn });
        Box::new(Node { node, first_kind, abort: self.abort })
    }

    fn starting(&self, now: Time, proposal: Option<u64>) -> Rc<dyn ErasedConfig> {
        self.with(Rc::new(C::starting(&self.config, now, proposal)))
    }

    fn twin(&self, life: u32) -> Rc<dyn ErasedConfig> {
        self.with(C::twin(&self.config, life))
    }

    fn oracles(&self, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Decider>>> {
        Lifted::one(C::oracles(&self.config, ground_truth))
    }

    fn is_abortable(&self) -> bool {
        self.abort.is_some()
    }

    fn is_proven(
        &self,
        ctx: &mut Context<'_, Decider>,
        witness: NodeId,
        abort_proof: &DeciderAbortProof,
    ) -> bool {
        let rules = self.abort();
        within(ctx, 0, |ctx| (rules.is_proven)(&self.config, ctx, witness, abort_proof))
    }

    fn init_history(&self, proofs: Proofs<'_>) -> InitHistory {
        (self.abort().init_history)(&self.config, proofs)
    }

    fn with_init_value(&self, value: u64) -> Rc<dyn ErasedConfig> {
        self.with(Rc::new((self.abort().with_init_value)(&self.config, value)))
    }
}

/// A node of `C`.
struct Node<C: Decide> {
    node: C,
    first_kind: usize,
    abort: Option<AbortRules<C>>,
}

impl<C: Decide> Debug for Node<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(out)
    }
}

impl<C: Decide> ErasedNode for Node<C> {
    fn on_start(&mut self, ctx: &mut Context<'_, Decider>) {
        within(ctx, self.first_kind, |ctx| self.node.on_start(ctx));
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Decider>, from: NodeId, message: &DeciderMessage) {
        let message = message.get().expect("all nodes of a child run the same protocol");
        within(ctx, self.first_kind, |ctx| self.node.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Decider>, timer: &DeciderTimer) {
        let timer: &C::Timer = timer.get().expect("a node's timers are its protocol's");
        within(ctx, self.first_kind, |ctx| self.node.on_timer(ctx, timer.clone()));
    }

    fn on_synced(&mut self, ctx: &mut Context<'_, Decider>, token: u64) {
        within(ctx, self.first_kind, |ctx| self.node.on_synced(ctx, token));
    }

    fn state(&self) -> Option<&dyn Debug> {
        self.node.state()
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        self.node.leader()
    }

    fn retained_bytes(&self) -> usize {
        self.node.retained_bytes()
    }

    fn abort_proof(&self) -> DeciderAbortProof {
        let rules = self.abort.expect("a protocol that is left says how");
        (rules.abort_proof)(&self.node)
    }
}

/// The lens of an only child, which takes the types off its values.
struct Erase {
    first_kind: usize,
}

impl<C: Decide> Lens<C, Decider> for Erase {
    fn message(&mut self, message: C::Message) -> DeciderMessage {
        DeciderMessage::new(self.first_kind, message)
    }

    fn timer(&mut self, timer: C::Timer) -> DeciderTimer {
        DeciderTimer::new(timer)
    }

    fn record(&mut self, record: C::Record) -> DeciderRecord {
        DeciderRecord::new(record)
    }

    fn observation(&mut self, claim: C::Observation) -> Option<DeciderObservation> {
        let ending = C::ending(&claim);
        Some(DeciderObservation::new(claim, ending))
    }
}

/// Runs a handler of the child.
fn within<C: Decide, R>(
    ctx: &mut Context<'_, Decider>,
    first_kind: usize,
    run: impl FnOnce(&mut Context<'_, C>) -> R,
) -> R {
    ctx.narrow(0, Members::All, &mut Erase { first_kind }, run)
}

impl<C: Decide> ParentOf<C> for Decider {
    fn message(message: &DeciderMessage) -> Option<(u32, &C::Message)> {
        Some((0, message.get()?))
    }

    fn timer(timer: &DeciderTimer) -> Option<(u32, &C::Timer)> {
        Some((0, timer.get()?))
    }

    fn claim(claim: &DeciderObservation) -> Option<(u32, &C::Observation)> {
        Some((0, claim.get()?))
    }
}
