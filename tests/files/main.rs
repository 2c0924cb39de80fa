//! Scenario files: compilation and errors.

mod bad_input;
mod fixture;
mod scenario_file;
