//! The adversary: interceptors by the nodes that they cover, the keys held, and what correct nodes have detected.

use crate::auth::{Forge, Keyring};
use crate::collections::TreeMap;
use crate::inject::{Action, AdversaryContext, Direction, Envelope, Injection, Interceptor};
use crate::observation::Observation;
use crate::protocol::Protocol;
use crate::random::INJECTIONS;
use crate::{NodeId, Time};

pub(super) struct Adversary<P: Protocol> {
    interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
    /// For every node, the indices of the interceptors active on what it sends.
    out: Vec<Vec<u32>>,
    /// For every node, the indices of those active on what it is to receive.
    into: Vec<Vec<u32>>,
    /// True if there are any of the latter.
    listens: bool,
    /// When an interceptor is activated or deactivated next.
    next_activation: Time,
    /// Whose keys the adversary holds, by node.
    held: Vec<bool>,
    detected: TreeMap<NodeId, Time>,
    /// Injected messages that are yet to be sent.
    pub(super) injected: Vec<Injection<P::Message>>,
}

impl<P: Protocol> Adversary<P> {
    pub(super) fn new(
        nodes: usize,
        interceptors: Vec<Box<dyn Interceptor<P::Message>>>,
        corrupted: &[NodeId],
    ) -> Adversary<P> {
        let mut held = vec![false; nodes];
        corrupted.iter().for_each(|node| held[node.index()] = true);
        let lists = if interceptors.is_empty() { 0 } else { nodes };
        let mut adversary = Adversary {
            out: vec![Vec::new(); lists],
            into: vec![Vec::new(); lists],
            listens: false,
            next_activation: Time::MAX,
            interceptors,
            held,
            detected: TreeMap::new(),
            injected: Vec::new(),
        };
        adversary.update_active(Time::ZERO);
        adversary
    }

    /// Returns when an interceptor is activated or deactivated next.
    #[inline]
    pub(super) fn next_activation(&self) -> Time {
        self.next_activation
    }

    /// Recomputes which interceptors are active from `now` on, so that a copy meets active ones only.
    pub(super) fn update_active(&mut self, now: Time) {
        let Adversary { interceptors, out, into, .. } = self;
        out.iter_mut().chain(into.iter_mut()).for_each(Vec::clear);
        self.next_activation = Time::MAX;
        for (place, interceptor) in (0..).zip(interceptors) {
            let (from, until) = interceptor.active_between();
            let turns = [Some(from), until].into_iter().flatten().filter(|&turn| turn > now);
            self.next_activation = turns.fold(self.next_activation, Time::min);
            if now < from || until.is_some_and(|until| now >= until) {
                continue;
            }
            for (direction, lists) in [(Direction::Outbound, &mut *out), (Direction::Inbound, &mut *into)] {
                let nodes = (0..).map(NodeId).zip(lists);
                nodes
                    .filter(|(node, _)| interceptor.covers(*node, direction))
                    .for_each(|(_, list)| list.push(place));
            }
        }
        self.listens = into.iter().any(|list| !list.is_empty());
    }

    /// Returns true if an active interceptor covers what `node` sends.
    pub(super) fn guards(&self, node: NodeId) -> bool {
        self.out.get(node.index()).is_some_and(|list| !list.is_empty())
    }

    /// Returns true if an active interceptor covers what any node receives.
    #[inline]
    pub(super) fn listens(&self) -> bool {
        self.listens
    }

    /// Returns true if an active interceptor covers a copy from `from` to `to`.
    #[inline]
    pub(super) fn covers(&self, from: NodeId, to: NodeId) -> bool {
        let covers =
            |lists: &[Vec<u32>], node: NodeId| lists.get(node.index()).is_some_and(|l| !l.is_empty());
        covers(&self.out, from) || covers(&self.into, to)
    }

    /// Returns the highest epoch that a correct node which is up is in, and who leads it.
    pub(super) fn leader(&self, machines: &[Option<P>]) -> Option<(u64, NodeId)> {
        highest_leader(machines, &self.held)
    }

    /// Records proof of misbehaviour.
    #[inline]
    pub(super) fn learn(&mut self, now: Time, claimant: NodeId, observation: &P::Observation) {
        if !self.interceptors.is_empty()
            && let Some(accused) = observation.accuses()
            && !self.held[claimant.index()]
        {
            self.detected.entry(accused).or_insert(now);
        }
    }

    /// Asks every active interceptor that covers a copy, in order, until `take`, which gets each action, returns false.
    pub(super) fn ask(
        &mut self,
        now: Time,
        keyring: &Keyring,
        machines: &[Option<P>],
        (from, to, number): (NodeId, NodeId, u64),
        message: &P::Message,
        mut take: impl FnMut(Action<P::Message>) -> bool,
    ) {
        let Adversary { interceptors, out, into, held, detected, injected, .. } = self;
        let mut replaced: Option<P::Message> = None;
        let sides = [(Direction::Outbound, &out[from.index()]), (Direction::Inbound, &into[to.index()])];
        for (direction, places) in sides {
            for &place in places {
                let mut context = AdversaryContext {
                    now,
                    forge: Forge { keyring, held },
                    detected,
                    leader: &|| highest_leader(machines, held),
                    injected,
                    numbers: INJECTIONS.draws(from, to, number),
                };
                let copy = Envelope { from, to, number, message: replaced.as_ref().unwrap_or(message) };
                let verdict = interceptors[place as usize].intercept(&mut context, direction, &copy);
                if let Action::Replace(message) = &verdict {
                    replaced = Some(message.clone());
                }
                if !take(verdict) {
                    return;
                }
            }
        }
    }
}

fn highest_leader<P: Protocol>(machines: &[Option<P>], held: &[bool]) -> Option<(u64, NodeId)> {
    let correct = machines.iter().zip(held).filter(|&(_, held)| !held);
    correct.filter_map(|(machine, _)| machine.as_ref()?.leader()).max_by_key(|&(epoch, _)| epoch)
}
