//! The command line: one file a subcommand, and no logic of its own.

mod args;
mod bench;
mod campaign;
mod check;
mod check_history;
mod common;
mod completions;
mod diff;
mod exit;
mod explain;
mod list;
mod new;
mod output;
mod output_file;
mod recording;
mod replay;
mod run;
mod schema;
mod select;
mod shrink;
mod solve;
mod sweep;
mod validate;

use args::{Command, Synod};
use clap::Parser;
use exit::Exit;
use std::io;
use std::process::ExitCode;
use synod_harness::Registry;

/// Returns the `synod` command over the protocols of `registry`.
///
/// A program of your own that registers a protocol gets every subcommand for it:
///
/// ```no_run
/// use std::process::ExitCode;
/// use synod_harness::Registry;
///
/// fn main() -> ExitCode {
///     synod_cli::main_with(synod::standard() /* .with::<YourHarness>() */)
/// }
/// ```
pub fn main_with(registry: Registry) -> ExitCode {
    let arguments = match Synod::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are not mistakes, and a reader of them that has gone away is none either.
            let exit = if error.use_stderr() { Exit::BadInput } else { Exit::Held };
            return match error.print() {
                Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => Exit::Unwritable.into(),
                _ => exit.into(),
            };
        }
    };
    arguments.color.apply();
    let exit = exit::no_panic_escapes(|| match &arguments.command {
        Command::Run(arguments) => run::run(&registry, arguments),
        Command::Replay(arguments) => replay::replay_file(&registry, arguments),
        Command::Diff(arguments) => diff::diff_files(&registry, arguments),
        Command::Shrink(arguments) => shrink::shrink_file(&registry, arguments),
        Command::Sweep(arguments) => sweep::sweep_file(&registry, arguments),
        Command::Bench(arguments) => bench::bench_suite(&registry, arguments),
        Command::Validate(arguments) => validate::validate_catalogue(&registry, arguments),
        Command::Campaign(arguments) => campaign::campaign(&registry, arguments),
        Command::Check(arguments) => check::check(&registry, arguments),
        Command::CheckHistory(arguments) => check_history::check_history(arguments),
        Command::Explain(arguments) => explain::explain(&registry, arguments),
        Command::Select(arguments) => select::select(&registry, arguments),
        Command::Solve(arguments) => solve::solve(arguments),
        Command::List(arguments) => list::list(&registry, arguments),
        Command::Schema(arguments) => schema::schema(&registry, arguments),
        Command::New(arguments) => new::new(&registry, arguments),
        Command::Completions(arguments) => completions::completions(arguments),
    });
    exit.unwrap_or_else(|failure| {
        output::error(&failure);
        failure.exit
    })
    .into()
}
