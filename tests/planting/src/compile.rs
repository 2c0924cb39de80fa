//! Draws, plants and builds: one build for all mutants.

use crate::draw;
use crate::error::Error;
use crate::files;
use crate::find;
use crate::hash::Hash;
use crate::plan::{Check, Module, Plan};
use crate::plant::{self, Places};
use crate::site::{Kind, Site};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the results depend on, besides the sample.
const JUDGED: [&str; 5] = ["src", "scenarios", "fault_models", "Cargo.toml", "Cargo.lock"];

/// A build with all mutants in it.
#[derive(Serialize, Deserialize)]
pub struct Build {
    /// Hash of all that the results depend on.
    pub identity: String,
    /// The mutants.
    pub mutants: Vec<Mutant>,
    /// How many drawn ones were left out, since they do not compile.
    pub dropped: usize,
    /// How many sites there are, by module.
    pub sites: BTreeMap<String, usize>,
    /// The copy.
    pub copy: PathBuf,
    /// The command.
    pub synod: PathBuf,
    /// The executables of tests, by check.
    pub tests: BTreeMap<String, PathBuf>,
}

/// A mutant that is in the build.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mutant {
    /// Its number, from 1.
    pub number: u32,
    /// Its module.
    pub module: String,
    /// Its kind.
    pub kind: Kind,
    /// The source.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What tells it from others; see [`Site::fingerprint`].
    pub fingerprint: String,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mutant { number, module, kind, line, fingerprint, .. } = self;
        write!(f, "{number:>4}  {module}, {kind}, line {line}: {fingerprint}")
    }
}

impl Build {
    /// Whether it has what a check needs.
    fn has(&self, check: &Check) -> bool {
        matches!(check, Check::Sweep { .. }) || self.tests.contains_key(&check.to_string())
    }

    /// Makes the build, or takes the one that `output` holds if it is of the same sources and the same plan.
    pub fn of(plan: &Plan, checkout: &Path, output: &Path) -> Result<Build, Error> {
        let mut sites = BTreeMap::new();
        let mut drawn: Vec<(&str, Site)> = Vec::new();
        for (name, module) in &plan.modules {
            let all = sites_of(plan, module, checkout)?;
            sites.insert(name.clone(), all.len());
            // Half as many again, for those that do not compile.
            let sample = draw::sample(plan.seed, plan.per_module * 3 / 2, all);
            drawn.extend(sample.into_iter().map(|site| (name.as_str(), site)));
        }
        let identity = identity(&drawn, checkout)?;
        let kept = output.join("build.json");
        if let Some(build) =
            files::read(&kept).ok().and_then(|text| serde_json::from_str::<Build>(&text).ok())
            && build.identity == identity
            && build.synod.exists()
            && plan.checks().iter().all(|check| build.has(check))
        {
            return Ok(build);
        }
        let copy = output.join("copy");
        let mut planting = Planting {
            checkout,
            copy: &copy,
            crates: plan.modules.values().map(|module| module.sources.as_str()).collect(),
            sites: drawn.iter().map(|(_, site)| site).collect(),
            left_out: LeftOut::read(&output.join("left_out.json"), &identity),
            target: std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| output.join("target"), PathBuf::from),
        };
        planting.cargo(&["check", "--keep-going", "--release", "--package", "synod"])?;
        let built = planting.cargo(&["build", "--release", "--package", "synod"])?;
        let synod = built.iter().find(|one| one.package == "synod" && !one.is_test);
        let synod = synod.ok_or_else(|| Error::new("cargo built no command"))?.path.clone();
        let tests = planting.tests(&plan.checks())?;
        let dropped = planting.left_out.numbers.len();
        let mut mutants: Vec<Mutant> = Vec::new();
        for (number, (module, site)) in (1..).zip(&drawn) {
            let so_far = mutants.iter().filter(|mutant| mutant.module == *module).count();
            if !planting.left_out.numbers.contains(&number) && so_far < plan.per_module {
                mutants.push(Mutant {
                    number,
                    module: (*module).to_owned(),
                    kind: site.kind,
                    file: site.file.clone(),
                    line: site.line,
                    fingerprint: site.fingerprint(),
                });
            }
        }
        let build = Build { identity, mutants, dropped, sites, copy: copy.clone(), synod, tests };
        let text = serde_json::to_string_pretty(&build).map_err(|error| Error::new(error.to_string()))?;
        files::write(&kept, text.as_bytes())?;
        Ok(build)
    }
}

