//! Which protocol suits: as a page for the terminal, as an object, as a plot.

mod plot;

pub use plot::selection_plot;

use super::format::plural;
use super::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, wrapped};
use serde_json::{Value, json};
use std::fmt::{self, Write};
use synod_campaign::{BanditArm, Demand, NoMatchingRow, Obstacle, Recommendation, Trial};
use synod_sim::Duration;

/// What a selection came to.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// Requirements on a protocol.
    pub demand: Demand,
    /// What the rule says.
    pub choice: Result<Recommendation, NoMatchingRow>,
    /// What the runs have shown, if there were any.
    pub trial: Option<Trial>,
}

impl Selection<'_> {
    /// Returns true if some protocol does what is demanded: by trial, where there was one.
    pub fn has_answer(&self) -> bool {
        match &self.trial {
            Some(trial) => trial.arms.iter().any(|arm| arm.unsafe_runs == 0 && arm.decided > 0),
            None => self.choice.is_ok(),
        }
    }
}

/// Returns the selection as a page for the terminal.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn selection_page(selection: &Selection<'_>) -> String {
    let mut out = String::new();
    write_page(&mut out, selection).expect("a string takes everything");
    out
}

fn write_page(out: &mut String, selection: &Selection<'_>) -> fmt::Result {
    let Demand { task, agents, fault_class, faulty } = selection.demand;
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}  {}",
        cut(selection.scenario, 50),
        plural(u64::from(agents), "agent")
    )?;
    writeln!(
        out,
        "{FAINT}task {task}, fault class {fault_class}, agents that may be faulty: {faulty}{FAINT:#}\n"
    )?;
    writeln!(out, "{STRONG}By rule{STRONG:#}")?;
    match &selection.choice {
        Ok(Recommendation { row }) => writeln!(out, "  {GOOD}{}{GOOD:#}  {}", row.protocol, row.why)?,
        Err(NoMatchingRow { why, nearest }) => {
            writeln!(out, "  {BAD}none{BAD:#}  {why}")?;
            if let Some((row, change)) = nearest {
                writeln!(out, "        nearest: {} {change}", row.protocol)?;
            }
        }
    }
    let Some(trial) = &selection.trial else { return Ok(()) };
    let runs: u64 = trial.arms.iter().map(|arm| arm.runs).sum();
    writeln!(out, "\n{STRONG}By trying{STRONG:#}  {} in this world, with its faults", plural(runs, "run"))?;
    if !trial.arms.is_empty() {
        let head = ["protocol", "runs", "unsafe", "decided", "latency, p50", "messages, p50"];
        writeln!(
            out,
            "  {FAINT}{:<14}{:>6}  {:>6}  {:<26}{:<37}{}{FAINT:#}",
            head[0], head[1], head[2], head[3], head[4], head[5]
        )?;
    }
    for arm in &trial.arms {
        row(out, arm)?;
    }
    if !trial.refused.is_empty() {
        writeln!(out, "\n{STRONG}Left out{STRONG:#}")?;
        for refusal in &trial.refused {
            let mut lines = wrapped(refusal.why.split_whitespace(), " ", 16).into_iter();
            writeln!(out, "  {:<14}{}", refusal.protocol, lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(out, "  {:<14}{line}", "")?;
            }
        }
    }
    match trial.arms.iter().find(|arm| arm.unsafe_runs == 0 && arm.decided > 0) {
        Some(best) => writeln!(out, "\n{GOOD}{}{GOOD:#} does best of those that are safe", best.protocol),
        None => writeln!(out, "\n{BAD}none{BAD:#} is safe and decides"),
    }
}

fn row(out: &mut String, arm: &BanditArm) -> fmt::Result {
    let share = |part: f64| format!("{:.1}", 100.0 * part);
    let [low, high] = arm.success_ci95;
    let decided = format!(
        "{} % ({} to {})",
        share(arm.decided as f64 / arm.runs.max(1) as f64),
        share(low),
        share(high)
    );
    let span = |nanos: u64| Duration::from_nanos(nanos).to_string();
    let latency = arm.latency_p50_ns.map_or("–".to_owned(), |[low, middle, high]| {
        format!("{} ({} to {})", span(middle), span(low), span(high))
    });
    let messages = arm.messages_p50.map_or("–".to_owned(), |[low, middle, high]| {
        if low == high {
            grouped(middle)
        } else {
            format!("{} ({} to {})", grouped(middle), grouped(low), grouped(high))
        }
    });
    let safety = match arm.unsafe_runs {
        0 => format!("{GOOD}{:>6}{GOOD:#}", "none"),
        some => format!("{BAD}{some:>6}{BAD:#}"),
    };
    writeln!(
        out,
        "  {:<14}{:>6}  {safety}  {decided:<26}{latency:<37}{messages}",
        arm.protocol,
        grouped(arm.runs)
    )?;
    let Some(Obstacle { why, runs }) = &arm.obstacle else { return Ok(()) };
    let words = format!("{why}, in {} of {}", grouped(*runs), plural(arm.runs, "run"));
    for line in wrapped(words.split_whitespace(), " ", 16) {
        writeln!(out, "  {:<14}{WARN}{line}{WARN:#}", "")?;
    }
    Ok(())
}

/// Returns the selection as an object.
pub fn selection_object(selection: &Selection<'_>) -> String {
    let rule = match &selection.choice {
        Ok(Recommendation { row }) => json!({"protocol": row.protocol, "why": row.why}),
        Err(NoMatchingRow { why, nearest }) => json!({
            "protocol": Value::Null,
            "why": why,
            "nearest": nearest.as_ref().map(|(row, change)| json!({"protocol": row.protocol, "change": change})),
        }),
    };
    let object = json!({
        "scenario": selection.scenario,
        "demand": selection.demand,
        "rule": rule,
        "trial": selection.trial,
    });
    serde_json::to_string_pretty(&object).expect("it has a JSON form")
}
