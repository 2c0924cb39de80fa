//! Requirements on every `Cargo.toml` of the workspace.

use super::modules::crates;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use toml::{Table, Value};

/// The protocols that depend on others, and on which. All others depend on the kernel and on what protocols share.
const BUILT_ON: [(&str, &[&str]); 3] = [
    ("synod-auction", &["synod-economics"]),
    ("synod-distributed", &["synod-compose", "synod-hierarchical", "synod-pbft", "synod-stats"]),
    ("synod-hierarchical", &["synod-vote"]),
];

/// Maximum number of registry crates that the library without the command depends on. Exact rationals take four.
const SLIM_MOST: usize = 64;

/// Crates that must not be among them: command line, plots, threads, YAML.
const HEAVY: [&str; 5] = ["clap", "plotters", "resvg", "rayon", "serde-saphyr"];

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A package of the workspace.
struct Package {
    /// Its folder, relative to the root of the workspace.
    folder: String,
    manifest: Table,
}

fn read(folder: &Path) -> Table {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).expect("a manifest is text");
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the packages below the root.
fn packages() -> Vec<Package> {
    let package = |folder: PathBuf| {
        let manifest = read(&folder);
        let folder = folder.strip_prefix(root()).expect("it is below the root");
        Package { folder: folder.to_str().expect("text").replace('\\', "/"), manifest }
    };
    crates(&root().join("src")).into_iter().map(package).collect()
}

/// Returns the packages below the root that have a feature `mutants`.
fn protocols() -> impl Iterator<Item = Package> {
    packages().into_iter().filter(|package| {
        package.folder.starts_with("src/protocol/") && package.folder != "src/protocol/common"
    })
}

/// Returns the value at `path`, whose steps are separated by dots.
fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match rest {
        None => table.get(first),
        Some(rest) => at(table.get(first)?.as_table()?, rest),
    }
}