/// Numbers of the sites that do not compile, kept in a file: a source that is written twice is built twice.
#[derive(Default, Serialize, Deserialize)]
struct LeftOut {
    identity: String,
    numbers: BTreeSet<u32>,
    #[serde(skip)]
    path: PathBuf,
}

impl LeftOut {
    fn read(path: &Path, identity: &str) -> LeftOut {
        let kept = files::read(path).ok().and_then(|text| serde_json::from_str::<LeftOut>(&text).ok());
        let numbers = kept.filter(|kept| kept.identity == identity).unwrap_or_default().numbers;
        LeftOut { identity: identity.to_owned(), numbers, path: path.to_owned() }
    }

    fn extend(&mut self, numbers: BTreeSet<u32>) -> Result<(), Error> {
        self.numbers.extend(numbers);
        let text = serde_json::to_string(self).map_err(|error| Error::new(error.to_string()))?;
        files::write(&self.path, text.as_bytes())
    }
}

/// The hash of sample, sources and scenarios.
fn identity(drawn: &[(&str, Site)], checkout: &Path) -> Result<String, Error> {
    let mut hash = Hash::new();
    drawn.iter().for_each(|(_, site)| hash.add(site.fingerprint().as_bytes()));
    for path in files::of_checkout(checkout)? {
        if JUDGED.iter().any(|judged| path.starts_with(judged)) {
            hash.add(path.to_string_lossy().as_bytes());
            let full = checkout.join(&path);
            hash.add(&std::fs::read(&full).map_err(|source| Error::file(&full, source))?);
        }
    }
    Ok(hash.text())
}

/// Every site of a module.
fn sites_of(plan: &Plan, module: &Module, checkout: &Path) -> Result<Vec<Site>, Error> {
    let root = checkout.join(&module.sources);
    let mut all = Vec::new();
    for path in files::below(&root)? {
        let is_left =
            path.components().any(|part| plan.without.iter().any(|left| part.as_os_str() == &**left))
                || module.without.iter().any(|left| path.starts_with(left));
        if path.extension().is_none_or(|ending| ending != "rs") || is_left {
            continue;
        }
        let name = format!("{}/{}", module.sources, path.display());
        let source = files::read(&root.join(&path))?;
        all.extend(find::sites(&name, &source).map_err(|error| Error::new(format!("{name}: {error}")))?);
    }
    Ok(all)
}

struct Planting<'a> {
    checkout: &'a Path,
    copy: &'a Path,
    crates: Vec<&'a str>,
    sites: Vec<&'a Site>,
    left_out: LeftOut,
    target: PathBuf,
}

