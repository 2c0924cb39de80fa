//! The causal past of an event (happened-before), and the chain of messages that led to it.

use super::history::{Step, StepKind};
use std::collections::BTreeSet;
use synod_sim::{Cause, NodeId};

/// Returns for each of `steps` whether it lies in the causal past of any of `ends`. An end is the index of a step and
/// the node whose past is meant.
///
/// Happened-before is Lamport's: the order of steps at each node, and sending before delivery. In addition, a
/// message lost on its way to a node of the past counts, both its loss and its sending, since a missing message is a
/// cause too; the earlier steps of its sender do not.
pub fn causal_past<'a>(
    steps: impl DoubleEndedIterator<Item = &'a Step> + ExactSizeIterator,
    ends: &[(usize, NodeId)],
) -> Vec<bool> {
    let mut ends = ends.to_vec();
    ends.sort_unstable();
    let mut past = vec![false; steps.len()];
    let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
    // Messages that were delivered within the past, and those that were lost on their way into it.
    let (mut arrived, mut missed) = (BTreeSet::new(), BTreeSet::new());
    for (place, step) in steps.enumerate().rev() {
        while let Some(&(end, node)) = ends.last()
            && end >= place
        {
            nodes.insert(node);
            ends.pop();
        }
        past[place] = match step.kind {
            StepKind::Sent { id, from, .. } => {
                if arrived.remove(&id) {
                    nodes.insert(from);
                }
                missed.remove(&id) || nodes.contains(&from)
            }
            StepKind::Delivered { id, to, .. } | StepKind::Lost { id, to, .. } => {
                let is_past = nodes.contains(&to);
                if is_past {
                    let is_delivered = matches!(step.kind, StepKind::Delivered { .. });
                    (if is_delivered { &mut arrived } else { &mut missed }).insert(id);
                }
                is_past
            }
            StepKind::Expired { node, .. }
            | StepKind::Claimed { node, .. }
            | StepKind::Panicked { node, .. }
            | StepKind::Crashed { node }
            | StepKind::Restarted { node, .. }
            | StepKind::Paused { node }
            | StepKind::Resumed { node } => nodes.contains(&node),
        };
    }
    past
}

/// The chain of messages that led a node to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The node.
    pub node: NodeId,
    /// The index of the step.
    pub end: usize,
    /// The links, oldest first.
    pub links: Vec<Link>,
}

/// A link of a chain: the input that made a node act.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A message: the index of its sending, if the history holds it, and that of its delivery.
    Message(Option<usize>, usize),
    /// A timer: the index of its expiry.
    Timer(usize),
}

/// Returns the chain of at most `longest` links that ends with the step at index `end` of `node`. It goes back from
/// each step to the message or timer whose handler made it, which may have run long before, and from a message on to its
/// sender. Before a timer, and before what no handler made, comes the last message that was delivered to the node. Upkeep
/// messages, such as heartbeats, are skipped.
pub fn chain(steps: &[Step], end: usize, node: NodeId, longest: usize) -> Chain {
    let mut links = Vec::new();
    let (mut place, mut current) = (end, node);
    while links.len() < longest {
        let Some(cause) = cause(steps, place, current) else { break };
        let StepKind::Delivered { id, from, .. } = steps[cause].kind else {
            links.push(Link::Timer(cause));
            let Some(before) = cause.checked_sub(1) else { break };
            place = before;
            continue;
        };
        let sent = steps[..cause]
            .iter()
            .rposition(|step| matches!(step.kind, StepKind::Sent { id: other, .. } if other == id));
        links.push(Link::Message(sent, cause));
        let Some(sent) = sent else { break };
        (place, current) = (sent, from);
    }
    links.reverse();
    Chain { node, end, links }
}