fn texts(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

impl Package {
    fn name(&self) -> &str {
        at(&self.manifest, "package.name").and_then(Value::as_str).expect("a package has a name")
    }

    fn feature(&self, name: &str) -> Option<BTreeSet<&str>> {
        at(&self.manifest, "features")
            .and_then(|features| features.get(name))
            .map(|feature| texts(Some(feature)))
    }

    /// Returns the dependencies of one kind: `dependencies`, `dev-dependencies`.
    fn dependencies(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let table = self.manifest.get(kind).and_then(Value::as_table);
        table.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }
}

/// Asserts that `wrong` is empty.
fn assert_none(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn every_package_is_a_member_and_a_default_member() {
    let manifest = read(&root());
    let packages = packages();
    let folders: BTreeSet<&str> = packages.iter().map(|package| package.folder.as_str()).collect();
    assert!(folders.len() > 15, "there are packages: {folders:?}");
    assert_eq!(texts(at(&manifest, "workspace.members")), folders);
    let mut defaults = texts(at(&manifest, "workspace.default-members"));
    assert!(defaults.remove("."), "the root is one, too");
    assert_eq!(defaults, folders);
}

#[test]
fn every_package_has_lints_and_version_of_the_workspace_and_its_library_in_place() {
    let lacks = |package: &Package| {
        let says = |path: &str, value: Value| at(&package.manifest, path) == Some(&value);
        let held = says("lints.workspace", true.into())
            && says("package.version.workspace", true.into())
            && says("package.edition.workspace", true.into())
            && says("lib.path", "lib.rs".into())
            && says("package.name", format!("synod-{}", package.folder.rsplit('/').next()?).into());
        (!held).then(|| package.folder.clone())
    };
    assert_none("other lints, version or library", packages().iter().filter_map(lacks).collect());
    let manifest = read(&root());
    for path in ["lints.workspace", "package.version.workspace"] {
        assert_eq!(at(&manifest, path), Some(&true.into()), "{path} of the root");
    }
}

#[test]
fn every_protocol_runs_alone_and_has_its_known_bugs_in_its_own_tests() {
    for package in protocols() {
        let name = package.name();
        let feature =
            |name: &str| package.feature(name).unwrap_or_else(|| panic!("{} has no {name}", package.folder));
        assert_eq!(feature("default"), BTreeSet::from(["harness"]), "{name}");
        feature("mutants");
        // Dependencies that only the harness needs come with its feature.
        let harness = feature("harness");
        for (dependency, value) in package.dependencies("dependencies") {
            let optional = value.get("optional").is_some_and(|value| value == &true.into());
            let switch = format!("dep:{dependency}");
            assert_eq!(optional, harness.contains(switch.as_str()), "{name}: {dependency}");
        }
        let itself = package.dependencies("dev-dependencies").find(|(dependency, _)| *dependency == name);
        let expected: Table = "path = \".\"\nfeatures = [\"mutants\"]".parse().expect("it is a table");
        assert_eq!(itself.map(|(_, value)| value), Some(&Value::Table(expected)), "{name} on itself");
    }
}

#[test]
fn without_the_harness_a_protocol_stands_on_the_kernel_alone() {
    let built_on: BTreeMap<_, _> = BUILT_ON.into_iter().collect();
    let mut seen = 0;
    for package in protocols() {
        let is_optional = |value: &Value| value.get("optional").is_some_and(|value| value == &true.into());
        let mut needed: BTreeSet<&str> = package
            .dependencies("dependencies")
            .filter(|(name, value)| name.starts_with("synod") && !is_optional(value))
            .map(|(name, _)| name)
            .collect();
        // Those that replicate services know what one is.
        needed.remove("synod-log");
        let others = built_on.get(package.name()).copied().unwrap_or_default();
        seen += usize::from(!others.is_empty());
        let expected = ["synod-sim", "synod-common"].iter().chain(others).copied().collect();
        assert_eq!(needed, expected, "{}", package.name());
    }
    assert_eq!(seen, BUILT_ON.len(), "the list names protocols that there are");
}

#[test]
fn the_roots_mutants_are_all_there_are() {
    let manifest = read(&root());
    let mutants = texts(at(&manifest, "features.mutants"));
    let packages = packages();
    let own = packages.iter().filter(|package| package.feature("mutants").is_some());
    // A protocol is optional.
    let weak = |package: &Package| if package.folder.starts_with("src/protocol/") { "?" } else { "" };
    let own: BTreeSet<String> =
        own.map(|package| format!("{}{}/mutants", package.name(), weak(package))).collect();
    assert_eq!(mutants, own.iter().map(String::as_str).collect());
    let defaults = texts(at(&manifest, "features.default"));
    assert!(!defaults.contains("mutants"), "no binary has known bugs by default");
    for package in protocols() {
        let feature = package.name().strip_prefix("synod-").expect("a prefix");
        assert!(defaults.contains(feature), "{feature} is on by default");
    }
}

#[test]
fn dependencies_are_ranges_and_those_by_path_carry_a_version() {
    let manifest = read(&root());
    let shared = at(&manifest, "workspace.dependencies").and_then(Value::as_table).expect("there are some");
    let version = at(&manifest, "workspace.package.version").expect("there is one");
    let mut wrong = Vec::new();
    for (name, value) in shared {
        let required = if value.is_str() { Some(value) } else { value.get("version") };
        let is_range =
            required.and_then(Value::as_str).is_some_and(|version| !version.contains(['=', '<', '*']));
        let is_own = value.get("path").is_none() || required == Some(version);
        if !is_range || !is_own {
            wrong.push(format!("{name} = {value:?}"));
        }
    }
    // Elsewhere they are the workspace's, except for those that only tests need.
    let root_package = Package { folder: ".".to_owned(), manifest: manifest.clone() };
    for package in packages().iter().chain([&root_package]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in package.dependencies(kind) {
                // Those by path alone are left out of what is published.
                let is_for_tests = kind == "dev-dependencies"
                    && value.get("path").is_some()
                    && value.get("version").is_none();
                if !is_for_tests && value.get("workspace") != Some(&true.into()) {
                    wrong.push(format!("{}: {name} = {value:?}", package.folder));
                }
            }
        }
    }
    assert_none("a dependency is not as it should be", wrong);
}

#[test]
fn the_library_is_slim() {
    let manifest = read(&root());
    let packages = packages();
    let features = protocols().map(|package| package.name().trim_start_matches("synod-").to_owned());
    let features = features.collect::<Vec<_>>().join(",");
    assert!(at(&manifest, "features.cli").is_some(), "the command is a feature");
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--package", "synod", "--edges", "normal", "--prefix", "none"])
        .args(["--no-default-features", "--features", &features])
        .output()
        .expect("cargo starts");
    let (tree, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    let names = tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
    let (own, foreign): (BTreeSet<_>, BTreeSet<_>) =
        names.partition(|name| *name == "synod" || packages.iter().any(|package| package.name() == *name));
    assert!(own.len() > 10, "the library is there: {own:?}");
    assert!(foreign.len() <= SLIM_MOST, "{} crates: {foreign:?}", foreign.len());
    for heavy in HEAVY {
        assert!(!foreign.contains(heavy), "{heavy} is there");
    }
}
