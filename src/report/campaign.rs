//! Campaigns in shards: what is planned, what a shard made, how far all are.

use super::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, write_commands};
use crate::human::plural;
use serde_json::{Value, json};
use std::fmt::{self, Write};
use synod_campaign::{
    CampaignFolder, CampaignSource, CampaignStatus, Point, Shard, ShardSummary, SlurmScripts,
};

/// How many results of shards a page lists.
const LISTED: usize = 20;

/// Returns the page of a plan that stands in the folder `name`, as a shell reads it.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn plan_page(folder: &CampaignFolder, program: &str, name: &str) -> String {
    let mut out = String::new();
    write_plan(&mut out, folder, program, name).expect("a string takes everything");
    out
}

fn write_plan(out: &mut String, folder: &CampaignFolder, program: &str, name: &str) -> fmt::Result {
    let plan = folder.plan();
    writeln!(out, "{STRONG}plan {}{STRONG:#}  {}", folder.hash(), of(&plan.source))?;
    writeln!(
        out,
        "{} at {}, in {} of up to {}; {} by default",
        plural(plan.runs(), "run"),
        plural(plan.width() as u64, "point"),
        plural(folder.block_count(), "block"),
        plural(plan.block, "run"),
        plural(plan.shards.into(), "shard"),
    )?;
    let last = plan.shards - 1;
    let lines = [
        (format!("{program} campaign submit slurm {name}"), "on a cluster"),
        (
            format!(
                "seq 0 {last} | xargs -P 2 -I {{}} {program} campaign run {name} --shard {{}}/{}",
                plan.shards
            ),
            "here, two at a time",
        ),
        (format!("{program} campaign status {name}"), "how far it is"),
        (format!("{program} campaign merge {name}"), "once all shards are made"),
    ];
    write_commands(out, "Go on:", &lines)
}

fn of(source: &CampaignSource) -> &'static str {
    match source {
        CampaignSource::Sweep => "a sweep",
        CampaignSource::Suite { .. } => "a suite",
        CampaignSource::Catalogue { .. } => "a catalogue",
    }
}

/// Returns a plan as one JSON object.
///
/// # Panics
/// Never: all that is in it has a JSON form.
pub fn plan_object(folder: &CampaignFolder) -> String {
    let plan = folder.plan();
    pretty(&json!({
        "plan": folder.hash(),
        "of": of(&plan.source),
        "points": plan.width(),
        "runs": plan.runs(),
        "block": plan.block,
        "blocks": folder.block_count(),
        "shards": plan.shards,
    }))
}

/// Returns the page of what a shard has made.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn shard_page(folder: &CampaignFolder, shard: Shard, made: &ShardSummary) -> String {
    let (style, word) = match made {
        ShardSummary { was_finished: true, .. } => (GOOD, "finished before"),
        ShardSummary { finished: true, .. } => (GOOD, "finished"),
        _ => (WARN, "interrupted"),
    };
    let failed = if made.failed > 0 {
        format!(", {BAD}{} failed{BAD:#}", grouped(made.failed))
    } else {
        String::new()
    };
    format!(
        "{STRONG}shard {shard}{STRONG:#} of plan {}\n{style}{word}{style:#}  {} of {}, {}{failed}\n",
        folder.hash(),
        grouped(made.blocks),
        plural(made.of_blocks, "block"),
        plural(made.runs, "run"),
    )
}

/// Returns what a shard has made as one JSON object.
///
/// # Panics
/// Never: all that is in it has a JSON form.
pub fn shard_object(folder: &CampaignFolder, shard: Shard, made: &ShardSummary) -> String {
    pretty(&json!({
        "plan": folder.hash(),
        "shard": shard.to_string(),
        "finished": made.finished,
        "blocks": made.blocks,
        "of_blocks": made.of_blocks,
        "runs": made.runs,
        "failed": made.failed,
    }))
}

/// Returns the page of how far a campaign is that stands in the folder `name`, as a shell reads it.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn status_page(
    folder: &CampaignFolder,
    points: &[Point],
    status: &CampaignStatus,
    program: &str,
    name: &str,
) -> String {
    let mut out = String::new();
    write_status(&mut out, folder, points, status, program, name).expect("a string takes everything");
    out
}

