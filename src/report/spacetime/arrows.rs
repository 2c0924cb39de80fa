//! Messages as arrows, coloured by kind; what was lost ends in a cross where it was lost.

use super::canvas::{Canvas, Point, number};
use super::{Frame, millis, palette};
use std::collections::{BTreeMap, BTreeSet};
use synod_campaign::{Arrow, StepKind};
use synod_sim::network::LossCause;
use synod_sim::{Kind, NodeId, Time};

/// A copy, with what its step says of it.
struct Copy {
    from: NodeId,
    to: NodeId,
    kind: Kind,
    loss: Option<LossCause>,
}

fn copy(frame: &Frame<'_>, arrow: Arrow) -> Option<Copy> {
    match frame.step(arrow.end).kind {
        StepKind::Delivered { from, to, kind, .. } => Some(Copy { from, to, kind, loss: None }),
        StepKind::Lost { from, to, kind, why, .. } => Some(Copy { from, to, kind, loss: Some(why) }),
        _ => None,
    }
}

pub(super) fn draw(frame: &mut Frame<'_>, canvas: &mut Canvas) {
    // Those that matter lie on top.
    for is_link in [false, true] {
        for &arrow in frame.explanation.diagram.arrows.iter().filter(|arrow| arrow.is_link == is_link) {
            draw_one(frame, canvas, arrow);
        }
    }
}

fn draw_one(frame: &Frame<'_>, canvas: &mut Canvas, arrow: Arrow) {
    let Some(Copy { from, to, kind, loss }) = copy(frame, arrow) else { return };
    let (Some(start_y), Some(end_y)) = (frame.y(from), frame.y(to)) else { return };
    let end_x = frame.x(frame.step(arrow.end).at);
    let start_x = arrow.sent.map_or(frame.axis.left(), |sent| frame.x(frame.step(sent).at));
    let colour = palette::line(frame.kind(kind));
    let title = title(frame, arrow, loss);
    let class = format!("arrow {colour}{}", if arrow.is_link { " link" } else { "" });
    if from == to {
        let [x1, x2, y] = [start_x, end_x, start_y].map(number);
        let [bend, middle] = [start_y - 16.0, (start_x + end_x) / 2.0].map(number);
        canvas.path(&class, &format!("M{x1} {y}Q{middle} {bend} {x2} {y}"), &title);
        return;
    }
    let start = (start_x, start_y);
    match loss {
        None => {
            let (end, head) = head((start_x, start_y), (end_x, end_y), arrow.is_link);
            canvas.line(&class, start, end, &title);
            canvas.polygon(
                &format!("{} {colour}", if arrow.is_link { "linkhead" } else { "head" }),
                &head,
                "",
            );
        }
        Some(why) => {
            let end =
                lost_at(frame, frame.step(arrow.sent.unwrap_or(arrow.end)).at, start, (end_x, end_y), why);
            canvas.line(&class, start, end, &title);
            canvas.cross("cross", end, 3.5, &title);
        }
    }
}

/// Returns where a lost copy ends: at its sender if a fault kept it, at its receiver if that was down or a cut lay
/// between when it came, or else on the way.
fn lost_at(frame: &Frame<'_>, sent: Time, start: Point, end: Point, why: LossCause) -> Point {
    let usual = frame.x(sent + frame.delay) - start.0;
    let way = if end.0 > start.0 { end.0 - start.0 } else { usual.clamp(40.0, 200.0) };
    let share = match why {
        LossCause::Withheld => 0.12,
        _ if end.0 > start.0 => 0.93,
        _ => 0.4,
    };
    // Where lines are far apart, a short stub shows the direction just as well.
    let rise = (end.1 - start.1) * share;
    let rise = if why == LossCause::Withheld { rise.clamp(-18.0, 18.0) } else { rise };
    (start.0 + way * share, start.1 + rise)
}

/// Where the line of an arrow ends, and the triangle at its tip.
fn head(start: Point, end: Point, is_link: bool) -> (Point, [Point; 3]) {
    let (across, down) = (end.0 - start.0, end.1 - start.1);
    let length = (across * across + down * down).sqrt().max(1.0);
    let (across, down) = (across / length, down / length);
    let (long, half) = if is_link { (9.0, 4.0) } else { (6.0, 2.6) };
    let base = (end.0 - across * long, end.1 - down * long);
    let triangle =
        [end, (base.0 - down * half, base.1 + across * half), (base.0 + down * half, base.1 - across * half)];
    (base, triangle)
}

fn title(frame: &Frame<'_>, arrow: Arrow, loss: Option<LossCause>) -> String {
    let step = frame.step(arrow.end);
    let Some(Copy { from, to, .. }) = copy(frame, arrow) else { return String::new() };
    let (from, to) = (frame.explanation.name(from), frame.explanation.name(to));
    let sent = arrow.sent.map_or("earlier".to_owned(), |sent| format!("at {}", millis(frame.step(sent).at)));
    let words = match (loss, arrow.sent) {
        (Some(_), Some(sent)) => frame.explanation.message(sent),
        _ => frame.explanation.message(arrow.end),
    };
    let end = match loss {
        None => format!("arrived at {}", millis(step.at)),
        Some(why) => format!("never arrived: {}", why_lost(why)),
    };
    let changed = match (loss, arrow.sent) {
        (None, Some(sent)) if frame.explanation.message(sent) != words => ", changed on the way",
        _ => "",
    };
    format!("{words} · {from} to {to}, sent {sent}, {end}{changed}")
}

/// Why a copy was lost, in words.
pub(crate) fn why_lost(why: LossCause) -> &'static str {
    match why {
        LossCause::Chance => "lost by chance",
        LossCause::TooLarge => "too large",
        LossCause::Partition => "cut off by a partition",
        LossCause::Withheld => "withheld by a fault",
        LossCause::Damaged => "damaged beyond recognition",
        LossCause::Down => "the receiver was down",
        LossCause::NoSuchNode => "there is no such receiver",
    }
}

/// How far apart an agent's labels of one kind are, but for the chain's.
const APART: f64 = 180.0;

/// Names the kinds beside where messages were sent: the links of chains first, then whatever has room.
pub(super) fn name(frame: &mut Frame<'_>) {
    let mut named: BTreeSet<usize> = BTreeSet::new();
    // Where each sender's last label of each kind is: the same word again and again says nothing more.
    let mut last: BTreeMap<(NodeId, usize), f64> = BTreeMap::new();
    for is_link in [true, false] {
        for &arrow in frame.explanation.diagram.arrows.iter().filter(|arrow| arrow.is_link == is_link) {
            let (Some(sent), Some(Copy { from, to, kind, .. })) = (arrow.sent, copy(frame, arrow)) else {
                continue;
            };
            let Some(y) = frame.y(from) else { continue };
            let x = frame.x(frame.step(sent).at) + 7.0;
            let said = last.entry((from, frame.kind(kind))).or_insert(f64::NEG_INFINITY);
            if !named.insert(sent) || !is_link && (x - *said).abs() < APART {
                continue;
            }
            *said = x;
            // Beside the arrow rather than on it.
            let (near, far) = (-7.0, 15.0);
            let places =
                if to > from { [(x, y + near), (x, y + far)] } else { [(x, y + far), (x, y + near)] };
            let class = format!(
                "halo word{}{}",
                frame.kind(kind) % palette::COLOURS,
                if is_link { " strong" } else { "" }
            );
            frame.labels.place(&class, kind.name, &places, frame.reach());
        }
    }
}
