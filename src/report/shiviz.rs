//! A run as a log with vector clocks, which ShiViz draws (Beschastnikh et al., *Debugging distributed systems*, CACM
//! 2016).
//!
//! Two lines an event, host and clock above what happened there, read by [`SHIVIZ_PARSER`]. A host counts what it
//! sends, receives, claims and suffers; a clock knows of each host how far what has reached this one can have come.
//! What no node sees, a loss or a cut, is not in it: a message that is lost has no end. Zeros are left out of clocks.

use super::stream::Stream;
use std::collections::BTreeMap;
use std::io::{self, Write};
use synod_harness::{AnyEvent, Recorded, Recorder, readable};
use synod_sim::{EventTime, NodeId};

/// The regular expression with which ShiViz reads the log.
pub const SHIVIZ_PARSER: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

/// How much a clock knows, by node.
type Clock = Vec<u64>;

/// Writes a run's log as the run goes on. Beside what is written it keeps the clock of each message: a log is for runs
/// that fit on a screen.
pub struct ShiViz<W: Write> {
    out: Stream<W>,
    /// The first `agents` nodes are agents, the others hosts of clients.
    agents: u32,
    clocks: BTreeMap<NodeId, Clock>,
    /// The clock with which each message was sent, by the message's number.
    sent: BTreeMap<u64, Clock>,
}

impl<W: Write> ShiViz<W> {
    /// Creates a log of a run whose first `agents` nodes are agents, so many bytes at most.
    pub fn new(out: W, agents: u32, limit: u64) -> ShiViz<W> {
        ShiViz { out: Stream::new(out, limit), agents, clocks: BTreeMap::new(), sent: BTreeMap::new() }
    }

    /// Records that something happened at `node`, which has learnt of what `heard` knows.
    fn tell(&mut self, moment: EventTime, node: NodeId, heard: Option<u64>, what: &str) {
        let clock = self.clocks.entry(node).or_default();
        if let Some(heard) = heard.map(|id| &self.sent[&id]) {
            clock.resize(clock.len().max(heard.len()), 0);
            clock.iter_mut().zip(heard).for_each(|(own, other)| *own = (*own).max(*other));
        }
        clock.resize(clock.len().max(node.index() + 1), 0);
        clock[node.index()] += 1;
        let name = |node: u32| match node.checked_sub(self.agents) {
            None => format!("agent{node}"),
            Some(host) => format!("client{host}"),
        };
        let known = (0..).zip(clock.iter()).filter(|(_, count)| **count > 0);
        let known: Vec<String> = known.map(|(node, count)| format!("\"{}\":{count}", name(node))).collect();
        let host = name(node.0);
        // An event is one line.
        let what = what.replace(['\n', '\r'], " ");
        self.out.write(|out| writeln!(out, "{host} {{{}}}\n{what} at {}", known.join(","), moment.at));
    }
}

impl<W: Write> Recorder for ShiViz<W> {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        match event {
            AnyEvent::Sent { id, from, kind, .. } => {
                self.tell(moment, from, None, &format!("sends {} {id}", kind.name));
                self.sent.insert(id, self.clocks[&from].clone());
            }
            AnyEvent::Delivered { id, to, kind, .. } => {
                self.tell(moment, to, Some(id), &format!("receives {} {id}", kind.name));
            }
            AnyEvent::Expired { node, timer } => {
                self.tell(moment, node, None, &format!("timer expires: {}", readable(&timer.value())));
            }
            AnyEvent::Observed { node, claim, .. } => {
                self.tell(moment, node, None, &format!("claims {}", readable(&claim.value())));
            }
            AnyEvent::Panicked { node, message, .. } => {
                self.tell(moment, node, None, &format!("panics: {message}"));
            }
            AnyEvent::Crashed { node } => self.tell(moment, node, None, "crashes"),
            AnyEvent::Restarted { node, .. } => self.tell(moment, node, None, "restarts"),
            AnyEvent::Paused { node } => self.tell(moment, node, None, "stands still"),
            AnyEvent::Resumed { node } => self.tell(moment, node, None, "goes on"),
            AnyEvent::Lost { .. } | AnyEvent::Cut { .. } | AnyEvent::Healed { .. } => {}
        }
    }

    fn finish(&mut self) -> io::Result<Recorded> {
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use synod_sim::{Cause, Kind, Recipients, Time};

    /// What is written on two lines.
    #[derive(Serialize)]
    #[serde(rename = "two\r\nlines")]
    struct Torn {}

    #[test]
    fn a_receiver_knows_what_the_sender_knew() {
        let mut log = ShiViz::new(Vec::new(), 2, u64::MAX);
        let at = |nanos| EventTime { at: Time::from_nanos(nanos), event: 1, cause: Cause::Nobody };
        let (first, client) = (NodeId(0), NodeId(2));
        let (to, kind) = (Recipients::One(client), Kind::protocol("vote"));
        let (bytes, resend, withheld, message) = (3, false, 0, &"yes");
        log.record(at(0), AnyEvent::Crashed { node: client });
        log.record(
            at(1),
            AnyEvent::Sent { id: 7, from: first, to: &to, kind, bytes, resend, withheld, message },
        );
        log.record(at(2), AnyEvent::Restarted { node: first, wiped: false });
        log.record(at(3), AnyEvent::Delivered { id: 7, from: first, to: client, kind, bytes, message });
        log.record(
            at(4),
            AnyEvent::Observed {
                node: client,
                mark: None,
                milestone: None,
                settled: None,
                peak: None,
                claim: &Torn {},
            },
        );
        log.finish().expect("a vector takes everything");
        let text = String::from_utf8(log.out.get().clone()).expect("it is text");
        let lines: Vec<&str> = text.lines().step_by(2).collect();
        let expected = [
            r#"client0 {"client0":1}"#,
            r#"agent0 {"agent0":1}"#,
            r#"agent0 {"agent0":2}"#,
            r#"client0 {"agent0":1,"client0":2}"#,
            r#"client0 {"agent0":1,"client0":3}"#,
        ];
        assert_eq!(lines, expected);
        assert!(text.ends_with("\nclaims two  lines at 4ns\n"), "{text}");
    }
}
