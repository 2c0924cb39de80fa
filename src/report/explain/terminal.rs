//! The explanation as a page of text for the terminal.

use super::super::history::lines;
use super::super::human::{cut, struck, wrapped};
use super::narrative::{Section, fault_line, scope, sections, verdict};
use crate::human::plural;
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write};
use synod_campaign::Explanation;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// Returns the explanation, with what the scenario shows in its author's words and the names of the `files` that it was
/// written to.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn explanation_text(explanation: &Explanation, about: &str, files: &[String]) -> String {
    let mut text = String::new();
    write(&mut text, explanation, about, files).expect("a string takes everything");
    text
}

fn write(out: &mut String, explanation: &Explanation, about: &str, files: &[String]) -> fmt::Result {
    let outcome = &explanation.outcome;
    let (name, protocol) = (&outcome.scenario, outcome.protocol);
    writeln!(
        out,
        "{STRONG}{name}{STRONG:#}  {protocol}, {}, seed {}",
        plural(outcome.agents.into(), "agent"),
        outcome.seed
    )?;
    for line in wrapped(about.split_whitespace(), " ", 0) {
        writeln!(out, "{FAINT}{line}{FAINT:#}")?;
    }
    let style = match (explanation.violation(), outcome.verdict.passed()) {
        (Some(_), _) => BAD,
        (None, true) => GOOD,
        (None, false) => WARN,
    };
    writeln!(out)?;
    for line in wrapped(verdict(explanation).split_whitespace(), " ", 0) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    for line in explanation
        .violation()
        .and_then(|violation| violation.interleaving.as_ref())
        .iter()
        .flat_map(|it| lines(it))
    {
        writeln!(out, "  {}", cut(&line, 2))?;
    }
    for violation in outcome.violations.iter().skip(1) {
        let text = format!("Also {} at {}: {}", violation.oracle, violation.at, violation.message);
        for line in wrapped(text.split_whitespace(), " ", 0) {
            writeln!(out, "{line}")?;
        }
    }
    for report in outcome
        .oracles
        .iter()
        .filter(|report| explanation.violation().is_some_and(|v| v.oracle == report.name))
    {
        writeln!(out, "{FAINT}What it demands, {}{FAINT:#}", report.claim)?;
    }
    if !outcome.faults.is_empty() {
        writeln!(out, "\n{STRONG}What the faults did{STRONG:#}")?;
        for fault in &outcome.faults {
            let (window, effect) = fault_line(explanation, fault);
            let style = if fault.effect.total() == 0 { WARN } else { Style::new() };
            writeln!(out, "  {}  {}, {window}: {style}{effect}{style:#}", fault.name, struck(fault))?;
        }
    }
    for Section { title, lines } in sections(explanation) {
        writeln!(out, "\n{STRONG}{title}{STRONG:#}")?;
        let width = lines.iter().map(|(when, _)| when.chars().count()).max().unwrap_or(0);
        for (when, words) in lines {
            let indent = width + 4;
            let mut when = when.as_str();
            for line in wrapped(words.split_whitespace(), " ", indent) {
                writeln!(out, "  {FAINT}{when:>width$}{FAINT:#}  {line}")?;
                when = "";
            }
        }
    }
    writeln!(out)?;
    for line in wrapped(scope(explanation).join(" ").split_whitespace(), " ", 0) {
        writeln!(out, "{FAINT}{line}{FAINT:#}")?;
    }
    for file in files {
        writeln!(out, "written {STRONG}{file}{STRONG:#}")?;
    }
    Ok(())
}
