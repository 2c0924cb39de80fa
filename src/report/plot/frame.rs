//! Drawing of plots: title, axes, grid, and the elements between the axes.
//!
//! Plots are drawn at four times the size at which they are shown, since plotters rounds coordinates to whole pixels,
//! which would make curves jagged.

use super::axis::Axis;
use super::labels::Label;
use super::palette::{FAINT, GRID, INK, PAPER};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Number of pixels drawn for each pixel shown, in either direction.
const FINE: i32 = 4;

/// Returns the font size, for plotters, of text of this size in pixels shown.
fn font(pixels: f64) -> f64 {
    // plotters' font size is the whole height of the font.
    pixels * 1.24 * f64::from(FINE)
}

type Root<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Why drawing cannot fail: its only errors are those of writing to a file, and plots are written to a string.
const HOLDS: &str = "writing to a string cannot fail";

/// Returns an SVG image of this size, in pixels shown, with `title` and the elements that `paint` draws.
pub(super) fn picture(width: u32, height: u32, title: &str, paint: impl FnOnce(&Sheet<'_>)) -> String {
    let mut text = String::new();
    {
        let (fine_width, fine_height) = (width * FINE as u32, height * FINE as u32);
        let root = SVGBackend::with_string(&mut text, (fine_width, fine_height)).into_drawing_area();
        root.fill(&PAPER).expect(HOLDS);
        let sheet = Sheet { root };
        sheet.text(16.0, 22.0, title, 15.0, INK, HPos::Left);
        paint(&sheet);
        sheet.root.present().expect(HOLDS);
    }
    shrunk(&text, width, height)
}

/// Returns the image scaled to the size at which it is shown, marked as an image for screen readers.
fn shrunk(text: &str, width: u32, height: u32) -> String {
    let (fine_width, fine_height) = (width * FINE as u32, height * FINE as u32);
    let big = format!(
        "<svg width=\"{fine_width}\" height=\"{fine_height}\" viewBox=\"0 0 {fine_width} {fine_height}\""
    );
    let small = format!(
        "<svg class=\"plot\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {fine_width} {fine_height}\" role=\"img\""
    );
    // plotters puts line breaks around every text: they are moved to between the elements.
    let text = text.replacen(&big, &small, 1).replace(">\n", ">");
    text.replace("\n</text>", "</text>").replace("/><", "/>\n<").replace("</text><", "</text>\n<")
}

/// The drawing area. Its coordinates are in pixels shown, from the top left.
pub(super) struct Sheet<'a> {
    root: Root<'a>,
}

/// A rectangle on the sheet, in pixels shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

fn fine(pixels: f64) -> i32 {
    libm::round(pixels * f64::from(FINE)) as i32
}

impl<'a> Sheet<'a> {
    /// Writes `words` vertically centred at `y`; `side` tells which end of the text, or its centre, is at `x`.
    pub(super) fn text(&self, x: f64, y: f64, words: &str, size: f64, color: RGBColor, side: HPos) {
        let style = ("sans-serif", font(size)).into_font().color(&color).pos(Pos::new(side, VPos::Center));
        self.root.draw(&Text::new(words.to_owned(), (fine(x), fine(y)), style)).expect(HOLDS);
    }

    /// Writes `words` from bottom to top, centred at this point.
    fn upward(&self, x: f64, y: f64, words: &str, size: f64, color: RGBColor) {
        let font = ("sans-serif", font(size)).into_font().transform(FontTransform::Rotate270);
        let style = font.color(&color).pos(Pos::new(HPos::Center, VPos::Center));
        self.root.draw(&Text::new(words.to_owned(), (fine(x), fine(y)), style)).expect(HOLDS);
    }

    /// Draws a filled rectangle.
    pub(super) fn fill(&self, place: Place, color: RGBColor, opacity: f64) {
        let corners = [(fine(place.left), fine(place.top)), (fine(place.right), fine(place.bottom))];
        self.root.draw(&Rectangle::new(corners, color.mix(opacity).filled())).expect(HOLDS);
    }

    /// Draws a line through `points`.
    pub(super) fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (fine(x), fine(y))).collect();
        self.root.draw(&PathElement::new(points, color.stroke_width(fine(width) as u32))).expect(HOLDS);
    }

    /// Draws the grid of a frame with these axes around `place`, and returns the frame.
    pub(super) fn frame(&self, place: Place, x: Axis, y: Axis) -> Frame<'_, 'a> {
        let (width, height) = (place.right - place.left, place.bottom - place.top);
        let inner =
            self.root.clone().shrink((fine(place.left), fine(place.top)), (fine(width), fine(height)));
        let coordinates = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
            0.0..1.0,
            0.0..1.0,
            (fine(place.left)..fine(place.right), fine(place.bottom)..fine(place.top)),
        );
        let frame = Frame { sheet: self, area: inner.apply_coord_spec(coordinates), place, x, y };
        frame.grid();
        frame
    }
}

