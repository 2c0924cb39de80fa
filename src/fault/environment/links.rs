//! Faults on links: those to and from some agents, or all of them, clients' included.

use crate::Window;
use crate::grip::Grip;
use synod_sim::fault::{Copy, Interceptor, SharedEffects, Verdict, Way, Wire};
use synod_sim::random::{CounterKey, Draws};
use synod_sim::{Duration, Message, NodeId, Protocol, Time};

/// The way from a sender to a receiver.
pub(super) type Link = (NodeId, NodeId);

/// What a link does to a copy.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Nothing,
    Lose,
    Hold(Duration),
    /// A second copy arrives this much after the first.
    Repeat(Duration),
    Damage,
}

/// Lets `judge` decide about every copy on the fault's links while it is on, by draws that are the copy's own.
pub(super) fn arm<P: Protocol>(
    grip: &mut Grip<'_, P>,
    judge: impl FnMut(Link, &mut Draws) -> Deed + 'static,
) {
    grip.intercept(Box::new(OnLinks {
        agents: grip.agents(),
        window: grip.window,
        key: grip.counter(),
        effects: grip.effects(),
        judge,
    }));
}

struct OnLinks<J> {
    /// Whose links; all links if empty.
    agents: Vec<NodeId>,
    window: Window,
    key: CounterKey,
    effects: SharedEffects,
    judge: J,
}

impl<M: Message, J: FnMut(Link, &mut Draws) -> Deed> Interceptor<M> for OnLinks<J> {
    // Asked once for every copy, at its sender, whichever end is struck.
    fn covers(&self, _: NodeId, way: Way) -> bool {
        way == Way::Out
    }

    fn watch(&self) -> (Time, Option<Time>) {
        (self.window.from, self.window.until)
    }

    fn on_copy(&mut self, wire: &mut Wire<'_, M>, _: Way, copy: &Copy<'_, M>) -> Verdict<M> {
        let (from, to) = (copy.from, copy.to);
        let is_struck = self.agents.is_empty() || self.agents.contains(&from) || self.agents.contains(&to);
        if !is_struck || !self.window.is_on(wire.now) {
            return Verdict::Pass;
        }
        let deed = (self.judge)((from, to), &mut self.key.draws(from, to, copy.number));
        let mut effects = self.effects.borrow_mut();
        match deed {
            Deed::Nothing | Deed::Hold(Duration::ZERO) => Verdict::Pass,
            Deed::Lose => {
                effects.dropped += 1;
                Verdict::Withhold
            }
            Deed::Hold(span) => {
                effects.delayed += 1;
                Verdict::Delay(span)
            }
            Deed::Repeat(apart) => {
                effects.duplicated += 1;
                Verdict::Repeat { copies: 1, apart }
            }
            Deed::Damage => {
                effects.altered += 1;
                Verdict::Damage
            }
        }
    }
}
