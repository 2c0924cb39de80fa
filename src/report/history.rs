//! Diagrams of concurrent operations, each as an interval from invocation to return: as text and as SVG.
//!
//! For linearizability only the order of invocations and returns matters. So they stand at equal distances in that
//! order: the horizontal axis is not to scale.

use super::spacetime::{Canvas, open};
use synod_sim::{Interleaving, Interval};

/// Returns `interleaving` as text: a line for the initial state and one for each operation.
pub(super) fn lines(interleaving: &Interleaving) -> Vec<String> {
    let Interleaving { before, intervals } = interleaving;
    let places = interleaving.places() as usize;
    let step = (WIDTH_OF_LINES / places.max(1)).clamp(1, 6);
    let width = places * step + 1;
    let widest = intervals.iter().map(|interval| interval.who.chars().count()).max().unwrap_or(0);
    let line = |interval: &Interval| {
        let from = interval.first as usize * step;
        let bar = match interval.last {
            Some(last) => format!("├{}┤", "─".repeat((last as usize * step - from).saturating_sub(1))),
            None => format!("├{}┄", "─".repeat(width - from - 2)),
        };
        let bar = format!("{}{bar}", " ".repeat(from));
        format!("{:widest$}  {bar:width$}  {}", interval.who, words(interval))
    };
    std::iter::once(format!("{:widest$}  at first {before}", "")).chain(intervals.iter().map(line)).collect()
}

/// Approximate width of the part with the bars, in characters.
const WIDTH_OF_LINES: usize = 42;

/// Returns the request of an operation and its response, in words.
fn words(interval: &Interval) -> String {
    let told = interval.told.as_deref().unwrap_or("never learnt what came of it");
    format!("{}: {told}", interval.asked)
}

/// Returns `interleaving` as SVG.
pub(super) fn picture(interleaving: &Interleaving) -> String {
    let Interleaving { before, intervals } = interleaving;
    let places = interleaving.places();
    let right = LEFT + f64::from(places.max(2) - 1) * STEP;
    let bottom = TOP + intervals.len() as f64 * ROW;
    let x = |place: u32| LEFT + f64::from(place) * STEP;
    let mut canvas = Canvas::default();
    open(&mut canvas, "The operations side by side", right + TAIL, bottom + 8.0);
    canvas.text("note", (LEFT, 18.0), &format!("at first {before}"));
    for place in 0..places {
        canvas.line("grid", (x(place), TOP - 12.0), (x(place), bottom), "");
    }
    for (row, interval) in intervals.iter().enumerate() {
        let y = TOP + (row as f64 + 0.5) * ROW;
        canvas.text("agent end", (LEFT - 14.0, y + 4.0), &interval.who);
        let (from, until) = (x(interval.first), interval.last.map_or(right + TAIL - 8.0, x));
        let class = if interval.last.is_some() { "lane" } else { "gapline" };
        let title = interval.to_string();
        canvas.line(class, (from, y), (until, y), &title);
        for end in [Some(from), interval.last.map(x)].into_iter().flatten() {
            canvas.line("lane", (end, y - 6.0), (end, y + 6.0), &title);
        }
        canvas.text("halo", (from + 5.0, y - 7.0), &words(interval));
        if let Some(until) = interval.until {
            let times = format!("{} to {until}", interval.from);
            canvas.text("faint", (x(interval.last.unwrap_or(interval.first)) + 8.0, y + 4.0), &times);
        }
    }
    canvas.raw("</svg>");
    canvas.finish()
}

/// Horizontal distance between neighbouring invocations and returns, in pixels.
const STEP: f64 = 70.0;
/// Height of a row, in pixels.
const ROW: f64 = 40.0;
/// Width of the column of client names, in pixels.
const LEFT: f64 = 100.0;
/// Height of the header, which has the initial state, in pixels.
const TOP: f64 = 40.0;
/// Width of the space after the last return, in pixels.
const TAIL: f64 = 220.0;

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::Time;

    fn interval(who: &str, asked: &str, told: Option<&str>, first: u32, last: Option<u32>) -> Interval {
        let at = |place: u32| Time::from_nanos(u64::from(place) * 1_000_000);
        Interval {
            who: who.to_owned(),
            asked: asked.to_owned(),
            told: told.map(str::to_owned),
            from: at(first),
            until: last.map(at),
            first,
            last,
        }
    }

    fn stale_read() -> Interleaving {
        let intervals = vec![
            interval("client 0", "put k1 5", Some("written"), 0, Some(2)),
            interval("client 12", "append k1 6", None, 1, None),
            interval("client 2", "get k1", Some("nothing"), 3, Some(4)),
        ];
        Interleaving { before: "k1 held nothing".to_owned(), intervals }
    }

    #[test]
    fn operations_stand_side_by_side_in_text() {
        let expected = [
            "           at first k1 held nothing",
            "client 0   ├───────────┤                    put k1 5: written",
            "client 12        ├───────────────────────┄  append k1 6: never learnt what came of it",
            "client 2                     ├─────┤        get k1: nothing",
        ];
        assert_eq!(lines(&stale_read()), expected);
    }

    #[test]
    fn the_picture_shows_every_operation() {
        let picture = picture(&stale_read());
        for words in ["at first k1 held nothing", "put k1 5: written", "client 12", "get k1: nothing"] {
            assert!(picture.contains(words), "{words}");
        }
    }
}
