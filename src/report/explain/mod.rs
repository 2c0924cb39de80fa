//! The explanation of a run: in words, for the terminal and for the page, and as JSON.

mod html;
mod narrative;
mod object;
mod terminal;

pub use html::{explanation_html, is_own};
pub use object::explanation_object;
pub use terminal::explanation_text;

pub(super) use narrative::{scope, verdict};
