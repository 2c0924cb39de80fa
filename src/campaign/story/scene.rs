//! What of a story is shown: whose lines, which messages, from when on.

use super::history::{Deed, Step};
use super::past::{Chain, Link};
use std::collections::{BTreeMap, BTreeSet};
use synod_harness::Outcome;
use synod_sim::NodeId;

/// What the reader wants to see.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Everything that happened, with upkeep, not only what led to the story's end.
    pub all: bool,
    /// These agents only; chosen by Synod if empty.
    pub agents: Vec<NodeId>,
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Whose lines, in ascending order.
    pub cast: Vec<NodeId>,
    /// How many agents and client hosts have none.
    pub left_out: u32,
    /// The messages, in order of their ends.
    pub arrows: Vec<Arrow>,
    /// The places of all other steps, in order.
    pub marks: Vec<usize>,
    /// How many messages between the cast came before the first that is shown.
    pub earlier: u64,
    /// True if everything is shown, and not only what led to the story's end.
    pub is_whole: bool,
}

/// A copy of a message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The place of its sending, if it is known.
    pub sent: Option<usize>,
    /// The place of its delivery or loss.
    pub end: usize,
    /// True if it belongs to a chain.
    pub is_link: bool,
}

/// Up to this many lines stay readable.
const LINES: usize = 20;

/// How many lines are drawn when a run has more nodes than stay readable.
const FOCUS: usize = 12;

/// The most arrows of a picture that shows everything.
const WHOLE: usize = 6_000;

impl Scene {
    /// The scene of a run of whose `steps` those marked in `past` led to the story's end.
    pub(super) fn set(
        outcome: &Outcome,
        steps: &[Step],
        past: &[bool],
        chains: &[Chain],
        wish: &Wish,
    ) -> Scene {
        let is_shown = |place: usize| wish.all || past[place] && !steps[place].deed.is_upkeep();
        let links: BTreeSet<usize> = chains
            .iter()
            .flat_map(|chain| &chain.links)
            .filter_map(|link| match link {
                Link::Message(_, end) => Some(*end),
                Link::Timer(_) => None,
            })
            .collect();
        let (cast, left_out) = cast(outcome, steps, chains, wish, is_shown);
        let is_cast = |node: NodeId| cast.binary_search(&node).is_ok();
        let mut sent: BTreeMap<u64, usize> = BTreeMap::new();
        let (mut arrows, mut marks) = (Vec::new(), Vec::new());
        for (place, step) in steps.iter().enumerate() {
            match step.deed {
                Deed::Sent { id, .. } => {
                    sent.insert(id, place);
                }
                Deed::Delivered { id, from, to, .. } | Deed::Lost { id, from, to, .. } => {
                    if is_shown(place) && is_cast(from) && is_cast(to) {
                        let is_link = links.contains(&place);
                        arrows.push(Arrow { sent: sent.get(&id).copied(), end: place, is_link });
                    }
                }
                Deed::Expired { node, .. } => {
                    let is_told = wish.all || leads_to_something(steps, place, node);
                    if is_shown(place) && is_cast(node) && is_told {
                        marks.push(place);
                    }
                }
                Deed::Claimed { node, .. } | Deed::Crashed { node } | Deed::Restarted { node, .. } => {
                    if is_shown(place) && is_cast(node) {
                        marks.push(place);
                    }
                }
            }
        }
        // Enough for a whole decision by all to all, and for some view changes among few.
        let most = if wish.all { WHOLE } else { (cast.len() * cast.len() * 9 / 4).clamp(240, 1_000) };
        let earlier = arrows.len().saturating_sub(most);
        arrows.drain(..earlier);
        if earlier > 0 {
            let first = arrows[0].sent.unwrap_or(arrows[0].end);
            marks.retain(|&place| place >= first);
        }
        let too_many = marks.len().saturating_sub(2 * most);
        marks.drain(..too_many);
        Scene { cast, left_out, arrows, marks, earlier: earlier as u64, is_whole: wish.all }
    }

    /// The places of the messages that the scene or `chains` tell of.
    pub(super) fn told(&self, chains: &[Chain]) -> impl Iterator<Item = usize> {
        let arrows = self.arrows.iter().flat_map(|arrow| [arrow.sent, Some(arrow.end)]);
        let links = chains.iter().flat_map(|chain| &chain.links).flat_map(|link| match *link {
            Link::Message(sent, end) => [sent, Some(end)],
            Link::Timer(_) => [None, None],
        });
        arrows.chain(links).flatten()
    }
}

/// True if the expiry at `place` made `node` do more than upkeep.
fn leads_to_something(steps: &[Step], place: usize, node: NodeId) -> bool {
    let event = steps[place].event;
    let same = steps[place + 1..].iter().take_while(|step| step.event == event);
    same.filter(|step| step.deed.node() == Some(node)).any(|step| !step.deed.is_upkeep())
}

/// Whose lines are drawn, and how many have none: everyone's if they stay readable, or else those of whom the story
/// tells.
fn cast(
    outcome: &Outcome,
    steps: &[Step],
    chains: &[Chain],
    wish: &Wish,
    is_shown: impl Fn(usize) -> bool,
) -> (Vec<NodeId>, u32) {
    // Agents always, client hosts as far as they have a part.
    let mut nodes: BTreeSet<NodeId> = (0..outcome.agents).map(NodeId).collect();
    for (place, step) in steps.iter().enumerate() {
        if let Some(node) = step.deed.node()
            && is_shown(place)
        {
            nodes.insert(node);
        }
    }
    let chosen: BTreeSet<NodeId> = match (&wish.agents[..], nodes.len()) {
        ([], ..=LINES) => nodes.clone(),
        ([], _) => focus(outcome, steps, chains, &nodes),
        (agents, _) => agents.iter().copied().collect(),
    };
    let left_out = nodes.difference(&chosen).count() as u32;
    (chosen.into_iter().collect(), left_out)
}

/// The nodes that the violation, the chains and the faults name, in this order, and then the first others.
fn focus(outcome: &Outcome, steps: &[Step], chains: &[Chain], nodes: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    /// No single fault takes more lines.
    const OF_A_FAULT: usize = 3;
    let named = outcome.violations.iter().take(1).flat_map(|violation| violation.agents.iter().copied());
    let linked = chains.iter().rev().flat_map(|chain| {
        let senders = chain.links.iter().rev().filter_map(|link| match *link {
            Link::Message(_, end) => match steps[end].deed {
                Deed::Delivered { from, .. } => Some(from),
                _ => None,
            },
            Link::Timer(_) => None,
        });
        std::iter::once(chain.node).chain(senders)
    });
    let faulty = outcome.faults.iter().flat_map(|fault| fault.agents.iter().copied().take(OF_A_FAULT));
    let mut chosen = BTreeSet::new();
    for node in named.chain(linked).chain(faulty).chain(nodes.iter().copied()) {
        if chosen.len() == FOCUS {
            break;
        }
        chosen.insert(node);
    }
    chosen
}
