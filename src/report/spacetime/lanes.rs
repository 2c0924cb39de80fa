//! The lines of the agents with what stood wrong behind them, and the axis of time.

use super::canvas::Canvas;
use super::{Frame, LEFT, millis};
use synod_campaign::{CutWindow, Explanation};
use synod_fault::{FaultReport, fault_of_cut};
use synod_sim::{Cut, NodeId, Time};

pub(super) fn draw(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    axis(frame, canvas);
    for place in 0..frame.explanation.cuts.len() {
        cut(frame, canvas, &frame.explanation.cuts[place]);
    }
    faults(frame, canvas);
    lines(frame, canvas);
}

fn axis(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    let (top, bottom) = (frame.top - 8.0, frame.bottom + 6.0);
    for gap in &frame.axis.breaks {
        canvas.rect("gap", (gap.left + 6.0, top), (gap.right - 6.0, bottom), "nothing happens");
        let middle = (gap.left + gap.right) / 2.0;
        canvas.text(
            "faint halo middle",
            (middle, bottom + 26.0),
            &format!("… {} …", millis(Time::ZERO + gap.span)),
        );
        for x in [middle - 4.0, middle + 2.0] {
            canvas.line("axis", (x - 3.0, bottom + 5.0), (x + 3.0, bottom - 5.0), "");
        }
    }
    canvas.line("axis", (LEFT, bottom), (frame.right, bottom), "");
    let mut free = LEFT - 40.0;
    for tick in frame.axis.ticks() {
        canvas.line("grid", (tick.x, top), (tick.x, bottom), "");
        canvas.line("axis", (tick.x, bottom), (tick.x, bottom + 4.0), "");
        let half = super::labels::width(&tick.label, super::labels::SIZE) / 2.0;
        if tick.x - half >= free {
            canvas.text("halo middle", (tick.x, bottom + 15.0), &tick.label);
            free = tick.x + half + 6.0;
        }
    }
    canvas.text("faint end", (LEFT - 12.0, bottom + 4.0), "virtual time");
}

/// Returns the window of a fault on the axis, if any of it shows.
fn shown(frame: &Frame<'_>, from: Time, until: Option<Time>) -> Option<(f64, f64)> {
    let (first, last) = (frame.axis.left(), frame.axis.right());
    let left = if frame.axis.covers(from) { frame.x(from) } else { frame.x(from).max(first) };
    let right = until.map_or(frame.right, |until| frame.x(until));
    let shows = left < last && right > first;
    // What is in force at the first instant was so before.
    shows.then_some((if left <= first { LEFT } else { left }, right))
}

/// A partition: a band over every run of lines that are on one side, and a line where sides meet.
fn cut(frame: &mut Frame<'_>, canvas: &mut Canvas, window: &CutWindow) {
    let Some((left, right)) = shown(frame, window.from, window.until) else { return };
    let side = |node: NodeId| side(&window.cut, node);
    let name = frame.explanation.outcome.faults.get(fault_of_cut(window.id));
    let name = name.map_or("partition", |fault| fault.name.as_str());
    let lifelines = frame.explanation.diagram.lifelines.clone();
    let mut start = 0;
    while start < lifelines.len() {
        let here = side(lifelines[start]);
        let end =
            (start..lifelines.len()).find(|&row| side(lifelines[row]) != here).unwrap_or(lifelines.len());
        let (top, bottom) = (frame.top + frame.pitch * start as f64, frame.top + frame.pitch * end as f64);
        if let Some(here) = here {
            let role = match window.cut {
                Cut::Sides(_) => format!("side {}", letter(here)),
                Cut::OneWay(..) if here == 0 => "not heard by the others".to_owned(),
                Cut::OneWay(..) => "does not hear the others".to_owned(),
                Cut::Around(_) => "cut off".to_owned(),
                Cut::Ring { reach, .. } => format!("reaches {reach} either way"),
            };
            let label = format!("{name}: {role}");
            canvas.rect(&format!("side{}", here % 4), (left, top), (right, bottom), &label);
            frame.labels.place("faint halo", &label, &[(left + 4.0, top + 12.0)], frame.reach());
        }
        if end < lifelines.len() && here.is_some() && side(lifelines[end]).is_some() {
            canvas.line("divide", (left, bottom), (right, bottom), name);
        }
        start = end;
    }
}

fn letter(side: u32) -> String {
    char::from_u32('A' as u32 + side).filter(char::is_ascii_uppercase).map_or(side.to_string(), String::from)
}

/// Returns the side of a cut that `node` is on; of a one-way cut the first is not heard by the second.
fn side(cut: &Cut, node: NodeId) -> Option<u32> {
    match cut {
        Cut::Sides(sides) => sides.get(node.index()).copied().flatten(),
        Cut::OneWay(senders, receivers) => {
            let is = |list: &[bool]| list.get(node.index()).copied().unwrap_or(false);
            if is(senders) { Some(0) } else { is(receivers).then_some(1) }
        }
        Cut::Around(alone) => (node == *alone).then_some(0),
        Cut::Ring { nodes, .. } => (node.0 < *nodes).then_some(0),
    }
}

/// Returns true if `fault` is a partition, which has bands of its own.
pub(super) fn is_cut(explanation: &Explanation, fault: &FaultReport) -> bool {
    let cuts = |window: &CutWindow| explanation.outcome.faults.get(fault_of_cut(window.id));
    explanation.cuts.iter().filter_map(cuts).any(|other| other.name == fault.name)
}

/// All other faults: a window on the line of each agent that they strike.
fn faults(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    let explanation = frame.explanation;
    for fault in &explanation.outcome.faults {
        let Some((left, right)) = shown(frame, fault.from, fault.until) else { continue };
        if is_cut(explanation, fault) {
            continue;
        }
        for y in fault.agents.iter().filter_map(|&node| frame.y(node)).collect::<Vec<_>>() {
            let (top, bottom) = (y - frame.pitch * 0.36, y + frame.pitch * 0.36);
            canvas.rect("fault", (left, top), (right, bottom), &fault.name);
            let places = [(left + 4.0, top + 11.0), (left + 4.0, bottom - 4.0)];
            frame.labels.place("halo strong", &fault.name, &places, frame.reach());
        }
    }
}

/// How far apart the names are repeated on a wide picture.
const AGAIN: f64 = 1_000.0;

fn lines(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    for &node in &frame.explanation.diagram.lifelines {
        let Some(y) = frame.y(node) else { continue };
        let name = frame.explanation.name(node);
        canvas.text("agent end", (LEFT - 12.0, y + 4.5), &name);
        let mut x = LEFT;
        for gap in &frame.axis.breaks {
            canvas.line("lane", (x, y), (gap.left + 6.0, y), "");
            canvas.line("gapline", (gap.left + 6.0, y), (gap.right - 6.0, y), "");
            x = gap.right - 6.0;
        }
        canvas.line("lane", (x, y), (frame.right, y), "");
        // Who has scrolled to the end still sees whose line it is.
        if !frame.is_wide() {
            continue;
        }
        canvas.text("agent", (frame.right + 8.0, y + 4.5), &name);
        let mut x = LEFT + AGAIN;
        while x < frame.right - AGAIN / 2.0 {
            let places = [0.0, 50.0, 100.0, 150.0, 200.0].map(|more| (x + more, y - 5.0));
            frame.labels.place("faint halo", &name, &places, frame.reach());
            x += AGAIN;
        }
    }
}
