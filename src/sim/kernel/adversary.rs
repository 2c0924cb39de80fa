//! The adversary's hands: interceptors by the nodes that they cover, the keys held, and what correct nodes found out.

use crate::sim::auth::{Forge, Keyring};
use crate::sim::fault::{Copy, Injection, Interceptor, Verdict, Way, Wire};
use crate::sim::protocol::{Observation, Protocol};
use crate::sim::random::INJECTIONS;
use crate::sim::{NodeId, Time};
use std::collections::BTreeMap;

pub(super) struct Adversary<P: Protocol> {
    interceptors: Vec<Box<dyn Interceptor<P>>>,
    /// For every node, the places of the interceptors on what it sends.
    out: Vec<Vec<u32>>,
    /// For every node, the places of those on what it is to receive.
    into: Vec<Vec<u32>>,
    /// True if there are any of the latter.
    listens: bool,
    /// Whose keys the adversary holds, by node.
    held: Vec<bool>,
    detected: BTreeMap<NodeId, Time>,
    /// Messages that were made up and are yet to be sent.
    pub(super) injected: Vec<Injection<P::Message>>,
}

impl<P: Protocol> Adversary<P> {
    pub(super) fn new(
        nodes: usize,
        interceptors: Vec<Box<dyn Interceptor<P>>>,
        corrupted: &[NodeId],
    ) -> Adversary<P> {
        let places = |way| -> Vec<Vec<u32>> {
            if interceptors.is_empty() {
                return Vec::new();
            }
            let of = |node| {
                let covering = interceptors.iter().enumerate().filter(|(_, other)| other.covers(node, way));
                covering.map(|(place, _)| place as u32).collect()
            };
            (0..nodes as u32).map(NodeId).map(of).collect()
        };
        let (out, into) = (places(Way::Out), places(Way::In));
        let mut held = vec![false; nodes];
        corrupted.iter().for_each(|node| held[node.index()] = true);
        Adversary {
            listens: into.iter().any(|list| !list.is_empty()),
            interceptors,
            out,
            into,
            held,
            detected: BTreeMap::new(),
            injected: Vec::new(),
        }
    }

    /// True if an interceptor covers what `node` sends.
    pub(super) fn guards(&self, node: NodeId) -> bool {
        self.out.get(node.index()).is_some_and(|list| !list.is_empty())
    }

    /// True if an interceptor covers what any node receives.
    #[inline]
    pub(super) fn listens(&self) -> bool {
        self.listens
    }

    /// True if an interceptor covers a copy from `from` to `to`.
    #[inline]
    pub(super) fn covers(&self, from: NodeId, to: NodeId) -> bool {
        let covers =
            |lists: &[Vec<u32>], node: NodeId| lists.get(node.index()).is_some_and(|l| !l.is_empty());
        covers(&self.out, from) || covers(&self.into, to)
    }

    /// The highest epoch that a correct node which is up is in, and who leads it.
    pub(super) fn leader(&self, machines: &[Option<P>]) -> Option<(u64, NodeId)> {
        highest_leader(machines, &self.held)
    }

    /// Takes note of proof against a node.
    #[inline]
    pub(super) fn learn(&mut self, now: Time, claimant: NodeId, observation: &P::Observation) {
        if !self.interceptors.is_empty()
            && let Some(accused) = observation.accuses()
            && !self.held[claimant.index()]
        {
            self.detected.entry(accused).or_insert(now);
        }
    }

    /// Asks every interceptor that covers a copy, in order, until `take`, which gets each verdict, says that nothing is
    /// left to judge.
    pub(super) fn ask(
        &mut self,
        now: Time,
        keyring: &Keyring,
        machines: &[Option<P>],
        (from, to, number): (NodeId, NodeId, u64),
        message: &P::Message,
        mut take: impl FnMut(Verdict<P::Message>) -> bool,
    ) {
        let Adversary { interceptors, out, into, held, detected, injected, .. } = self;
        let mut replaced: Option<P::Message> = None;
        let sides = [(Way::Out, &out[from.index()]), (Way::In, &into[to.index()])];
        for (way, places) in sides {
            for &place in places {
                let mut wire = Wire {
                    now,
                    forge: Forge { keyring, held },
                    detected,
                    leader: &|| highest_leader(machines, held),
                    injected,
                    numbers: INJECTIONS.draws(from, to, number),
                };
                let copy = Copy { from, to, number, message: replaced.as_ref().unwrap_or(message) };
                let verdict = interceptors[place as usize].on_copy(&mut wire, way, &copy);
                if let Verdict::Replace(message) = &verdict {
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
