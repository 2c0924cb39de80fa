//! The `synod` command, over Synod's own protocols.

use std::process::ExitCode;
use synod::campaign::Registry;

fn main() -> ExitCode {
    synod::cli::main_with(Registry::standard())
}
