//! The story of a run in words, for the terminal and for the page.

mod html;
mod telling;
mod terminal;

pub use html::{html, is_own};
pub use terminal::words;

pub(super) use telling::{scope, verdict};
