//! Divergence of two runs: as a page for the terminal, and as JSON.

use super::EventPrinter;
use super::format::plural;
use super::human::{BAD, FAINT, GOOD, STRONG, cut, grouped};
use anstyle::Style;
use serde_json::json;
use synod_harness::{Divergence, NoDivergence};

/// How many events of the common past are told.
pub const PAST: u64 = 5;

/// A run that is compared: what the user calls it, and what a narrator told of it around the parting.
#[derive(Debug)]
pub struct Side<'a> {
    /// The file and the seed.
    pub label: &'a str,
    /// It has told the events from [`PAST`] before the parting on.
    pub printer: &'a EventPrinter,
}

/// Two runs, told from a little before they part.
struct DivergenceReport {
    /// What both share: the events, and what is told of each; in the end the one at which they part, as far as both do
    /// the same in it.
    past: Vec<(u64, Vec<String>)>,
    /// What each does then.
    parting: [Vec<String>; 2],
}

fn divergence_report(difference: &Divergence, sides: &[Side<'_>; 2]) -> DivergenceReport {
    let event = difference.event;
    let first = event.saturating_sub(PAST).max(1);
    let told = [0, 1].map(|place: usize| sides[place].printer.lines_of(event));
    let common = told[0].iter().zip(told[1]).take_while(|(one, other)| one == other).count();
    let mut past: Vec<_> =
        (first..event).map(|event| (event, sides[0].printer.lines_of(event).to_vec())).collect();
    if common > 0 {
        past.push((event, told[0][..common].to_vec()));
    }
    // What the narrator leaves out can be all the difference.
    let parting = if told[0] == told[1] {
        difference.happened.clone().map(|words| vec![words])
    } else {
        told.map(|told| match &told[common..] {
            [] => vec!["nothing more".to_owned()],
            rest => rest.to_vec(),
        })
    };
    DivergenceReport { past, parting }
}

/// Returns the page of two runs that part.
pub fn parting_page(difference: &Divergence, sides: &[Side<'_>; 2]) -> String {
    let DivergenceReport { past, parting } = divergence_report(difference, sides);
    let mut text = format!("{BAD}the runs part{BAD:#} at event {}\n", grouped(difference.event));
    text.push_str(&format!("\n{STRONG}Both, until then{STRONG:#}\n"));
    if past.is_empty() {
        text.push_str(&format!("  {FAINT}nothing: this is the first event{FAINT:#}\n"));
    }
    for (event, told) in &past {
        write_event(&mut text, *event, told, FAINT);
    }
    for (side, told) in sides.iter().zip(&parting) {
        text.push_str(&format!("\n{STRONG}{}{STRONG:#}\n", side.label));
        write_event(&mut text, difference.event, told, Style::new());
    }
    text
}

/// What is told of an event, behind its number.
fn write_event(text: &mut String, event: u64, told: &[String], style: Style) {
    let nothing = ["nothing is sent, delivered or claimed".to_owned()];
    let told = if told.is_empty() { &nothing } else { told };
    for (place, line) in told.iter().enumerate() {
        let number = if place == 0 { grouped(event) } else { String::new() };
        text.push_str(&format!("  {number:>9}  {style}{}{style:#}\n", cut(line, 13)));
    }
}

/// Returns the JSON object of two runs that part.
pub fn parting_object(difference: &Divergence, sides: &[Side<'_>; 2]) -> String {
    let DivergenceReport { past, parting } = divergence_report(difference, sides);
    let past: Vec<_> =
        past.iter().map(|(event, happened)| json!({"event": event, "happened": happened})).collect();
    let runs = sides.iter().zip(&parting);
    let runs: Vec<_> =
        runs.map(|(side, happened)| json!({"run": side.label, "happened": happened})).collect();
    format!("{:#}", json!({"same": false, "event": difference.event, "past": past, "runs": runs}))
}

/// Returns the page of two runs that are the same.
pub fn same_page(same: &NoDivergence) -> String {
    let NoDivergence { ending, events, digest } = same;
    let events = plural(*events, "event");
    format!("{GOOD}the same run{GOOD:#}: {events}, {ending}, digest {STRONG}{digest}{STRONG:#}\n")
}

/// Returns the JSON object of two runs that are the same.
pub fn same_object(same: &NoDivergence) -> String {
    format!("{:#}", json!({"same": true, "events": same.events, "digest": same.digest.to_string()}))
}
