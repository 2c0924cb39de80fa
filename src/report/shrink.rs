//! What a scenario was shrunk to: as a page for the terminal, and as JSON.

use super::human::{BAD, FAINT, GOOD, STRONG, WARN, agents, cut, grouped, widest, wrapped, write_commands};
use super::replay::finding_object;
use crate::human::plural;
use serde_json::json;
use std::fmt::{self, Write};
use synod_campaign::{FailureSignature, Reduction, ShrinkResult};
use synod_harness::Violated;

/// Returns the page of a scenario that was shrunk into `file`, as the user reads its name, by `program`.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn shrunk_page(shrunk: &ShrinkResult, program: &str, file: &str) -> String {
    let mut text = String::new();
    write_page(&mut text, shrunk, program, file).expect("a string takes everything");
    text
}

fn write_page(out: &mut String, shrunk: &ShrinkResult, program: &str, file: &str) -> fmt::Result {
    let outcome = &shrunk.outcome;
    let (name, protocol, seed) = (&outcome.scenario, outcome.protocol, outcome.seed);
    writeln!(
        out,
        "{STRONG}{name}{STRONG:#}  {protocol}, {}, seed {seed}",
        plural(outcome.agents.into(), "agent")
    )?;
    let (tried, kept) = (grouped(shrunk.tried), grouped(shrunk.kept));
    if shrunk.complete {
        writeln!(out, "{GOOD}shrunk{GOOD:#}: {tried} candidates tried, {kept} failed alike")?
    } else {
        writeln!(
            out,
            "{WARN}interrupted{WARN:#} after {tried} candidates, {kept} failed alike: the smallest so far"
        )?
    }
    write_edits(out, &shrunk.reductions)?;
    write_rest(out, shrunk)?;
    write_failure(out, shrunk)?;
    writeln!(out, "\n{file} written")?;
    let lines = [
        (format!("{program} replay {file}"), "the same failure"),
        (format!("{program} run {file}"), "all that is known of the run"),
    ];
    write_commands(out, "Again:", &lines)
}

fn write_edits(out: &mut String, reductions: &[Reduction]) -> fmt::Result {
    if reductions.is_empty() {
        return writeln!(out, "\nnothing could be spared: it was as small as can be found");
    }
    let of = |pick: fn(&Reduction) -> Option<&str>| reductions.iter().filter_map(pick).collect::<Vec<_>>();
    let faults = of(|edit| match edit {
        Reduction::FaultRemoved(name) => Some(name),
        _ => None,
    });
    let expectations = of(|edit| match edit {
        Reduction::ExpectationDropped(metric) => Some(metric),
        _ => None,
    });
    for (title, names) in [("Faults removed", faults), ("Expectations dropped", expectations)] {
        if names.is_empty() {
            continue;
        }
        writeln!(out, "\n{STRONG}{title}{STRONG:#}  {FAINT}{}{FAINT:#}", names.len())?;
        for line in wrapped(names.into_iter(), ", ", 2) {
            writeln!(out, "  {line}")?;
        }
    }
    let changed: Vec<(&str, &str, &str)> = reductions
        .iter()
        .filter_map(|edit| match edit {
            Reduction::Changed { what, before, after } => {
                Some((what.as_str(), before.as_str(), after.as_str()))
            }
            _ => None,
        })
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Changed{STRONG:#}")?;
    let width = widest(changed.iter().map(|(what, ..)| *what), 18);
    for (what, before, after) in changed {
        // What it was is gone: it has the room that is left.
        let before = cut(before, (width + after.chars().count() + 7).min(60));
        writeln!(out, "  {what:width$}  {FAINT}{before}{FAINT:#} → {after}")?;
    }
    Ok(())
}

/// Returns the faults that are needed.
fn write_rest(out: &mut String, shrunk: &ShrinkResult) -> fmt::Result {
    let faults = &shrunk.outcome.faults;
    writeln!(out, "\n{STRONG}Faults left{STRONG:#}  {FAINT}{}{FAINT:#}", faults.len())?;
    if faults.is_empty() {
        return writeln!(out, "  none: it fails without any");
    }
    for fault in faults {
        let agents = if fault.agents.is_empty() { String::new() } else { agents(&fault.agents) + ", " };
        let window = match fault.until {
            Some(until) => format!("{} to {until}", fault.from),
            None => format!("from {} on", fault.from),
        };
        writeln!(out, "  {:18}  {agents}{window}", fault.name)?;
    }
    Ok(())
}

fn write_failure(out: &mut String, shrunk: &ShrinkResult) -> fmt::Result {
    let finding = shrunk.repro.finding();
    match &shrunk.target {
        FailureSignature::Oracle(_) | FailureSignature::Panic(_) => {
            let is_it = |violation: &&Violated| match &shrunk.target {
                FailureSignature::Panic(place) => violation.place.as_ref() == Some(place),
                target => *target == FailureSignature::Oracle(violation.oracle.clone()),
            };
            for violation in finding.violations.iter().filter(is_it) {
                let (name, at, event) = (&violation.oracle, violation.at.0, grouped(violation.event));
                writeln!(out, "\n{BAD}{name}{BAD:#} violated at {at}, event {event}:")?;
                for line in wrapped(violation.message.split_whitespace(), " ", 2) {
                    writeln!(out, "  {line}")?;
                }
            }
        }
        FailureSignature::Expectation(metric) => {
            for unmet in finding.unmet.iter().filter(|unmet| unmet.metric == *metric) {
                writeln!(out, "\n{BAD}{metric}{BAD:#} expected {}, found {}", unmet.bound, unmet.value)?;
            }
        }
    }
    Ok(())
}

/// Returns the JSON object of a scenario that was shrunk into `file`.
pub fn shrunk_object(shrunk: &ShrinkResult, file: &str) -> String {
    let (kind, name) = match &shrunk.target {
        FailureSignature::Oracle(name) => ("oracle", name),
        FailureSignature::Panic(place) => ("panic", place),
        FailureSignature::Expectation(metric) => ("expectation", metric),
    };
    let object = json!({
        "scenario": shrunk.outcome.scenario,
        "protocol": shrunk.outcome.protocol,
        "seed": shrunk.outcome.seed,
        "agents": shrunk.outcome.agents,
        "target": {kind: name},
        "complete": shrunk.complete,
        "tried": shrunk.tried,
        "kept": shrunk.kept,
        "edits": shrunk.reductions,
        "faults": shrunk.outcome.faults,
        "repro": file,
        "finding": finding_object(shrunk.repro.finding()),
    });
    format!("{object:#}")
}
