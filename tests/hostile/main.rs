//! Hostile and unlucky input cannot hurt: what is damaged, what lies, what is absurd, what points elsewhere.
#![expect(clippy::disallowed_types, reason = "bad input is to be refused in bounded time, by the wall clock")]

mod checkpoint;
#[path = "../cli/command.rs"]
mod command;
mod mutations;
mod names;
mod places;
