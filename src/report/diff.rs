//! Where two runs part: as a page for the terminal, and as JSON.

use super::Narrator;
use super::human::{BAD, FAINT, GOOD, STRONG, grouped};
use crate::campaign::{Difference, Same};
use serde_json::json;

/// How many events of the common past are told.
pub const PAST: u64 = 5;

/// A run that is compared: what the user calls it, and what a narrator told of it around the parting.
#[derive(Debug)]
pub struct Side<'a> {
    /// The file and the seed.
    pub label: &'a str,
    /// It has told the events from [`PAST`] before the parting on.
    pub narrator: &'a Narrator,
}

impl Side<'_> {
    /// What happens in the run at the parting, in the words of the narrator, or else in those of the digest.
    fn happens(&self, difference: &Difference, place: usize, other: &Side<'_>) -> Vec<String> {
        let told = self.narrator.told(difference.event);
        // What the narrator leaves out can be all the difference.
        match told.is_empty() || told == other.narrator.told(difference.event) {
            true => vec![difference.happened[place].clone()],
            false => told.to_vec(),
        }
    }
}

/// What both runs share before they part: each event with what happens in it.
fn past(difference: &Difference, side: &Side<'_>) -> Vec<(u64, Vec<String>)> {
    let first = difference.event.saturating_sub(PAST).max(1);
    (first..difference.event).map(|event| (event, side.narrator.told(event).to_vec())).collect()
}

/// The page of two runs that part.
pub fn parting_page(difference: &Difference, sides: &[Side<'_>; 2]) -> String {
    let mut text = format!("{BAD}the runs part{BAD:#} at event {}\n", grouped(difference.event));
    text.push_str(&format!("\n{STRONG}Both, until then{STRONG:#}\n"));
    let past = past(difference, &sides[0]);
    if past.is_empty() {
        text.push_str(&format!("  {FAINT}nothing: this is the first event{FAINT:#}\n"));
    }
    for (event, told) in &past {
        let nothing = ["an agent's own affairs".to_owned()];
        let told = if told.is_empty() { &nothing[..] } else { told };
        for (place, line) in told.iter().enumerate() {
            let number = if place == 0 { grouped(*event) } else { String::new() };
            text.push_str(&format!("  {number:>9}  {FAINT}{line}{FAINT:#}\n"));
        }
    }
    for (place, side) in sides.iter().enumerate() {
        text.push_str(&format!("\n{STRONG}{}{STRONG:#}\n", side.label));
        for (line, told) in side.happens(difference, place, &sides[1 - place]).iter().enumerate() {
            let number = if line == 0 { grouped(difference.event) } else { String::new() };
            text.push_str(&format!("  {number:>9}  {told}\n"));
        }
    }
    text
}

/// The JSON object of two runs that part.
pub fn parting_object(difference: &Difference, sides: &[Side<'_>; 2]) -> String {
    let past: Vec<_> = past(difference, &sides[0])
        .into_iter()
        .map(|(event, happened)| json!({"event": event, "happened": happened}))
        .collect();
    let runs: Vec<_> = [0, 1]
        .into_iter()
        .map(|place: usize| {
            let happened = sides[place].happens(difference, place, &sides[1 - place]);
            json!({"run": sides[place].label, "happened": happened})
        })
        .collect();
    format!("{:#}", json!({"same": false, "event": difference.event, "past": past, "runs": runs}))
}

/// The page of two runs that are the same.
pub fn same_page(same: &Same) -> String {
    let Same { ending, events, digest } = same;
    let events = grouped(*events);
    format!("{GOOD}the same run{GOOD:#}: {events} events, {ending}, digest {STRONG}{digest}{STRONG:#}\n")
}

/// The JSON object of two runs that are the same.
pub fn same_object(same: &Same) -> String {
    format!("{:#}", json!({"same": true, "events": same.events, "digest": same.digest.to_string()}))
}
