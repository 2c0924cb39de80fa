//! The colours of plots: Okabe and Ito's, which people with any colour vision can tell apart.

use plotters::style::RGBColor;
use std::fmt::Write;

/// What is written and drawn on.
pub(super) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// What is written and drawn with.
pub(super) const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
/// For what matters less.
pub(super) const FAINT: RGBColor = RGBColor(0x5f, 0x5f, 0x5f);
/// The lines of grids.
pub(super) const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
/// When a fault is active.
pub(super) const FAULT: RGBColor = RGBColor(0xf0, 0xe4, 0x42);
/// What warns.
pub(super) const ALARM: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
/// No value.
pub(super) const NOTHING: RGBColor = RGBColor(0xf1, 0xf1, 0xf1);

/// Colours of curves, in order.
const CURVES: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
];

/// What these are in the dark.
const DARK: [(RGBColor, RGBColor); 8] = [
    (PAPER, RGBColor(0x16, 0x18, 0x1c)),
    (INK, RGBColor(0xe6, 0xe6, 0xe6)),
    (FAINT, RGBColor(0xa8, 0xa8, 0xa8)),
    (GRID, RGBColor(0x33, 0x37, 0x3e)),
    (NOTHING, RGBColor(0x26, 0x29, 0x2f)),
    (CURVES[0], RGBColor(0x4a, 0xa8, 0xe0)),
    (CURVES[1], RGBColor(0xff, 0x8a, 0x3d)),
    (CURVES[2], RGBColor(0x2f, 0xc4, 0x99)),
];

/// Returns the colour of the curve with this number.
pub(super) fn curve(number: usize) -> RGBColor {
    CURVES[number % CURVES.len()]
}

/// Returns the rules by which a page shows plots in the dark.
pub(crate) fn dark() -> String {
    let mut rules = String::new();
    for (light, dark) in DARK {
        for attribute in ["fill", "stroke"] {
            writeln!(rules, ".plot [{attribute}=\"{}\"]{{{attribute}:{}}}", hex(light), hex(dark))
                .expect("a string takes everything");
        }
    }
    rules
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}
