//! Text for people: styles, lines that fit, numbers in words.
//!
//! Styles are ANSI codes; whoever prints a page strips them where they are not wanted.

use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write};
use synod_fault::FaultReport;
use synod_harness::RunVerdict;
use synod_sim::NodeId;
use synod_sim::inject::Effects;
pub use synod_sim::units::grouped;
pub(super) use synod_sim::units::{plural, sentence};

pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();

/// Returns the style and the word of a verdict.
pub(super) fn verdict(verdict: RunVerdict) -> (Style, &'static str) {
    match verdict {
        RunVerdict::Pass => (GOOD.bold(), "pass"),
        RunVerdict::Fail => (BAD, "FAIL"),
        RunVerdict::Unknown => (WARN.bold(), "unknown"),
    }
}

/// No line that Synod words itself is longer.
pub(super) const WIDTH: usize = 100;

/// Commands that can be typed next, each with what it shows where there is room for that.
pub(super) fn write_commands(out: &mut String, label: &str, lines: &[(String, &str)]) -> fmt::Result {
    let widest = widest(lines.iter().map(|(command, _)| command.as_str()), 0);
    let fits = |width: usize, about: &str| 7 + width + 2 + about.len() <= WIDTH;
    // Aligned if all lines stay short.
    let width = if lines.iter().all(|(_, about)| fits(widest, about)) { widest } else { 0 };
    writeln!(out)?;
    for (place, (command, about)) in lines.iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        if fits(command.len().max(width), about) {
            writeln!(out, "{label:6} {command:width$}  {FAINT}{about}{FAINT:#}")?
        } else {
            writeln!(out, "{label:6} {command}")?
        }
    }
    Ok(())
}

/// Returns the width of the widest of `texts`, and `least` at least.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>, least: usize) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0).max(least)
}

/// `items` with `separator` between them, in lines that fit behind an indent.
pub(super) fn wrapped<'a>(
    items: impl Iterator<Item = &'a str>,
    separator: &str,
    indent: usize,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        let length = item.chars().count() + separator.len();
        match lines.last_mut() {
            Some(line) if indent + line.chars().count() + length < WIDTH => {
                line.push_str(separator);
                line.push_str(item);
            }
            Some(line) => {
                line.push_str(separator.trim_end());
                lines.push(item.to_owned());
            }
            None => lines.push(item.to_owned()),
        }
    }
    lines
}

/// `line`, cut where it would be too long behind an indent.
pub(super) fn cut(line: &str, indent: usize) -> String {
    if line.chars().count() + indent > WIDTH {
        line.chars().take(WIDTH - indent - 1).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}

/// Agents by number, the first dozen of them.
pub(super) fn agents(agents: &[NodeId]) -> String {
    const SHOWN: usize = 12;
    let numbers: Vec<String> = agents.iter().take(SHOWN).map(|agent| agent.to_string()).collect();
    let noun = if agents.len() == 1 { "agent" } else { "agents" };
    match agents.len().saturating_sub(SHOWN) {
        0 => format!("{noun} {}", numbers.join(" ")),
        more => format!("{noun} {} and {} more", numbers.join(" "), grouped(more as u64)),
    }
}

/// Whom a fault struck.
pub(super) fn struck(fault: &FaultReport) -> String {
    match (fault.agents.is_empty(), fault.strikes_leader) {
        (true, false) => "everybody".to_owned(),
        (true, true) => "nobody, for nobody led".to_owned(),
        (false, false) => agents(&fault.agents),
        (false, true) => format!("the leader, {}", agents(&fault.agents)),
    }
}

/// Returns what a fault did to messages and agents, in words; nothing if it did nothing.
pub(super) fn effects(effect: Effects) -> String {
    let Effects { dropped, delayed, altered, forged, duplicated, destroyed } = effect;
    let done = [
        (dropped, "dropped"),
        (delayed, "delayed"),
        (altered, "altered"),
        (forged, "forged"),
        (duplicated, "duplicated"),
    ];
    let mut words = String::new();
    for (count, what) in done.into_iter().filter(|(count, _)| *count > 0) {
        if words.is_empty() {
            words.push_str(&format!("{} {what}", plural(count, "message")));
        } else {
            words.push_str(&format!(", {} {what}", grouped(count)));
        }
    }
    if destroyed > 0 {
        let separator = if words.is_empty() { "" } else { "; " };
        words.push_str(&format!("{separator}{} of what agents held destroyed", plural(destroyed, "part")));
    }
    words
}

/// Returns a number of bytes in the largest unit of which there is one.
pub fn bytes(count: u64) -> String {
    match count {
        0..=1023 => format!("{count} bytes"),
        1_024..=1_048_575 => format!("{:.1} KiB", count as f64 / 1_024.0),
        1_048_576..=1_073_741_823 => format!("{:.1} MiB", count as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", count as f64 / 1_073_741_824.0),
    }
}

/// Returns a number with two places behind the point, if it needs any.
pub(super) fn rounded(number: f64) -> String {
    if number.fract() == 0.0 { grouped(number as u64) } else { format!("{number:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_rounded() {
        assert_eq!([84.0, 17.814].map(rounded), ["84", "17.81"]);
        assert_eq!([12, 2_048, 3 << 20].map(bytes), ["12 bytes", "2.0 KiB", "3.0 MiB"]);
    }

    #[test]
    fn long_lists_wrap_and_long_lists_of_agents_are_cut() {
        let items = vec!["a_coverage_mark 12"; 20];
        let lines = wrapped(items.iter().copied(), ", ", 2);
        assert!(lines.len() == 5 && lines.iter().all(|line| line.len() + 2 <= WIDTH), "{lines:?}");
        assert!(lines[0].ends_with(','));
        let many: Vec<NodeId> = (0..500).map(NodeId).collect();
        assert_eq!(agents(&many), "agents 0 1 2 3 4 5 6 7 8 9 10 11 and 488 more");
        assert_eq!(agents(&many[3..4]), "agent 3");
    }

    #[test]
    fn effects_are_told_as_far_as_there_are_any() {
        assert_eq!(effects(Effects::default()), "");
        let effect = Effects { dropped: 1_200, altered: 3, ..Effects::default() };
        assert_eq!(effects(effect), "1,200 messages dropped, 3 altered");
        let crash = Effects { destroyed: 1, ..Effects::default() };
        assert_eq!(effects(crash), "1 part of what agents held destroyed");
        assert_eq!(effects(Effects { dropped: 1, ..Effects::default() }), "1 message dropped");
    }
}
