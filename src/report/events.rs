//! A run as JSON Lines: one object for each thing that happened, in order.
//!
//! The same run gives the same bytes. The lines' schema is made from the type that is written, so it says what they
//! hold.

use super::stream::Stream;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};
use synod_harness::Draft;
use synod_harness::{AnyEvent, Prepared, Recorded, Recorder};
use synod_sim::network::LossCause;
use synod_sim::{Cause, EventTime, NodeId, Recipients, Value as Said};

/// A line. Nodes are numbers: agents first, then the hosts of clients. Times are nanoseconds of the run's own time.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schemars(title = "Synod event", deny_unknown_fields)]
enum Line<'a> {
    /// The first line: which run this is.
    Run {
        /// The scenario's name.
        scenario: &'a str,
        /// The protocol's.
        protocol: &'a str,
        /// The seed.
        seed: u64,
        /// Number of nodes that are agents; all others are hosts of clients.
        agents: u32,
        /// The version of Synod.
        version: &'a str,
    },
    /// A node sent a message.
    Sent {
        /// The event's number in the run, from 1.
        event: u64,
        /// When.
        at_ns: u64,
        /// Who sent it.
        node: u32,
        /// The message's number, which its deliveries and losses bear too.
        id: u64,
        /// The protocol's name for its kind.
        message: &'a str,
        /// Its size on the wire.
        bytes: usize,
        /// To whom, one copy each.
        to: Vec<u32>,
        /// True if it was sent before.
        resend: bool,
        /// Copies that a fault kept from leaving.
        withheld: u32,
        /// The handler that made it, by its input; missing if none did.
        #[serde(skip_serializing_if = "Option::is_none")]
        handler: Option<Handler>,
        /// Its content, by the names of its fields: nodes as numbers, times in nanoseconds.
        #[schemars(with = "Value")]
        content: Said,
    },
    /// A copy reached its receiver.
    Delivered {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// Who received it.
        node: u32,
        /// The message's number.
        id: u64,
        /// The kind, as it arrived.
        message: &'a str,
        /// The size, as it arrived.
        bytes: usize,
        /// Who sent it.
        from: u32,
        /// The number of the event in which it was sent.
        cause: u64,
    },
    /// A copy will never reach its receiver.
    Lost {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// Who would have received it.
        node: u32,
        /// The message's number.
        id: u64,
        /// The kind.
        message: &'a str,
        /// The size.
        bytes: usize,
        /// Who sent it.
        from: u32,
        /// The number of the event in which it was sent.
        cause: u64,
        /// Why.
        why: Why,
    },
    /// A timer expired.
    Expired {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The owner.
        node: u32,
        /// The protocol's name of it.
        #[schemars(with = "Value")]
        timer: Said,
    },
    /// A node claimed something.
    Claimed {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// Who.
        node: u32,
        /// The coverage mark that it hits, if it hits one.
        #[serde(skip_serializing_if = "Option::is_none")]
        mark: Option<&'a str>,
        /// The handler that made it, by its input; missing if none did.
        #[serde(skip_serializing_if = "Option::is_none")]
        handler: Option<Handler>,
        /// Its content, by the names of its fields.
        #[schemars(with = "Value")]
        claim: Said,
    },
    /// A node's protocol panicked.
    Panicked {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The one concerned.
        node: u32,
        /// What it was doing.
        during: &'a str,
        /// What the panic says.
        message: &'a str,
        /// File, line and column.
        place: Option<&'a str>,
    },
    /// A node crashed.
    Crashed {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The one concerned.
        node: u32,
    },
    /// A node was built anew.
    Restarted {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The one concerned.
        node: u32,
        /// True if it came back without its storage.
        wiped: bool,
    },
    /// A node stands still: what is due at it waits.
    Paused {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The one concerned.
        node: u32,
    },
    /// A node that stood still goes on.
    Resumed {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The one concerned.
        node: u32,
    },
    /// A cut began to separate nodes.
    Cut {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The cut's number.
        cut: u32,
        /// Whom it separates from whom.
        separates: String,
    },
    /// A cut healed.
    Healed {
        /// The event's number.
        event: u64,
        /// When.
        at_ns: u64,
        /// The cut's number.
        cut: u32,
    },
}

/// A handler, by its input. What it made may appear long after it ran.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Handler {
    /// The node's start.
    Start,
    /// The message with this number.
    Message(u64),
    /// The timer that expired in the event with this number.
    Timer(u64),
}

impl Handler {
    fn of(cause: Cause) -> Option<Handler> {
        Some(match cause {
            Cause::Nobody => return None,
            Cause::Start => Handler::Start,
            Cause::Message(id) => Handler::Message(id),
            Cause::Timer(event) => Handler::Timer(event),
        })
    }
}

