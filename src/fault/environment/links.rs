//! Faults on links: those to and from some agents, or all of them, clients' included; or those from some agents to
//! others, one direction alone.

use crate::FaultSchedule;
use crate::builder::FaultBuilder;
use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor, SharedEffects};
use synod_sim::random::{CounterKey, Draws};
use synod_sim::{Duration, Message, NodeId, Time};

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

/// What decides about each copy on a link, by draws keyed by the copy.
pub(super) type LinkRule = Box<dyn FnMut(Link, &mut Draws) -> LinkAction>;

/// Lets a rule decide about every copy on the fault's links while it is active.
pub(crate) struct LinkInterceptor {
    /// Whose links; all links if empty.
    agents: Vec<NodeId>,
    /// The receiving ends of links from these agents; links in both directions if empty.
    to: Vec<NodeId>,
    schedule: FaultSchedule,
    key: CounterKey,
    effects: SharedEffects,
    rule: LinkRule,
}

impl LinkInterceptor {
    pub(super) fn new(rule: LinkRule, to: Vec<NodeId>, builder: &FaultBuilder<'_>) -> LinkInterceptor {
        LinkInterceptor {
            agents: builder.agents(),
            to,
            schedule: builder.schedule,
            key: builder.counter(),
            effects: builder.effects(),
            rule,
        }
    }

    fn strikes(&self, (from, to): Link) -> bool {
        let is_theirs = |node: &NodeId| self.agents.is_empty() || self.agents.contains(node);
        if self.to.is_empty() {
            return is_theirs(&from) || is_theirs(&to);
        }
        is_theirs(&from) && self.to.contains(&to)
    }

    /// Returns what becomes of the copy with the given number, and counts it.
    fn decide(&mut self, now: Time, (from, to): Link, number: u64) -> LinkAction {
        if !self.strikes((from, to)) || !self.schedule.is_on(now) {
            return LinkAction::Pass;
        }
        let action = (self.rule)((from, to), &mut self.key.draws(from, to, number));
        let mut effects = self.effects.borrow_mut();
        match action {
            LinkAction::Pass | LinkAction::Delay(Duration::ZERO) => return LinkAction::Pass,
            LinkAction::Drop => effects.dropped += 1,
            LinkAction::Delay(_) => effects.delayed += 1,
            LinkAction::Duplicate(_) => effects.duplicated += 1,
            LinkAction::Damage => effects.altered += 1,
        }
        action
    }
}

impl<M: Message> Interceptor<M> for LinkInterceptor {
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
        match self.decide(context.now, (envelope.from, envelope.to), envelope.number) {
            LinkAction::Pass => Action::Pass,
            LinkAction::Drop => Action::Drop,
            LinkAction::Delay(span) => Action::Delay(span),
            LinkAction::Duplicate(apart) => Action::Duplicate { copies: 1, apart },
            LinkAction::Damage => Action::Damage,
        }
    }
}
