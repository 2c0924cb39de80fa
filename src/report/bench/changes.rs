//! What has changed since a baseline: for the terminal and for the page.

use crate::format;
use crate::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, widest};
use crate::spacetime::escaped;
use std::fmt::{self, Write};
use synod_campaign::{Comparison, FigureChange};

/// Returns the changes as a page for the terminal.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn changes_page(comparison: &Comparison) -> String {
    let mut out = String::new();
    write(&mut out, comparison).expect("a string takes everything");
    out
}

fn write(out: &mut String, comparison: &Comparison) -> fmt::Result {
    writeln!(out, "\n{STRONG}Since {}{STRONG:#}", since(comparison))?;
    let points: Vec<String> = comparison.moved.iter().map(|moved| cut(&moved.point, 64)).collect();
    let width = widest(points.iter().map(String::as_str), 10);
    for (moved, point) in comparison.moved.iter().zip(&points) {
        let style = if moved.is_worse { BAD } else { GOOD };
        let [was, is, by] = told(moved);
        let figure = moved.figure;
        writeln!(out, "  {point:width$}  {figure:24}  {was:>10} -> {is:>10}  {style}{by:>9}{style:#}")?;
    }
    for line in remarks(comparison) {
        writeln!(out, "  {WARN}{}{WARN:#}", cut(&line, 2))?;
    }
    let verdict = summary(comparison);
    writeln!(out, "{FAINT}{verdict}{FAINT:#}")
}

/// Returns the changes as a part of a page.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub(super) fn changes_html(comparison: &Comparison) -> String {
    let mut out = format!("<p>{} Since {}.</p>\n", summary(comparison), escaped(&since(comparison)));
    if !comparison.moved.is_empty() {
        out.push_str(
            "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th><th>figure</th>",
        );
        out.push_str("<th>was</th><th>is</th><th>by</th></tr></thead>\n<tbody>\n");
    }
    for moved in &comparison.moved {
        let class = if moved.is_worse { " class=\"failed\"" } else { "" };
        let [was, is, by] = told(moved);
        writeln!(
            out,
            "<tr{class}><td>{}</td><td>{}</td><td data-v=\"{}\">{was}</td><td data-v=\"{}\">{is}</td><td>{by}</td></tr>",
            escaped(&moved.point),
            moved.figure,
            moved.was.0,
            moved.is.0
        )
        .expect("a string takes everything");
    }
    if !comparison.moved.is_empty() {
        out.push_str("</tbody></table></div>\n");
    }
    for line in remarks(comparison) {
        writeln!(out, "<p class=\"quiet\">{}</p>", escaped(&line)).expect("a string takes everything");
    }
    out
}

fn summary(comparison: &Comparison) -> String {
    let worse = comparison.moved.iter().filter(|moved| moved.is_worse).count();
    let better = comparison.moved.len() - worse;
    if comparison.compared == 0 {
        return "Nothing was compared: the baseline has none of these points with these seeds.".to_owned();
    }
    let compared = format::plural(comparison.compared, "point");
    match (worse as u64, better) {
        (0, 0) => format!("{compared} compared: no figure has moved."),
        (worse, better) => {
            format!("{compared} compared: {}, {better} better.", format::sentence(worse, "figure", "worse"))
        }
    }
}

/// Returns what a comparison leaves out, and why.
fn remarks(comparison: &Comparison) -> Vec<String> {
    let named = |names: &[String], what: &str| match names {
        [] => None,
        [first] => Some(format!("{first}: {what}")),
        [first, rest @ ..] => Some(format!("{first} and {} more: {what}", rest.len())),
    };
    let mut remarks = Vec::new();
    remarks.extend(named(&comparison.rerun, "other runs than before, with the same figures"));
    remarks.extend(named(&comparison.other_seeds, "not compared, for the baseline has other seeds"));
    remarks.extend(named(&comparison.new, "not in the baseline"));
    remarks.extend(comparison.other_machine.iter().map(|why| format!("speed is not compared: {why}")));
    remarks
}

fn since(comparison: &Comparison) -> String {
    match comparison.since {
        Some(seconds) => format!("Synod {} of {}", comparison.since_version, date(seconds)),
        None => format!("Synod {}", comparison.since_version),
    }
}

/// Returns what a figure was, what it is, and by how much it has moved.
fn told(moved: &FigureChange) -> [String; 3] {
    let show = format::of(moved.unit);
    let by = match moved.was.0 {
        0.0 => "from none".to_owned(),
        was => format!("{:+.2} %", (moved.is.0 / was - 1.0) * 100.0),
    };
    [show(moved.was.0), show(moved.is.0), by]
}

/// Returns the day of a time in seconds since the Unix epoch, by the proleptic Gregorian calendar.
fn date(seconds: u64) -> String {
    // Days since the first of March of the year 0: leap days then come at the end of years (Richards, 2013).
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = [0, 951_782_399, 951_782_400, 1_709_164_800, 4_102_444_800].map(date);
        assert_eq!(days, ["1970-01-01", "2000-02-28", "2000-02-29", "2024-02-29", "2100-01-01"]);
    }
}
