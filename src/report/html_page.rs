//! What pages of tables have in common: one file that needs no network and no scripts, in light and dark, and on paper.
//! With scripts, tables can be sorted, and pointing at a row finds its like.

use super::spacetime::escaped;
use std::fmt::{self, Write};

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1400px;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .25rem}p{max-width:60rem;margin:.4rem 0}
.quiet{color:#555}code{font-size:.9em;overflow-wrap:anywhere}nav a{margin-right:1rem}a{color:#005b8e}
#verdict{border-left:5px solid #009e73;padding:.5rem 1rem;margin:1rem 0;background:#eef7f3}
#verdict.bad{border-color:#d55e00;background:#fdf1ea}#verdict.open{border-color:#b59500;background:#faf6e3}
.plots{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0;align-items:flex-start}
figure{margin:0;flex:0 1 680px;min-width:min(100%,520px);border:1px solid #ddd;border-radius:6px}figure svg{display:block;max-width:100%;height:auto}
.table{overflow-x:auto;margin:1rem 0;content-visibility:auto;contain-intrinsic-size:auto 600px}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;padding-left:0}th{font-weight:600;color:#444}td small{display:block;color:#666}
tr.failed td:first-child{color:#a83c00}tbody tr:hover,tr.like{background:#f0f5fa}
th[aria-sort]::after{content:' ▾'}th[aria-sort=ascending]::after{content:' ▴'}.sortable th{cursor:pointer}
@media print{body{max-width:none;padding:0;font-size:10px}nav{display:none}figure{break-inside:avoid;border:none}
tr{break-inside:avoid}h2,h2+p{break-after:avoid}.table{overflow:visible;content-visibility:visible}th,td{padding:.15rem .35rem;white-space:normal}}
";

const NIGHT: &str = "\
body{color:#e6e6e6;background:#16181c}.quiet,td small{color:#a8a8a8}th{color:#c8c8c8}a{color:#7cc4f0}
#verdict{background:#12291f}#verdict.bad{background:#331d10}#verdict.open{background:#2a2610}figure,th,td{border-color:#3a3d44}
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

/// Everything up to what the page shows, under a name and what kind of page it is. `night` are rules of its own for the
/// dark.
pub(super) fn open(out: &mut String, name: &str, kind: &str, night: &str) -> fmt::Result {
    let name = escaped(name);
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}: {kind}</title>")?;
    writeln!(out, "<style>{STYLE}@media screen and (prefers-color-scheme:dark){{{NIGHT}{night}}}</style>")?;
    writeln!(out, "</head>\n<body>\n<h1>{name}</h1>")
}

/// Everything after it: of which runs, by which version.
pub(super) fn close(out: &mut String, digest: &str, version: &str) -> fmt::Result {
    writeln!(out, "<p class=\"quiet\">digest <code>{digest}</code>, Synod {version}</p>")?;
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}
