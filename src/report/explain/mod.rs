//! The story of a run: in words, for the terminal and for the page, and as JSON.

mod html;
mod object;
mod telling;
mod terminal;

pub use html::{html, is_own};
pub use object::story_object;
pub use terminal::words;

pub(super) use telling::{scope, verdict};
