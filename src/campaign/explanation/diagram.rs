//! What of an explanation is shown: whose lines, which messages, from when on.

use super::history::{Step, StepKind};
use super::past::{Chain, Link};
use std::collections::{BTreeMap, BTreeSet};
use synod_harness::Outcome;
use synod_sim::NodeId;

/// Options of the diagram.
#[derive(Clone, Debug, Default)]
pub struct DiagramOptions {
    /// Everything that happened, with upkeep, not only what led to the explanation's end.
    pub all: bool,
    /// These agents only; chosen by Synod if empty.
    pub agents: Vec<NodeId>,
}

/// The contents of a space-time diagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// Nodes with a lifeline, in ascending order.
    pub lifelines: Vec<NodeId>,
    /// Number of agents and client hosts without a lifeline.
    pub left_out: u32,
    /// The messages, in order of their ends.
    pub arrows: Vec<Arrow>,
    /// The places of all other steps, in order.
    pub marks: Vec<usize>,
    /// Number of messages between the lifelines before the first that is shown.
    pub earlier: u64,
    /// Number of messages later than that which are left out, between others than the violation names.
    pub among_others: u64,
    /// True if everything is shown, and not only what led to the explanation's end.
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

/// Number of lines that are drawn when a run has more nodes than stay readable.
const FOCUS: usize = 12;

/// The most arrows of a picture of a violation that lies far back, but for those of the nodes that it names.
const CROWD: usize = 1_000;

/// The most arrows of a picture that shows everything.
const WHOLE: usize = 6_000;

impl Diagram {
    /// Returns the scene of a run of whose `steps` those marked in `past` led to the explanation's end.
    pub(super) fn lay_out(
        outcome: &Outcome,
        steps: &[Step],
        past: &[bool],
        chains: &[Chain],
        options: &DiagramOptions,
    ) -> Diagram {
        let is_shown = |place: usize| options.all || past[place] && !steps[place].kind.is_upkeep();
        let links: BTreeSet<usize> = chains
            .iter()
            .flat_map(|chain| &chain.links)
            .filter_map(|link| match link {
                Link::Message(_, end) => Some(*end),
                Link::Timer(_) => None,
            })
            .collect();
        let (lifelines, left_out) = lifelines(outcome, steps, chains, options, is_shown);
        let has_lifeline = |node: NodeId| lifelines.binary_search(&node).is_ok();
        let mut sent: BTreeMap<u64, usize> = BTreeMap::new();
        let (mut arrows, mut marks) = (Vec::new(), Vec::new());
        for (place, step) in steps.iter().enumerate() {
            match step.kind {
                StepKind::Sent { id, .. } => {
                    sent.insert(id, place);
                }
                StepKind::Delivered { id, from, to, .. } | StepKind::Lost { id, from, to, .. } => {
                    if is_shown(place) && has_lifeline(from) && has_lifeline(to) {
                        let is_link = links.contains(&place);
                        arrows.push(Arrow { sent: sent.get(&id).copied(), end: place, is_link });
                    }
                }
                StepKind::Expired { node, .. } => {
                    let is_told = options.all || leads_to_something(steps, place, node);
                    if is_shown(place) && has_lifeline(node) && is_told {
                        marks.push(place);
                    }
                }
                StepKind::Claimed { node, .. }
                | StepKind::Panicked { node, .. }
                | StepKind::Crashed { node }
                | StepKind::Restarted { node, .. }
                | StepKind::Paused { node }
                | StepKind::Resumed { node } => {
                    if is_shown(place) && has_lifeline(node) {
                        marks.push(place);
                    }
                }
            }
        }
        // Enough for a whole decision by all to all, and for some view changes among few.
        let most =
            if options.all { WHOLE } else { (lifelines.len() * lifelines.len() * 9 / 4).clamp(240, 1_000) };
        let surplus = arrows.len().saturating_sub(most);
        // What the violation is about is in the picture, however much came after it.
        let before = first_needed(outcome, steps, chains)
            .map_or(surplus, |first| arrows.partition_point(|arrow| arrow.end < first));
        let earlier = surplus.min(before);
        arrows.drain(..earlier);
        let among_others = if options.all { 0 } else { thin_out(&mut arrows, outcome, steps) };
        if earlier > 0 && !arrows.is_empty() {
            let first = arrows[0].sent.unwrap_or(arrows[0].end);
            marks.retain(|&place| place >= first);
        }
        let too_many = marks.len().saturating_sub(2 * most.max(CROWD));
        marks.drain(..too_many);
        let earlier = earlier as u64;
        Diagram { lifelines, left_out, arrows, marks, earlier, among_others, is_whole: options.all }
    }

