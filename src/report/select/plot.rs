//! A selection as a plot: for each candidate what it decides, how soon and for how many messages, with the bounds of 95
//! %.

use super::Selection;
use std::fmt::{self, Write};
use synod_campaign::BanditArm;
use synod_sim::Duration;

const NAMES: f64 = 110.0;
const PANEL: f64 = 230.0;
const GAP: f64 = 34.0;
const TOP: f64 = 78.0;
const ROW: f64 = 30.0;

/// One column of the plot.
struct Panel {
    title: &'static str,
    /// For each candidate what is drawn: low, middle and high.
    values: Vec<Option<[f64; 3]>>,
    is_logarithmic: bool,
    words: fn(f64) -> String,
}

/// Returns the selection as SVG, in the colours of whoever looks at it.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn selection_plot(selection: &Selection<'_>) -> String {
    let mut out = String::new();
    let arms = selection.trial.as_ref().map_or(&[][..], |trial| &trial.arms);
    write_plot(&mut out, selection.scenario, arms).expect("a string takes everything");
    out
}

fn write_plot(out: &mut String, scenario: &str, arms: &[BanditArm]) -> fmt::Result {
    let width = NAMES + 3.0 * (PANEL + GAP);
    let height = TOP + ROW * arms.len().max(1) as f64 + 44.0;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="img">"#
    )?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(out, r#"<rect class="paper" width="100%" height="100%"/>"#)?;
    let title = scenario.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(out, r#"<text class="title" x="16" y="28">{title}: which protocol suits</text>"#)?;
    if arms.is_empty() {
        writeln!(out, r#"<text x="16" y="{TOP}">No candidate ran.</text>"#)?;
    }
    for (place, arm) in arms.iter().enumerate() {
        let class = if arm.unsafe_runs > 0 { "unsafe" } else { "safe" };
        let y = row(place) + 4.0;
        writeln!(
            out,
            r#"<text class="{class}" x="{:.0}" y="{y:.0}" text-anchor="end">{}</text>"#,
            NAMES - 14.0,
            arm.protocol
        )?;
    }
    for (place, panel) in panels(arms).iter().enumerate() {
        draw(out, NAMES + (PANEL + GAP) * place as f64, panel, arms)?;
    }
    let note = "dots: share of runs, and medians; lines: between the bounds of 95 %; struck out: violated an invariant";
    writeln!(out, r#"<text class="note" x="16" y="{:.0}">{note}</text>"#, height - 12.0)?;
    writeln!(out, "</svg>")
}

fn row(place: usize) -> f64 {
    TOP + ROW * (place as f64 + 0.5)
}

fn panels(arms: &[BanditArm]) -> [Panel; 3] {
    let spread = |figure: Option<[u64; 3]>| figure.map(|spread| spread.map(|value| value as f64));
    let decided = |arm: &BanditArm| {
        let [low, high] = arm.success_ci95;
        Some([low, arm.decided as f64 / arm.runs.max(1) as f64, high])
    };
    [
        Panel {
            title: "decided, share of runs",
            values: arms.iter().map(decided).collect(),
            is_logarithmic: false,
            words: |share| format!("{:.0} %", 100.0 * share),
        },
        Panel {
            title: "latency, log scale",
            values: arms.iter().map(|arm| spread(arm.latency_p50_ns)).collect(),
            is_logarithmic: true,
            words: |nanos| Duration::from_nanos(nanos as u64).rounded(Duration::from_micros(100)).to_string(),
        },
        Panel {
            title: "messages, log scale",
            values: arms.iter().map(|arm| spread(arm.messages_p50)).collect(),
            is_logarithmic: true,
            words: |count| format!("{count:.0}"),
        },
    ]
}

fn draw(out: &mut String, left: f64, panel: &Panel, arms: &[BanditArm]) -> fmt::Result {
    let bottom = TOP + ROW * arms.len() as f64;
    writeln!(out, r#"<text class="head" x="{left:.0}" y="56">{}</text>"#, panel.title)?;
    writeln!(out, r#"<line class="axis" x1="{left:.0}" x2="{left:.0}" y1="{TOP}" y2="{bottom:.0}"/>"#)?;
    let scale = |value: f64| if panel.is_logarithmic { libm::log10(value.max(1.0)) } else { value };
    let bounds = panel.values.iter().flatten().flatten().map(|&value| scale(value));
    let (least, most) = if panel.is_logarithmic {
        (bounds.clone().fold(f64::INFINITY, f64::min) - 0.15, bounds.fold(0.0, f64::max) + 0.15)
    } else {
        (0.0, 1.0)
    };
    // Half of the panel is for the words beside the dots.
    let x = |value: f64| left + 0.68 * PANEL * (scale(value) - least) / (most - least).max(1e-9);
    for (place, values) in panel.values.iter().enumerate() {
        let Some([low, middle, high]) = *values else { continue };
        let (y, class) = (row(place), if arms[place].unsafe_runs > 0 { "unsafe" } else { "safe" });
        writeln!(
            out,
            r#"<line class="whisker" x1="{:.1}" x2="{:.1}" y1="{y:.0}" y2="{y:.0}"/>"#,
            x(low),
            x(high)
        )?;
        writeln!(out, r#"<circle class="{class}" cx="{:.1}" cy="{y:.0}" r="4.5"/>"#, x(middle))?;
        let (beside, words) = (x(high) + 9.0, (panel.words)(middle));
        writeln!(out, r#"<text class="{class}" x="{beside:.1}" y="{:.0}">{words}</text>"#, y + 4.0)?;
    }
    Ok(())
}

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}.head{font-weight:600}\
.note{font-size:11px;fill:#666}.paper{fill:#fff}.axis{stroke:#bbb}.whisker{stroke:#0072b2;stroke-width:2}\
circle.safe{fill:#0072b2}circle.unsafe{fill:#d55e00}text.unsafe{fill:#b84200;text-decoration:line-through}\
@media(prefers-color-scheme:dark){text{fill:#eee}.note{fill:#aaa}.paper{fill:#16181c}.axis{stroke:#555}\
.whisker{stroke:#56b4e9}circle.safe{fill:#56b4e9}text.unsafe{fill:#ff8c42}}";
