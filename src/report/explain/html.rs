//! The explanation as a page: one file that needs no network and no scripts, in light and dark, and on paper.

use super::super::history::picture;
use super::super::human::struck;
use super::super::spacetime::{DARK, GENERATOR, apart, escaped};
use super::narrative::{Section, fault_line, scope, sections, verdict};
use crate::human::plural;
use std::fmt::{self, Write};
use synod_campaign::Explanation;

/// Returns the page of `explanation` with its picture, with what the scenario shows in its author's words and the
/// command that tells it again.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn explanation_html(explanation: &Explanation, about: &str, again: &str) -> String {
    let mut text = String::new();
    write(&mut text, explanation, about, again).expect("a string takes everything");
    text
}

/// Returns true if a file that begins with `start` was written by `synod explain`, and may be written again.
pub fn is_own(start: &[u8]) -> bool {
    let mark =
        [format!("<!-- {GENERATOR} -->"), format!("<meta name=\"generator\" content=\"{GENERATOR}\">")];
    mark.iter().any(|mark| start.windows(mark.len()).any(|window| window == mark.as_bytes()))
}

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1400px;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{max-width:60rem;margin:.4rem 0}
#verdict{border-left:5px solid #009e73;padding:.5rem 1rem;margin:1rem 0;background:#eef7f3;overflow-wrap:anywhere}
#verdict.bad{border-color:#d55e00;background:#fdf1ea}
#diagram{overflow-x:auto;border:1px solid #ccc;border-radius:6px;margin:1rem 0}
#diagram svg,#key svg{display:block}.history{overflow-x:auto;margin:.5rem 0}.history svg{display:block}#key svg{max-width:100%;height:auto}
#diagram.last{display:flex;flex-direction:row-reverse}#diagram.last svg{flex:none;margin-right:auto}
table{border-collapse:collapse;max-width:75rem}td,th{text-align:left;vertical-align:top;padding:.3rem 1.2rem .3rem 0;border-bottom:1px solid #ddd}
td{overflow-wrap:anywhere}td.when{white-space:nowrap;text-align:right;color:#555;font-variant-numeric:tabular-nums}
.idle{color:#8f4a00}.quiet{color:#555}code{font-size:.9em;overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0;font-size:11px}#diagram{overflow:visible;border:none}
#diagram svg{max-width:100%;height:auto}h2{break-after:avoid}tr{break-inside:avoid}}
";

const NIGHT: &str = "\
body{color:#e6e6e6;background:#16181c}#verdict{background:#12291f}#verdict.bad{background:#331d10}
#diagram{border-color:#3a3d44}td,th{border-color:#3a3d44}td.when,.quiet{color:#a8a8a8}.idle{color:#f0b84a}
";

fn write(out: &mut String, explanation: &Explanation, about: &str, again: &str) -> fmt::Result {
    let outcome = &explanation.outcome;
    let name = escaped(&outcome.scenario);
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"generator\" content=\"{GENERATOR}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    writeln!(out, "<title>{name}, seed {}: what happened</title>", outcome.seed)?;
    // The picture brings its own style, which the dark one has to come after.
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>")?;
    writeln!(out, "<h1>{name}</h1>")?;
    writeln!(
        out,
        "<p class=\"quiet\">{}, {}, seed {}</p>",
        outcome.protocol,
        plural(outcome.agents.into(), "agent"),
        outcome.seed
    )?;
    writeln!(out, "<p>{}</p>", escaped(about))?;
    let class =
        if outcome.verdict.passed() && explanation.violation().is_none() { "" } else { " class=\"bad\"" };
    writeln!(out, "<div id=\"verdict\"{class}><p>{}</p>", escaped(&verdict(explanation)))?;
    if let Some(interleaving) = explanation.violation().and_then(|violation| violation.interleaving.as_ref())
    {
        writeln!(out, "<div class=\"history\">\n{}</div>", picture(interleaving))?;
    }
    for violation in outcome.violations.iter().skip(1) {
        let text = format!("Also {} at {}: {}", violation.oracle, violation.at, violation.message);
        writeln!(out, "<p>{}</p>", escaped(&text))?;
    }
    for report in outcome
        .oracles
        .iter()
        .filter(|report| explanation.violation().is_some_and(|v| v.oracle == report.name))
    {
        writeln!(out, "<p class=\"quiet\">What it demands, {}</p>", escaped(report.claim))?;
    }
    // A violation stands at the end, where a wide picture is to begin.
    let (picture, key) = apart(explanation);
    let end = if explanation.violation().is_some() { " class=\"last\"" } else { "" };
    writeln!(out, "</div>\n<div id=\"diagram\"{end} tabindex=\"0\">\n{picture}</div>")?;
    writeln!(out, "<div id=\"key\">\n{key}</div>")?;
    writeln!(
        out,
        "<p class=\"quiet\">{} Point at an arrow or a mark to see what it says.</p>",
        escaped(&scope(explanation).join(" "))
    )?;
    faults(out, explanation)?;
    for Section { title, lines } in sections(explanation) {
        writeln!(out, "<h2>{}</h2>\n<table>", escaped(&title))?;
        for (when, words) in lines {
            writeln!(out, "<tr><td class=\"when\">{}</td><td>{}</td></tr>", escaped(&when), escaped(&words))?;
        }
        writeln!(out, "</table>")?;
    }
    writeln!(out, "<h2>Again</h2>\n<p><code>{}</code></p>", escaped(again))?;
    writeln!(
        out,
        "<p class=\"quiet\">digest <code>{}</code>, Synod {}</p>",
        outcome.end.digest,
        synod_sim::VERSION
    )?;
    writeln!(out, "<style>@media screen and (prefers-color-scheme:dark){{{NIGHT}{DARK}}}</style>")?;
    writeln!(out, "</body>\n</html>")
}

fn faults(out: &mut String, explanation: &Explanation) -> fmt::Result {
    if explanation.outcome.faults.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>What the faults did</h2>\n<table>")?;
    writeln!(out, "<tr><th>Fault</th><th>Struck</th><th>When</th><th>Effect</th></tr>")?;
    for fault in &explanation.outcome.faults {
        let (window, effect) = fault_line(explanation, fault);
        let class = if fault.effect.total() == 0 { " class=\"idle\"" } else { "" };
        let (name, struck) = (escaped(&fault.name), escaped(&struck(fault)));
        writeln!(out, "<tr><td>{name}</td><td>{struck}</td><td>{window}</td><td{class}>{effect}</td></tr>")?;
    }
    writeln!(out, "</table>")
}