fn write_status(
    out: &mut String,
    folder: &CampaignFolder,
    points: &[Point],
    status: &CampaignStatus,
    program: &str,
    name: &str,
) -> fmt::Result {
    writeln!(out, "{STRONG}plan {}{STRONG:#}  {}", folder.hash(), of(&folder.plan().source))?;
    let percent = status.runs as f64 / status.of_runs as f64 * 100.0;
    writeln!(
        out,
        "{} of {} made ({percent:.1} %), {} failed",
        grouped(status.runs),
        plural(status.of_runs, "run"),
        grouped(status.failed)
    )?;
    if !status.shards.is_empty() {
        writeln!(
            out,
            "\n{FAINT}{:>13}  {:>15}  {:>12}  {:>8}{FAINT:#}",
            "shard", "blocks", "runs", "failed"
        )?;
    }
    // Those that are not finished matter more.
    let mut shards: Vec<_> = status.shards.iter().collect();
    shards.sort_by_key(|shard| (shard.finished, shard.shard));
    for shard in shards.iter().take(LISTED) {
        let blocks = format!("{} of {}", grouped(shard.blocks), grouped(shard.of_blocks));
        let (style, word) = if shard.finished { (GOOD, "finished") } else { (WARN, "under way") };
        writeln!(
            out,
            "{:>13}  {blocks:>15}  {:>12}  {:>8}  {style}{word}{style:#}",
            shard.shard.to_string(),
            grouped(shard.runs),
            grouped(shard.failed),
        )?;
    }
    if shards.len() > LISTED {
        writeln!(out, "{FAINT}and {} more{FAINT:#}", shards.len() - LISTED)?;
    }
    if !status.failures.is_empty() {
        writeln!(out, "\n{STRONG}Failures so far{STRONG:#}")?;
        for (place, failed) in &status.failures {
            let label = &points[*place].label;
            let point = if label.is_empty() { String::new() } else { format!(" at {label}") };
            writeln!(out, "  {}", cut(&format!("seed {}{point}: {}", failed.seed, failed.oracle), 2))?;
        }
    }
    let lines = match &status.missing {
        None => [(format!("{program} campaign merge {name}"), "all shards are made")],
        Some(_) => [(format!("{program} campaign missing {name}"), "the shards that are left")],
    };
    write_commands(out, "Go on:", &lines)
}

/// Returns how far a campaign is as one JSON object.
///
/// # Panics
/// Never: all that is in it has a JSON form.
pub fn status_object(folder: &CampaignFolder, points: &[Point], status: &CampaignStatus) -> String {
    let shards: Vec<Value> = status
        .shards
        .iter()
        .map(|shard| {
            json!({
                "shard": shard.shard.to_string(),
                "finished": shard.finished,
                "blocks": shard.blocks,
                "of_blocks": shard.of_blocks,
                "runs": shard.runs,
                "failed": shard.failed,
            })
        })
        .collect();
    let failures: Vec<Value> = status
        .failures
        .iter()
        .map(|(place, failed)| {
            json!({ "point": points[*place].label, "seed": failed.seed, "oracle": failed.oracle, "repro": failed.repro })
        })
        .collect();
    pretty(&json!({
        "plan": folder.hash(),
        "runs": status.runs,
        "of_runs": status.of_runs,
        "failed": status.failed,
        "complete": status.missing.is_none(),
        "missing": status.missing.as_ref().map_or_else(Vec::new, |missing| names(&missing.shards)),
        "shards": shards,
        "failures": failures,
    }))
}

/// Returns the page of what is handed to Slurm: with the numbers of the `jobs`, or without them if nothing was submitted.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn submitted_page(scripts: &SlurmScripts, shards: &[Shard], jobs: Option<&[String; 2]>) -> String {
    let mut out = String::new();
    write_submitted(&mut out, scripts, shards, jobs).expect("a string takes everything");
    out
}

fn write_submitted(
    out: &mut String,
    scripts: &SlurmScripts,
    shards: &[Shard],
    jobs: Option<&[String; 2]>,
) -> fmt::Result {
    let count = plural(shards.len() as u64, "shard");
    match jobs {
        Some([array, merge]) => {
            writeln!(
                out,
                "{GOOD}submitted{GOOD:#}  job array {array} of {count}, and job {merge} behind it, which merges"
            )?;
            writeln!(out, "what they print goes to {}", scripts.folder.display())?;
            write_commands(
                out,
                "Watch:",
                &[(format!("squeue --job {array},{merge}"), "what runs and what waits")],
            )
        }
        None => {
            writeln!(
                out,
                "{WARN}nothing was submitted{WARN:#}: a job array of {count}, and a job behind it"
            )?;
            for (path, text) in [&scripts.array, &scripts.merge] {
                writeln!(out, "\n{STRONG}{}{STRONG:#}\n{}", path.display(), text.trim_end())?;
            }
            Ok(())
        }
    }
}

/// Returns the shards that are missing as one JSON object.
///
/// # Panics
/// Never: all that is in it has a JSON form.
pub fn missing_object(shards: &[Shard]) -> String {
    pretty(&json!({ "missing": names(shards) }))
}

fn names(shards: &[Shard]) -> Vec<String> {
    shards.iter().map(Shard::to_string).collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("it has a JSON form")
}
