//! The `synod` command, over Synod's own protocols.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A run is thousands of small, short-lived pieces of memory; with this allocator a sweep takes a fifth less time, and
/// threads do not get in each other's way.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    synod::cli::main_with(synod::standard())
}
