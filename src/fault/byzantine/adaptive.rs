//! An adaptive adversary, which chooses its behavior by the state of the run.

use super::{Behavior, behavior, count};
use crate::builder::FaultBuilder;
use crate::{Adaptive, AdaptivePolicy, FaultSchedule};
use std::rc::Rc;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, SharedEffects};
use synod_sim::{Duration, NodeId, Protocol, Time};

/// Behaviors of which at most one is active at a time.
pub(super) struct AdaptiveBehavior<P: Protocol> {
    by: AdaptivePolicy,
    choices: Vec<Box<dyn Behavior<P>>>,
    coalition: Vec<NodeId>,
    agents: u32,
    /// End of honest behavior, where trust is to be gained first.
    trusted: Time,
    effects: SharedEffects,
}

/// Reference duration of the trust phase of a fault that never ends.
const LONG: Duration = Duration::from_secs(60);

impl<P: Protocol> AdaptiveBehavior<P> {
    pub(super) fn new(
        adaptive: &Adaptive,
        config: &Rc<P::Config>,
        builder: &mut FaultBuilder<'_>,
    ) -> AdaptiveBehavior<P> {
        let FaultSchedule { from, until, .. } = builder.schedule;
        let span = until.map_or(LONG, |until| until.since(from));
        let honest = match adaptive.by {
            AdaptivePolicy::Trust(share) => {
                u128::from(span.as_nanos()) * u128::from(share.ppb()) / 1_000_000_000
            }
            _ => 0,
        };
        AdaptiveBehavior {
            by: adaptive.by,
            choices: adaptive
                .choices
                .iter()
                .map(|choice| behavior(choice, config, &mut builder.under(choice.name())))
                .collect(),
            coalition: builder.agents(),
            agents: builder.params.agents,
            trusted: from + Duration::from_nanos(honest as u64),
            effects: builder.effects(),
        }
    }

    /// Returns the index of the active behavior; `None` for honest behavior.
    fn choose(&self, context: &AdversaryContext<'_, P::Message>) -> Option<usize> {
        let count = self.choices.len();
        let epoch = || context.leader().map_or(0, |(epoch, _)| epoch);
        let in_turn = |count: usize| (epoch() % count as u64) as usize;
        match self.by {
            AdaptivePolicy::Detection => {
                let detected =
                    self.coalition.iter().filter(|node| context.detected().contains_key(node)).count();
                (detected < count).then_some(detected)
            }
            AdaptivePolicy::Leader => {
                let leader = context.leader().map(|(_, leader)| leader);
                let leads = leader.is_some_and(|leader| {
                    let next = NodeId((leader.0 + 1) % self.agents);
                    self.coalition.contains(&leader) || self.coalition.contains(&next)
                });
                match leads {
                    true => Some(0),
                    false if count == 1 => None,
                    false => Some(1 + in_turn(count - 1)),
                }
            }
            AdaptivePolicy::Trust(_) => (context.now >= self.trusted).then(|| in_turn(count)),
        }
    }
}

impl<P: Protocol> Behavior<P> for AdaptiveBehavior<P> {
    fn acts_on_inbound(&self) -> bool {
        self.choices.iter().any(|choice| choice.acts_on_inbound())
    }

    fn observe(&mut self, context: &AdversaryContext<'_, P::Message>, envelope: &Envelope<'_, P::Message>) {
        self.choices.iter_mut().for_each(|choice| choice.observe(context, envelope));
    }

    fn act(
        &mut self,
        context: &mut AdversaryContext<'_, P::Message>,
        direction: Direction,
        envelope: &Envelope<'_, P::Message>,
    ) -> Action<P::Message> {
        let Some(place) = self.choose(context) else { return Action::Pass };
        let choice = &mut self.choices[place];
        if direction == Direction::Inbound && !choice.acts_on_inbound() {
            return Action::Pass;
        }
        let before = context.injected();
        let action = choice.act(context, direction, envelope);
        if !choice.counts_effects() {
            count(&mut self.effects.borrow_mut(), &action, context.injected() - before);
        }
        action
    }

    fn counts_effects(&self) -> bool {
        true
    }
}
