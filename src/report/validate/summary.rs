//! A validation as Markdown.

use super::{advice, text};
use crate::format;
use crate::markdown::{code, plain};
use std::fmt::{self, Write};
use synod_campaign::{Readiness, RequirementResult, TargetResult};

/// Returns the readiness as Markdown.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub(super) fn summary(readiness: &Readiness) -> String {
    let mut out = String::new();
    write(&mut out, readiness).expect("a string takes everything");
    out
}

fn write(out: &mut String, readiness: &Readiness) -> fmt::Result {
    writeln!(out, "# {}\n", plain(&readiness.name))?;
    if !readiness.about.is_empty() {
        writeln!(out, "{}\n", plain(&readiness.about))?;
    }
    let extent = text::extent(readiness);
    let Readiness { version, digest, .. } = readiness;
    writeln!(out, "**{}.** {extent}, Synod {version}, digest `{digest}`.\n", text::verdict(readiness))?;
    for reason in text::reasons(readiness) {
        writeln!(out, "- {}", plain(&reason))?;
    }
    if !readiness.criteria.is_empty() {
        writeln!(out, "\n## Criteria\n\n| criterion | score | |\n|---|---:|---|")?;
    }
    for criterion in &readiness.criteria {
        let state = text::state(criterion.state);
        writeln!(out, "| {} | {} | {state} |", plain(&criterion.name), text::weight(criterion))?;
    }
    for criterion in &readiness.criteria {
        writeln!(out, "\n### {}\n\n{}\n", plain(&criterion.name), plain(&criterion.about))?;
        writeln!(out, "| target | measured | interval, 95 % | has to be | samples | on | |")?;
        writeln!(out, "|---|---:|---:|---:|---:|---|---|")?;
        for target in &criterion.targets {
            let cells = [
                target.about.clone(),
                text::figure(target),
                text::interval(target),
                text::bounds(target),
                text::samples(target),
                target.measured_on.clone().unwrap_or_default(),
                verdict(target),
            ];
            row(out, &cells)?;
        }
    }
    requirements(out, readiness)?;
    let advice = advice::advice(readiness);
    if !advice.is_empty() {
        writeln!(out, "\n## What failed\n")?;
    }
    for one in advice {
        writeln!(out, "- {} ({}):\n  {}", plain(&one.what), plain(&one.scenario), code(&one.command))?;
    }
    writeln!(
        out,
        "\n## Runs\n\n| point | protocol | agents | runs | passed | unknown |\n|---|---|---:|---:|---:|---:|"
    )?;
    for point in &readiness.points {
        let counts = [point.agents.into(), point.runs, point.passed, point.unknown]
            .map(|count| format::count(count as f64));
        let cells = [&[point.point.clone(), point.protocol.clone()], &counts[..]].concat();
        row(out, &cells)?;
    }
    Ok(())
}

fn requirements(out: &mut String, readiness: &Readiness) -> fmt::Result {
    let mut group = "";
    if !readiness.requirements.is_empty() {
        writeln!(out, "\n## What was asked for")?;
    }
    for requirement in &readiness.requirements {
        if requirement.group != group {
            group = &requirement.group;
            writeln!(out, "\n### {}\n\n| asked for | measured | on | |\n|---|---|---|---|", plain(group))?;
        }
        let [figures, places] = answers(readiness, requirement).map(|parts| parts.join("; "));
        let state = match &requirement.why {
            Some(why) => format!("{}: {why}", text::state(requirement.state)),
            None => text::state(requirement.state).to_owned(),
        };
        row(out, &[requirement.asks.clone(), figures, places, state])?;
    }
    Ok(())
}

/// Returns the figures that answer a requirement, and where they were measured.
pub(super) fn answers(readiness: &Readiness, requirement: &RequirementResult) -> [Vec<String>; 2] {
    let targets = readiness.criteria.iter().flat_map(|criterion| &criterion.targets);
    let targets: Vec<&TargetResult> =
        targets.filter(|target| requirement.by.contains(&target.name)).collect();
    let figure = |target: &&TargetResult| match target.value {
        Some(_) => text::figure(target),
        None => text::state(target.state).to_owned(),
    };
    let place = |target: &&TargetResult| target.measured_on.clone().unwrap_or_default();
    [targets.iter().map(figure).collect(), targets.iter().map(place).collect()]
}

/// Returns what became of a target, and why.
fn verdict(target: &TargetResult) -> String {
    match &target.why {
        Some(why) => format!("{}: {why}", text::state(target.state)),
        None => text::state(target.state).to_owned(),
    }
}

fn row(out: &mut String, cells: &[String]) -> fmt::Result {
    let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}
