//! A run as a timeline in the Chrome trace format, which ui.perfetto.dev opens.
//!
//! Every agent is a track. A message is a slice where it was sent and one where it arrived, with an arrow between;
//! claims, crashes and cuts are marks. Time is virtual: one microsecond of the timeline is one of the run. A slice lasts a
//! microsecond, or until the next of its track begins: slices of a track that overlap have to lie one within the other.

use super::spacetime::why_lost;
use super::stream::Stream;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use synod_harness::{AnyEvent, Recorded, Recorder, headline, readable};
use synod_sim::{EventTime, NodeId, Time};

/// Writes a run's timeline as the run goes on, so that no run is too long for it.
pub struct Timeline<W: Write> {
    out: Stream<W>,
    is_empty: bool,
    /// The last slices of each track, with their arrows: how long they last is known when the next begins.
    open: BTreeMap<u32, OpenSlices>,
    /// Tracks that have been named.
    named: Vec<bool>,
    agents: u32,
}

/// Slices of a track that begin at one instant, and end together.
struct OpenSlices {
    at: Time,
    events: Vec<Value>,
}

/// How long a slice lasts, unless another begins: in nanoseconds.
const SLICE: u64 = 1_000;

/// The track of what concerns no single agent.
const SYSTEM: u32 = u32::MAX;

impl<W: Write> Timeline<W> {
    /// Creates a timeline of a run whose first `agents` nodes are agents; the others are clients, so many bytes at most.
    pub fn new(out: W, agents: u32, limit: u64) -> Timeline<W> {
        Timeline {
            out: Stream::new(out, limit),
            is_empty: true,
            open: BTreeMap::new(),
            named: Vec::new(),
            agents,
        }
    }

    fn write(&mut self, event: &Value) {
        let lead: &[u8] = if std::mem::take(&mut self.is_empty) {
            b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
        } else {
            b",\n"
        };
        self.out.write(|out| {
            out.write_all(lead)?;
            Ok(serde_json::to_writer(out, event)?)
        });
    }

    /// Names the track of `node` when it first appears.
    fn track(&mut self, node: NodeId) -> u32 {
        let place = node.index();
        if place >= self.named.len() {
            self.named.resize(place + 1, false);
        }
        if !std::mem::replace(&mut self.named[place], true) {
            let name = if node.0 < self.agents {
                format!("agent {node}")
            } else {
                format!("client host {}", node.0 - self.agents)
            };
            self.write(
                &json!({"ph": "M", "name": "thread_name", "pid": 1, "tid": node.0, "args": {"name": name}}),
            );
        }
        node.0
    }

    fn slice(&mut self, moment: EventTime, node: NodeId, name: &str, args: Value) {
        let tid = self.track(node);
        if self.open.get(&tid).is_some_and(|slices| slices.at < moment.at) {
            self.close(tid, Some(moment.at));
        }
        let slices = self.open.entry(tid).or_insert_with(|| OpenSlices { at: moment.at, events: Vec::new() });
        slices.events.push(json!({
            "ph": "X", "name": name, "pid": 1, "tid": tid, "ts": micros(moment.at), "args": args
        }));
    }

    /// Writes the open slices of a track, which end when its `next` slice begins.
    fn close(&mut self, tid: u32, next: Option<Time>) {
        let Some(OpenSlices { at, events }) = self.open.remove(&tid) else { return };
        let lasts = next.map_or(SLICE, |next| next.since(at).as_nanos().min(SLICE));
        for mut event in events {
            if event["ph"] == "X" {
                event["dur"] = json!(lasts as f64 / 1e3);
            }
            self.write(&event);
        }
    }

    fn instant(&mut self, moment: EventTime, tid: u32, name: &str, args: Value) {
        let scope = if tid == SYSTEM { "g" } else { "t" };
        self.write(&json!({
            "ph": "i", "s": scope, "name": name, "pid": 1, "tid": tid, "ts": micros(moment.at), "args": args
        }));
    }

    /// One end of the arrow of the copy of message `id` for `to`: every copy has an arrow of its own.
    fn arrow(&mut self, moment: EventTime, phase: &str, node: NodeId, (id, to): (u64, NodeId), name: &str) {
        let slices = self.open.get_mut(&node.0).expect("an arrow is at a slice");
        // Behind the slice: a reader looks for the one that is open.
        slices.events.push(json!({
            "ph": phase, "bp": "e", "cat": "message", "name": name, "id": format!("{id}.{to}"), "pid": 1,
            "tid": node.0, "ts": micros(moment.at)
        }));
    }
}

/// Virtual microseconds, with the nanoseconds behind the point.
fn micros(at: Time) -> f64 {
    at.as_nanos() as f64 / 1e3
}

