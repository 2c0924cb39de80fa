//! What stands above a picture: what it shows, what went wrong, and what its signs mean.

use super::canvas::Canvas;
use super::{labels, lanes, palette};
use crate::explain::{scope, verdict};
use crate::format::plural;
use std::collections::BTreeMap;
use synod_campaign::{Explanation, StepKind};

/// How high a line of text is.
const LINE: f64 = 17.0;

/// Lines of text are no longer, however wide the picture is.
const WIDEST: f64 = 1_280.0;

/// How high it all is, on a picture that reaches to `right`.
pub(super) fn height(explanation: &Explanation, right: f64) -> f64 {
    let title = 40.0 + LINE * (verdict_lines(explanation).len() + 1) as f64;
    title + LINE * rows(&signs(explanation), right).len() as f64 + 8.0
}

/// How wide and high what the signs mean is, alone.
pub(super) fn size_of_key(explanation: &Explanation) -> (f64, f64) {
    (WIDEST, super::KEY + LINE * rows(&signs(explanation), WIDEST).len() as f64 - 8.0)
}

/// Writes what the signs mean, from `y` on, as wide as `right`.
pub(super) fn key(explanation: &Explanation, canvas: &mut Canvas, right: f64, mut y: f64) {
    let signs = signs(explanation);
    for row in rows(&signs, right) {
        let mut x = super::MARGIN;
        for sign in &signs[row] {
            draw_sign(canvas, sign, (x, y));
            x += sign.wide();
        }
        y += LINE;
    }
}

/// Writes the title and what the run came to; returns where the next line goes.
pub(super) fn title(explanation: &Explanation, canvas: &mut Canvas) -> f64 {
    let outcome = &explanation.outcome;
    let title = format!(
        "{} · {}, {}, seed {}",
        outcome.scenario,
        outcome.protocol,
        plural(u64::from(outcome.agents), "agent"),
        outcome.seed
    );
    canvas.text("title", (super::MARGIN, 30.0), &title);
    let mut y = 50.0;
    let class = if explanation.violation().is_some() { "accused" } else { "" };
    for line in verdict_lines(explanation) {
        canvas.text(class, (super::MARGIN, y), &line);
        y += LINE;
    }
    canvas.text("note", (super::MARGIN, y), &scope(explanation).join(" "));
    y + LINE + 6.0
}

fn verdict_lines(explanation: &Explanation) -> Vec<String> {
    let letters = (WIDEST / (labels::SIZE * 0.58)) as usize;
    let mut lines: Vec<String> = Vec::new();
    for word in verdict(explanation).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A sign with what it means.
struct Sign {
    shape: Shape,
    words: String,
}

enum Shape {
    Arrow(usize),
    Link,
    Cross,
    Window,
    Glyph(&'static str),
}

impl Sign {
    fn wide(&self) -> f64 {
        30.0 + labels::width(&self.words, labels::SIZE) * 0.92 + 18.0
    }
}

/// Returns the signs that the picture uses.
fn signs(explanation: &Explanation) -> Vec<Sign> {
    let mut kinds: BTreeMap<usize, (&'static str, u64)> = BTreeMap::new();
    let mut lost = 0;
    for arrow in &explanation.diagram.arrows {
        let kind = &explanation.steps[arrow.end].kind;
        lost += u64::from(matches!(kind, StepKind::Lost { .. }));
        if let Some(kind) = kind.message_kind() {
            let number = explanation
                .outcome
                .kinds()
                .iter()
                .position(|tally| tally.kind.name == kind.name)
                .unwrap_or(0);
            kinds.entry(number).or_insert((kind.name, 0)).1 += 1;
        }
    }
    let mut signs: Vec<Sign> = kinds
        .into_iter()
        .map(|(number, (name, count))| Sign {
            shape: Shape::Arrow(number),
            words: format!("{name} ({count})"),
        })
        .collect();
    let mut add = |wanted: bool, shape: Shape, words: &str| {
        if wanted {
            signs.push(Sign { shape, words: words.to_owned() });
        }
    };
    let deeds = || explanation.diagram.marks.iter().map(|&place| &explanation.steps[place].kind);
    add(
        explanation.diagram.arrows.iter().any(|arrow| arrow.is_link),
        Shape::Link,
        "bold: the chain that led there",
    );
    add(lost > 0, Shape::Cross, &format!("lost ({lost})"));
    add(
        deeds().any(|kind| matches!(kind, StepKind::Claimed { milestone: Some(_), .. })),
        Shape::Glyph("decided"),
        "decision",
    );
    add(
        deeds().any(|kind| matches!(kind, StepKind::Claimed { mark: Some(_), .. })),
        Shape::Glyph("turn"),
        "turn of events",
    );
    add(deeds().any(|kind| matches!(kind, StepKind::Claimed { .. })), Shape::Glyph("claim"), "other claim");
    add(deeds().any(|kind| matches!(kind, StepKind::Expired { .. })), Shape::Glyph("timer"), "timer expired");
    let has_evidence = explanation.diagram.marks.iter().any(|&place| !explanation.evidence(place).is_empty());
    add(has_evidence, Shape::Glyph("evidence"), "what the violation rests on");
    let has_windows = explanation.outcome.faults.iter().any(|fault| !lanes::is_cut(explanation, fault));
    add(has_windows, Shape::Window, "fault");
    signs
}

/// Returns the ranges of `signs` that fit into a line each.
fn rows(signs: &[Sign], right: f64) -> Vec<std::ops::Range<usize>> {
    let room = right.min(WIDEST) - super::MARGIN;
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for (place, sign) in signs.iter().enumerate() {
        if used + sign.wide() > room && place > start {
            rows.push(start..place);
            (start, used) = (place, 0.0);
        }
        used += sign.wide();
    }
    if start < signs.len() {
        rows.push(start..signs.len());
    }
    rows
}

fn draw_sign(canvas: &mut Canvas, sign: &Sign, (x, y): (f64, f64)) {
    let (middle, y) = (x + 12.0, y - 4.0);
    let mut class = "faint".to_owned();
    match sign.shape {
        Shape::Arrow(kind) => {
            canvas.line(&format!("link arrow {}", palette::line(kind)), (x, y), (x + 24.0, y), "");
            class = format!("word{}", kind % palette::COLOURS);
        }
        Shape::Link => canvas.line("lane link", (x, y), (x + 24.0, y), ""),
        Shape::Cross => canvas.cross("cross", (middle, y), 3.5, ""),
        Shape::Window => canvas.rect("fault", (x + 2.0, y - 6.0), (x + 22.0, y + 6.0), ""),
        Shape::Glyph("turn") => {
            canvas.polygon(
                "turn",
                &[(middle, y - 6.0), (middle + 6.0, y), (middle, y + 6.0), (middle - 6.0, y)],
                "",
            );
        }
        Shape::Glyph(glyph) => {
            let radius = if glyph == "claim" { 3.0 } else { 5.0 };
            canvas.circle(glyph, (middle, y), radius, "");
        }
    }
    canvas.text(&class, (x + 30.0, y + 4.0), &sign.words);
}
