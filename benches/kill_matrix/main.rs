//! The kill matrices: every mutant of a protocol against every fault model that the protocol claims to bear.
//!
//! Each cell is hunted several times, over seeds of its own, until an oracle objects or the seeds are used up. What no
//! fault model shows within that is hunted longer, over all of them. The true protocol plays every attack as well,
//! and nothing may object. Writes `reports/kill_matrix/PROTOCOL/`; `tests/kill_matrix/` replays what it found.
//!
//! `cargo bench --bench kill_matrix`, with `-- raft` for one protocol alone, or with `-- --quick` over few seeds and
//! without writing anything.

#[path = "../../tests/kill_matrix/hunt.rs"]
mod hunt;
mod table;

use hunt::{Hunt, Kill, Mutant, Quarry, quarries};
use rayon::prelude::*;
use std::io::Write;
use std::panic;
use table::{Cell, Matrix};

/// How much is hunted.
#[derive(Copy, Clone)]
struct Effort {
    /// Hunts a cell.
    hunts: u64,
    /// Seeds a hunt.
    seeds: u64,
    /// Seeds of the long hunt, over all attacks, for what no cell has killed.
    long: u64,
    /// Runs of the true protocol an attack.
    truth: u64,
}

const FULL: Effort = Effort { hunts: 9, seeds: 64, long: 400, truth: 2_500 };
const QUICK: Effort = Effort { hunts: 1, seeds: 16, long: 16, truth: 32 };

/// Where the seeds of the long hunt begin, beyond all others.
const LONG: u64 = 1 << 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick" || argument == "--test");
    let named = |quarry: &Quarry| arguments.iter().any(|argument| argument == quarry.protocol);
    let some_named = quarries().iter().any(named);
    for quarry in quarries().iter().filter(|quarry| !some_named || named(quarry)) {
        hunt_all(quarry, quick);
    }
}

/// One matrix.
fn hunt_all(quarry: &Quarry, quick: bool) {
    let effort = if quick { QUICK } else { FULL };
    // Mutants may break their own assertions thousands of times.
    panic::set_hook(Box::new(|_| {}));
    let attacks = quarry.attacks();
    let cells: Vec<(Mutant, &String)> = quarry
        .mutants
        .iter()
        .flat_map(|&mutant| attacks.iter().map(move |attack| (mutant, attack)))
        .collect();
    let mut matrix = Matrix::new(quarry, &attacks);
    let hunted: Vec<Cell> =
        cells.par_iter().map(|&(mutant, attack)| cell(quarry, mutant, attack, effort)).collect();
    hunted.into_iter().for_each(|cell| matrix.enter(cell));
    let survivors: Vec<Mutant> =
        quarry.mutants.iter().copied().filter(|&mutant| !matrix.is_killed(mutant)).collect();
    let found: Vec<Option<Cell>> =
        survivors.par_iter().map(|&mutant| long_hunt(quarry, mutant, &attacks, effort.long)).collect();
    found.into_iter().flatten().for_each(|cell| matrix.enter(cell));
    let objections: Vec<String> =
        attacks.par_iter().flat_map_iter(|attack| truth(quarry, attack, effort.truth)).collect();
    drop(panic::take_hook());

    let runs = attacks.len() as u64 * effort.truth;
    let mut out = std::io::stdout().lock();
    let page = matrix.page(runs, &objections);
    writeln!(out, "{page}").expect("standard output takes it");
    assert!(objections.is_empty(), "{} bears every attack", quarry.title);
    if !quick {
        matrix.write(&quarry.report(), &page).expect("reports can be written");
    }
}

/// Hunts one mutant by one attack, several times.
fn cell(quarry: &Quarry, mutant: Mutant, attack: &str, effort: Effort) -> Cell {
    let hunt = quarry.hunt(Some(mutant), attack);
    let mut cell = Cell::new(mutant, attack, effort.hunts);
    for number in 0..effort.hunts {
        let begin = number * effort.seeds;
        let kill = (begin..begin + effort.seeds).find_map(|seed| Some((seed, hunt.play(seed)?)));
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
fn long_hunt(quarry: &Quarry, mutant: Mutant, attacks: &[String], seeds: u64) -> Option<Cell> {
    let hunts: Vec<Hunt> = attacks.iter().map(|attack| quarry.hunt(Some(mutant), attack)).collect();
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
fn truth(quarry: &Quarry, attack: &str, runs: u64) -> Vec<String> {
    let hunt = quarry.hunt(None, attack);
    (0..runs)
        .filter_map(|seed| {
            let Kill { oracle, stage } = hunt.play(seed)?;
            Some(format!("{attack}, stage {stage}, seed {seed}: {oracle}"))
        })
        .collect()
}
