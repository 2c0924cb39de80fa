//! Plants faults in Synod's sources by rule and counts which of them the shipped checks notice.
//!
//! ```text
//! cargo run --release --manifest-path tests/planting/Cargo.toml
//! ```
//!
//! All mutants are in one build, each behind a switch that a variable of the environment turns on (mutation schemata:
//! R. Untch, A. J. Offutt, M. J. Harrold, "Mutation analysis using mutant schemata", ISSTA 1993), so that building
//! costs the same for one mutant and for three hundred. `plan.yaml` says where mutants are planted and which checks
//! have to notice them; `docs/src/planting.md` says what came of it.

mod check;
mod compile;
mod draw;
mod equivalents;
mod error;
mod execute;
mod files;
mod find;
mod hash;
mod judge;
mod plan;
mod plant;
mod report;
mod results;
mod site;

use clap::Parser;
use compile::Build;
use equivalents::Equivalents;
use error::Error;
use plan::Plan;
use results::Results;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Plants a sample of mutants in a copy of Synod, and tells which of them the shipped checks notice.
///
/// What was judged is kept, and judged no second time while sources, scenarios and plan are the same.
#[derive(Parser)]
struct Options {
    /// The checkout.
    #[arg(long, default_value = ".")]
    checkout: PathBuf,
    /// Where the copy, the results and the report go.
    #[arg(long, default_value = "target/planting")]
    output: PathBuf,
    /// How many mutants are judged at once.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Judges only the i-th of n equal parts, such as 1/4.
    #[arg(long, value_name = "I/N")]
    shard: Option<judge::Shard>,
    /// Judges only this mutant, again, and prints what it is.
    #[arg(long, value_name = "NUMBER", conflicts_with = "shard")]
    only: Option<u32>,
    /// Plants and builds, and prints the mutants without judging them.
    #[arg(long, conflicts_with_all = ["shard", "only"])]
    list: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    let folder = options.checkout.join("tests/planting");
    let plan = Plan::read(&folder.join("plan.yaml"))?;
    let equivalents = Equivalents::read(&folder.join("equivalents.yaml"))?;
    let output = absolute(&options.output)?;
    let build = Build::of(&plan, &options.checkout, &output)?;
    if options.list {
        for mutant in &build.mutants {
            println!("{mutant}");
        }
        return Ok(());
    }
    let mut results = Results::open(&output.join("results.jsonl"), &build.identity)?;
    let checks = check::sound(&plan, &build, &output, options.jobs.into())?;
    match options.only {
        Some(number) => judge::one(number, &plan, &build, &checks, &mut results)?,
        None => judge::all(options.shard, options.jobs.into(), &plan, &build, &checks, &mut results)?,
    }
    let path = output.join("report.md");
    let text = report::page(&plan, &build, &results, &equivalents);
    files::write(&path, text.as_bytes())?;
    println!("{text}\nwritten to {}", path.display());
    Ok(())
}

/// The folder by its full name, made if there is none: commands run in other folders.
fn absolute(folder: &Path) -> Result<PathBuf, Error> {
    files::make(folder)?;
    folder.canonicalize().map_err(|source| Error::file(folder, source))
}
