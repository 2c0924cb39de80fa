//! Protocol-independent Byzantine behaviors, at message level.
//!
//! Every kind is a `Behavior`: it decides about each copy that its agents send. `BehaviorInterceptor` restricts it to
//! its agents and its schedule, and counts its effects.

mod adaptive;
mod amplify;
mod bad_signature;
mod chance;
mod delay;
mod flood;
mod insider;
mod memory;
mod mutate;
mod replay;
mod reversed_order;
mod selective_omission;
mod silent;
mod twins;

use super::FaultSchedule;
use super::builder::FaultBuilder;
use super::kinds::Fault;
use std::rc::Rc;
use synod_sim::inject::{Action, AdversaryContext, Direction, Effects, Envelope, Interceptor, SharedEffects};
use synod_sim::{Duration, NodeId, Protocol};

/// Installs a fault; returns its interceptor, if it needs one.
pub(super) fn install<P: Protocol>(
    fault: &Fault,
    config: &Rc<P::Config>,
    builder: &mut FaultBuilder<'_>,
) -> Option<Box<dyn Interceptor<P::Message>>> {
    if let Fault::Twins(twins) = fault {
        twins::install(twins, builder);
        if !twins.rushing && twins.withhold.is_empty() {
            return None;
        }
    }
    let behavior = behavior(fault, config, builder);
    Some(Box::new(BehaviorInterceptor::<P> {
        agents: builder.agents(),
        schedule: builder.schedule,
        effects: builder.effects(),
        behavior,
    }))
}

/// Returns the behavior of the agents of `fault`.
fn behavior<P: Protocol>(
    fault: &Fault,
    config: &Rc<P::Config>,
    builder: &mut FaultBuilder<'_>,
) -> Box<dyn Behavior<P>> {
    match fault {
        Fault::Silent(_) => Box::new(silent::SilentBehavior),
        Fault::SelectiveOmission(selective_omission) => {
            Box::new(selective_omission::OmissionBehavior::new(selective_omission))
        }
        Fault::Delay(delay) => Box::new(delay::DelayBehavior::new(delay, builder)),
        Fault::ReversedOrder(reversed_order) => {
            Box::new(reversed_order::ReversedOrderBehavior::new(reversed_order, builder))
        }
        Fault::Replay(replay) => Box::new(replay::ReplayBehavior::new(replay, builder)),
        Fault::Mutate(mutate) => Box::new(mutate::MutateBehavior::new(mutate, builder)),
        Fault::BadSignature(bad_signature) => {
            Box::new(bad_signature::BadSignatureBehavior::new(bad_signature, builder))
        }
        Fault::Amplify(amplify) => Box::new(amplify::AmplifyBehavior::new(amplify)),
        Fault::Flood(flood) => Box::new(flood::FloodBehavior::new(flood, builder)),
        Fault::Twins(twins) => {
            Box::new(twins::TwinsBehavior::new(twins, builder.agents(), &P::kinds(config)))
        }
        Fault::Adaptive(adaptive) => Box::new(adaptive::AdaptiveBehavior::new(adaptive, config, builder)),
        Fault::Insider(insider) => Box::new(insider::InsiderBehavior::new(insider, config, builder)),
        other => panic!("{} is nothing that agents do on their wires", other.kind()),
    }
}

/// A message-level Byzantine behavior.
trait Behavior<P: Protocol> {
    /// Returns true if it acts on inbound copies, too.
    fn acts_on_inbound(&self) -> bool {
        false
    }

    /// Observes a copy of its agents, whether or not the fault is active.
    fn observe(&mut self, context: &AdversaryContext<'_, P::Message>, envelope: &Envelope<'_, P::Message>) {
        let _ = (context, envelope);
    }

    /// Decides about a copy of its agents, while the fault is active.
    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message>;

    /// Returns true if it counts its own effects.
    fn counts_effects(&self) -> bool {
        false
    }
}

/// A behavior, restricted to its agents and its schedule, with its effects counted.
struct BehaviorInterceptor<P: Protocol> {
    agents: Vec<NodeId>,
    schedule: FaultSchedule,
    effects: SharedEffects,
    behavior: Box<dyn Behavior<P>>,
}

impl<P: Protocol> Interceptor<P::Message> for BehaviorInterceptor<P> {
    fn covers(&self, node: NodeId, direction: Direction) -> bool {
        self.agents.contains(&node) && (direction == Direction::Outbound || self.behavior.acts_on_inbound())
    }

    fn intercept(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let action = if self.schedule.is_on(context.now) {
            let before = context.injected();
            let action = self.behavior.act(context, direction, envelope);
            if !self.behavior.counts_effects() {
                count(&mut self.effects.borrow_mut(), &action, context.injected() - before);
            }
            action
        } else {
            Action::Pass
        };
        self.behavior.observe(context, envelope);
        action
    }
}

/// Counts the effects of one action.
fn count<M>(effects: &mut Effects, action: &Action<M>, injected: usize) {
    effects.forged += injected as u64;
    match action {
        Action::Pass | Action::Delay(Duration::ZERO) => {}
        Action::Drop => effects.dropped += 1,
        Action::Delay(_) | Action::DeliverNow => effects.delayed += 1,
        Action::Replace(_) | Action::Damage => effects.altered += 1,
        Action::Duplicate { copies, .. } => effects.duplicated += u64::from(*copies),
    }
}
