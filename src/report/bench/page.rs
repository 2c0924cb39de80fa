//! A benchmark as a page: one file that needs no network and no scripts, in light and dark, and on paper. With scripts,
//! tables can be sorted, and pointing at a row finds its like.

use super::columns::columns;
use super::plots::Plot;
use crate::campaign::{Machine, PointResult, Results};
use crate::report::plot::dark;
use crate::report::spacetime::escaped;
use crate::report::words;
use std::fmt::{self, Write};

/// What a page shows.
pub(super) struct Content<'a> {
    pub(super) results: &'a Results,
    pub(super) plots: &'a [Plot],
    /// Facts about the machine and plots of them, where the simulator is what is measured.
    pub(super) machine: Option<(&'a Machine, &'a [Plot])>,
    /// What has changed since a baseline, as a table of its own.
    pub(super) changes: Option<String>,
}

/// The page.
///
/// # Panics
/// Never: text takes everything.
pub(super) fn page(content: &Content<'_>) -> String {
    let mut out = String::new();
    write(&mut out, content).expect("a string takes everything");
    out
}

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1400px;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .25rem}p{max-width:60rem;margin:.4rem 0}
.quiet{color:#555}code{font-size:.9em;overflow-wrap:anywhere}nav a{margin-right:1rem}a{color:#005b8e}
#verdict{border-left:5px solid #009e73;padding:.5rem 1rem;margin:1rem 0;background:#eef7f3}
#verdict.bad{border-color:#d55e00;background:#fdf1ea}
.plots{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0;align-items:flex-start}
figure{margin:0;flex:0 1 680px;min-width:min(100%,520px);border:1px solid #ddd;border-radius:6px}figure svg{display:block;max-width:100%;height:auto}
.table{overflow-x:auto;margin:1rem 0;content-visibility:auto;contain-intrinsic-size:auto 600px}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;padding-left:0}th{font-weight:600;color:#444}td small{display:block;color:#666}
tr.failed td:first-child{color:#a83c00}tbody tr:hover,tr.like{background:#f0f5fa}
th[aria-sort]::after{content:' ▾'}th[aria-sort=ascending]::after{content:' ▴'}.sortable th{cursor:pointer}
@media print{body{max-width:none;padding:0;font-size:10px}nav{display:none}figure{break-inside:avoid;border:none}
tr{break-inside:avoid}h2{break-after:avoid}.table{overflow:visible;content-visibility:visible}th,td{padding:.15rem .35rem;white-space:normal}}
";

const NIGHT: &str = "\
body{color:#e6e6e6;background:#16181c}.quiet,td small{color:#a8a8a8}th{color:#c8c8c8}a{color:#7cc4f0}
#verdict{background:#12291f}#verdict.bad{background:#331d10}figure,th,td{border-color:#3a3d44}
tr.failed td:first-child{color:#ff9a4d}tbody tr:hover,tr.like{background:#22303c}
";

/// Sorts a table by the column whose head is chosen, and lights up the rows that are of one kind with the one pointed
/// at.
const SCRIPT: &str = "\
for(const table of document.querySelectorAll('table.results')){
 table.classList.add('sortable');
 const body=table.tBodies[0],heads=[...table.tHead.rows[0].cells];
 const key=(row,place)=>{const cell=row.cells[place];return place?parseFloat(cell.dataset.v??'NaN'):cell.textContent};
 heads.forEach((head,place)=>{
  head.tabIndex=0;
  const sort=()=>{
   const up=head.getAttribute('aria-sort')!=='ascending';
   heads.forEach(other=>other.removeAttribute('aria-sort'));
   head.setAttribute('aria-sort',up?'ascending':'descending');
   const rows=[...body.rows].map(row=>[key(row,place),row]);
   rows.sort(([a],[b])=>{const order=place?(isNaN(a)?1:isNaN(b)?-1:a-b):a.localeCompare(b,'en',{numeric:true});return up?order:-order});
   body.append(...rows.map(([,row])=>row));
  };
  head.addEventListener('click',sort);
  head.addEventListener('keydown',event=>{if(event.key==='Enter')sort()});
 });
 body.addEventListener('mouseover',event=>{
  const row=event.target.closest('tr');if(!row)return;
  for(const other of body.querySelectorAll('tr.like'))other.classList.remove('like');
  for(const other of body.rows)if(other!==row&&other.dataset.like===row.dataset.like)other.classList.add('like');
 });
}
";

fn write(out: &mut String, content: &Content<'_>) -> fmt::Result {
    let results = content.results;
    let name = escaped(&results.suite);
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}: benchmark</title>"
    )?;
    writeln!(
        out,
        "<style>{STYLE}@media screen and (prefers-color-scheme:dark){{{NIGHT}{}}}</style>",
        dark()
    )?;
    writeln!(out, "</head>\n<body>\n<h1>{name}</h1>\n<p>{}</p>", escaped(&results.about))?;
    let runs: u64 = results.points.iter().map(|point| point.runs).sum();
    let (class, verdict) = if results.passed { ("", "All held") } else { (" class=\"bad\"", "Not all held") };
    writeln!(
        out,
        "<div id=\"verdict\"{class}><p>{verdict}: {} points, {} runs.</p></div>",
        words::count(results.points.len() as f64),
        words::count(runs as f64)
    )?;
    write!(out, "<nav>")?;
    if content.changes.is_some() {
        write!(out, "<a href=\"#changes\">Changes</a>")?;
    }
    for (number, series) in results.series.iter().enumerate() {
        write!(out, "<a href=\"#series-{number}\">{}</a>", escaped(&series.name))?;
    }
    writeln!(out, "<a href=\"results.csv\">CSV</a><a href=\"results.json\">JSON</a></nav>")?;
    if let Some(changes) = &content.changes {
        writeln!(out, "<h2 id=\"changes\">Changes since the baseline</h2>\n{changes}")?;
    }
    figures(out, content.plots.iter().filter(|plot| plot.series.is_none()))?;
    for (number, series) in results.series.iter().enumerate() {
        writeln!(out, "<h2 id=\"series-{number}\">{}</h2>", escaped(&series.name))?;
        if !series.about.is_empty() {
            writeln!(out, "<p>{}</p>", escaped(&series.about))?;
        }
        figures(out, content.plots.iter().filter(|plot| plot.series.as_ref() == Some(&series.name)))?;
        let points: Vec<&PointResult> =
            results.points.iter().filter(|point| point.series == series.name).collect();
        table(out, &points)?;
    }
    if let Some((machine, plots)) = content.machine {
        self::machine(out, machine, plots)?;
    }
    writeln!(
        out,
        "<p class=\"quiet\">digest <code>{}</code>, Synod {}</p>",
        results.digest, results.version
    )?;
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn figures<'a>(out: &mut String, plots: impl Iterator<Item = &'a Plot>) -> fmt::Result {
    writeln!(out, "<div class=\"plots\">")?;
    for plot in plots {
        writeln!(out, "<figure aria-label=\"{}\">{}</figure>", escaped(&plot.title), plot.svg.trim_end())?;
    }
    writeln!(out, "</div>")
}

fn table(out: &mut String, points: &[&PointResult]) -> fmt::Result {
    let columns = columns(points);
    writeln!(out, "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th>")?;
    for column in &columns {
        write!(out, "<th title=\"{}\">{}</th>", escaped(column.about), column.title)?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for point in points {
        let class = if point.passed < point.runs { " class=\"failed\"" } else { "" };
        write!(
            out,
            "<tr{class} data-like=\"{}\"><td>{}</td>",
            escaped(&point.curve()),
            escaped(&point.point)
        )?;
        for column in &columns {
            match (column.cell)(point) {
                None => write!(out, "<td></td>")?,
                Some(cell) => {
                    let words = escaped(&cell.words);
                    let words = match words.split_once(" [") {
                        Some((value, interval)) => format!("{value} <small>[{interval}</small>"),
                        None => words,
                    };
                    write!(out, "<td data-v=\"{}\">{words}</td>", cell.number)?;
                }
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn machine(out: &mut String, machine: &Machine, plots: &[Plot]) -> fmt::Result {
    writeln!(out, "<h2 id=\"machine\">The simulator</h2>")?;
    writeln!(
        out,
        "<p class=\"quiet\">{}, {}, {} threads; Synod {}. No two machines agree on these.</p>",
        escaped(machine.processor.as_deref().unwrap_or("unknown processor")),
        escaped(&machine.platform),
        machine.threads,
        machine.version
    )?;
    figures(out, plots.iter())?;
    writeln!(
        out,
        "<div class=\"table\"><table class=\"results\">\n<thead><tr><th>point</th><th>runs</th><th>events</th>"
    )?;
    writeln!(
        out,
        "<th>wall, a run</th><th>cpu, a run</th><th>events/s</th><th>resident</th></tr></thead>\n<tbody>"
    )?;
    for expense in &machine.points {
        write!(out, "<tr><td>{}</td>", escaped(&expense.point))?;
        let cells = [
            (expense.runs as f64, words::count as fn(f64) -> String),
            (expense.events as f64, words::count),
            (expense.wall_ms * 1e6, words::time),
            (expense.cpu_ms * 1e6, words::time),
            (libm::round(expense.events_per_second), words::count),
            (expense.rss_bytes as f64, words::size),
        ];
        for (number, show) in cells {
            write!(out, "<td data-v=\"{number}\">{}</td>", show(number))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}
