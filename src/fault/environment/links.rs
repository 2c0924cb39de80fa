//! Faults on links: those to and from some agents, or all of them, clients' included.

use crate::FaultSchedule;
use crate::builder::FaultBuilder;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor, SharedEffects};
use synod_sim::random::{CounterKey, Draws};
use synod_sim::{Duration, Message, NodeId, Protocol, Time};

/// A directed link.
pub(super) type Link = (NodeId, NodeId);

/// What a link fault does to a copy.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum LinkAction {
    Pass,
    Drop,
    Delay(Duration),
    /// A second copy arrives this much after the first.
    Duplicate(Duration),
    Damage,
}

/// Lets `decide` decide about every copy on the fault's links while it is active, by draws keyed by the copy.
pub(super) fn install<P: Protocol>(
    builder: &mut FaultBuilder<'_, P>,
    decide: impl FnMut(Link, &mut Draws) -> LinkAction + 'static,
) {
    builder.intercept(Box::new(LinkInterceptor {
        agents: builder.agents(),
        schedule: builder.schedule,
        key: builder.counter(),
        effects: builder.effects(),
        decide,
    }));
}

struct LinkInterceptor<J> {
    /// Whose links; all links if empty.
    agents: Vec<NodeId>,
    schedule: FaultSchedule,
    key: CounterKey,
    effects: SharedEffects,
    decide: J,
}

impl<M: Message, J: FnMut(Link, &mut Draws) -> LinkAction> Interceptor<M> for LinkInterceptor<J> {
    // Asked once for every copy, at its sender, whichever end is struck.
    fn covers(&self, _: NodeId, direction: Direction) -> bool {
        direction == Direction::Outbound
    }

    fn active_between(&self) -> (Time, Option<Time>) {
        (self.schedule.from, self.schedule.until)
    }

    fn intercept(
        &mut self,
        context: &mut AdversaryContext<'_, M>,
        _: Direction,
        envelope: &Envelope<'_, M>,
    ) -> Action<M> {
        let (from, to) = (envelope.from, envelope.to);
        let is_struck = self.agents.is_empty() || self.agents.contains(&from) || self.agents.contains(&to);
        if !is_struck || !self.schedule.is_on(context.now) {
            return Action::Pass;
        }
        let action = (self.decide)((from, to), &mut self.key.draws(from, to, envelope.number));
        let mut effects = self.effects.borrow_mut();
        match action {
            LinkAction::Pass | LinkAction::Delay(Duration::ZERO) => Action::Pass,
            LinkAction::Drop => {
                effects.dropped += 1;
                Action::Drop
            }
            LinkAction::Delay(span) => {
                effects.delayed += 1;
                Action::Delay(span)
            }
            LinkAction::Duplicate(apart) => {
                effects.duplicated += 1;
                Action::Duplicate { copies: 1, apart }
            }
            LinkAction::Damage => {
                effects.altered += 1;
                Action::Damage
            }
        }
    }
}