/// Returns the index of the delivery or expiry that led `node` to the step at index `place`.
fn cause(steps: &[Step], place: usize, node: NodeId) -> Option<usize> {
    let Step { cause, event, ref kind, .. } = steps[place];
    // What the handler of a node leads to is the node's own.
    let cause = if kind.node() == Some(node) { cause } else { Cause::Nobody };
    let before = |is_it: &dyn Fn(&Step) -> bool| steps[..=place].iter().rposition(is_it);
    let last = |until: usize| {
        steps[..=until].iter().rposition(|step| match step.kind {
            StepKind::Delivered { to, kind, .. } => to == node && !kind.upkeep,
            StepKind::Expired { node: owner, .. } => owner == node && step.event == event,
            _ => false,
        })
    };
    match cause {
        Cause::Nobody => last(place),
        Cause::Start => None,
        Cause::Timer(number) => before(&|step| {
            step.event == number
                && matches!(step.kind, StepKind::Expired { node: owner, .. } if owner == node)
        }),
        Cause::Message(number) => {
            let handled = before(
                &|step| matches!(step.kind, StepKind::Delivered { id, to, .. } if id == number && to == node),
            )?;
            if steps[handled].kind.is_upkeep() { last(handled) } else { Some(handled) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::network::LossCause;
    use synod_sim::{Kind, Time, Value};

    const VOTE: Kind = Kind::protocol("vote");

    fn history(kinds: impl IntoIterator<Item = StepKind>) -> Vec<Step> {
        let step = |(place, kind)| Step {
            at: Time::from_nanos(place as u64),
            event: place as u64,
            cause: Cause::Nobody,
            kind,
        };
        kinds.into_iter().enumerate().map(step).collect()
    }

    fn sent(id: u64, from: u32) -> StepKind {
        StepKind::Sent { id, from: NodeId(from), kind: VOTE }
    }

    fn delivered(id: u64, from: u32, to: u32) -> StepKind {
        StepKind::Delivered { id, from: NodeId(from), to: NodeId(to), kind: VOTE }
    }

    fn expired(node: u32) -> StepKind {
        StepKind::Expired { node: NodeId(node), timer: Value::Variant("Tick", None).into() }
    }

    fn places(past: &[bool]) -> Vec<usize> {
        (0..past.len()).filter(|&place| past[place]).collect()
    }

    /// Messages from node 0 to 1 to 2; also one from 3 to 0, which arrives too late to matter, and one from 4 to 2,
    /// which is lost.
    fn relay() -> Vec<Step> {
        history([
            expired(0),
            expired(3),
            expired(4),
            sent(1, 0),
            sent(2, 3),
            sent(3, 4),
            StepKind::Lost { id: 3, from: NodeId(4), to: NodeId(2), kind: VOTE, why: LossCause::Chance },
            delivered(1, 0, 1),
            delivered(2, 3, 0),
            sent(4, 1),
            delivered(4, 1, 2),
            expired(1),
            expired(2),
            delivered(1, 0, 2),
        ])
    }

    #[test]
    fn the_past_holds_what_can_have_led_there_and_nothing_else() {
        let steps = relay();
        let past = |end, node| places(&causal_past(steps.iter(), &[(end, NodeId(node))]));
        assert_eq!(past(12, 2), [0, 3, 5, 6, 7, 9, 10, 12], "not 3's message, nor what 4 did before");
        assert_eq!(past(8, 0), [0, 1, 3, 4, 8]);
        assert!(past(0, 3).is_empty(), "node 3 has done nothing yet");
        assert_eq!(causal_past(steps.iter(), &[]), [false; 14]);
    }

    #[test]
    fn pasts_of_several_ends_are_one() {
        let steps = relay();
        let both = causal_past(steps.iter(), &[(1, NodeId(3)), (8, NodeId(0)), (2, NodeId(4))]);
        assert_eq!(places(&both), [0, 1, 2, 3, 4, 8]);
    }

    #[test]
    fn a_chain_goes_back_from_node_to_node() {
        let steps = relay();
        let links = |longest| chain(&steps, 12, NodeId(2), longest).links;
        let whole = [Link::Message(Some(3), 7), Link::Message(Some(9), 10), Link::Timer(12)];
        assert_eq!(links(8), whole);
        assert_eq!(links(2), whole[1..]);
    }

    #[test]
    fn a_chain_goes_back_to_the_handler_that_made_a_step_however_late_it_appears() {
        let mut steps = history([
            delivered(1, 0, 2),
            expired(2),
            delivered(2, 1, 2),
            sent(3, 2),
            sent(4, 2),
            sent(5, 2),
            sent(6, 2),
        ]);
        steps[3].cause = Cause::Message(1);
        steps[4].cause = Cause::Timer(1);
        steps[5].cause = Cause::Start;
        let last = |end| chain(&steps, end, NodeId(2), 1).links;
        assert_eq!(last(3), [Link::Message(None, 0)]);
        assert_eq!(last(4), [Link::Timer(1)]);
        assert_eq!(last(5), []);
        assert_eq!(last(6), [Link::Message(None, 2)], "no handler is known");
    }

    #[test]
    fn a_chain_ends_where_the_history_does() {
        let steps = history([delivered(1, 0, 1), sent(2, 1), delivered(2, 1, 0)]);
        let links = chain(&steps, 2, NodeId(0), 8).links;
        assert_eq!(links, [Link::Message(None, 0), Link::Message(Some(1), 2)]);
    }
}
