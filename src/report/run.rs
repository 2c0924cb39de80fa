//! A run as a page of text for the terminal.

use super::format::plural;
use super::history;
use super::human::{
    BAD, FAINT, GOOD, STRONG, WARN, bytes, cut, effects, grouped, rounded, struck, verdict, widest, wrapped,
    write_commands,
};
use anstyle::Style;
use std::fmt::{self, Write};
use synod_campaign::Host;
use synod_harness::Theory;
use synod_harness::{Expectation, ExpectationVerdict, Outcome, RunVerdict, SEED_MAX};
use synod_oracle::metric::{self, Metric, MetricValue, Unit};
use synod_oracle::{DetectionReport, Measure, OracleReport, OracleVerdict, Proof, ViolationReport};
use synod_sim::{Duration, Ending, Time};

/// Returns the page of a run that `command`, as the user typed it, made.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn page(outcome: &Outcome, host: &Host, command: &Next<'_>) -> String {
    let mut text = String::new();
    Page { outcome, host }.write(&mut text, command).expect("a string takes everything");
    text
}

/// What the user can do next.
#[derive(Copy, Clone, Debug)]
pub struct Next<'a> {
    /// The program, as the user called it.
    pub program: &'a str,
    /// The scenario file and its overrides, as the user typed them.
    pub scenario: &'a str,
    /// What the scenario shows, in its author's words.
    pub about: &'a str,
    /// True if the run was made twice and agreed.
    pub was_repeated: bool,
}

/// Number of proofs that are told one by one.
const PROOFS: usize = 4;

/// How wide the labels of figures and faults are at least.
const LABEL: usize = 18;

struct Page<'a> {
    outcome: &'a Outcome,
    host: &'a Host,
}

