//! A pipeline: stages one after the other, each among members of its own, in which the decision of one is the proposal
//! of the next.
//!
//! A member of a stage that has ended signs how, and hands that over to the members of the next. They start on the same
//! word of v members, where at least one of any v is correct: v = f + 1 where f members may lie, 1 where none does.
//! These v signatures are the decision's certificate. The next stage's signatures are bound to it, so that nothing
//! said about one proposal counts for another. Every stage has a deadline; where it passes, or most members of a stage say
//! that it ended without a decision, so does the pipeline, and every member says which stage it was and why.

mod config;
mod durable;
mod message;
mod node;
mod observation;
pub mod oracle;

pub use config::{Config, Stage};
pub use durable::{Entry, Record};
pub use message::{Handover, Message, Timer};
pub use node::Pipeline;
pub use observation::{Mark, Observation, Reason};