impl Planting<'_> {
    /// Builds the tests among these checks. Returns their executables, by check.
    fn tests(&mut self, checks: &[&Check]) -> Result<BTreeMap<String, PathBuf>, Error> {
        let mut arguments = BTreeSet::new();
        for check in checks {
            if let Check::Tests { tests, target } = check {
                arguments.insert(format!("--package={tests}"));
                arguments.insert(target.as_ref().map_or("--lib".to_owned(), |name| format!("--test={name}")));
            }
        }
        if arguments.is_empty() {
            return Ok(BTreeMap::new());
        }
        let arguments: Vec<&str> =
            ["test", "--no-run"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        let built = self.cargo(&arguments)?;
        let mut found = BTreeMap::new();
        for check in checks {
            if let Check::Tests { tests, target } = check {
                let name = target.clone().unwrap_or_else(|| tests.replace('-', "_"));
                let is_it = |one: &&Executable| one.is_test && one.package == *tests && one.target == name;
                let binary = built.iter().find(is_it);
                let binary = binary.ok_or_else(|| Error::new(format!("cargo built no {check}")))?;
                found.insert(check.to_string(), binary.path.clone());
            }
        }
        Ok(found)
    }

    /// Runs cargo until it succeeds, each time without what did not compile. Returns the executables.
    fn cargo(&mut self, arguments: &[&str]) -> Result<Vec<Executable>, Error> {
        loop {
            let sites: Vec<(u32, &Site)> = (1..).zip(self.sites.iter().copied()).collect();
            let kept: Vec<_> =
                sites.into_iter().filter(|(number, _)| !self.left_out.numbers.contains(number)).collect();
            let places = plant::write(self.checkout, self.copy, &self.crates, &kept)?;
            eprintln!("cargo {} with {} mutants", arguments.join(" "), kept.len());
            let output = Command::new("cargo")
                .args(arguments)
                .args(["--locked", "--message-format=json"])
                .current_dir(self.copy)
                .env("CARGO_TARGET_DIR", &self.target)
                .stdin(Stdio::null())
                .output()
                .map_err(|source| Error::new(format!("cargo: {source}")))?;
            let stdout = String::from_utf8_lossy(&output.stdout);
            let messages: Vec<Value> =
                stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if output.status.success() {
                return Ok(messages.iter().filter_map(executable).collect());
            }
            let mut wrong = BTreeSet::new();
            for message in messages.iter().filter(|message| message["message"]["level"] == "error") {
                wrong.extend(culprits(&message["message"], &places));
            }
            if wrong.is_empty() {
                let stderr = String::from_utf8_lossy(&output.stderr);
                return Err(Error::new(format!("cargo failed, and no mutant is to blame:\n{stderr}")));
            }
            self.left_out.extend(wrong)?;
        }
    }
}

/// What cargo made.
struct Executable {
    package: String,
    target: String,
    is_test: bool,
    path: PathBuf,
}

fn executable(message: &Value) -> Option<Executable> {
    // Such as `path+file:///synod/src/sim#synod-sim@0.1.0`.
    let (_, id) = message["package_id"].as_str()?.rsplit_once('#')?;
    Some(Executable {
        package: id.split('@').next()?.to_owned(),
        target: message["target"]["name"].as_str()?.to_owned(),
        is_test: message["profile"]["test"].as_bool()?,
        path: message["executable"].as_str()?.into(),
    })
}

/// The mutants that an error of the compiler points at: those at its main place; else those at any; else the one
/// that is next to it in its source.
fn culprits(error: &Value, places: &Places) -> Vec<u32> {
    let spans: Vec<&Value> = error["spans"].as_array().into_iter().flatten().collect();
    let bounds = |span: &Value| {
        let byte = |name: &str| span[name].as_u64().unwrap_or(0) as usize;
        (byte("byte_start"), byte("byte_end"))
    };
    let of = |span: &Value| places.get(span["file_name"].as_str().unwrap_or("")).into_iter().flatten();
    let at = |span: &&Value| {
        let (start, end) = bounds(span);
        let inside = of(span).filter(move |(place, _)| place.start < end && start < place.end);
        inside.map(|&(_, number)| number).collect::<Vec<_>>()
    };
    let main: Vec<u32> = spans.iter().filter(|span| span["is_primary"] == true).flat_map(at).collect();
    if !main.is_empty() {
        return main;
    }
    let any: Vec<u32> = spans.iter().flat_map(at).collect();
    if !any.is_empty() {
        return any;
    }
    let next = |span: &&Value| {
        let start = bounds(span).0;
        of(span).min_by_key(|(place, _)| place.start.abs_diff(start)).map(|&(_, number)| number)
    };
    spans.iter().filter_map(next).take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_points_at_mutants() {
        let places = Places::from([("a.rs".to_owned(), vec![(10..20, 1), (40..50, 2)])]);
        let span = |start: u64, main: bool| {
            let end = start + 2;
            json!({"file_name": "a.rs", "byte_start": start, "byte_end": end, "is_primary": main})
        };
        assert_eq!(culprits(&json!({"spans": [span(12, true), span(41, false)]}), &places), [1]);
        assert_eq!(culprits(&json!({"spans": [span(2, true), span(41, false)]}), &places), [2]);
        assert_eq!(culprits(&json!({"spans": [span(33, true)]}), &places), [2], "the next one");
        assert_eq!(culprits(&json!({"spans": []}), &places), [0_u32; 0]);
    }
}
