//! Results for people and programs: the terminal's page, JSON, the story of a run, and what other tools
//! read: timelines, events, metrics, logs with vector clocks.

mod bench;
mod diff;
mod events;
mod explain;
mod history;
mod human;
mod json;
mod metrics;
mod narrator;
mod plot;
mod replay;
mod run;
mod select;
mod sheet;
mod shell;
mod shiviz;
mod shrink;
mod spacetime;
mod state;
mod stream;
mod sweep;
mod timeline;
mod validate;
mod words;

pub use bench::{ReportFile, bench_files, bench_object, bench_page, changes_page};
pub use diff::{PAST, Side, parting_object, parting_page, same_object, same_page};
pub use events::{Events, event_schema};
pub use explain::{html, is_own, story_object, words};
pub use json::object;
pub use metrics::{run_metrics, sweep_metrics};
pub use narrator::Narrator;
pub use replay::{glimpse_object, glimpse_page, replay_object, replay_page};
pub use run::{Next, page};
pub use select::{Selection, selection_object, selection_page, selection_plot};
pub use shell::{as_typed, quoted};
pub use shiviz::{SHIVIZ_PARSER, ShiViz};
pub use shrink::{shrunk_object, shrunk_page};
pub use spacetime::svg;
pub use sweep::{SweepTitle, sweep_csv, sweep_junit, sweep_object, sweep_page};
pub use timeline::Timeline;
pub use validate::{point_line, readiness_object, readiness_page, validation_files, validation_junit};
