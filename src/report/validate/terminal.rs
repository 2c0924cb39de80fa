//! A validation for the terminal: a line for each point as it ends, and a page at the end.

use super::{advice, text};
use crate::format;
use crate::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, verdict, widest, wrapped};
use anstyle::Style;
use std::fmt::{self, Write};
use synod_campaign::{Readiness, ReadinessVerdict, ScenarioResult, State, TargetResult};

/// Returns the line of a point that has ended.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn point_line(point: &ScenarioResult) -> String {
    let mut line = String::new();
    write_point(&mut line, point).expect("a string takes everything");
    line
}

fn write_point(out: &mut String, point: &ScenarioResult) -> fmt::Result {
    let (style, word) = match (verdict(point.verdict()), point.failed()) {
        // No green over runs that failed, though they may.
        ((_, word), failed) if failed > 0 && point.verdict().passed() => (WARN, word),
        (shown, _) => shown,
    };
    write!(out, "{style}{word}{style:#}  {}", point.point)?;
    if point.runs > 1 {
        let [passed, runs] = [point.passed, point.runs].map(|runs| format::count(runs as f64));
        write!(out, "  {FAINT}{passed} of {runs} runs{FAINT:#}")?;
    }
    if let Some(run) = point.failures.first() {
        write!(out, "  seed {}: {}", run.seed, run.reason)?;
    }
    writeln!(out)
}

/// Returns the readiness as a page for the terminal; its files lie in `folder`, if it was written.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn readiness_page(readiness: &Readiness, folder: &str) -> String {
    let mut out = String::new();
    write(&mut out, readiness, folder).expect("a string takes everything");
    out
}

fn write(out: &mut String, readiness: &Readiness, folder: &str) -> fmt::Result {
    writeln!(out, "\n{STRONG}{}{STRONG:#}  {}", cut(&readiness.name, 20), text::extent(readiness))?;
    for line in wrapped(readiness.about.split_whitespace(), " ", 0) {
        writeln!(out, "{FAINT}{}{FAINT:#}", cut(&line, 0))?;
    }
    let targets = || readiness.criteria.iter().flat_map(|criterion| &criterion.targets);
    let names = widest(targets().map(|target| target.name.as_str()), 0);
    let figures: Vec<String> = targets().map(text::figure).collect();
    let figures = widest(figures.iter().map(String::as_str), 0);
    for criterion in &readiness.criteria {
        let (style, word) = styled(criterion.state);
        writeln!(
            out,
            "\n{STRONG}{}{STRONG:#}  {style}{word}{style:#}  {FAINT}{}{FAINT:#}",
            criterion.name,
            text::weight(criterion)
        )?;
        for target in &criterion.targets {
            write_target(out, target, names, figures)?;
        }
    }
    requirements(out, readiness)?;
    let advice = advice::advice(readiness);
    if !advice.is_empty() {
        writeln!(out, "\n{STRONG}What failed{STRONG:#}")?;
    }
    for one in advice {
        writeln!(out, "  {BAD}{}{BAD:#}\n    {}", one.what, one.command)?;
    }
    writeln!(out)?;
    for reason in text::reasons(readiness) {
        writeln!(out, "{}", cut(&reason, 0))?;
    }
    let style = match (readiness.complete, readiness.verdict, readiness.passed) {
        (false, ..) => WARN,
        (_, ReadinessVerdict::Ready, true) => GOOD.bold(),
        (_, ReadinessVerdict::Unknown, true) => WARN,
        _ => BAD,
    };
    let word =
        if readiness.complete { text::verdict(readiness).to_lowercase() } else { "interrupted".to_owned() };
    writeln!(out, "{style}{word}{style:#}  digest {STRONG}{}{STRONG:#}", readiness.digest)?;
    if readiness.complete {
        writeln!(out, "{FAINT}report in {folder}, Synod {}{FAINT:#}", readiness.version)
    } else {
        Ok(())
    }
}

fn write_target(out: &mut String, target: &TargetResult, names: usize, figures: usize) -> fmt::Result {
    let (style, word) = styled(target.state);
    let mut line = format!("{:figures$}  {}", text::figure(target), text::bounds(target));
    for part in [text::samples(target), target.measured_on.clone().unwrap_or_default()] {
        if !part.is_empty() {
            line.push_str(&format!(", {part}"));
        }
    }
    if !target.state.is_held()
        && let Some(why) = &target.why
    {
        line = format!("{}: {why}", line.trim()).trim_start_matches([':', ' ']).to_owned();
    }
    let indent = 18 + names;
    writeln!(out, "  {style}{word:12}{style:#}  {:names$}  {}", target.name, cut(&line, indent))
}

fn requirements(out: &mut String, readiness: &Readiness) -> fmt::Result {
    if readiness.requirements.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}What was asked for{STRONG:#}")?;
    for requirement in &readiness.requirements {
        let (style, word) = styled(requirement.state);
        let why = requirement.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let line = format!("{}{why}", requirement.asks);
        writeln!(out, "  {style}{word:12}{style:#}  {}", cut(&line, 16))?;
    }
    Ok(())
}

fn styled(state: State) -> (Style, &'static str) {
    let style = match state {
        State::Held | State::NoException => GOOD,
        State::Missed => BAD,
        State::NotMeasured => WARN,
    };
    (style, text::state(state))
}
