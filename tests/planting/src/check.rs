//! Runs the checks of the plan, on true code and on mutants.

use crate::compile::Build;
use crate::error::Error;
use crate::execute::{self, Outcome};
use crate::files;
use crate::plan::{Check, Plan};
use crate::plant::{CHOSEN, REACHED};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// As long as the true code may take.
const TRUE_LIMIT: Duration = Duration::from_secs(600);

/// How much longer than the true code a mutant may take, and how long at least.
const TIMES_AS_LONG: f64 = 10.0;
const AT_LEAST: Duration = Duration::from_secs(20);

/// How long the true code takes for each check, in seconds.
#[derive(Serialize, Deserialize)]
pub struct Sound {
    identity: String,
    seconds: BTreeMap<String, f64>,
}

impl Sound {
    /// How long a mutant may take.
    fn limit(&self, check: &Check) -> Duration {
        Duration::from_secs_f64(self.seconds[&check.to_string()] * TIMES_AS_LONG).max(AT_LEAST)
    }
}

/// What a check says of a mutant.
pub struct Noticed {
    /// How it noticed it; none if it passed.
    pub how: Option<String>,
    /// Whether the mutant was reached.
    pub is_reached: bool,
}

/// Runs every check on the true code that was not yet run for this build.
///
/// # Errors
/// If one does not pass.
pub fn sound(plan: &Plan, build: &Build, output: &Path, jobs: usize) -> Result<Sound, Error> {
    let path = output.join("true.json");
    let kept = files::read(&path).ok().and_then(|text| serde_json::from_str::<Sound>(&text).ok());
    let mut sound = kept
        .filter(|kept| kept.identity == build.identity)
        .unwrap_or_else(|| Sound { identity: build.identity.clone(), seconds: BTreeMap::new() });
    let mut checks = plan.checks();
    checks.retain(|check| !sound.seconds.contains_key(&check.to_string()));
    let (seconds, wrong) = (Mutex::new(&mut sound.seconds), Mutex::new(Vec::new()));
    in_parallel(jobs, checks.len(), |index| {
        let check = checks[index];
        let scratch = Scratch::new(output, &format!("true-{index}"))?;
        let outcome = run(check, build, None, TRUE_LIMIT, &scratch)?;
        eprintln!("{check}: {:.1} s", outcome.took.as_secs_f64());
        match how(check, &outcome) {
            None => drop(lock(&seconds).insert(check.to_string(), outcome.took.as_secs_f64())),
            Some(how) => lock(&wrong).push(format!("{check}: {how}")),
        }
        Ok(())
    })?;
    let text = serde_json::to_string_pretty(&sound).map_err(|error| Error::new(error.to_string()))?;
    files::write(&path, text.as_bytes())?;
    let wrong = wrong.into_inner().expect("no thread panicked");
    if wrong.is_empty() {
        Ok(sound)
    } else {
        Err(Error::new(format!("the true code does not pass:\n{}", wrong.join("\n"))))
    }
}

/// Runs a check on a mutant.
pub fn on(mutant: u32, check: &Check, build: &Build, sound: &Sound) -> Result<Noticed, Error> {
    let output = build.copy.parent().expect("the copy is in the output");
    let scratch = Scratch::new(output, &format!("mutant-{mutant}"))?;
    let outcome = run(check, build, Some(mutant), sound.limit(check), &scratch)?;
    Ok(Noticed { how: how(check, &outcome), is_reached: scratch.reached().exists() })
}

