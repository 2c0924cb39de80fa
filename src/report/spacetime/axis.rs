//! The axis of time: true to scale where something happens, broken where nothing does.

use synod_sim::{Duration, Time};

/// Maps times to places from left to right.
#[derive(Debug)]
pub(super) struct Axis {
    /// Times in ascending order with their places; between two of them the scale is even.
    knots: Vec<(u64, f64)>,
    pub(super) breaks: Vec<Break>,
    /// Pixels a nanosecond, outside breaks.
    scale: f64,
}

/// A stretch of time in which nothing happens, drawn short.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Break {
    pub(super) left: f64,
    pub(super) right: f64,
    /// How long it lasts.
    pub(super) span: Duration,
}

/// A mark on the axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) x: f64,
    pub(super) label: String,
}

/// How wide a break is.
const BREAK: f64 = 58.0;

/// How far apart marks are at least.
const TICK: f64 = 84.0;

/// How far a mark behind a break is from the one before at least: a label's width.
const CLOSE: f64 = 50.0;

/// How wide a picture may be.
#[derive(Copy, Clone, Debug)]
pub(super) struct WidthBounds {
    pub(super) least: f64,
    pub(super) most: f64,
    /// How wide a message's usual delay should be.
    pub(super) delay: f64,
}

impl Axis {
    /// Creates an axis from `left` on over `instants`, at which something happens, where a message usually takes
    /// `delay`. A pause of more than three such delays is broken.
    pub(super) fn new(mut instants: Vec<u64>, delay: Duration, left: f64, room: WidthBounds) -> Axis {
        instants.sort_unstable();
        instants.dedup();
        let span = instants.last().zip(instants.first()).map_or(0, |(last, first)| last - first);
        let delay = if delay.is_zero() { (span / 12).max(1) } else { delay.as_nanos() };
        let longest = delay.saturating_mul(3);
        let gaps = || instants.windows(2).map(|pair| pair[1] - pair[0]);
        let busy: u64 = gaps().filter(|&gap| gap <= longest).sum();
        let idle = gaps().filter(|&gap| gap > longest).count() as f64 * BREAK;
        let wished = busy as f64 / delay as f64 * room.delay + idle;
        // A little tighter is better than a little beyond the page.
        let fits = wished <= room.least * 1.7 && idle < room.least * 0.5;
        let width =
            if fits { room.least } else { wished.clamp(room.least, room.most.max(idle + room.least)) };
        let scale = if busy == 0 { 0.0 } else { (width - idle) / busy as f64 };
        let mut axis = Axis { knots: Vec::new(), breaks: Vec::new(), scale };
        let mut x = left;
        for (place, &instant) in instants.iter().enumerate() {
            let gap = if place == 0 { 0 } else { instant - instants[place - 1] };
            if gap > longest {
                axis.breaks.push(Break { left: x, right: x + BREAK, span: Duration::from_nanos(gap) });
                x += BREAK;
            } else {
                x += gap as f64 * scale;
            }
            axis.knots.push((instant, x));
        }
        axis
    }

    /// Returns the place of `at`; the nearer end if it lies outside.
    pub(super) fn x(&self, at: Time) -> f64 {
        let at = at.as_nanos();
        match self.knots.partition_point(|&(instant, _)| instant < at) {
            0 => self.left(),
            after if after == self.knots.len() => self.right(),
            after => {
                let ((before, x), (next, end)) = (self.knots[after - 1], self.knots[after]);
                x + (end - x) * ((at - before) as f64 / (next - before) as f64)
            }
        }
    }

    /// Returns the place of the first instant.
    pub(super) fn left(&self) -> f64 {
        self.knots.first().map_or(0.0, |&(_, x)| x)
    }

    /// Returns the place of the last instant.
    pub(super) fn right(&self) -> f64 {
        self.knots.last().map_or(0.0, |&(_, x)| x)
    }

    /// Returns true if `at` lies between the first instant and the last.
    pub(super) fn covers(&self, at: Time) -> bool {
        let ends = self.knots.first().zip(self.knots.last());
        ends.is_some_and(|(first, last)| (first.0..=last.0).contains(&at.as_nanos()))
    }

