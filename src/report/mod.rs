//! Results for people and programs: the terminal's page, JSON, timelines, and the story of a run.

mod explain;
mod human;
mod json;
mod spacetime;
mod timeline;

pub use explain::{html, is_own, words};
pub use human::{Next, page};
pub use json::object;
pub use spacetime::svg;
pub use timeline::Timeline;