impl<W: Write> Recorder for Timeline<W> {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        match event {
            AnyEvent::Sent { id, from, to, kind, message, .. } => {
                let args = json!({"message": message.value(), "event": moment.event});
                self.slice(moment, from, kind.name, args);
                to.for_each(from, |to| self.arrow(moment, "s", from, (id, to), kind.name));
            }
            AnyEvent::Delivered { id, from, to, kind, .. } => {
                self.slice(moment, to, kind.name, json!({"from": from.0, "event": moment.event}));
                self.arrow(moment, "f", to, (id, to), kind.name);
            }
            AnyEvent::Lost { from, to, kind, why, .. } => {
                let tid = self.track(to);
                let args = json!({"from": from.0, "why": why_lost(why)});
                self.instant(moment, tid, &format!("lost {}", kind.name), args);
            }
            AnyEvent::Expired { node, timer } => {
                let tid = self.track(node);
                self.instant(moment, tid, &format!("timer: {}", readable(&timer.value())), json!({}));
            }
            AnyEvent::Observed { node, mark, claim, .. } => {
                let tid = self.track(node);
                let claim = claim.value();
                let name = mark.map_or_else(|| headline(&claim), str::to_owned);
                self.instant(moment, tid, &name, json!({"claim": claim}));
            }
            AnyEvent::Panicked { node, during, message, place } => {
                let tid = self.track(node);
                let args = json!({"during": during, "message": message, "place": place});
                self.instant(moment, tid, "panic", args);
            }
            AnyEvent::Crashed { node } => {
                let tid = self.track(node);
                self.instant(moment, tid, "crash", json!({}));
            }
            AnyEvent::Restarted { node, .. } => {
                let tid = self.track(node);
                self.instant(moment, tid, "restart", json!({}));
            }
            AnyEvent::Paused { node } => {
                let tid = self.track(node);
                self.instant(moment, tid, "pause", json!({}));
            }
            AnyEvent::Resumed { node } => {
                let tid = self.track(node);
                self.instant(moment, tid, "resume", json!({}));
            }
            AnyEvent::Cut { id, .. } => self.instant(moment, SYSTEM, &format!("cut {id} begins"), json!({})),
            AnyEvent::Healed { id } => self.instant(moment, SYSTEM, &format!("cut {id} heals"), json!({})),
        }
    }

    fn finish(&mut self) -> io::Result<Recorded> {
        let tracks: Vec<u32> = self.open.keys().copied().collect();
        tracks.into_iter().for_each(|tid| self.close(tid, None));
        if self.is_empty {
            self.out.write_end(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        }
        self.out.write_end(b"\n]}\n");
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Cause, Kind, Recipients};

    #[test]
    fn a_timeline_is_one_json_object_with_an_arrow_for_every_message() {
        let mut timeline = Timeline::new(Vec::new(), 4, u64::MAX);
        let at = |nanos| EventTime { at: Time::from_nanos(nanos), event: 1, cause: Cause::Nobody };
        let (from, to) = (NodeId(0), NodeId(4));
        let recipients = Recipients::List([to, NodeId(1)].into());
        let kind = Kind::protocol("vote");
        let sent = AnyEvent::Sent {
            id: 7,
            from,
            to: &recipients,
            kind,
            bytes: 3,
            resend: false,
            withheld: 0,
            message: &"yes",
        };
        timeline.record(at(1_500), sent);
        timeline.record(at(2_500), AnyEvent::Delivered { id: 7, from, to, kind, bytes: 3, message: &"yes" });
        timeline.finish().expect("a vector takes everything");
        let value: Value = serde_json::from_slice(timeline.out.get()).expect("JSON");
        let events = value["traceEvents"].as_array().expect("a list");
        let phases: Vec<_> = events.iter().map(|event| event["ph"].as_str().expect("a phase")).collect();
        assert_eq!(phases, ["M", "M", "X", "s", "s", "X", "f"]);
        assert_eq!(events[3]["id"], events[6]["id"], "an arrow from the sender to this receiver");
        assert_eq!(events[1]["args"]["name"], "client host 0");
        assert_eq!(events[2]["ts"], 1.5);
    }

    #[test]
    fn a_slice_ends_where_the_next_of_its_track_begins() {
        let mut timeline = Timeline::new(Vec::new(), 4, u64::MAX);
        let at = |nanos| EventTime { at: Time::from_nanos(nanos), event: 1, cause: Cause::Nobody };
        for nanos in [1_000, 1_000, 1_250, 5_000] {
            let (from, to, kind) = (NodeId(0), NodeId(1), Kind::protocol("vote"));
            timeline
                .record(at(nanos), AnyEvent::Delivered { id: 7, from, to, kind, bytes: 3, message: &"yes" });
        }
        timeline.finish().expect("a vector takes everything");
        let value: Value = serde_json::from_slice(timeline.out.get()).expect("JSON");
        let slices =
            value["traceEvents"].as_array().expect("a list").iter().filter(|event| event["ph"] == "X");
        let spans: Vec<[f64; 2]> =
            slices.map(|slice| ["ts", "dur"].map(|key| slice[key].as_f64().expect("a number"))).collect();
        assert_eq!(spans, [[1.0, 0.25], [1.0, 0.25], [1.25, 1.0], [5.0, 1.0]]);
    }

    #[test]
    fn an_empty_timeline_is_still_json() {
        let mut timeline = Timeline::new(Vec::new(), 4, u64::MAX);
        timeline.finish().expect("a vector takes everything");
        let value: Value = serde_json::from_slice(timeline.out.get()).expect("JSON");
        assert_eq!(value["traceEvents"], json!([]));
    }
}
