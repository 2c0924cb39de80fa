//! What corrupted agents do on their wires, whatever the protocol.
//!
//! Every kind is a `Behavior`: a judgement on each copy that its agents send. Whose copies it is asked about, when,
//! and what is counted, is the same for all of them and stands in `BehaviorInterceptor`.

mod adaptive;
mod amplify;
mod chance;
mod delay;
mod flood;
mod garble;
mod insider;
mod invert;
mod memory;
mod mutate;
mod replay;
mod silent;
mod starve;
mod twins;

use super::FaultSchedule;
use super::builder::FaultBuilder;
use super::kinds::Fault;
use synod_sim::inject::{Action, AdversaryContext, Direction, Effects, Envelope, Interceptor, SharedEffects};
use synod_sim::{Duration, NodeId, Protocol};

pub(super) fn install<P: Protocol>(fault: &Fault, builder: &mut FaultBuilder<'_, P>) {
    if let Fault::Twins(twins) = fault {
        twins::install(twins, builder);
        if !twins.rushing && twins.withhold.is_empty() {
            return;
        }
    }
    let behavior = behavior(fault, builder);
    builder.intercept(Box::new(BehaviorInterceptor {
        agents: builder.agents(),
        schedule: builder.schedule,
        effects: builder.effects(),
        behavior,
    }));
}

/// What the agents of `fault` do on their wires.
fn behavior<P: Protocol>(fault: &Fault, builder: &mut FaultBuilder<'_, P>) -> Box<dyn Behavior<P>> {
    match fault {
        Fault::Silent(_) => Box::new(silent::SilentBehavior),
        Fault::Starve(starve) => Box::new(starve::OmissionBehavior::new(starve)),
        Fault::Delay(delay) => Box::new(delay::DelayBehavior::new(delay, builder)),
        Fault::Invert(invert) => Box::new(invert::ReversedOrderBehavior::new(invert, builder)),
        Fault::Replay(replay) => Box::new(replay::ReplayBehavior::new(replay, builder)),
        Fault::Mutate(mutate) => Box::new(mutate::MutateBehavior::new(mutate, builder)),
        Fault::Garble(garble) => Box::new(garble::BadSignatureBehavior::new(garble, builder)),
        Fault::Amplify(amplify) => Box::new(amplify::AmplifyBehavior::new(amplify)),
        Fault::Flood(flood) => Box::new(flood::FloodBehavior::new(flood, builder)),
        Fault::Twins(twins) => Box::new(twins::TwinsBehavior::new::<P>(twins, builder.agents())),
        Fault::Adaptive(adaptive) => Box::new(adaptive::AdaptiveBehavior::new(adaptive, builder)),
        Fault::Insider(insider) => Box::new(insider::InsiderBehavior::new(insider, builder)),
        other => panic!("{} is nothing that agents do on their wires", other.kind()),
    }
}

/// What agents do with the copies that they send, or are to receive.
trait Behavior<P: Protocol> {
    /// True if it has to do with what its agents are to receive, too.
    fn acts_on_inbound(&self) -> bool {
        false
    }

    /// Takes note of a copy on its agents' wires, whether or not the fault is on.
    fn observe(&mut self, context: &AdversaryContext<'_, P::Message>, envelope: &Envelope<'_, P::Message>) {
        let _ = (context, envelope);
    }

    /// The verdict on a copy on its agents' wires, while the fault is on.
    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message>;

    /// True if it counts itself what it does.
    fn counts_effects(&self) -> bool {
        false
    }
}

/// A conduct, kept to its agents and its window, with what it did counted.
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
        let action = match self.schedule.is_on(context.now) {
            true => {
                let before = context.injected();
                let action = self.behavior.act(context, direction, envelope);
                if !self.behavior.counts_effects() {
                    count(&mut self.effects.borrow_mut(), &action, context.injected() - before);
                }
                action
            }
            false => Action::Pass,
        };
        self.behavior.observe(context, envelope);
        action
    }
}

/// Counts what came of one copy.
fn count<M>(effects: &mut Effects, action: &Action<M>, injected: usize) {
    effects.forged += injected as u64;
    match action {
        Action::Pass | Action::DeliverNow | Action::Delay(Duration::ZERO) => {}
        Action::Drop => effects.dropped += 1,
        Action::Delay(_) => effects.delayed += 1,
        Action::Replace(_) | Action::Damage => effects.altered += 1,
        Action::Duplicate { copies, .. } => effects.duplicated += u64::from(*copies),
    }
}
