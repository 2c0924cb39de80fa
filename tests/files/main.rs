//! Scenario files: compilation and errors.

mod bad_input;
mod bounds;
mod fixture;
mod scenario_file;
