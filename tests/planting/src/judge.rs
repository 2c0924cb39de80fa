//! Judges mutants: the first check that notices one ends its trial.

use crate::check::{self, Sound, in_parallel, lock};
use crate::compile::{Build, Mutant};
use crate::error::Error;
use crate::plan::Plan;
use crate::results::{By, Results, Verdict};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Instant;

/// One of several equal parts of the mutants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    part: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers =
            text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if 1 <= part && part <= of => Ok(Shard { part, of }),
            _ => Err(format!("{text} is no part: 1/4 to 4/4 are, of four")),
        }
    }
}

/// Judges every mutant that was not judged yet. Modules take turns, so that any part of the work says something of each.
pub fn all(
    shard: Option<Shard>,
    jobs: usize,
    plan: &Plan,
    build: &Build,
    sound: &Sound,
    results: &mut Results,
) -> Result<(), Error> {
    let mut left: Vec<(usize, &Mutant)> = Vec::new();
    for name in plan.modules.keys() {
        left.extend(build.mutants.iter().filter(|mutant| mutant.module == *name).enumerate());
    }
    left.sort_by_key(|&(turn, _)| turn);
    let Shard { part, of } = shard.unwrap_or(Shard { part: 1, of: 1 });
    let left: Vec<&Mutant> = left.into_iter().map(|(_, mutant)| mutant).skip(part - 1).step_by(of).collect();
    let left: Vec<(&Mutant, Option<Verdict>)> = left
        .into_iter()
        .map(|mutant| (mutant, results.of(mutant).cloned()))
        .filter(|(mutant, old)| !old.as_ref().is_some_and(|old| old.holds(&plan.names(&mutant.module))))
        .collect();
    let results = Mutex::new(results);
    in_parallel(jobs, left.len(), |index| {
        let (mutant, old) = &left[index];
        let verdict = verdict(mutant, old.as_ref(), plan, build, sound)?;
        say(mutant, &verdict);
        lock(&results).add(verdict)
    })
}

/// Judges one mutant, even if it was judged.
pub fn one(
    number: u32,
    plan: &Plan,
    build: &Build,
    sound: &Sound,
    results: &mut Results,
) -> Result<(), Error> {
    let mutant = build.mutants.iter().find(|mutant| mutant.number == number);
    let mutant =
        mutant.ok_or_else(|| Error::new(format!("no mutant has the number {number}; see --list")))?;
    let verdict = verdict(mutant, None, plan, build, sound)?;
    say(mutant, &verdict);
    results.add(verdict)
}

fn say(mutant: &Mutant, verdict: &Verdict) {
    let what = match &verdict.noticed {
        Some(By { check, how }) => format!("noticed by {check}: {how}"),
        None if verdict.is_reached => "survives".to_owned(),
        None => "survives, never reached".to_owned(),
    };
    eprintln!("{mutant}\n      {what} ({:.1} s)", verdict.seconds);
}

/// Runs the checks on a mutant, without those that it passed already.
fn verdict(
    mutant: &Mutant,
    old: Option<&Verdict>,
    plan: &Plan,
    build: &Build,
    sound: &Sound,
) -> Result<Verdict, Error> {
    let began = Instant::now();
    let mut verdict = Verdict {
        mutant: mutant.number,
        fingerprint: mutant.fingerprint.clone(),
        is_reached: old.is_some_and(|old| old.is_reached),
        passed: old.map_or_else(Vec::new, |old| old.passed.clone()),
        noticed: None,
        seconds: old.map_or(0.0, |old| old.seconds),
    };
    for check in &plan.modules[&mutant.module].checks {
        let name = check.to_string();
        if verdict.passed.contains(&name) {
            continue;
        }
        let said = check::on(mutant.number, check, build, sound)?;
        verdict.is_reached |= said.is_reached;
        if let Some(how) = said.how {
            verdict.noticed = Some(By { check: name, how });
            break;
        }
        verdict.passed.push(name);
    }
    verdict.seconds += began.elapsed().as_secs_f64();
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_from_one() {
        assert_eq!("2/4".parse(), Ok(Shard { part: 2, of: 4 }));
        for wrong in ["0/4", "5/4", "2", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
