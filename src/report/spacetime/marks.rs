//! The marks on the agents' lifelines, for observations, timers, crashes and restarts, and the violation.

use super::canvas::Canvas;
use super::{Frame, millis};
use std::collections::BTreeSet;
use synod_campaign::StepKind;
use synod_harness::{headline, readable};
use synod_sim::{Evidence, Milestone, NodeId};

/// The importance of a mark, ascending. Of the marks at one place, the most important is drawn and labelled.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Claim,
    Timer,
    Turn,
    Decision,
    Crash,
}

struct Mark {
    /// True for evidence of a violation, which is labelled before anything else.
    is_evidence: bool,
    weight: Weight,
    label: String,
    title: String,
}

/// Distance in pixels below which marks share a place.
const NEAR: f64 = 9.0;

pub(super) fn draw(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    violation(frame, canvas);
    let mut groups: Vec<(f64, f64, Vec<Mark>)> = Vec::new();
    for &node in &frame.explanation.diagram.lifelines {
        let Some(y) = frame.y(node) else { continue };
        let first = groups.len();
        for &place in &frame.explanation.diagram.marks {
            let step = frame.step(place);
            if step.kind.node() != Some(node) {
                continue;
            }
            let Some(mark) = mark(frame, place) else { continue };
            let x = frame.x(step.at);
            match groups[first..].last_mut() {
                Some((left, _, marks)) if x - *left < NEAR => marks.push(mark),
                _ => groups.push((x, y, vec![mark])),
            }
        }
    }
    for (x, y, marks) in &groups {
        let weight = marks.iter().map(|mark| mark.weight).max().unwrap_or(Weight::Claim);
        let titles: Vec<&str> = marks.iter().map(|mark| mark.title.as_str()).collect();
        glyph(canvas, weight, (*x, *y), &titles.join(" · "));
        if marks.iter().any(|mark| mark.is_evidence) {
            canvas.circle("evidence", (*x, *y), 9.0, &titles.join(" · "));
        }
    }
    for (x, y, marks) in &groups {
        if let Some(mark) = marks.iter().find(|mark| mark.is_evidence) {
            label(frame, "halo accused", (*x, *y), &mark.label);
        }
    }
    let mut labelled: BTreeSet<(u64, String)> = BTreeSet::new();
    // The most important labels come first, while there is most room.
    for weight in [Weight::Crash, Weight::Decision, Weight::Turn, Weight::Timer, Weight::Claim] {
        for (x, y, marks) in &groups {
            let is_named = marks.iter().any(|mark| mark.is_evidence);
            if !is_named && marks.iter().map(|mark| mark.weight).max() == Some(weight) {
                let class = match weight {
                    Weight::Decision => "halo decision",
                    Weight::Crash | Weight::Turn => "halo strong",
                    Weight::Timer => "halo",
                    Weight::Claim => "halo faint",
                };
                let words = summary(marks, weight);
                // An agent may make the same claim many times: only the first is labelled.
                if weight == Weight::Claim && !labelled.insert((*y as u64, words.clone())) {
                    continue;
                }
                label(frame, class, (*x, *y), &words);
            }
        }
    }
}

/// Labels the mark at a point, if there is room.
fn label(frame: &mut Frame<'_>, class: &str, (x, y): (f64, f64), words: &str) {
    let width = super::labels::width(words, super::labels::SIZE);
    let (above, below) = (y - 10.0, y + 19.0);
    let places = [(x - 3.0, above), (x - width + 3.0, above), (x - 3.0, below), (x - width + 3.0, below)];
    frame.labels.place(class, words, &places, frame.reach());
}

/// Returns the label for the marks of one weight: the first mark's, and the number of others.
fn summary(marks: &[Mark], weight: Weight) -> String {
    let mut labels: Vec<&str> =
        marks.iter().filter(|mark| mark.weight == weight).map(|mark| mark.label.as_str()).collect();
    labels.dedup();
    match labels[..] {
        [] => String::new(),
        [one] => one.to_owned(),
        [first, ..] => format!("{first} +{}", labels.len() - 1),
    }
}

