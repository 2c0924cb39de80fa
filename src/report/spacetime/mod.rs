//! A run as a space-time diagram: a line per agent, time from left to right, messages as arrows.

mod arrows;
mod axis;
mod canvas;
mod head;
mod labels;
mod lanes;
mod marks;
mod palette;

pub(super) use arrows::why_lost;
pub(super) use axis::millis;
pub(super) use canvas::{Canvas, escaped};
pub(super) use palette::DARK;

use axis::{Axis, WidthBounds};
use labels::Labels;
use synod_campaign::{Explanation, Step, StepKind};
use synod_sim::{Duration, Kind, NodeId, Time};

/// What tells a picture of Synod's own from others'.
pub(super) const GENERATOR: &str = "synod explain";

/// Returns the space-time diagram of `explanation`, as SVG: the same to the byte for the same explanation.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn svg(explanation: &Explanation) -> String {
    draw(explanation, true)
}

/// Returns the picture alone, and what its signs mean: for a page, on which the first can be scrolled and the second
/// stays.
pub(super) fn apart(explanation: &Explanation) -> (String, String) {
    let mut canvas = Canvas::default();
    let (width, height) = head::size_of_key(explanation);
    open(&mut canvas, "What the signs mean", width, height);
    head::key(explanation, &mut canvas, width, KEY);
    canvas.raw("</svg>");
    (draw(explanation, false), canvas.finish())
}

/// Where the first line of the signs' meaning is, where nothing stands above it.
const KEY: f64 = 20.0;

fn draw(explanation: &Explanation, is_whole: bool) -> String {
    let mut frame = Frame::of(explanation, is_whole);
    let mut canvas = Canvas::default();
    let names = if frame.is_wide() { LEFT } else { MARGIN };
    let title =
        format!("Space-time diagram of {}, seed {}", explanation.outcome.scenario, explanation.outcome.seed);
    open(&mut canvas, &title, frame.right + names, frame.bottom + 34.0);
    if is_whole {
        let below = head::title(explanation, &mut canvas);
        head::key(explanation, &mut canvas, frame.right, below);
    }
    lanes::draw(&mut frame, &mut canvas);
    arrows::draw(&mut frame, &mut canvas);
    marks::draw(&mut frame, &mut canvas);
    arrows::name(&mut frame);
    frame.labels.draw(&mut canvas);
    canvas.raw("</svg>");
    canvas.finish()
}

/// Begins a picture; it ends with `</svg>`.
pub(super) fn open(canvas: &mut Canvas, title: &str, width: f64, height: f64) {
    let [width, height] = [width, height].map(canvas::number);
    canvas.raw(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">"
    ));
    canvas.raw(&format!("<!-- {GENERATOR} -->"));
    canvas.raw(&format!("<title>{}</title>", escaped(title)));
    canvas.raw(&format!("<style>{}</style>", palette::STYLE));
    canvas.raw("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>");
}

/// Free space at the edges.
const MARGIN: f64 = 24.0;

/// Where lines begin, after the agents' names.
const LEFT: f64 = 130.0;

/// What all parts of a picture share.
struct Frame<'a> {
    explanation: &'a Explanation,
    axis: Axis,
    /// How far apart two lines are.
    pitch: f64,
    /// Where the first line's band begins, and the last one's ends.
    top: f64,
    bottom: f64,
    right: f64,
    /// How long a message usually takes.
    delay: Duration,
    labels: Labels,
}

impl<'a> Frame<'a> {
    fn of(explanation: &'a Explanation, is_whole: bool) -> Frame<'a> {
        let delay = usual_delay(explanation);
        let lines = explanation.diagram.lifelines.len();
        let (pitch, room) = match lines {
            0..=5 => (92.0, 150.0),
            6..=8 => (70.0, 180.0),
            9..=14 => (54.0, 210.0),
            _ => (44.0, 240.0),
        };
        let most = if explanation.diagram.is_whole { 30_000.0 } else { 6_000.0 };
        let room = WidthBounds { least: 1_160.0, most, delay: room };
        let axis = Axis::new(instants(explanation), delay, LEFT + 14.0, room);
        let right = axis.right().max(LEFT + 14.0 + room.least) + 20.0;
        let top = 34.0 + if is_whole { head::height(explanation, right) } else { 0.0 };
        let bottom = top + pitch * lines as f64;
        let mut labels = Labels::default();
        labels.keep_free((0.0, 0.0), (right + MARGIN, top - 16.0));
        Frame { explanation, axis, pitch, top, bottom, right, delay, labels }
    }

    fn step(&self, place: usize) -> &'a Step {
        &self.explanation.steps[place]
    }

    /// Where the line of `node` is, if it has one.
    fn y(&self, node: NodeId) -> Option<f64> {
        let row = self.explanation.diagram.lifelines.binary_search(&node).ok()?;
        Some(self.top + self.pitch * (row as f64 + 0.5))
    }

    fn x(&self, at: Time) -> f64 {
        self.axis.x(at)
    }

    /// Returns the number of a kind among the protocol's: its colour is the same in all of the protocol's pictures.
    fn kind(&self, kind: Kind) -> usize {
        let kinds = self.explanation.outcome.kinds();
        kinds.iter().position(|tally| tally.kind.name == kind.name).unwrap_or(0)
    }

    /// Returns true if the picture is wider than a page.
    fn is_wide(&self) -> bool {
        self.right > 1_400.0
    }

    /// From where to where labels may reach.
    fn reach(&self) -> (f64, f64) {
        (LEFT, self.right + MARGIN - 4.0)
    }
}

/// Returns the median of what the messages shown took; nothing if none arrived.
fn usual_delay(explanation: &Explanation) -> Duration {
    let mut delays: Vec<Duration> = Vec::new();
    for arrow in &explanation.diagram.arrows {
        let end = &explanation.steps[arrow.end];
        if let (Some(sent), StepKind::Delivered { .. }) = (arrow.sent, &end.kind) {
            delays.push(end.at.since(explanation.steps[sent].at));
        }
    }
    delays.sort_unstable();
    delays.get(delays.len() / 2).copied().unwrap_or(Duration::ZERO)
}

/// Returns the times at which something is drawn, with the edges of faults between them.
fn instants(explanation: &Explanation) -> Vec<u64> {
    let diagram = &explanation.diagram;
    let places = diagram.arrows.iter().flat_map(|arrow| arrow.sent.into_iter().chain([arrow.end]));
    let places = places.chain(diagram.marks.iter().copied());
    let mut instants: Vec<u64> = places.map(|place| explanation.steps[place].at.as_nanos()).collect();
    instants.extend(explanation.violation().map(|violation| violation.at.as_nanos()));
    let ends = instants.iter().min().copied().zip(instants.iter().max().copied());
    let Some((first, last)) = ends else { return instants };
    let faults = explanation.outcome.faults.iter().flat_map(|fault| [Some(fault.from), fault.until]);
    let cuts = explanation.cuts.iter().flat_map(|cut| [Some(cut.from), cut.until]);
    let edges = faults.chain(cuts).flatten().map(Time::as_nanos);
    instants.extend(edges.filter(|edge| (first..last).contains(edge)));
    instants
}
