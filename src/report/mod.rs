//! Results for people and programs: the terminal's page, JSON, and timelines.

mod human;
mod json;
mod timeline;

pub use human::{Next, page};
pub use json::object;
pub use timeline::Timeline;