/// Why a copy was lost.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Why {
    /// The network dropped it by chance.
    Chance,
    /// It is larger than the network carries.
    TooLarge,
    /// A cut separates sender and receiver.
    Partition,
    /// A fault withheld it.
    Withheld,
    /// It was damaged beyond recognition.
    Damaged,
    /// The receiver was down.
    Down,
    /// There is no such receiver.
    NoSuchNode,
}

/// Writes a run's events as the run goes on. Beside what is written it keeps eight bytes for each message.
pub struct Events<W: Write> {
    out: Stream<W>,
    /// The event in which each message was sent, by the message's number.
    sent: Vec<u64>,
}

impl<W: Write> Events<W> {
    /// Creates the events of the run of `scenario` with `seed`, so many bytes at most.
    pub fn new(out: W, scenario: &dyn Prepared, seed: u64, limit: u64) -> Events<W> {
        let mut events = Events { out: Stream::new(out, limit), sent: Vec::new() };
        events.write(&Line::Run {
            scenario: scenario.name(),
            protocol: scenario.protocol(),
            seed,
            agents: scenario.agents(),
            version: synod_sim::VERSION,
        });
        events
    }

    fn write(&mut self, line: &Line<'_>) {
        self.out.write(|out| {
            serde_json::to_writer(&mut *out, line)?;
            out.write_all(b"\n")
        });
    }

    fn note_sent(&mut self, id: u64, event: u64) {
        let place = id as usize;
        if place >= self.sent.len() {
            self.sent.resize(place + 1, 0);
        }
        self.sent[place] = event;
    }
}

/// Returns the JSON Schema of a line.
pub fn event_schema(draft: Draft) -> Value {
    draft.settings().into_generator().into_root_schema_for::<Line<'_>>().to_value()
}

impl<W: Write> Recorder for Events<W> {
    fn record(&mut self, moment: EventTime, any_event: AnyEvent<'_>) {
        let (at_ns, event) = (moment.at.as_nanos(), moment.event);
        let line = match any_event {
            AnyEvent::Sent { id, from, to, kind, bytes, resend, withheld, message } => {
                self.note_sent(id, event);
                let (node, to, content) = (from.0, numbers(from, to), message.value());
                Line::Sent {
                    event,
                    at_ns,
                    node,
                    id,
                    message: kind.name,
                    bytes,
                    to,
                    resend,
                    withheld,
                    handler: Handler::of(moment.cause),
                    content,
                }
            }
            AnyEvent::Delivered { id, from, to, kind, bytes, .. } => {
                let (node, from, cause) = (to.0, from.0, self.sent[id as usize]);
                Line::Delivered { event, at_ns, node, id, message: kind.name, bytes, from, cause }
            }
            AnyEvent::Lost { id, from, to, kind, bytes, why } => {
                let (node, from, cause, why) = (to.0, from.0, self.sent[id as usize], why.into());
                Line::Lost { event, at_ns, node, id, message: kind.name, bytes, from, cause, why }
            }
            AnyEvent::Expired { node, timer } => {
                Line::Expired { event, at_ns, node: node.0, timer: timer.value() }
            }
            AnyEvent::Observed { node, mark, claim, .. } => {
                let (handler, claim) = (Handler::of(moment.cause), claim.value());
                Line::Claimed { event, at_ns, node: node.0, mark, handler, claim }
            }
            AnyEvent::Panicked { node, during, message, place } => {
                Line::Panicked { event, at_ns, node: node.0, during, message, place }
            }
            AnyEvent::Crashed { node } => Line::Crashed { event, at_ns, node: node.0 },
            AnyEvent::Restarted { node, wiped } => Line::Restarted { event, at_ns, node: node.0, wiped },
            AnyEvent::Paused { node } => Line::Paused { event, at_ns, node: node.0 },
            AnyEvent::Resumed { node } => Line::Resumed { event, at_ns, node: node.0 },
            AnyEvent::Cut { id, cut } => Line::Cut { event, at_ns, cut: id, separates: format!("{cut:?}") },
            AnyEvent::Healed { id } => Line::Healed { event, at_ns, cut: id },
        };
        self.write(&line);
    }

    fn finish(&mut self) -> io::Result<Recorded> {
        self.out.finish()
    }
}

/// Who receives a copy of a message from `from`.
fn numbers(from: NodeId, to: &Recipients) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(to.count(from));
    to.for_each(from, |node| numbers.push(node.0));
    numbers
}

impl From<LossCause> for Why {
    fn from(loss: LossCause) -> Why {
        match loss {
            LossCause::Chance => Why::Chance,
            LossCause::TooLarge => Why::TooLarge,
            LossCause::Partition => Why::Partition,
            LossCause::Withheld => Why::Withheld,
            LossCause::Damaged => Why::Damaged,
            LossCause::Down => Why::Down,
            LossCause::NoSuchNode => Why::NoSuchNode,
        }
    }
}
