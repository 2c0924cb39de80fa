//! What was found out about a history of clients' calls: as a page and as JSON.

use super::history::lines;
use super::human::{BAD, FAINT, GOOD, STRONG, WARN, cut, grouped, wrapped};
use serde::Serialize;
use std::fmt::{self, Write};
use synod_campaign::{HistoryReport, HistoryVerdict, OrderedBy};
use synod_sim::Interleaving;

/// Returns the page of the history in `file`.
pub fn checked_page(file: &str, report: &HistoryReport) -> String {
    let mut page = String::new();
    write_page(&mut page, file, report).expect("a string takes everything");
    page
}

fn write_page(out: &mut String, file: &str, report: &HistoryReport) -> fmt::Result {
    writeln!(out, "{STRONG}{file}{STRONG:#}")?;
    let count = |number: u64, one: &str, more: &str| {
        format!("{} {}", grouped(number), if number == 1 { one } else { more })
    };
    let keys = report.keys.map_or(String::new(), |keys| format!(" on {}", count(keys as u64, "key", "keys")));
    writeln!(
        out,
        "read     {} of {}{keys}; {} open",
        count(report.operations, "operation", "operations"),
        count(report.processes as u64, "client", "clients"),
        grouped(report.open)
    )?;
    let order = match report.ordered_by {
        OrderedBy::Index => "by index".to_owned(),
        OrderedBy::Time { ties } => {
            format!(
                "by time, then by line: {} the time of the one before",
                count(ties, "entry has", "entries have")
            )
        }
        OrderedBy::Line => "by line".to_owned(),
    };
    writeln!(out, "order    {order}")?;
    let guess = report.guessed_from.as_ref().map_or(String::new(), |functions| {
        if functions.is_empty() {
            ", since nothing is called".to_owned()
        } else {
            format!(", guessed from {}", functions.join(", "))
        }
    });
    writeln!(out, "model    {}{guess}", report.kind.name())?;
    match &report.verdict {
        HistoryVerdict::Linearizable => writeln!(out, "verdict  {GOOD}linearizable{GOOD:#}"),
        HistoryVerdict::Unknown(why) => writeln!(out, "verdict  {WARN}unknown{WARN:#}: {why}"),
        HistoryVerdict::NotLinearizable(violation) => {
            writeln!(out, "verdict  {BAD}not linearizable{BAD:#}\n")?;
            for line in wrapped(violation.message.split_whitespace(), " ", 2) {
                writeln!(out, "  {line}")?;
            }
            let mut drawn = violation.interleaving.iter().flat_map(lines);
            drawn.try_for_each(|line| writeln!(out, "  {FAINT}{}{FAINT:#}", cut(&line, 2)))
        }
    }
}

/// The object of a history.
#[derive(Serialize)]
struct Checked<'a> {
    verdict: &'static str,
    model: &'static str,
    guessed_from: &'a Option<Vec<String>>,
    operations: u64,
    open: u64,
    clients: usize,
    keys: Option<usize>,
    checked: u64,
    ordered_by: &'static str,
    ties: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<Offence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
}

/// The smallest part that has no order.
#[derive(Serialize)]
struct Offence<'a> {
    message: &'a str,
    interleaving: &'a Option<Interleaving>,
}

/// Returns what was found out as one JSON object, in lines that people can read too.
///
/// # Panics
/// Never: every name and number has a JSON form.
pub fn checked_object(report: &HistoryReport) -> String {
    let (ordered_by, ties) = match report.ordered_by {
        OrderedBy::Index => ("index", None),
        OrderedBy::Time { ties } => ("time", Some(ties)),
        OrderedBy::Line => ("line", None),
    };
    let (verdict, violation, unknown) = match &report.verdict {
        HistoryVerdict::Linearizable => ("linearizable", None, None),
        HistoryVerdict::NotLinearizable(violation) => {
            let offence = Offence { message: &violation.message, interleaving: &violation.interleaving };
            ("not linearizable", Some(offence), None)
        }
        HistoryVerdict::Unknown(why) => ("unknown", None, Some(why.as_str())),
    };
    let object = Checked {
        verdict,
        model: report.kind.name(),
        guessed_from: &report.guessed_from,
        operations: report.operations,
        open: report.open,
        clients: report.processes,
        keys: report.keys,
        checked: report.checked,
        ordered_by,
        ties,
        violation,
        unknown,
    };
    serde_json::to_string_pretty(&object).expect("it has a JSON form")
}