    /// Marks at round times, and one at the start of every stretch that has none.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        let step = self.step();
        let mut start = 0;
        for end in 1..=self.knots.len() {
            let is_end = end == self.knots.len()
                || self
                    .breaks
                    .iter()
                    .any(|gap| gap.left == self.knots[end - 1].1 && gap.right == self.knots[end].1);
            if !is_end {
                continue;
            }
            let (first, last) = (self.knots[start], self.knots[end - 1]);
            let round = (first.0.div_ceil(step)..=last.0 / step).map(|multiple| multiple * step);
            let before = ticks.len();
            ticks.extend(
                round.map(|at| Tick { x: self.x(Time::from_nanos(at)), label: millis(Time::from_nanos(at)) }),
            );
            if ticks.len() == before && ticks.last().is_none_or(|tick| first.1 - tick.x >= CLOSE) {
                ticks.push(Tick { x: first.1, label: millis(Time::from_nanos(first.0)) });
            }
            start = end;
        }
        ticks
    }

    /// Returns the shortest round span that is wide enough between two marks.
    fn step(&self) -> u64 {
        let mut power: u64 = 1;
        loop {
            for factor in [1, 2, 5] {
                let step = power.saturating_mul(factor);
                if step as f64 * self.scale >= TICK || step > u64::MAX / 10 || self.scale == 0.0 {
                    return step.max(1);
                }
            }
            power = power.saturating_mul(10);
        }
    }
}

/// Returns a time in milliseconds, with as many places as it has, three at most: `41.237 ms`.
pub(crate) fn millis(at: Time) -> String {
    let micros = at.since(Time::ZERO).rounded(Duration::from_micros(1)).as_nanos() / 1_000;
    let (whole, rest) = (micros / 1_000, micros % 1_000);
    let digits = whole.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if rest > 0 {
        text.push_str(format!(".{rest:03}").trim_end_matches('0'));
    }
    text.push_str(" ms");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: WidthBounds = WidthBounds { least: 100.0, most: 1_000.0, delay: 100.0 };

    fn ms(millis: u64) -> u64 {
        millis * 1_000_000
    }

    #[test]
    fn idle_time_is_broken_and_busy_time_is_to_scale() {
        let instants = vec![ms(0), ms(10), ms(20), ms(520), ms(530)];
        let axis = Axis::new(instants, Duration::from_millis(10), 50.0, ROOM);
        let x = |at| axis.x(Time::from_nanos(at));
        assert_eq!(
            [ms(0), ms(10), ms(15), ms(20), ms(520), ms(530)].map(x),
            [50.0, 150.0, 200.0, 250.0, 308.0, 408.0]
        );
        assert_eq!(axis.breaks, [Break { left: 250.0, right: 308.0, span: Duration::from_millis(500) }]);
        assert_eq!((x(0), x(ms(900))), (axis.left(), axis.right()));
        assert!(axis.covers(Time::from_nanos(ms(300))) && !axis.covers(Time::from_nanos(ms(531))));
    }

    #[test]
    fn every_stretch_has_a_mark() {
        let axis = Axis::new(vec![ms(0), ms(10), ms(513), ms(519)], Duration::from_millis(10), 0.0, ROOM);
        let labels: Vec<String> = axis.ticks().into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["0 ms", "10 ms", "513 ms"]);
    }

    #[test]
    fn one_instant_or_none_makes_an_axis_too() {
        for instants in [vec![], vec![7]] {
            let axis = Axis::new(instants.clone(), Duration::ZERO, 9.0, ROOM);
            assert_eq!(axis.ticks().len(), instants.len());
            assert!(axis.right() <= 9.0);
        }
    }

    #[test]
    fn times_are_in_milliseconds() {
        let times = [0, 41_237_400, 1_500_000, 12_000_000_000].map(|nanos| millis(Time::from_nanos(nanos)));
        assert_eq!(times, ["0 ms", "41.237 ms", "1.5 ms", "12,000 ms"]);
    }
}
