//! A run as a page of text for the terminal.
//!
//! Styles are ANSI codes; whoever prints the page strips them where they are not wanted.

use crate::campaign::{Host, Outcome, RunVerdict};
use crate::oracle::{Measure, Verdict};
use crate::scenario::Theory;
use crate::sim::{Duration, Ending};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// The page of a run that `command`, as the user typed it, made.
///
/// # Panics
/// Never: text takes everything.
pub fn page(outcome: &Outcome, host: &Host, command: &Next<'_>) -> String {
    let mut text = String::new();
    Page { outcome, host }.write(&mut text, command).expect("a string takes everything");
    text
}

/// What the user can do next.
#[derive(Copy, Clone, Debug)]
pub struct Next<'a> {
    /// The scenario file, as the user named it.
    pub scenario: &'a str,
    /// What the scenario shows, in its author's words.
    pub about: &'a str,
    /// True if the run was made twice and agreed.
    pub was_repeated: bool,
}

struct Page<'a> {
    outcome: &'a Outcome,
    host: &'a Host,
}

impl Page<'_> {
    fn write(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        self.head(out, next)?;
        self.verdicts(out)?;
        self.figures(out)?;
        self.faults(out)?;
        self.coverage(out)?;
        self.foot(out, next)
    }

    fn head(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        let Outcome { scenario, protocol, agents, seed, end, .. } = self.outcome;
        writeln!(out, "{STRONG}{scenario}{STRONG:#}  {protocol}, {agents} agents, seed {seed}")?;
        if !next.about.is_empty() {
            writeln!(out, "{FAINT}{}{FAINT:#}", next.about)?;
        }
        let ending = match end.ending {
            Ending::Done => format!("all decided at {}", end.at),
            Ending::Quiescent => format!("nothing was left to happen at {}", end.at),
            Ending::Horizon => format!("ran to the horizon of {}", end.at),
            ending => format!("{ending}, at {}", end.at),
        };
        let (events, deliveries) = (grouped(end.events), grouped(end.tally.delivered));
        writeln!(out, "{ending} of virtual time, {events} events, {deliveries} deliveries\n")
    }

    fn verdicts(&self, out: &mut String) -> fmt::Result {
        let name_width =
            self.outcome.oracles.iter().map(|ruling| ruling.name.len()).max().unwrap_or(0).max(12);
        if !self.outcome.oracles.is_empty() {
            writeln!(out, "{STRONG}Invariants{STRONG:#}")?;
        }
        for ruling in &self.outcome.oracles {
            let (style, sign, note) = match ruling.verdict {
                Verdict::Held => (GOOD, "held    ", format!("checked {} times", grouped(ruling.checked))),
                Verdict::Violated => (BAD, "VIOLATED", ruling.claim.to_owned()),
                Verdict::Vacuous => (FAINT, "vacuous ", "its premise never held".to_owned()),
            };
            writeln!(out, "  {style}{sign}{style:#}  {:name_width$}  {FAINT}{note}{FAINT:#}", ruling.name)?;
        }
        for violation in &self.outcome.violations {
            writeln!(
                out,
                "\n{BAD}{}{BAD:#} violated at {}, event {}:\n  {}",
                violation.oracle, violation.at, violation.event, violation.message
            )?;
        }
        writeln!(out, "\n{STRONG}Expectations{STRONG:#}")?;
        for expectation in &self.outcome.expectations {
            let (style, sign) = match expectation.verdict {
                RunVerdict::Pass => (GOOD, "met "),
                RunVerdict::Fail => (BAD, "MISSED"),
            };
            let value = value_in_words(&expectation.metric, &expectation.value);
            let sentence = match expectation.metric.as_str() {
                "violates" if expectation.bound == "nothing" => "no invariant is violated".to_owned(),
                "violates" => format!("exactly these are violated: {}", expectation.bound),
                metric => format!("{metric} is {}", expectation.bound),
            };
            let missed = match expectation.verdict {
                RunVerdict::Pass => String::new(),
                RunVerdict::Fail => format!("  {BAD}it is {value}{BAD:#}"),
            };
            writeln!(out, "  {style}{sign:6}{style:#}    {sentence}{missed}")?;
        }
        writeln!(out)
    }

    fn figures(&self, out: &mut String) -> fmt::Result {
        let metrics = &self.outcome.metrics;
        let span = |name: &str| match metrics.get(name) {
            Some(Measure::Count(nanos)) => Some(Duration::from_nanos(*nanos)),
            _ => None,
        };
        writeln!(out, "{STRONG}Figures{STRONG:#}")?;
        for (label, prefix) in [("latency", "latency"), ("at each replica", "latency.replica")] {
            if let (Some(p50), Some(p95), Some(p99), Some(max)) = (
                span(&format!("{prefix}.p50_ns")),
                span(&format!("{prefix}.p95_ns")),
                span(&format!("{prefix}.p99_ns")),
                span(&format!("{prefix}.max_ns")),
            ) {
                let theory = self.theory(&format!("{prefix}.p50_ns"), |value| {
                    Duration::from_nanos(value as u64).to_string()
                });
                writeln!(out, "  {label:17} p50 {p50:9} p95 {p95:9} p99 {p99:9} max {max}{theory}")?;
            }
        }
        let count = |name: &str| metrics.get(name).map_or(0, |measure| measure.value() as u64);
        let (decided, undecided) = (count("decisions"), count("undecided"));
        write!(out, "  {:17} {}", "decisions", grouped(decided))?;
        writeln!(
            out,
            "{}",
            if undecided > 0 { format!(", {} undecided", grouped(undecided)) } else { "".into() }
        )?;
        let per_decision = metrics.get("messages.per_decision").map_or(0.0, |measure| measure.value());
        let theory = self.theory("messages.per_decision", |value| value.to_string());
        writeln!(
            out,
            "  {:17} {} sent, {} a decision{theory}; {} for upkeep, {} lost; {} bytes",
            "messages",
            grouped(count("messages.sent")),
            rounded(per_decision),
            grouped(count("messages.upkeep")),
            grouped(count("messages.dropped")),
            grouped(count("bytes.sent")),
        )?;
        for (name, measure) in metrics {
            if name.starts_with(&format!("{}.", self.outcome.protocol)) && measure.value() > 0.0 {
                writeln!(out, "  {:17} {}", name.replace('_', " "), rounded(measure.value()))?;
            }
        }
        Ok(())
    }

    /// What theory says of `metric`, and whether the run agrees.
    fn theory(&self, metric: &str, show: impl Fn(f64) -> String) -> String {
        let Some(Theory { value, law, .. }) =
            self.outcome.theory.iter().find(|theory| theory.metric == metric)
        else {
            return String::new();
        };
        let measured = self.outcome.metrics.get(metric).map(|measure| measure.value());
        match measured == Some(*value) {
            true => format!("  {GOOD}= {law}{GOOD:#}"),
            false => format!("  {WARN}theory: {} ({law}){WARN:#}", show(*value)),
        }
    }

    fn faults(&self, out: &mut String) -> fmt::Result {
        if self.outcome.faults.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{STRONG}Faults{STRONG:#}")?;
        for fault in &self.outcome.faults {
            let agents: Vec<String> = fault.agents.iter().map(|agent| agent.to_string()).collect();
            let until = fault.until.map_or_else(|| "the end".to_owned(), |until| until.to_string());
            let effect = match fault.effect.total() {
                0 => format!("{WARN}warning: it did nothing{WARN:#}"),
                _ => format!("{} messages dropped", grouped(fault.effect.dropped)),
            };
            writeln!(
                out,
                "  {:17} agents {}, {} to {until}: {effect}",
                fault.name,
                agents.join(" "),
                fault.from
            )?;
        }
        Ok(())
    }

    fn coverage(&self, out: &mut String) -> fmt::Result {
        if self.outcome.coverage.is_empty() {
            return Ok(());
        }
        let marks: Vec<String> =
            self.outcome.coverage.iter().map(|(mark, count)| format!("{mark} {}", grouped(*count))).collect();
        writeln!(out, "\n{STRONG}Coverage{STRONG:#}\n  {}", marks.join(", "))
    }

    fn foot(&self, out: &mut String, next: &Next<'_>) -> fmt::Result {
        let (style, word) = match self.outcome.verdict {
            RunVerdict::Pass => (GOOD.bold(), "pass"),
            RunVerdict::Fail => (BAD, "FAIL"),
        };
        let repeated = if next.was_repeated { ", the same twice" } else { "" };
        let digest = self.outcome.end.digest;
        writeln!(out, "\n{style}{word}{style:#}  digest {STRONG}{digest}{STRONG:#}{repeated}")?;
        let memory = self.host.rss_bytes.map_or(String::new(), |bytes| format!(", {} MiB", bytes >> 20));
        writeln!(out, "{FAINT}in {:.1} ms{memory}, Synod {}{FAINT:#}", self.host.wall_ms, self.host.version)?;
        let seed = self.outcome.seed;
        let (scenario, other) = (next.scenario, seed.wrapping_add(1));
        match self.outcome.verdict {
            RunVerdict::Pass => {
                writeln!(out, "\nNext:  synod run {scenario} --seed {other}        another world")?;
                writeln!(out, "       synod run {scenario} --trace run.json  a timeline for ui.perfetto.dev")
            }
            RunVerdict::Fail => {
                writeln!(out, "\nAgain: synod run {scenario} --seed {seed}")?;
                writeln!(out, "Look:  synod run {scenario} --seed {seed} --trace run.json")
            }
        }
    }
}

fn value_in_words(metric: &str, value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Number(number) if metric.ends_with("_ns") => number
            .as_u64()
            .map_or_else(|| number.to_string(), |nanos| Duration::from_nanos(nanos).to_string()),
        serde_json::Value::Number(number) => {
            number.as_u64().map_or_else(|| rounded(number.as_f64().unwrap_or_default()), grouped)
        }
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(names) if names.is_empty() => "nothing".to_owned(),
        serde_json::Value::Array(names) => {
            names.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => "not measured".to_owned(),
    }
}

/// A number with a comma at every thousand.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with two places behind the point, if it needs any.
fn rounded(number: f64) -> String {
    if number.fract() == 0.0 { grouped(number as u64) } else { format!("{number:.2}") }
}