fn mark(frame: &Frame<'_>, place: usize) -> Option<Mark> {
    let step = frame.step(place);
    let (weight, label) = match &step.kind {
        StepKind::Claimed { claim, mark, milestone, .. } => match milestone {
            Some(Milestone::Decided(id, _)) => (Weight::Decision, format!("decided {}", id.0)),
            Some(Milestone::Served(id)) => (Weight::Decision, format!("answered {}", id.0)),
            Some(Milestone::Completed(id)) => (Weight::Decision, format!("answered {}", id.0)),
            Some(Milestone::Abandoned(id)) => (Weight::Crash, format!("gave up {}", id.0)),
            Some(Milestone::CaughtUp(place)) => (Weight::Decision, format!("caught up to {place}")),
            Some(Milestone::Submitted(id)) => (Weight::Turn, format!("handed in {}", id.0)),
            None if mark.is_some() => (Weight::Turn, headline(claim)),
            None => (Weight::Claim, headline(claim)),
        },
        StepKind::Expired { timer, .. } => (Weight::Timer, format!("timer: {}", readable(timer))),
        StepKind::Panicked { message, .. } => (Weight::Crash, format!("panicked: {message}")),
        StepKind::Crashed { .. } => (Weight::Crash, "crashed".to_owned()),
        StepKind::Paused { .. } => (Weight::Crash, "stood still".to_owned()),
        StepKind::Resumed { .. } => (Weight::Crash, "went on".to_owned()),
        StepKind::Restarted { wiped: false, .. } => (Weight::Crash, "restarted".to_owned()),
        StepKind::Restarted { wiped: true, .. } => (Weight::Crash, "restarted without storage".to_owned()),
        StepKind::Sent { .. } | StepKind::Delivered { .. } | StepKind::Lost { .. } => return None,
    };
    let words = step.kind.format().unwrap_or_else(|| label.clone());
    let evidence = frame.explanation.evidence(place);
    // Where nodes hold different values, the label tells this node's.
    let own = evidence.iter().filter(|evidence| evidence.agent.is_some());
    let label = own.fold(label, |label, Evidence { name, value, .. }| {
        format!("{label}, {} {}", name.replace('_', " "), readable(value))
    });
    let title = format!("{} at {}", words, millis(step.at));
    Some(Mark { is_evidence: !evidence.is_empty(), weight, label, title })
}

fn glyph(canvas: &mut Canvas, weight: Weight, (x, y): (f64, f64), title: &str) {
    match weight {
        Weight::Claim => canvas.circle("claim", (x, y), 3.0, title),
        Weight::Turn => {
            canvas.polygon("turn", &[(x, y - 6.5), (x + 6.5, y), (x, y + 6.5), (x - 6.5, y)], title);
        }
        Weight::Decision => canvas.circle("decided", (x, y), 6.0, title),
        Weight::Timer => {
            canvas.circle("timer", (x, y), 5.0, title);
            canvas.path("timer", &hand(x, y), "");
        }
        Weight::Crash => canvas.cross("crash", (x, y), 5.5, title),
    }
}

/// Returns the hands of a small clock.
fn hand(x: f64, y: f64) -> String {
    let [x, top, y, right] = [x, y - 3.5, y, x + 2.5].map(super::canvas::number);
    format!("M{x} {top}L{x} {y}L{right} {y}")
}

/// Draws a line at the time of the violation, a ring for each agent concerned, and the name of the oracle.
fn violation(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    let Some(violation) = frame.explanation.violation() else { return };
    let x = frame.x(violation.at);
    let title = format!("{}: {}", violation.oracle, violation.message);
    canvas.line("violation", (x, frame.top - 8.0), (x, frame.bottom + 6.0), &title);
    let concerned: Vec<NodeId> = violation.agents.clone();
    for y in concerned.iter().filter_map(|&node| frame.y(node)) {
        canvas.circle("violation", (x, y), 12.0, &title);
    }
    let words = format!("✗ {} violated, {}", violation.oracle, millis(violation.at));
    let y = frame.top - 14.0;
    let is_left = x < frame.right / 2.0;
    let place = if is_left { (x - 6.0, y) } else { (x + 6.0, y) };
    canvas.text(if is_left { "accused loud" } else { "accused loud end" }, place, &words);
}