fn run(
    check: &Check,
    build: &Build,
    mutant: Option<u32>,
    limit: Duration,
    scratch: &Scratch,
) -> Result<Outcome, Error> {
    let text = |path: &Path| path.display().to_string();
    let (command, folder) = match check {
        Check::Sweep { sweep, seeds } => {
            let fixed = ["--jobs", "1", "--fail-fast", "--repros", "1", "--format", "json", "--output"];
            let mut command = vec![text(&build.synod), "sweep".to_owned(), format!("scenarios/{sweep}.yaml")];
            command.extend(["--seeds".to_owned(), format!("0..{seeds}")]);
            command.extend(fixed.map(str::to_owned));
            command.push(text(&scratch.0.join("sweep")));
            (command, build.copy.clone())
        }
        Check::Tests { .. } => {
            let command = vec![text(&build.tests[&check.to_string()]), "--test-threads=1".to_owned()];
            (command, build.copy.clone())
        }
    };
    execute::within(
        limit,
        &command,
        |child| {
            child.current_dir(folder);
            child.env_remove(CHOSEN).env_remove(REACHED);
            // As `.cargo/config.toml` has it; what is found must not change what comes next.
            child.env("PROPTEST_RNG_SEED", "7").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true");
            if let Some(mutant) = mutant {
                child.env(CHOSEN, mutant.to_string()).env(REACHED, scratch.reached());
            }
        },
        &scratch.0,
    )
}

/// How a check noticed that something is wrong; none if it passed.
fn how(check: &Check, outcome: &Outcome) -> Option<String> {
    match outcome.code {
        _ if outcome.is_late => Some("takes too long".to_owned()),
        Some(0) => None,
        None => Some("killed by a signal".to_owned()),
        Some(code) => {
            let what = match check {
                Check::Sweep { .. } => violated(&outcome.printed),
                Check::Tests { .. } => failed_test(&outcome.printed),
            };
            Some(what.unwrap_or_else(|| format!("exit code {code}")))
        }
    }
}

/// The oracle that failed first, by the JSON of a sweep.
fn violated(printed: &str) -> Option<String> {
    let result: serde_json::Value = serde_json::from_str(printed).ok()?;
    Some(result["failures"][0]["oracle"].as_str()?.to_owned())
}

/// The test that failed first.
fn failed_test(printed: &str) -> Option<String> {
    let line = printed.lines().find(|line| line.starts_with("test ") && line.ends_with("FAILED"))?;
    Some(line.split(' ').nth(1)?.to_owned())
}

/// A folder of one check, which goes when it is done.
struct Scratch(PathBuf);

impl Scratch {
    fn new(output: &Path, name: &str) -> Result<Scratch, Error> {
        // Several of these programs, each with its part of the mutants, may share the output.
        let path = output.join("scratch").join(format!("{}-{name}", std::process::id()));
        files::make(&path)?;
        Ok(Scratch(path))
    }

    fn reached(&self) -> PathBuf {
        self.0.join("reached")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Calls `work` with every number below `count`, on so many threads; ends with the first error.
pub fn in_parallel(
    jobs: usize,
    count: usize,
    work: impl Fn(usize) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let (next, error) = (AtomicUsize::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    if let Err(wrong) = work(index) {
                        next.store(count, Ordering::Relaxed);
                        lock(&error).get_or_insert(wrong);
                    }
                }
            });
        }
    });
    error.into_inner().expect("no thread panicked").map_or(Ok(()), Err)
}

/// Takes a lock; a thread that panicked takes all others with it anyway.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread panicked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_noticed_a_mutant_is_read_from_what_was_printed() {
        assert_eq!(
            violated(r#"{"failures": [{"seed": 3, "oracle": "agreement"}]}"#).as_deref(),
            Some("agreement")
        );
        assert_eq!(violated(r#"{"failures": []}"#), None);
        let printed = "test a::b ... ok\ntest a::c ... FAILED\ntest a::d ... FAILED\n";
        assert_eq!(failed_test(printed).as_deref(), Some("a::c"));
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let done = AtomicUsize::new(0);
        let result = in_parallel(1, 10, |index| {
            done.fetch_add(1, Ordering::Relaxed);
            if index == 3 { Err(Error::new("three")) } else { Ok(()) }
        });
        assert_eq!(result.expect_err("one failed").to_string(), "three");
        assert_eq!(done.into_inner(), 4);
    }
}
