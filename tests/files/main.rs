//! Scenario files: what they become, and what is wrong with them.

mod bad_input;
mod fixture;
mod scenario_file;
