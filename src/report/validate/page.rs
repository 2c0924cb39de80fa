//! A validation as a page.

use super::summary::answers;
use super::{advice, text};
use crate::format;
use crate::html_page;
use crate::spacetime::escaped;
use std::fmt::{self, Write};
use synod_campaign::{CriterionResult, Readiness, ReadinessVerdict, ScenarioResult, State, TargetResult};

/// Returns the page.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub(super) fn page(readiness: &Readiness) -> String {
    let mut out = String::new();
    write(&mut out, readiness).expect("a string takes everything");
    out
}

/// Rules of this page's own: states by colour as well as by word, and text that wraps where there is much of it.
const STYLE: &str = "\
<style>.held,.no-exception{color:#00714f}.missed{color:#a83c00;font-weight:600}.not-measured{color:#6b5a00}
.wide td{vertical-align:top}.wide td.text,.wide td.lines,.wide td.state,.wide th.text{text-align:left}
.wide td.text{white-space:normal;overflow-wrap:anywhere;min-width:7.5rem}.wide td:first-child{min-width:14rem}
.wide tr.part th{text-align:left;padding-top:1.4rem;color:inherit;white-space:normal}.part span{font-weight:400;display:block}
#verdict ul{margin:.4rem 0;padding-left:1.2rem}
ul.advice{padding-left:1.2rem}ul.advice code{display:block}
@media screen and (prefers-color-scheme:dark){.held,.no-exception{color:#3ecf9f}.missed{color:#ff9a4d}.not-measured{color:#e0c34a}}
@media print{.wide td,.wide th{white-space:nowrap}.wide td.text{min-width:5rem}.wide td:first-child{min-width:14rem}}</style>
";

fn write(out: &mut String, readiness: &Readiness) -> fmt::Result {
    html_page::open(out, &readiness.name, "validation", "")?;
    out.push_str(STYLE);
    if !readiness.about.is_empty() {
        writeln!(out, "<p>{}</p>", escaped(&readiness.about))?;
    }
    let class = match (readiness.verdict, readiness.passed) {
        (ReadinessVerdict::Ready, true) => "",
        (ReadinessVerdict::Unknown, true) => " class=\"open\"",
        _ => " class=\"bad\"",
    };
    let (word, extent) = (text::verdict(readiness), text::extent(readiness));
    writeln!(out, "<div id=\"verdict\"{class}><p><strong>{word}.</strong> {extent}.</p>\n<ul>")?;
    for reason in text::reasons(readiness) {
        writeln!(out, "<li>{}</li>", escaped(&reason))?;
    }
    writeln!(out, "</ul></div>")?;
    let advice = advice::advice(readiness);
    let parts = [
        ("failed", "What failed", !advice.is_empty()),
        ("criteria", "Criteria", !readiness.criteria.is_empty()),
        ("requirements", "What was asked for", !readiness.requirements.is_empty()),
        ("runs", "Runs", true),
    ];
    write!(out, "<nav>")?;
    for (name, title, _) in parts.iter().filter(|(.., is_there)| *is_there) {
        write!(out, "<a href=\"#{name}\">{title}</a>")?;
    }
    writeln!(out, "<a href=\"readiness.json\">JSON</a><a href=\"junit.xml\">JUnit</a></nav>")?;
    if !advice.is_empty() {
        writeln!(out, "<h2 id=\"failed\">What failed</h2>\n<ul class=\"advice\">")?;
        for one in advice {
            let [what, command] = [one.what, one.command].map(|text| escaped(&text));
            writeln!(out, "<li>{what} <code>{command}</code></li>")?;
        }
        writeln!(out, "</ul>")?;
    }
    criteria(out, &readiness.criteria)?;
    requirements(out, readiness)?;
    runs(out, &readiness.points)?;
    html_page::close(out, &readiness.digest, &readiness.version)
}

fn criteria(out: &mut String, criteria: &[CriterionResult]) -> fmt::Result {
    if criteria.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"criteria\">Criteria</h2>")?;
    overview(out, criteria)?;
    writeln!(
        out,
        "<p class=\"quiet\">A criterion's score is the share of its targets that hold; the whole score is their mean. A \
         veto counts in no score. Each bound of an interval holds with 95 % confidence.</p>"
    )?;
    let heads = ["target", "verdict", "measured", "interval", "has to be", "samples", "on"];
    table(out, &heads, &["target", "verdict", "on"])?;
    for criterion in criteria {
        let weight =
            if criterion.veto { "a veto".to_owned() } else { format!("score {}", text::weight(criterion)) };
        writeln!(
            out,
            "<tbody><tr class=\"part\"><th colspan=\"7\">{}: <em class=\"{}\">{}</em>, {weight}<span>{}</span></th></tr>",
            escaped(&criterion.name),
            class(criterion.state),
            text::state(criterion.state),
            escaped(&criterion.about)
        )?;
        for target in &criterion.targets {
            self::target(out, target)?;
        }
        writeln!(out, "</tbody>")?;
    }
    writeln!(out, "</table></div>")
}

/// Returns all criteria at a glance.
fn overview(out: &mut String, criteria: &[CriterionResult]) -> fmt::Result {
    writeln!(out, "<div class=\"table\"><table>\n<thead><tr><th>criterion</th><th>targets held</th>")?;
    writeln!(out, "<th>score</th><th>verdict</th></tr></thead>\n<tbody>")?;
    for criterion in criteria {
        let held = criterion.targets.iter().filter(|target| target.state.is_held()).count();
        writeln!(
            out,
            "<tr><td>{}</td><td>{held} of {}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
            escaped(&criterion.name),
            criterion.targets.len(),
            text::weight(criterion),
            class(criterion.state),
            text::state(criterion.state)
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn target(out: &mut String, target: &TargetResult) -> fmt::Result {
    let figures = [text::figure(target), text::interval(target), text::bounds(target), text::samples(target)];
    write!(out, "<tr>{}", head(&target.about, target.state, target.why.as_deref()))?;
    for figure in figures {
        write!(out, "<td>{}</td>", escaped(&figure))?;
    }
    writeln!(
        out,
        "<td class=\"text\">{}</td></tr>",
        escaped(target.measured_on.as_deref().unwrap_or_default())
    )
}

/// Returns the beginning of a table; some of its columns are text.
fn table(out: &mut String, heads: &[&str], texts: &[&str]) -> fmt::Result {
    write!(out, "<div class=\"table\"><table class=\"wide\">\n<thead><tr>")?;
    for head in heads {
        let class = if texts.contains(head) { " class=\"text\"" } else { "" };
        write!(out, "<th{class}>{head}</th>")?;
    }
    writeln!(out, "</tr></thead>")
}

/// Returns the cells with which a row begins: what it is about, with a remark, and what became of it.
fn head(about: &str, state: State, remark: Option<&str>) -> String {
    let remark = remark.map_or_else(String::new, |remark| format!("<small>{}</small>", escaped(remark)));
    let (about, class, word) = (escaped(about), class(state), text::state(state));
    format!("<td class=\"text\">{about}{remark}</td><td class=\"state {class}\">{word}</td>")
}

fn requirements(out: &mut String, readiness: &Readiness) -> fmt::Result {
    if readiness.requirements.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"requirements\">What was asked for</h2>")?;
    let heads = ["asked for", "verdict", "measured", "on"];
    table(out, &heads, &heads)?;
    writeln!(out, "<tbody>")?;
    let mut group = "";
    for requirement in &readiness.requirements {
        if requirement.group != group {
            group = &requirement.group;
            writeln!(out, "<tr class=\"part\"><th colspan=\"4\">{}</th></tr>", escaped(group))?;
        }
        let [figures, places] = answers(readiness, requirement)
            .map(|parts| parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("<br>"));
        let head = head(&requirement.asks, requirement.state, requirement.why.as_deref());
        writeln!(out, "<tr>{head}<td class=\"lines\">{figures}</td><td class=\"lines\">{places}</td></tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn runs(out: &mut String, points: &[ScenarioResult]) -> fmt::Result {
    writeln!(out, "<h2 id=\"runs\">Runs</h2>")?;
    writeln!(
        out,
        "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th><th>protocol</th>"
    )?;
    writeln!(
        out,
        "<th>agents</th><th>seeds</th><th>runs</th><th>passed</th><th>unknown</th></tr></thead>\n<tbody>"
    )?;
    for point in points {
        let failed = if point.verdict().passed() { "" } else { " class=\"failed\"" };
        write!(out, "<tr{failed} data-like=\"{}\">", escaped(&point.protocol))?;
        let remark = match (&point.series, point.violates.is_empty()) {
            (Some(_), _) => format!("<small>{}</small>", escaped(&point.file.display().to_string())),
            (None, false) => "<small>positive control</small>".to_owned(),
            (None, true) => String::new(),
        };
        write!(out, "<td>{}{remark}</td><td>{}</td>", escaped(&point.point), escaped(&point.protocol))?;
        write!(out, "<td data-v=\"{0}\">{0}</td><td>{1}</td>", point.agents, point.seeds)?;
        for count in [point.runs, point.passed, point.unknown] {
            write!(out, "<td data-v=\"{count}\">{}</td>", format::count(count as f64))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn class(state: State) -> &'static str {
    match state {
        State::Held => "held",
        State::NoException => "no-exception",
        State::Missed => "missed",
        State::NotMeasured => "not-measured",
    }
}
