//! A replay: as a page for the terminal, and as JSON.

use super::format::plural;
use super::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, wrapped, write_commands};
use super::state::folded;
use serde_json::{Value, json};
use std::fmt::{self, Write};
use synod_harness::Finding;
use synod_harness::{Change, Replay, StateSnapshot};
use synod_sim::NodeId;

/// Returns the page of a replay of `file`, as the user typed it, by `program`.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn replay_page(replay: &Replay, program: &str, file: &str) -> String {
    let mut text = String::new();
    write_page(&mut text, replay, program, file).expect("a string takes everything");
    text
}

fn write_page(out: &mut String, replay: &Replay, program: &str, file: &str) -> fmt::Result {
    let outcome = &replay.outcome;
    let (name, protocol, seed) = (&outcome.scenario, outcome.protocol, outcome.seed);
    let agents = plural(outcome.agents.into(), "agent");
    writeln!(out, "{STRONG}{name}{STRONG:#}  {protocol}, {agents}, seed {seed}")?;
    let (then, now) = (&replay.then, &replay.now);
    let changes = replay.changes();
    let same_digest = changes.iter().all(|change| change.what != "digest");
    if replay.reproduced() {
        writeln!(
            out,
            "{GOOD}reproduced{GOOD:#}: digest {STRONG}{}{STRONG:#}, {}",
            now.digest,
            plural(outcome.end.events, "event")
        )?
    } else {
        writeln!(out, "{BAD}NOT reproduced{BAD:#}: the run is not the one that this file is about")?
    }
    if replay.is_of_another_version() {
        let still = if same_digest { "still matches" } else { "no longer matches" };
        let versions = format!("Synod {} made this file, and this is {}", then.version, now.version);
        writeln!(out, "{WARN}{versions}: the digest {still}{WARN:#}")?;
    }
    if changes.is_empty() {
        return write_failures(out, replay, program, file);
    }
    for Change { what, then, now } in &changes {
        writeln!(out)?;
        for (label, style, text) in [("was", FAINT, then), ("is", STRONG, now)] {
            for (place, line) in wrapped(text.split_whitespace(), " ", 16).iter().enumerate() {
                let what = if place == 0 && label == "was" { what } else { "" };
                let label = if place == 0 { label } else { "" };
                writeln!(out, "  {what:8}  {label:3}  {style}{line}{style:#}")?;
            }
        }
    }
    if same_digest {
        return Ok(());
    }
    let held = still_violated(replay);
    match (held.is_empty(), then.violations.is_empty()) {
        (_, true) => Ok(()),
        (true, false) => writeln!(out, "\nnothing that the file tells of is violated any more"),
        (false, false) => writeln!(out, "\nstill violated, in another run: {}", held.join(", ")),
    }
}

/// Returns the oracles that objected then and object now.
fn still_violated(replay: &Replay) -> Vec<&str> {
    let now = |oracle: &str| replay.now.violations.iter().any(|violation| violation.oracle == oracle);
    let then = replay.then.violations.iter().map(|violation| violation.oracle.as_str());
    then.filter(|oracle| now(oracle)).collect()
}

fn write_failures(out: &mut String, replay: &Replay, program: &str, file: &str) -> fmt::Result {
    for violation in &replay.now.violations {
        writeln!(
            out,
            "\n{BAD}{}{BAD:#} violated at {}, event {}:",
            violation.oracle,
            violation.at.0,
            grouped(violation.event)
        )?;
        for line in wrapped(violation.message.split_whitespace(), " ", 2) {
            writeln!(out, "  {line}")?;
        }
    }
    // A run that a violation stops misses what it might have met.
    let is_whole = replay.now.violations.is_empty();
    for unmet in replay.now.unmet.iter().filter(|unmet| is_whole && unmet.metric != "violates") {
        writeln!(out, "\n{BAD}{}{BAD:#} expected {}, found {}", unmet.metric, unmet.bound, unmet.value)?;
    }
    let event = replay.now.violations.first().map_or(replay.outcome.end.events, |violation| violation.event);
    let agent = replay.now.violations.first().and_then(|violation| violation.agents.first()).unwrap_or(&0);
    let known = format!("what agent {agent} knows then");
    let lines = [
        (format!("{program} shrink {file}"), "the least that still fails"),
        (format!("{program} replay {file} --until {event} --state {agent}"), known.as_str()),
    ];
    write_commands(out, "Next: ", &lines)
}

/// Returns the JSON object of a replay.
pub fn replay_object(replay: &Replay) -> String {
    let changes: Vec<Value> = replay
        .changes()
        .into_iter()
        .map(|Change { what, then, now }| json!({"what": what, "then": then, "now": now}))
        .collect();
    let object = json!({
        "scenario": replay.outcome.scenario,
        "protocol": replay.outcome.protocol,
        "seed": replay.outcome.seed,
        "reproduced": replay.reproduced(),
        "changes": changes,
        "then": finding_object(&replay.then),
        "now": finding_object(&replay.now),
    });
    format!("{object:#}")
}

/// Returns a finding as results have it: times in nanoseconds.
pub(super) fn finding_object(finding: &Finding) -> Value {
    let violations: Vec<Value> = finding
        .violations
        .iter()
        .map(|violation| {
            json!({
                "oracle": violation.oracle,
                "at_ns": violation.at.0.as_nanos(),
                "event": violation.event,
                "agents": violation.agents,
                "message": violation.message,
            })
        })
        .collect();
    json!({
        "version": finding.version,
        "digest": finding.digest,
        "ended": finding.ended,
        "violations": violations,
        "unmet": finding.unmet,
    })
}

/// Returns the page of what `agent` knows, where `told` tells what has just happened.
pub fn snapshot_page(snapshot: &StateSnapshot, agent: NodeId, told: &[String]) -> String {
    let mut text = format!("{STRONG}Event {}{STRONG:#}  at {}\n", grouped(snapshot.event), snapshot.at);
    let happened = if told.is_empty() { &snapshot.happened } else { told };
    for line in happened {
        text.push_str(&format!("  {FAINT}{}{FAINT:#}\n", cut(line, 2)));
    }
    text.push_str(&format!("\n{STRONG}Agent {agent}{STRONG:#} knows\n{}", folded(&snapshot.state)));
    text
}

/// Returns the JSON object of what `agent` knows.
pub fn snapshot_object(snapshot: &StateSnapshot, agent: NodeId, told: &[String]) -> String {
    let object = json!({
        "event": snapshot.event,
        "at_ns": snapshot.at.as_nanos(),
        "happened": if told.is_empty() { &snapshot.happened } else { told },
        "agent": agent.0,
        "state": folded(&snapshot.state),
    });
    format!("{object:#}")
}
