//! The report, as Markdown.

use crate::compile::{Build, Mutant};
use crate::equivalents::Equivalents;
use crate::plan::Plan;
use crate::results::{By, Results, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many there are of each kind of outcome.
#[derive(Clone, Copy, Default)]
struct Count {
    drawn: usize,
    judged: usize,
    noticed: usize,
    equivalent: usize,
    unreached: usize,
    survived: usize,
}

impl Count {
    fn add(&mut self, verdict: Option<&Verdict>, is_equivalent: bool) {
        self.drawn += 1;
        let Some(verdict) = verdict else { return };
        self.judged += 1;
        match &verdict.noticed {
            Some(_) => self.noticed += 1,
            None if is_equivalent => self.equivalent += 1,
            None => self.survived += 1,
        }
        self.unreached += usize::from(!verdict.is_reached);
    }

    /// The share noticed of what could be.
    fn share(&self) -> String {
        match self.judged - self.equivalent {
            0 => "-".to_owned(),
            all => format!("{:.1} %", 100.0 * self.noticed as f64 / all as f64),
        }
    }

    fn row(&self, out: &mut String, name: &str) {
        let Count { drawn, judged, noticed, equivalent, unreached, survived } = self;
        let share = self.share();
        line(
            out,
            format_args!(
                "| {name} | {drawn} | {judged} | {noticed} | {equivalent} | {survived} | {unreached} | {share} |"
            ),
        );
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a text takes all");
}

/// The page.
pub fn page(plan: &Plan, build: &Build, results: &Results, equivalents: &Equivalents) -> String {
    let verdict = |mutant: &Mutant| results.of(mutant).filter(|one| one.holds(&plan.names(&mutant.module)));
    let verdicts: Verdicts<'_> =
        build.mutants.iter().filter_map(|mutant| Some((mutant.number, verdict(mutant)?))).collect();
    let verdicts = &verdicts;
    let mut out = String::new();
    line(&mut out, format_args!("# Mutants planted mechanically\n"));
    let places: usize = build.sites.values().sum();
    let (drawn, dropped, identity) = (build.mutants.len(), build.dropped, &build.identity);
    line(
        &mut out,
        format_args!(
            "Sample {identity}: {drawn} of {places} places; {dropped} of those drawn do not compile."
        ),
    );
    let (mut all, mut modules, mut kinds) = (Count::default(), Counts::new(), Counts::new());
    for mutant in &build.mutants {
        let is_equivalent = equivalents.reason(&mutant.fingerprint).is_some();
        let module = modules.entry(mutant.module.clone()).or_default();
        let kind = kinds.entry(mutant.kind.to_string()).or_default();
        for count in [&mut all, module, kind] {
            count.add(verdicts.get(&mutant.number).copied(), is_equivalent);
        }
    }
    table(&mut out, "module", &modules, all);
    table(&mut out, "kind", &kinds, all);
    noticed(&mut out, build, verdicts);
    survivors(&mut out, build, verdicts, equivalents);
    contradictions(&mut out, build, verdicts, equivalents);
    out
}

/// The verdicts that hold, by mutant.
type Verdicts<'a> = BTreeMap<u32, &'a Verdict>;

/// Counts by name.
type Counts = BTreeMap<String, Count>;

fn table(out: &mut String, title: &str, rows: &Counts, all: Count) {
    let columns = "drawn | judged | noticed | equivalent | survived | never reached | noticed of the rest";
    line(out, format_args!("\n| {title} | {columns} |\n|---|---|---|---|---|---|---|---|"));
    rows.iter().for_each(|(name, count)| count.row(out, name));
    all.row(out, "all");
}

/// What noticed how many.
fn noticed(out: &mut String, build: &Build, verdicts: &Verdicts<'_>) {
    let mut by: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for By { check, how } in
        build.mutants.iter().filter_map(|mutant| verdicts.get(&mutant.number)?.noticed.as_ref())
    {
        *by.entry((check, how)).or_default() += 1;
    }
    line(out, format_args!("\n## Noticed by\n\n| check | by | mutants |\n|---|---|---|"));
    for ((check, how), count) in by {
        line(out, format_args!("| {check} | {how} | {count} |"));
    }
}

/// What nothing noticed.
fn survivors(out: &mut String, build: &Build, verdicts: &Verdicts<'_>, equivalents: &Equivalents) {
    line(out, format_args!("\n## Survivors\n"));
    for mutant in &build.mutants {
        let Some(verdict) = verdicts.get(&mutant.number).filter(|verdict| verdict.noticed.is_none()) else {
            continue;
        };
        let Mutant { number, kind, line: at, fingerprint, .. } = mutant;
        let note = match (equivalents.reason(fingerprint), verdict.is_reached) {
            (Some(why), _) => format!("equivalent: {why}"),
            (None, true) => "reached".to_owned(),
            (None, false) => "never reached".to_owned(),
        };
        line(out, format_args!("- {number}, {kind}, line {at}: `{fingerprint}`: {note}"));
    }
}

/// What is called equivalent and is not, or is not in the sample.
fn contradictions(out: &mut String, build: &Build, verdicts: &Verdicts<'_>, equivalents: &Equivalents) {
    for fingerprint in equivalents.fingerprints() {
        let mutant = build.mutants.iter().find(|mutant| mutant.fingerprint == fingerprint);
        let problem = match mutant.map(|mutant| verdicts.get(&mutant.number)) {
            None => "is not in the sample",
            Some(Some(Verdict { noticed: Some(_), .. })) => "was noticed",
            Some(_) => continue,
        };
        line(out, format_args!("\n**Called equivalent, but {problem}:** `{fingerprint}`"));
    }
}