/// The plotting area between two axes. Points are values on these axes.
pub(super) struct Frame<'s, 'a> {
    pub(super) sheet: &'s Sheet<'a>,
    area: Area<'a>,
    pub(super) place: Place,
    x: Axis,
    y: Axis,
}

impl Frame<'_, '_> {
    fn grid(&self) {
        let Place { left, top, right, bottom } = self.place;
        for (value, words) in &self.x.ticks {
            let x = left + (right - left) * self.x.at(*value);
            self.sheet.line(&[(x, top), (x, bottom)], GRID, 0.75);
            self.sheet.text(x, bottom + 14.0, words, 12.0, FAINT, HPos::Center);
        }
        for (value, words) in &self.y.ticks {
            let y = bottom - (bottom - top) * self.y.at(*value);
            self.sheet.line(&[(left, y), (right, y)], GRID, 0.75);
            self.sheet.text(left - 8.0, y, words, 12.0, FAINT, HPos::Right);
        }
        self.sheet.line(&[(left, bottom), (right, bottom)], FAINT, 1.0);
        self.sheet.text((left + right) / 2.0, bottom + 34.0, &self.x.title, 12.0, FAINT, HPos::Center);
        // The title stands to the left of the widest tick label.
        let widest = self.y.ticks.iter().map(|(_, words)| words.chars().count()).max().unwrap_or(0);
        let y_title = left - 22.0 - 7.0 * widest as f64;
        self.sheet.upward(y_title.max(12.0), (top + bottom) / 2.0, &self.y.title, 12.0, FAINT);
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }

    fn all_at(&self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        points.iter().map(|&point| self.at(point)).collect()
    }

    /// Returns the position of a point on the sheet, in pixels shown.
    pub(super) fn spot(&self, point: (f64, f64)) -> (f64, f64) {
        let (x, y) = self.at(point);
        let Place { left, top, right, bottom } = self.place;
        (left + (right - left) * x, bottom - (bottom - top) * y)
    }

    /// Draws a curve.
    pub(super) fn curve(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let style = color.stroke_width(fine(width) as u32);
        self.area.draw(&PathElement::new(self.all_at(points), style)).expect(HOLDS);
    }

    /// Draws a dashed curve.
    pub(super) fn dashed(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let style = color.stroke_width(fine(width) as u32);
        let dashes = DashedPathElement::new(self.all_at(points), fine(5.0), fine(4.0), style);
        self.area.draw(&dashes).expect(HOLDS);
    }

    /// Fills the area between two curves.
    pub(super) fn band(&self, lower: &[(f64, f64)], upper: &[(f64, f64)], color: RGBColor) {
        let outline: Vec<(f64, f64)> = lower.iter().chain(upper.iter().rev()).copied().collect();
        self.area.draw(&Polygon::new(self.all_at(&outline), color.mix(0.18))).expect(HOLDS);
    }

    /// Fills the area between two values of x, over the full height.
    pub(super) fn shade(&self, from: f64, until: f64, color: RGBColor) {
        let corners = [(self.x.at(from), 0.0), (self.x.at(until), 1.0)];
        self.area.draw(&Rectangle::new(corners, color.mix(0.35).filled())).expect(HOLDS);
    }

    /// Draws a bar that stands on the x-axis.
    pub(super) fn bar(&self, from: f64, until: f64, height: f64, color: RGBColor) {
        let corners = [(self.x.at(from), 0.0), (self.x.at(until), self.y.at(height))];
        self.area.draw(&Rectangle::new(corners, color.filled())).expect(HOLDS);
    }

    /// Draws dots.
    pub(super) fn dots(&self, points: &[(f64, f64)], color: RGBColor, radius: f64) {
        for &point in points {
            self.area.draw(&Circle::new(self.at(point), fine(radius), color.filled())).expect(HOLDS);
        }
    }

    /// Draws rings.
    pub(super) fn rings(&self, points: &[(f64, f64)], color: RGBColor, radius: f64) {
        self.dots(points, color, radius);
        self.dots(points, PAPER, radius - 1.25);
    }

    /// Draws a vertical line at a value of x, with `words` above it.
    pub(super) fn mark(&self, x: f64, words: &str, color: RGBColor) {
        let (x, _) = self.spot((x, 0.0));
        let Place { top, bottom, .. } = self.place;
        self.sheet.line(&[(x, top - 4.0), (x, bottom)], color, 1.25);
        self.sheet.text(x, top - 12.0, words, 12.0, color, HPos::Center);
    }

    /// Writes labels to the right of the frame, each with a line to its curve, moved apart where they would overlap.
    pub(super) fn name(&self, labels: Vec<Label>) {
        let Place { top, right, bottom, .. } = self.place;
        for (y, label) in super::labels::apart(labels, top, bottom) {
            self.sheet.line(&[(right + 2.0, label.y), (right + 9.0, y)], label.color, 1.0);
            self.sheet.text(right + 12.0, y, &label.words, 12.0, label.color, HPos::Left);
        }
    }
}
