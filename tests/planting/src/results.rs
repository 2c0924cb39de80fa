//! What was judged, one line of JSON a mutant, written as it comes.

use crate::compile::Mutant;
use crate::error::Error;
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    identity: String,
}

/// What became of a mutant.
#[derive(Clone, Serialize, Deserialize)]
pub struct Verdict {
    /// Its number.
    pub mutant: u32,
    /// What it is.
    pub fingerprint: String,
    /// Whether any check reached it.
    pub is_reached: bool,
    /// The checks that it passed.
    pub passed: Vec<String>,
    /// What noticed it; none if it survived.
    pub noticed: Option<By>,
    /// How long that took, in seconds.
    pub seconds: f64,
}

impl Verdict {
    /// Whether it still holds for these checks: what noticed the mutant is among them, or it has passed them all.
    pub fn holds(&self, checks: &[String]) -> bool {
        match &self.noticed {
            Some(by) => checks.contains(&by.check),
            None => checks.iter().all(|check| self.passed.contains(check)),
        }
    }
}

/// What noticed a mutant.
#[derive(Clone, Serialize, Deserialize)]
pub struct By {
    /// The check.
    pub check: String,
    /// The oracle or the test, or what else was wrong.
    pub how: String,
}

/// The results so far.
pub struct Results {
    path: PathBuf,
    file: File,
    verdicts: BTreeMap<u32, Verdict>,
}

impl Results {
    /// Opens the results; makes them if there are none.
    ///
    /// # Errors
    /// If they are of another sample.
    pub fn open(path: &Path, identity: &str) -> Result<Results, Error> {
        let mut verdicts = BTreeMap::new();
        let mut kept = String::new();
        if path.exists() {
            let text = files::read(path)?;
            let (head, lines) = text.split_once('\n').unwrap_or((&text, ""));
            let head = serde_json::from_str::<Head>(head).ok();
            if head.is_none_or(|head| head.identity != identity) {
                return Err(Error::new(format!(
                    "{}: results of other sources or of another sample; move them away, or name another --output",
                    path.display()
                )));
            }
            for line in lines.lines() {
                // The last line may be torn; its mutant is judged again.
                let Ok(verdict) = serde_json::from_str::<Verdict>(line) else { continue };
                kept.push_str(line);
                kept.push('\n');
                verdicts.insert(verdict.mutant, verdict);
            }
        }
        let head = line(&Head { identity: identity.to_owned() })?;
        files::write(path, (head + &kept).as_bytes())?;
        let file = OpenOptions::new().append(true).open(path).map_err(|source| Error::file(path, source))?;
        Ok(Results { path: path.to_owned(), file, verdicts })
    }

    /// What became of a mutant, if it was judged.
    pub fn of(&self, mutant: &Mutant) -> Option<&Verdict> {
        self.verdicts.get(&mutant.number)
    }

    /// Adds a verdict.
    pub fn add(&mut self, verdict: Verdict) -> Result<(), Error> {
        let line = line(&verdict)?;
        self.file.write_all(line.as_bytes()).map_err(|source| Error::file(&self.path, source))?;
        self.verdicts.insert(verdict.mutant, verdict);
        Ok(())
    }
}

fn line(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string(value).map_err(|error| Error::new(error.to_string()))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_verdict_holds_as_long_as_the_checks_say_the_same() {
        let checks = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let by = |check: &str| By { check: check.to_owned(), how: "agreement".to_owned() };
        let verdict = |noticed| Verdict {
            mutant: 1,
            fingerprint: "x".to_owned(),
            is_reached: true,
            passed: checks(&["a", "b"]),
            noticed,
            seconds: 1.0,
        };
        assert!(verdict(None).holds(&checks(&["a"])));
        assert!(!verdict(None).holds(&checks(&["a", "b", "c"])), "c may notice it");
        assert!(verdict(Some(by("c"))).holds(&checks(&["c", "d"])));
        assert!(!verdict(Some(by("c"))).holds(&checks(&["a", "b"])), "what noticed it is gone");
    }

    #[test]
    fn results_go_on_after_a_torn_line_and_are_not_mixed() {
        let path = std::env::temp_dir().join(format!("planting-results-{}.jsonl", std::process::id()));
        let verdict = |mutant| Verdict {
            mutant,
            fingerprint: "x".to_owned(),
            is_reached: true,
            passed: vec!["c".to_owned()],
            noticed: None,
            seconds: 1.0,
        };
        let mut results = Results::open(&path, "a").expect("it can be made");
        results.add(verdict(1)).expect("it can be written");
        drop(results);
        let mut torn = fs::read_to_string(&path).expect("it is there");
        torn.push_str("{\"mutant\": 2, \"fing");
        fs::write(&path, torn).expect("it can be written");
        let mut results = Results::open(&path, "a").expect("it goes on");
        results.add(verdict(3)).expect("it can be written");
        drop(results);
        let results = Results::open(&path, "a").expect("it goes on");
        assert_eq!(results.verdicts.keys().copied().collect::<Vec<_>>(), [1, 3]);
        assert!(Results::open(&path, "b").is_err(), "another sample");
        fs::remove_file(&path).expect("it is there");
    }
}