    /// Returns the places of the messages that the scene or `chains` tell of.
    pub(super) fn messages(&self, chains: &[Chain]) -> impl Iterator<Item = usize> {
        let arrows = self.arrows.iter().flat_map(|arrow| [arrow.sent, Some(arrow.end)]);
        let links = chains.iter().flat_map(|chain| &chain.links).flat_map(|link| match *link {
            Link::Message(sent, end) => [sent, Some(end)],
            Link::Timer(_) => [None, None],
        });
        arrows.chain(links).flatten()
    }
}

/// Leaves the links, the messages of nodes that the violation names, and of all others the last, [`CROWD`] in all if
/// possible. Returns how many are taken away.
fn thin_out(arrows: &mut Vec<Arrow>, outcome: &Outcome, steps: &[Step]) -> u64 {
    let mut surplus = arrows.len().saturating_sub(CROWD);
    let before = arrows.len();
    arrows.retain(|arrow| {
        let is_left_out = surplus > 0 && !arrow.is_link && !concerns(outcome, &steps[arrow.end]);
        surplus -= usize::from(is_left_out);
        !is_left_out
    });
    (before - arrows.len()) as u64
}

/// Returns the first place that a picture of the violation must show, if there is one: where the first of the operations
/// began that it is about, or where the last links of the chains begin.
fn first_needed(outcome: &Outcome, steps: &[Step], chains: &[Chain]) -> Option<usize> {
    let violation = outcome.violations.first()?;
    let began = violation.interleaving.iter().flat_map(|drawn| &drawn.intervals);
    let began = began.map(|interval| steps.partition_point(|step| step.at < interval.from));
    let linked = chains.iter().map(|chain| match chain.links.last() {
        Some(Link::Message(sent, end)) => sent.unwrap_or(*end),
        Some(Link::Timer(place)) => *place,
        None => chain.end,
    });
    began.chain(linked).min()
}

/// Returns true if the step is at a node that the violation names.
fn concerns(outcome: &Outcome, step: &Step) -> bool {
    let named =
        |node: NodeId| outcome.violations.iter().take(1).any(|violation| violation.agents.contains(&node));
    match step.kind {
        StepKind::Delivered { from, to, .. } | StepKind::Lost { from, to, .. } => named(from) || named(to),
        _ => false,
    }
}

/// Returns true if the expiry at `place` made `node` do more than upkeep.
fn leads_to_something(steps: &[Step], place: usize, node: NodeId) -> bool {
    let event = steps[place].event;
    let same = steps[place + 1..].iter().take_while(|step| step.event == event);
    same.filter(|step| step.kind.node() == Some(node)).any(|step| !step.kind.is_upkeep())
}

/// Whose lines are drawn, and how many have none: everyone's if they stay readable, or else those of whom the
/// explanation tells.
fn lifelines(
    outcome: &Outcome,
    steps: &[Step],
    chains: &[Chain],
    options: &DiagramOptions,
    is_shown: impl Fn(usize) -> bool,
) -> (Vec<NodeId>, u32) {
    // Agents always, client hosts as far as they have a part.
    let mut nodes: BTreeSet<NodeId> = (0..outcome.agents).map(NodeId).collect();
    for (place, step) in steps.iter().enumerate() {
        if let Some(node) = step.kind.node()
            && is_shown(place)
        {
            nodes.insert(node);
        }
    }
    let chosen: BTreeSet<NodeId> = match (&options.agents[..], nodes.len()) {
        ([], ..=LINES) => nodes.clone(),
        ([], _) => focus(outcome, steps, chains, &nodes),
        (agents, _) => agents.iter().copied().collect(),
    };
    let left_out = nodes.difference(&chosen).count() as u32;
    (chosen.into_iter().collect(), left_out)
}

/// Returns the nodes that the violation, the chains and the faults name, in this order, and then the first others.
fn focus(outcome: &Outcome, steps: &[Step], chains: &[Chain], nodes: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    /// No single fault takes more lines.
    const OF_A_FAULT: usize = 3;
    let named = outcome.violations.iter().take(1).flat_map(|violation| violation.agents.iter().copied());
    let linked = chains.iter().rev().flat_map(|chain| {
        let senders = chain.links.iter().rev().filter_map(|link| match *link {
            Link::Message(_, end) => match steps[end].kind {
                StepKind::Delivered { from, .. } => Some(from),
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
