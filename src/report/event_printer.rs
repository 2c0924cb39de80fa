//! Prints some events of a run, line by line.

use super::spacetime::why_lost;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use synod_harness::{AnyEvent, Describe, Recorder, beyond_kind, readable_within};
use synod_sim::{EventTime, NodeId, Recipients};

/// Number of scalars of a value that are read, and the length of its text, in bytes.
const VALUE: (usize, usize) = (500, 200);

/// Prints some events of a run.
#[derive(Debug)]
pub struct EventPrinter {
    events: RangeInclusive<u64>,
    lines: BTreeMap<u64, Vec<String>>,
}

impl EventPrinter {
    /// Tells of the events with these numbers.
    pub fn new(events: RangeInclusive<u64>) -> EventPrinter {
        EventPrinter { events, lines: BTreeMap::new() }
    }

    /// Returns what it has to tell of an event: nothing where only an agent's own affairs were concerned.
    pub fn lines_of(&self, event: u64) -> &[String] {
        self.lines.get(&event).map_or(&[], Vec::as_slice)
    }
}

impl Recorder for EventPrinter {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        if !self.events.contains(&moment.event) {
            return;
        }
        let what = match event {
            AnyEvent::Sent { from, to, kind, message, .. } => {
                let words = short(message);
                let said = beyond_kind(kind.name, &words);
                format!("agent {from} sends {} to {}: {said}", kind.name, receivers(to))
            }
            AnyEvent::Delivered { from, to, kind, .. } => {
                format!("agent {to} receives {} from agent {from}", kind.name)
            }
            AnyEvent::Lost { from, to, kind, why, .. } => {
                format!("{} from agent {from} to agent {to} never arrives: {}", kind.name, why_lost(why))
            }
            AnyEvent::Expired { node, timer } => {
                format!("a timer of agent {node} expires: {}", short(timer))
            }
            AnyEvent::Observed { node, claim, .. } => format!("agent {node} claims: {}", short(claim)),
            AnyEvent::Panicked { node, during, message, .. } => {
                format!("agent {node} panics while {during}: {message}")
            }
            AnyEvent::Crashed { node } => format!("agent {node} crashes"),
            AnyEvent::Restarted { node, .. } => format!("agent {node} restarts"),
            AnyEvent::Paused { node } => format!("agent {node} stands still"),
            AnyEvent::Resumed { node } => format!("agent {node} goes on"),
            AnyEvent::Cut { id, .. } => format!("cut {id} begins"),
            AnyEvent::Healed { id } => format!("cut {id} heals"),
        };
        self.lines.entry(moment.event).or_default().push(format!("at {} {what}", moment.at));
    }
}

fn receivers(to: &Recipients) -> String {
    match to {
        Recipients::One(node) => format!("agent {node}"),
        Recipients::Peers(range) => {
            format!("its peers among agents {} to {}", range.start, range.end.saturating_sub(1))
        }
        Recipients::List(nodes) => {
            let numbers: Vec<String> = nodes.iter().map(NodeId::to_string).collect();
            format!("agents {}", numbers.join(" "))
        }
    }
}

/// Formats a value, truncated if it is long.
fn short(value: &dyn Describe) -> String {
    readable_within(&value.beginning(VALUE.0), VALUE.1)
}
