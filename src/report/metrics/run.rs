//! A run's figures as OpenMetrics text.

use super::exposition::{Exposition, Family, Kind, Label, Unit};
use super::names::{Place, place};
use synod_harness::{Outcome, RunVerdict};
use synod_oracle::OracleVerdict;
use synod_oracle::metric::MetricValue;

/// Returns the figures of the run that came to `outcome`, each labelled with its scenario and seed, so that the texts
/// of several runs can be read together.
pub fn run_metrics(outcome: &Outcome) -> String {
    let seed = outcome.seed.to_string();
    let run = [("scenario", outcome.scenario.as_str()), ("seed", seed.as_str())];
    let mut exposition = Exposition::default();
    info(&mut exposition, outcome, &run);
    let mut add = |name: &str, kind: Kind, unit: Unit, help: &str, label: Option<Label<'_>>, value: f64| {
        let labels: Vec<Label<'_>> = run.into_iter().chain(label).collect();
        exposition.add(&Family::new(name, kind, unit, help), &labels, value);
    };
    let passed = f64::from(u8::from(outcome.verdict.passed()));
    add("run_passed", Kind::Gauge, Unit::One, "1 if the run passed, 0 if not.", None, passed);
    let unknown = f64::from(u8::from(outcome.verdict == RunVerdict::Unknown));
    let help = "1 if nothing failed, but an oracle of safety could not judge.";
    add("run_unknown", Kind::Gauge, Unit::One, help, None, unknown);
    let (time, events) = (outcome.end.at.as_nanos() as f64, outcome.end.events as f64);
    add("virtual_time", Kind::Gauge, Unit::Seconds, "How long the run lasted in its own time.", None, time);
    add("events", Kind::Counter, Unit::One, "Events of the simulation.", None, events);
    for (mark, hits) in &outcome.coverage {
        let help = "Times that something happened which should sometimes happen.";
        add("coverage_hits", Kind::Counter, Unit::One, help, Some(("mark", mark)), *hits as f64);
    }
    for report in &outcome.oracles {
        let help = "Times that an oracle's premise held.";
        let label = Some(("oracle", report.name));
        add("oracle_checks", Kind::Counter, Unit::One, help, label, report.checked as f64);
    }
    for MetricValue { name, metric, value } in outcome.metrics.iter() {
        let Place { family, label } = place(metric, name);
        let label = label.as_ref().map(|(name, value)| (*name, value.as_str()));
        let labels: Vec<Label<'_>> = run.into_iter().chain(label).collect();
        exposition.add(&family, &labels, value.value());
    }
    verdicts(&mut exposition, outcome, &run);
    exposition.text()
}

/// What a number cannot say.
fn info(exposition: &mut Exposition, outcome: &Outcome, run: &[Label<'_>]) {
    let digest = outcome.end.digest.to_string();
    let agents = outcome.agents.to_string();
    let more = [
        ("protocol", outcome.protocol),
        ("agents", agents.as_str()),
        ("ended", outcome.ended()),
        ("digest", digest.as_str()),
        ("version", synod_sim::VERSION),
    ];
    let family = Family::new("run", Kind::Info, Unit::One, "Which run this is, and how it ended.");
    exposition.add(&family, &[run, &more].concat(), 1.0);
}

/// What each oracle found.
fn verdicts(exposition: &mut Exposition, outcome: &Outcome, run: &[Label<'_>]) {
    const STATES: [(OracleVerdict, &str); 4] = [
        (OracleVerdict::Held, "held"),
        (OracleVerdict::Violated, "violated"),
        (OracleVerdict::Vacuous, "vacuous"),
        (OracleVerdict::Unknown, "unknown"),
    ];
    let family = Family::new("oracle_verdict", Kind::StateSet, Unit::One, "What an oracle found.");
    for report in &outcome.oracles {
        for (verdict, state) in STATES {
            let more = [("oracle", report.name), ("synod_oracle_verdict", state)];
            let holds = f64::from(u8::from(report.verdict == verdict));
            exposition.add(&family, &[run, &more].concat(), holds);
        }
    }
}
