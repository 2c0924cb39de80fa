//! The figures of one workload, as a table.

use crate::engines::{ENGINES, SYNOD, SYNOD_WITH_SAME_DRAWS};

/// Millions of events a second: one row a pass, one figure an engine.
pub struct Table {
    passes: Vec<[f64; ENGINES.len()]>,
}

impl Table {
    /// Prints the head of the table.
    pub fn new(title: &str) -> Table {
        println!("\n{title}\nmillions of events a second of processor time:\n");
        row("pass", ENGINES.map(|engine| engine.name.to_owned()));
        Table { passes: Vec::new() }
    }

    /// Prints a pass.
    pub fn add(&mut self, pass: [f64; ENGINES.len()]) {
        self.passes.push(pass);
        row(&self.passes.len().to_string(), pass.map(millions));
    }

    /// Prints what the passes come to.
    pub fn finish(self) {
        let sorted: [Vec<f64>; ENGINES.len()] = std::array::from_fn(|engine| {
            let mut figures: Vec<f64> = self.passes.iter().map(|pass| pass[engine]).collect();
            figures.sort_by(f64::total_cmp);
            figures
        });
        let median = sorted.each_ref().map(|figures| {
            let half = figures.len() / 2;
            if figures.len() % 2 == 1 { figures[half] } else { (figures[half - 1] + figures[half]) / 2.0 }
        });
        let fastest = sorted.each_ref().map(|figures| figures[figures.len() - 1]);
        println!();
        row("slowest", sorted.each_ref().map(|figures| millions(figures[0])));
        row("median", median.map(millions));
        row("fastest", fastest.map(millions));
        for (name, figures) in [("medians", median), ("the fastest", fastest)] {
            println!("\ntimes as fast, by {name}");
            row("synod", figures.map(|figure| format!("{:.2}", figures[SYNOD] / figure)));
            row("same", figures.map(|figure| format!("{:.2}", figures[SYNOD_WITH_SAME_DRAWS] / figure)));
        }
    }
}

fn row(name: &str, cells: [String; ENGINES.len()]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>18}")).collect();
    println!("{name:<8}{cells}");
}

fn millions(figure: f64) -> String {
    format!("{:.2}", figure / 1e6)
}
