//! Heat maps: what each attack does to each protocol, or at each size.

use super::frame::{Place, Sheet, picture};
use super::palette::{FAINT, INK, NOTHING};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// A heat map: a title, and a cell for each row and column where something was tried.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) cells: Vec<Vec<Option<Heat>>>,
}

/// What a cell says, and how bad that is, from 0 to 1.
pub(crate) struct Heat {
    pub(crate) words: String,
    pub(crate) badness: f64,
}

/// The worst; what is better is paler, on light paper as on dark.
const WORST: RGBColor = RGBColor(0xb8, 0x42, 0x00);

const CELL: f64 = 62.0;
const ROW: f64 = 24.0;
const TOP: f64 = 84.0;

/// Several heat maps with the same rows and columns, side by side, every value printed.
pub(crate) fn heat(title: &str, rows: &[String], columns: &[String], panels: &[Panel]) -> String {
    let names = 7.0 * rows.iter().map(|row| row.chars().count()).max().unwrap_or(0) as f64 + 28.0;
    let panel = CELL * columns.len() as f64 + 26.0;
    let width = names + panel * panels.len() as f64 + 8.0;
    let height = TOP + ROW * rows.len() as f64 + 40.0;
    picture(width.max(420.0) as u32, height as u32, title, |sheet| {
        for (place, row) in rows.iter().enumerate() {
            sheet.text(names - 8.0, middle(place), row, 12.0, INK, HPos::Right);
        }
        for (place, part) in panels.iter().enumerate() {
            draw(sheet, names + panel * place as f64, columns, part);
        }
        let foot = TOP + ROW * rows.len() as f64 + 20.0;
        sheet.text(
            names,
            foot,
            "the stronger the colour, the worse; idle: it did nothing in any run; a dash: it was not tried",
            11.0,
            FAINT,
            HPos::Left,
        );
    })
}

fn middle(row: usize) -> f64 {
    TOP + ROW * (row as f64 + 0.5)
}

fn draw(sheet: &Sheet<'_>, left: f64, columns: &[String], panel: &Panel) {
    sheet.text(left, TOP - 36.0, panel.title, 13.0, INK, HPos::Left);
    for (place, column) in columns.iter().enumerate() {
        sheet.text(left + CELL * (place as f64 + 0.5), TOP - 13.0, column, 12.0, FAINT, HPos::Center);
    }
    for (row, cells) in panel.cells.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (x, y) = (left + CELL * column as f64, middle(row));
            let place = Place {
                left: x + 0.5,
                top: y - ROW / 2.0 + 0.5,
                right: x + CELL - 0.5,
                bottom: y + ROW / 2.0 - 0.5,
            };
            match cell {
                None => {
                    sheet.fill(place, NOTHING, 1.0);
                    sheet.text(x + CELL / 2.0, y, "–", 12.0, FAINT, HPos::Center);
                }
                Some(Heat { words, badness }) => {
                    let badness = badness.clamp(0.0, 1.0);
                    sheet.fill(place, WORST, 0.07 + 0.93 * badness);
                    let ink = if badness > 0.5 { LIGHT } else { INK };
                    sheet.text(x + CELL / 2.0, y, words, 12.0, ink, HPos::Center);
                }
            }
        }
    }
}

/// White, on light paper as on dark.
const LIGHT: RGBColor = RGBColor(0xff, 0xff, 0xfe);
