//! The kill matrices: every mutant of a protocol against every fault model that the protocol claims to tolerate.
//!
//! Each cell is searched several times, over seeds of its own, until an oracle objects or the seeds are used up.
//! Mutants that no fault model exposes are searched longer, over all models. The correct protocol undergoes every
//! attack as well, and no oracle may object. Writes `reports/kill_matrix/PROTOCOL/`; `tests/kill_matrix/` replays what
//! it found.
//!
//! `cargo bench --bench kill_matrix`, with `-- raft` for one protocol alone, or with `-- --quick` over few seeds and
//! without writing anything.

#[path = "../../tests/kill_matrix/hunt.rs"]
mod hunt;
mod table;

use hunt::{Kill, Mutant, MutationRun, MutationTarget, targets};
use rayon::prelude::*;
use std::io::Write;
use table::{Cell, Matrix};

/// Budget of the matrix.
#[derive(Copy, Clone)]
struct Budget {
    /// Hunts a cell.
    hunts: u64,
    /// Seeds a hunt.
    seeds: u64,
    /// Seeds of the long hunt, over all attacks, for what no cell has killed.
    long: u64,
    /// Runs of the true protocol an attack.
    truth: u64,
}

const FULL: Budget = Budget { hunts: 9, seeds: 64, long: 400, truth: 2_500 };
const QUICK: Budget = Budget { hunts: 1, seeds: 16, long: 16, truth: 32 };

/// Where the seeds of the long hunt begin, beyond all others.
const LONG: u64 = 1 << 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick" || argument == "--test");
    let named = |target: &MutationTarget| arguments.iter().any(|argument| argument == target.protocol);
    let some_named = targets().iter().any(named);
    for target in targets().iter().filter(|target| !some_named || named(target)) {
        run_matrix(target, quick);
    }
}

/// One matrix.
fn run_matrix(target: &MutationTarget, quick: bool) {
    let budget = if quick { QUICK } else { FULL };
    let attacks = target.attacks();
    let cells: Vec<(Mutant, &String)> = target
        .mutants
        .iter()
        .flat_map(|&mutant| attacks.iter().map(move |attack| (mutant, attack)))
        .collect();
    let mut matrix = Matrix::new(target, &attacks);
    let hunted: Vec<Cell> =
        cells.par_iter().map(|&(mutant, attack)| cell(target, mutant, attack, budget)).collect();
    hunted.into_iter().for_each(|cell| matrix.enter(cell));
    let survivors: Vec<Mutant> =
        target.mutants.iter().copied().filter(|&mutant| !matrix.is_killed(mutant)).collect();
    let found: Vec<Option<Cell>> =
        survivors.par_iter().map(|&mutant| long_search(target, mutant, &attacks, budget.long)).collect();
    found.into_iter().flatten().for_each(|cell| matrix.enter(cell));
    let objections: Vec<String> =
        attacks.par_iter().flat_map_iter(|attack| truth(target, attack, budget.truth)).collect();

    let runs = attacks.len() as u64 * budget.truth;
    let mut out = std::io::stdout().lock();
    let page = matrix.page(runs, &objections);
    writeln!(out, "{page}").expect("standard output takes it");
    assert!(objections.is_empty(), "{} bears every attack", target.title);
    if !quick {
        matrix.write(&target.report(), &page).expect("reports can be written");
    }
}

/// Hunts one mutant by one attack, several times.
fn cell(target: &MutationTarget, mutant: Mutant, attack: &str, budget: Budget) -> Cell {
    let mutation_run = target.mutation_run(Some(mutant), attack);
    let mut cell = Cell::new(mutant, attack, budget.hunts);
    for number in 0..budget.hunts {
        let begin = number * budget.seeds;
        let kill = (begin..begin + budget.seeds).find_map(|seed| Some((seed, mutation_run.play(seed)?)));
        if let Some((seed, kill)) = kill {
            cell.kill(seed, seed - begin + 1, kill);
        }
        // What two hunts have not found the rest will hardly find.
        if number == 1 && cell.is_empty() {
            break;
        }
    }
    cell
}

/// Hunts one mutant over all attacks in turn, once.
fn long_search(target: &MutationTarget, mutant: Mutant, attacks: &[String], seeds: u64) -> Option<Cell> {
    let hunts: Vec<MutationRun> =
        attacks.iter().map(|attack| target.mutation_run(Some(mutant), attack)).collect();
    for place in 0..seeds * attacks.len() as u64 {
        let attack = place as usize % attacks.len();
        let seed = LONG + place / attacks.len() as u64;
        if let Some(kill) = hunts[attack].play(seed) {
            let mut cell = Cell::new(mutant, &attacks[attack], 1);
            cell.kill(seed, place + 1, kill);
            return Some(cell);
        }
    }
    None
}

/// What is objected to in runs of the true protocol.
fn truth(target: &MutationTarget, attack: &str, runs: u64) -> Vec<String> {
    let mutation_run = target.mutation_run(None, attack);
    (0..runs)
        .filter_map(|seed| {
            let Kill { oracle, stage } = mutation_run.play(seed)?;
            Some(format!("{attack}, stage {stage}, seed {seed}: {oracle}"))
        })
        .collect()
}
