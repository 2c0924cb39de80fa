//! The two workloads of `benches/kernel` on Synod's kernel and on other engines, turn by turn in one process.
//!
//! ```text
//! cargo run --release --manifest-path benches/engines/Cargo.toml
//! ```
//!
//! What a run takes is all of it: building the simulation, running it, reading what arrived at each process.

mod draws;
mod engines;
mod table;
mod workload;

use clap::Parser;
use cpu_time::ProcessTime;
use engines::{ENGINES, Engine};
use mimalloc::MiMalloc;
use table::Table;
use workload::{Outcome, Phold, Votes};

/// As in the `synod` command. Synod's kernel does not allocate for an event; those that do gain from it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A run of the votes is short: a pass is the mean of so many.
const VOTES_A_PASS: u32 = 10;

/// Compares Synod's kernel with other engines on PHOLD and on votes all to all.
#[derive(Parser)]
struct Options {
    /// Number of events of PHOLD, about.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    events: u64,
    /// Number of processes of PHOLD.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    processes: u32,
    /// Number of voters.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=5_000))]
    voters: u32,
    /// Number of passes, in each of which every engine has one turn.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    passes: u32,
}

fn main() {
    let Options { events, processes, voters, passes } = Options::parse();
    let phold = Phold::new(processes, events);
    let title = format!("PHOLD: {processes} processes, about {events} events");
    compare(&title, passes, 1, |engine| (engine.phold)(phold));
    let votes = Votes { processes: voters };
    let title = format!("Votes: {voters} processes all to all, twice: {} events", votes.deliveries());
    compare(&title, passes, VOTES_A_PASS, |engine| {
        let outcome = (engine.votes)(votes);
        assert_eq!(outcome.events, votes.deliveries(), "{}", engine.name);
        outcome
    });
}

/// Gives every engine its turn in every pass, and checks that all that share the draws come to the same.
fn compare(title: &str, passes: u32, runs: u32, run: impl Fn(&Engine) -> Outcome) {
    let mut table = Table::new(title);
    let mut outcomes = [None; ENGINES.len()];
    for _ in 0..passes {
        let mut figures = [0.0; ENGINES.len()];
        for (place, engine) in ENGINES.iter().enumerate() {
            let began = ProcessTime::now();
            let mut events = 0;
            for _ in 0..runs {
                let outcome = run(engine);
                events += outcome.events;
                assert_eq!(outcome, *outcomes[place].get_or_insert(outcome), "{} repeats", engine.name);
            }
            figures[place] = events as f64 / began.elapsed().as_secs_f64();
        }
        table.add(figures);
    }
    table.finish();
    let shared: Vec<Outcome> = ENGINES
        .iter()
        .zip(outcomes)
        .filter(|(engine, _)| engine.shares_draws)
        .filter_map(|(_, o)| o)
        .collect();
    assert!(shared.iter().all(|outcome| *outcome == shared[0]), "with the same draws: {shared:?}");
    let Outcome { events, checksum } = shared[0];
    println!("\nwith the same draws all came to {events} events, checksum {checksum:016x}");
}