impl Page<'_> {
    fn write(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        self.head(out, next)?;
        self.invariants(out)?;
        self.expectations(out)?;
        self.figures(out)?;
        self.faults(out)?;
        for (place, remark) in self.outcome.remarks().iter().enumerate() {
            let gap = if place == 0 { "\n" } else { "" };
            writeln!(out, "{gap}{WARN}{}{WARN:#}", cut(&format!("warning: {remark}"), 0))?;
        }
        self.detection(out)?;
        self.coverage(out)?;
        self.foot(out, next)
    }

    fn head(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        let Outcome { scenario, protocol, agents, tolerated, seed, end, .. } = self.outcome;
        let agents = plural((*agents).into(), "agent");
        let tolerated = tolerated.map_or_else(String::new, |faulty| format!(" (f = {faulty})"));
        writeln!(out, "{STRONG}{scenario}{STRONG:#}  {protocol}, {agents}{tolerated}, seed {seed}")?;
        for line in wrapped(next.about.split_whitespace(), " ", 0) {
            writeln!(out, "{FAINT}{line}{FAINT:#}")?;
        }
        let ending = match end.ending {
            Ending::Done => format!("all decided at {}", end.at),
            Ending::Quiescent => format!("nothing was left to happen at {}", end.at),
            Ending::Horizon => format!("ran to the horizon of {}", end.at),
            ending => format!("{ending}, at {}", end.at),
        };
        let (events, deliveries) = (plural(end.events, "event"), plural(end.tally.delivered, "delivery"));
        writeln!(out, "{ending} of virtual time, {events}, {deliveries}")
    }

    fn invariants(&self, out: &mut String) -> fmt::Result {
        if self.outcome.oracles.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{STRONG}Invariants{STRONG:#}")?;
        let name_width = widest(self.outcome.oracles.iter().map(|report| report.name), 12);
        for report in &self.outcome.oracles {
            let (style, sign, note) = match report.verdict {
                OracleVerdict::Held => (GOOD, "held", checked(report)),
                OracleVerdict::Violated => (BAD, "VIOLATED", report.claim.to_owned()),
                OracleVerdict::Vacuous => (FAINT, "vacuous", "its premise never held".to_owned()),
                OracleVerdict::Unknown => (WARN, "unknown", report.unknown.clone().unwrap_or_default()),
            };
            writeln!(out, "  {style}{sign:8}{style:#}  {:name_width$}  {FAINT}{note}{FAINT:#}", report.name)?;
        }
        for violation in &self.outcome.violations {
            let ViolationReport { oracle, at, event, message, interleaving, .. } = violation;
            writeln!(out, "\n{BAD}{oracle}{BAD:#} violated at {at}, event {}:", grouped(*event))?;
            for line in wrapped(message.split_whitespace(), " ", 2) {
                writeln!(out, "  {line}")?;
            }
            for line in interleaving.iter().flat_map(history::lines) {
                writeln!(out, "  {FAINT}{}{FAINT:#}", cut(&line, 2))?;
            }
        }
        Ok(())
    }

    fn expectations(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n{STRONG}Expectations{STRONG:#}")?;
        let rows: Vec<_> = self.outcome.expectations.iter().map(row).collect();
        let name_width = widest(rows.iter().map(|row| row.name), 12);
        let value_width = widest(rows.iter().map(|row| row.value.as_str()), 8).min(24);
        for Row { name, value, bound, met } in &rows {
            let (style, sign, emphasis) = match met {
                ExpectationVerdict::Pass => (GOOD, "met", Style::new()),
                ExpectationVerdict::Fail => (BAD, "MISSED", BAD),
                ExpectationVerdict::Allowed => (WARN, "allowed", WARN),
            };
            writeln!(
                out,
                "  {style}{sign:8}{style:#}  {name:name_width$}  \
                 {emphasis}{value:value_width$}{emphasis:#}  {FAINT}{bound}{FAINT:#}",
            )?;
        }
        Ok(())
    }

    fn figures(&self, out: &mut String) -> fmt::Result {
        let metrics = &self.outcome.metrics;
        let span = |metric| match metrics.of(metric) {
            Some(Measure::Count(nanos)) => Some(Duration::from_nanos(nanos)),
            _ => None,
        };
        let count = |metric| metrics.of(metric).map_or(0, |value| value.value() as u64);
        let (decided, undecided) = (count(&metric::DECISIONS), count(&metric::UNDECIDED));
        writeln!(out, "\n{STRONG}Figures{STRONG:#}")?;
        for (label, of, is_whole) in
            [("latency", &metric::LATENCY, true), ("at each replica", &metric::REPLICA_LATENCY, false)]
        {
            if let (Some(p50), Some(p95), Some(p99), Some(max)) =
                (span(&of.p50), span(&of.p95), span(&of.p99), span(&of.max))
            {
                let theory = self.theory(&of.p50, |value| Duration::from_nanos(value as u64).to_string());
                let figures = if is_whole && decided == 1 && p50 == max {
                    max.to_string()
                } else {
                    format!("p50 {p50:9}  p95 {p95:9}  p99 {p99:9}  max {max}")
                };
                writeln!(out, "  {label:LABEL$}  {figures}{theory}")?;
            }
        }
        let rest = if undecided > 0 { format!(", {} undecided", grouped(undecided)) } else { String::new() };
        writeln!(out, "  {:LABEL$}  {}{rest}", "decisions", grouped(decided))?;
        let per_decision = metrics.of(&metric::MESSAGES_PER_DECISION).map_or(0.0, Measure::value);
        let theory = self.theory(&metric::MESSAGES_PER_DECISION, |value| value.to_string());
        writeln!(
            out,
            "  {:LABEL$}  {} sent, {} a decision{theory}",
            "messages",
            grouped(count(&metric::MESSAGES_SENT)),
            rounded(per_decision),
        )?;
        writeln!(
            out,
            "  {:LABEL$}  {} for upkeep, {} lost, {} in all",
            "",
            grouped(count(&metric::MESSAGES_UPKEEP)),
            grouped(count(&metric::MESSAGES_DROPPED)),
            bytes(count(&metric::BYTES_SENT)),
        )?;
        if let Some(Measure::Ratio(busy)) = metrics.of(&metric::CPU_UTILISATION)
            && busy > 0.0
        {
            writeln!(out, "  {:LABEL$}  {:.1}% busy", "processors", busy * 100.0)?;
        }
        let is_own = |one: &MetricValue<'_>| one.metric.owner == Some(self.outcome.protocol);
        for MetricValue { name, value, .. } in metrics.iter().filter(is_own) {
            let (_, label) = name.split_once('.').unwrap_or(("", name));
            if value.value() > 0.0 {
                writeln!(out, "  {:LABEL$}  {}", label.replace('_', " "), rounded(value.value()))?;
            }
        }
        Ok(())
    }

    /// Returns what theory says of `metric`, and whether the run agrees.
    fn theory(&self, metric: &Metric, show: impl Fn(f64) -> String) -> String {
        let is_of = |theory: &&Theory| theory.metric == metric && !theory.over_runs;
        let Some(Theory { value, law, .. }) = self.outcome.theory.iter().find(is_of) else {
            return String::new();
        };
        let measured = self.outcome.metrics.of(metric).map(Measure::value);
        if measured == Some(*value) {
            format!("  {GOOD}= {law}{GOOD:#}")
        } else {
            format!("  {WARN}theory: {} ({law}){WARN:#}", show(*value))
        }
    }

    fn faults(&self, out: &mut String) -> fmt::Result {
        if self.outcome.faults.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{STRONG}Faults{STRONG:#}")?;
        let name_width = widest(self.outcome.faults.iter().map(|fault| fault.name.as_str()), LABEL);
        for fault in &self.outcome.faults {
            let window = match fault.until {
                Some(until) => format!("{} to {until}", fault.from),
                None if fault.from == Time::ZERO => "from the start".to_owned(),
                None => format!("from {} on", fault.from),
            };
            let effect = match effects(fault.effect) {
                effect if effect.is_empty() => format!("{WARN}warning: it did nothing{WARN:#}"),
                effect => effect,
            };
            let text = format!("{}, {window}: {effect}", struck(fault));
            let mut lines = wrapped(text.split(' '), " ", name_width + 4).into_iter();
            writeln!(out, "  {:name_width$}  {}", fault.name, lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(out, "  {:name_width$}  {line}", "")?;
            }
        }
        Ok(())
    }

    /// Returns what came of the corrupted agents, if there are any.
    fn detection(&self, out: &mut String) -> fmt::Result {
        let DetectionReport { corrupted, proven, accusations, suspicions, recovery } =
            &self.outcome.detection;
        if corrupted.is_empty() && *accusations == 0 {
            return Ok(());
        }
        writeln!(out, "\n{STRONG}Detection{STRONG:#}")?;
        let (found, of) = (proven.len(), corrupted.len());
        writeln!(out, "  {:LABEL$}  {found} of {of} corrupted agents", "proven faulty")?;
        for Proof { agent, by, at, after } in proven.iter().take(PROOFS) {
            writeln!(
                out,
                "  {:LABEL$}  agent {agent} by agent {by} at {at}, {after} after its fault began",
                ""
            )?;
        }
        if found > PROOFS {
            writeln!(out, "  {:LABEL$}  and {} more", "", found - PROOFS)?;
        }
        if let Some(recovery) = recovery {
            writeln!(out, "  {:LABEL$}  {recovery} from the first proof to the next decision", "recovery")?;
        }
        writeln!(out, "  {:LABEL$}  {}, which prove nothing", "suspicions", grouped(*suspicions))?;
        match *accusations {
            0 => writeln!(out, "  {:LABEL$}  none", "false accusations"),
            some => writeln!(out, "  {:LABEL$}  {BAD}{}{BAD:#}", "false accusations", grouped(some)),
        }
    }

    fn coverage(&self, out: &mut String) -> fmt::Result {
        if self.outcome.coverage.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{STRONG}Coverage{STRONG:#}")?;
        let marks: Vec<String> =
            self.outcome.coverage.iter().map(|(mark, count)| format!("{mark} {}", grouped(*count))).collect();
        for line in wrapped(marks.iter().map(String::as_str), ", ", 2) {
            writeln!(out, "  {line}")?;
        }
        Ok(())
    }

    fn foot(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        let (style, word) = verdict(self.outcome.verdict);
        let repeated = if next.was_repeated { ", the same twice" } else { "" };
        let digest = self.outcome.end.digest;
        writeln!(out, "\n{style}{word}{style:#}  digest {STRONG}{digest}{STRONG:#}{repeated}")?;
        let memory = self.host.rss_bytes.map_or(String::new(), |bytes| format!(", {} MiB", bytes >> 20));
        writeln!(out, "{FAINT}in {:.1} ms{memory}, Synod {}{FAINT:#}", self.host.wall_ms, self.host.version)?;
        let Next { program, scenario, .. } = *next;
        let seed = self.outcome.seed;
        let run = format!("{program} run {scenario} --seed");
        let (label, lines) = match self.outcome.verdict {
            RunVerdict::Pass => (
                "Next: ",
                [
                    (format!("{run} {}", if seed < SEED_MAX { seed + 1 } else { 0 }), "another world"),
                    (format!("{run} {seed} --trace run.json"), "a timeline for ui.perfetto.dev"),
                ],
            ),
            RunVerdict::Fail | RunVerdict::Unknown => (
                "Again:",
                [
                    (format!("{run} {seed}"), "the same run"),
                    (format!("{run} {seed} --trace run.json"), "a timeline for ui.perfetto.dev"),
                ],
            ),
        };
        write_commands(out, label, &lines)
    }
}

/// A line of the table of expectations.
struct Row<'a> {
    name: &'a str,
    value: String,
    bound: &'a str,
    met: ExpectationVerdict,
}

fn row(expectation: &Expectation) -> Row<'_> {
    let Expectation { metric, unit, bound, value, verdict } = expectation;
    let (name, bound) = match metric.as_str() {
        "violates" if bound == "nothing" => ("invariants violated", "none"),
        "violates" => ("invariants violated", bound.as_str()),
        metric => (metric, bound.as_str()),
    };
    Row { name, value: value_in_words(*unit, value), bound, met: *verdict }
}

fn value_in_words(unit: Unit, value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Number(number) if unit == Unit::Nanoseconds => number
            .as_u64()
            .map_or_else(|| number.to_string(), |nanos| Duration::from_nanos(nanos).to_string()),
        serde_json::Value::Number(number) => {
            number.as_u64().map_or_else(|| rounded(number.as_f64().unwrap_or_default()), grouped)
        }
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(names) if names.is_empty() => "none".to_owned(),
        serde_json::Value::Array(names) => {
            names.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => "not measured".to_owned(),
    }
}

/// Returns how often an oracle found what it demands, and by when it demands it.
fn checked(report: &OracleReport) -> String {
    let times = match report.checked {
        1 => "checked once".to_owned(),
        times => format!("checked {} times", grouped(times)),
    };
    match report.bound {
        None => times,
        Some(bound) => format!("{times}, due within {bound}"),
    }
}
