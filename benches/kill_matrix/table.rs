//! What the hunts came to: as a table, and as files.

use crate::hunt::{Kill, STAGES};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};
use synod::protocol::pbft::Bug;

/// One mutant under one attack.
pub(crate) struct Cell {
    bug: Bug,
    attack: String,
    hunts: u64,
    /// For every hunt that found something: the seed, how many seeds it took, and what gave the mutant away.
    kills: Vec<(u64, u64, Kill)>,
}

impl Cell {
    pub(crate) fn new(bug: Bug, attack: &str, hunts: u64) -> Cell {
        Cell { bug, attack: attack.to_owned(), hunts, kills: Vec::new() }
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
pub(crate) struct Matrix {
    attacks: Vec<String>,
    cells: BTreeMap<(Bug, String), Cell>,
}

impl Matrix {
    pub(crate) fn new(attacks: &[String]) -> Matrix {
        Matrix { attacks: attacks.to_vec(), cells: BTreeMap::new() }
    }

    pub(crate) fn enter(&mut self, cell: Cell) {
        if !cell.is_empty() {
            self.cells.insert((cell.bug, cell.attack.clone()), cell);
        }
    }

    pub(crate) fn is_killed(&self, bug: Bug) -> bool {
        self.row(bug).next().is_some()
    }

    fn row(&self, bug: Bug) -> impl Iterator<Item = &Cell> {
        self.cells.values().filter(move |cell| cell.bug == bug)
    }

    /// The cell that needs the fewest seeds: most hunts first, then the fewest seeds in the middle.
    fn easiest(&self, bug: Bug) -> Option<&Cell> {
        self.row(bug).min_by_key(|cell| {
            let missed = cell.hunts - cell.kills.len() as u64;
            (missed, cell.seeds(50), cell.best().map(|&(seed, ..)| seed), cell.attack.clone())
        })
    }

    /// The table for people.
    pub(crate) fn page(&self, truth: u64, objections: &[String]) -> String {
        let mut page = String::new();
        let killed = Bug::ALL.iter().filter(|&&bug| self.is_killed(bug)).count();
        let _ = writeln!(page, "# Kill matrix\n");
        let _ = writeln!(
            page,
            "{killed} of {} mutants of PBFT are caught by fault models alone, out of {}. In {truth} runs of the true\n\
             protocol under the same models the oracles object {} times.\n",
            Bug::ALL.len(),
            self.attacks.len(),
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
        for &bug in Bug::ALL {
            let figure = |seeds: Option<u64>| seeds.map_or("–".to_owned(), |seeds| seeds.to_string());
            match self.easiest(bug) {
                Some(cell) => {
                    let (_, _, kill) = cell.best().expect("an entered cell has a kill");
                    let _ = writeln!(
                        page,
                        "| {} | {} | {} | {} | {} | {} |",
                        bug.name(),
                        cell.attack,
                        kill.oracle,
                        figure(cell.seeds(50)),
                        figure(cell.seeds(95)),
                        self.row(bug).count()
                    );
                }
                None => {
                    let _ = writeln!(
                        page,
                        "| {} | none of these: by hand in `tests/mutants` | {} | | | 0 |",
                        bug.name(),
                        bug.oracle()
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
                cell.bug.name(),
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
        for cell in Bug::ALL.iter().filter_map(|&bug| self.easiest(bug)) {
            let (seed, _, kill) = cell.best().expect("an entered cell has a kill");
            let (scenario, agents) = STAGES[kill.stage];
            kills.write_record([
                cell.bug.name(),
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
