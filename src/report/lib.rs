//! Results for people and programs: the terminal's page, JSON, the explanation of a run, and what other tools read:
//! timelines, events, metrics, logs with vector clocks.

mod bench;
mod campaign;
mod check_history;
mod client_history;
mod csv_table;
mod diff;
mod event_printer;
mod events;
mod explain;
mod format;
mod history;
mod html_page;
mod human;
mod json;
mod markdown;
mod metrics;
mod plot;
mod replay;
mod run;
mod select;
mod shell;
mod shiviz;
mod shrink;
mod solve;
mod spacetime;
mod state;
mod stream;
mod sweep;
mod timeline;
mod validate;

pub use bench::{ReportFile, bench_files, bench_object, bench_page, changes_page};
pub use campaign::{
    missing_object, plan_object, plan_page, shard_object, shard_page, status_object, status_page,
    submitted_page,
};
pub use check_history::{checked_object, checked_page};
pub use client_history::ClientHistory;
pub use diff::{PAST, Side, parting_object, parting_page, same_object, same_page};
pub use event_printer::EventPrinter;
pub use events::{Events, event_schema};
pub use explain::{explanation_html, explanation_object, explanation_text, is_own};
pub use human::{bytes, grouped};
pub use json::object;
pub use metrics::{run_metrics, sweep_metrics};
pub use replay::{replay_object, replay_page, snapshot_object, snapshot_page};
pub use run::{Next, page};
pub use select::{Selection, selection_object, selection_page, selection_plot};
pub use shell::{as_typed, quoted};
pub use shiviz::{SHIVIZ_PARSER, ShiViz};
pub use shrink::{shrunk_object, shrunk_page};
pub use solve::{answer_object, answer_page};
pub use spacetime::svg;
pub use sweep::{SweepTitle, sweep_csv, sweep_junit, sweep_object, sweep_page};
pub use timeline::Timeline;
pub use validate::{point_line, readiness_object, readiness_page, validation_files, validation_junit};
