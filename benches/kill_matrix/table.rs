//! What the hunts came to: as a table, and as files.

use crate::hunt::{Kill, Mutant, MutationTarget};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// One mutant under one attack.
pub(crate) struct Cell {
    mutant: Mutant,
    attack: String,
    hunts: u64,
    /// For every hunt that found something: the seed, how many seeds it took, and what gave the mutant away.
    kills: Vec<(u64, u64, Kill)>,
}

impl Cell {
    pub(crate) fn new(mutant: Mutant, attack: &str, hunts: u64) -> Cell {
        Cell { mutant, attack: attack.to_owned(), hunts, kills: Vec::new() }
    }

    pub(crate) fn kill(&mut self, seed: u64, took: u64, kill: Kill) {
        self.kills.push((seed, took, kill));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kills.is_empty()
    }

    /// The least number of seeds within which this share of the hunts found something, if so many did.
    fn seeds(&self, percent: u64) -> Option<u64> {
        let mut took: Vec<u64> = self.kills.iter().map(|&(_, took, _)| took).collect();
        took.sort_unstable();
        let rank = (percent * self.hunts).div_ceil(100).max(1);
        took.get(rank as usize - 1).copied()
    }

    fn best(&self) -> Option<&(u64, u64, Kill)> {
        self.kills.iter().min_by_key(|&&(seed, took, _)| (took, seed))
    }
}

/// All cells.
pub(crate) struct Matrix<'a> {
    target: &'a MutationTarget,
    attacks: usize,
    /// By the mutant's place in the table, and by attack.
    cells: BTreeMap<(usize, String), Cell>,
}

impl<'a> Matrix<'a> {
    pub(crate) fn new(target: &'a MutationTarget, attacks: &[String]) -> Matrix<'a> {
        Matrix { target, attacks: attacks.len(), cells: BTreeMap::new() }
    }

    pub(crate) fn enter(&mut self, cell: Cell) {
        if !cell.is_empty() {
            let mutants = &self.target.mutants;
            let place =
                mutants.iter().position(|&mutant| mutant == cell.mutant).expect("one of the quarry's");
            self.cells.insert((place, cell.attack.clone()), cell);
        }
    }

    pub(crate) fn is_killed(&self, mutant: Mutant) -> bool {
        self.row(mutant).next().is_some()
    }

    fn row(&self, mutant: Mutant) -> impl Iterator<Item = &Cell> {
        self.cells.values().filter(move |cell| cell.mutant == mutant)
    }

    /// The cell that needs the fewest seeds: most hunts first, then the fewest seeds in the middle.
    fn easiest(&self, mutant: Mutant) -> Option<&Cell> {
        self.row(mutant).min_by_key(|cell| {
            let missed = cell.hunts - cell.kills.len() as u64;
            (missed, cell.seeds(50), cell.best().map(|&(seed, ..)| seed), cell.attack.clone())
        })
    }

    /// The table for people.
    pub(crate) fn page(&self, truth: u64, objections: &[String]) -> String {
        let mut page = String::new();
        let mutants = &self.target.mutants;
        let killed = mutants.iter().filter(|&&mutant| self.is_killed(mutant)).count();
        let _ = writeln!(page, "# Kill matrix of {}\n", self.target.title);
        let _ = writeln!(
            page,
            "{killed} of {} mutants are caught by fault models alone, out of {}. In {truth} runs of the true\n\
             protocol under the same models the oracles object {} times.\n",
            mutants.len(),
            self.attacks,
            objections.len()
        );
        let _ = writeln!(
            page,
            "For each mutant the attack that finds it soonest: the seeds that half of the hunts and"
        );
        let _ = writeln!(
            page,
            "95 % of them needed (– if they did not all find it), and how many attacks find it at all.\n"
        );
        let _ = writeln!(page, "| mutant | attack | caught by | median seeds | p95 seeds | attacks |");
        let _ = writeln!(page, "|---|---|---|---:|---:|---:|");
        for &mutant in mutants {
            let figure = |seeds: Option<u64>| seeds.map_or("–".to_owned(), |seeds| seeds.to_string());
            match self.easiest(mutant) {
                Some(cell) => {
                    let (_, _, kill) = cell.best().expect("an entered cell has a kill");
                    let _ = writeln!(
                        page,
                        "| {} | {} | {} | {} | {} | {} |",
                        mutant.name,
                        cell.attack,
                        kill.oracle,
                        figure(cell.seeds(50)),
                        figure(cell.seeds(95)),
                        self.row(mutant).count()
                    );
                }
                None => {
                    let _ = writeln!(
                        page,
                        "| {} | none of these: by hand in `tests/` | {} | | | 0 |",
                        mutant.name, mutant.oracle
                    );
                }
            }
        }
        for objection in objections {
            let _ = writeln!(page, "\nThe true protocol: {objection}");
        }
        page
    }

    /// `README.md`, `matrix.csv` with all cells, and `kills.csv` with one killing seed a mutant.
    pub(crate) fn write(&self, folder: &Path, page: &str) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("README.md"), page)?;
        let mut all = csv::Writer::from_path(folder.join("matrix.csv"))?;
        all.write_record([
            "mutant",
            "attack",
            "hunts",
            "kills",
            "median_seeds",
            "p95_seeds",
            "oracle",
            "seed",
        ])?;
        for cell in self.cells.values() {
            let (seed, _, kill) = cell.best().expect("an entered cell has a kill");
            let figure = |seeds: Option<u64>| seeds.map_or(String::new(), |seeds| seeds.to_string());
            all.write_record([
                cell.mutant.name,
                &cell.attack,
                &cell.hunts.to_string(),
                &cell.kills.len().to_string(),
                &figure(cell.seeds(50)),
                &figure(cell.seeds(95)),
                &kill.oracle,
                &seed.to_string(),
            ])?;
        }
        all.flush()?;
        let mut kills = csv::Writer::from_path(folder.join("kills.csv"))?;
        kills.write_record(["mutant", "attack", "scenario", "agents", "seed", "oracle"])?;
        for cell in self.target.mutants.iter().filter_map(|&mutant| self.easiest(mutant)) {
            let (seed, _, kill) = cell.best().expect("an entered cell has a kill");
            let (scenario, agents) = self.target.stages[kill.stage];
            kills.write_record([
                cell.mutant.name,
                &cell.attack,
                scenario,
                &agents.to_string(),
                &seed.to_string(),
                &kill.oracle,
            ])?;
        }
        kills.flush()
    }
}
