//! Forbidden constructs in sources, by package.

use super::manifests::root;
use super::modules::{Modules, crates};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Where a ban of `clippy.toml` is lifted.
const LIFTED: [&str; 1] = ["src/campaign/host.rs"];

/// Packages above the runs, which may use threads and wall clocks.
const ABOVE_RUNS: [&str; 2] = ["src/campaign", "src/cli"];

/// Cycles that remain, each with its folder and modules. Remove an entry once its cycle is gone.
const CIRCLES: [(&str, &[&str]); 1] = [("src/report", &["explain", "history", "spacetime"])];

/// Returns the folder of every package below the root, relative to the root.
fn folders() -> Vec<(String, PathBuf)> {
    let name =
        |path: &Path| path.strip_prefix(root()).expect("below the root").to_str().expect("text").to_owned();
    crates(&root().join("src")).into_iter().map(|path| (name(&path), path)).collect()
}

/// Collects all sources in `folder` and below.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder has entries") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Returns how many folders `path` leads up beyond its start.
fn ascent(path: &Path) -> usize {
    let (mut depth, mut most) = (0_isize, 0);
    for component in path.components() {
        match component {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
        most = most.max(-depth);
    }
    most as usize
}

/// Returns the files that `source` includes at compile time, as written there.
fn included(source: &str) -> impl Iterator<Item = &str> {
    ["include_str!(", "include_bytes!(", "include!(", "#[path = "]
        .into_iter()
        .flat_map(|start| source.split(start).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
}

#[test]
fn no_package_below_the_root_opens_a_file_outside_of_its_folder() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (_, folder) in folders() {
        let mut files = Vec::new();
        sources(&folder, &mut files);
        for file in files {
            let source = fs::read_to_string(&file).expect("a source is text");
            let depth = file.strip_prefix(&folder).expect("in the folder").components().count() - 1;
            for path in included(&source) {
                seen += 1;
                if ascent(Path::new(path)) > depth {
                    wrong.push(format!("{}: {path}", file.display()));
                }
            }
            if source.contains(concat!("CARGO_MANIFEST", "_DIR")) {
                wrong.push(format!("{} looks for files beside its manifest", file.display()));
            }
        }
    }
    assert!(seen >= 2, "some include files: {seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What oracles of auctions may name of the protocol and of the calculation that it goes by: types, and no rule.
const TYPES_OF_AUCTIONS: [&str; 13] = [
    "Amount",
    "Auction",
    "Bidder",
    "Config",
    "Entry",
    "Limit",
    "Observation",
    "Outcome",
    "Party",
    "Price",
    "Settlement",
    "Terms",
    "Transfer",
];

#[test]
fn oracles_of_auctions_judge_by_nothing_that_auctions_go_by() {
    let mut files = Vec::new();
    sources(&root().join("src/protocol/auction/oracle"), &mut files);
    let mut seen = 0;
    for file in files {
        let source = fs::read_to_string(&file).expect("text");
        let uses =
            source.lines().filter(|line| line.starts_with("use super::") || line.contains("synod_economics"));
        for line in uses {
            let named = line
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.starts_with(char::is_uppercase));
            for name in named {
                seen += 1;
                assert!(TYPES_OF_AUCTIONS.contains(&name), "{}: {line}", file.display());
            }
        }
    }
    assert!(seen > 20, "they import something: {seen}");
}

#[test]
fn only_the_command_line_prints() {
    let printers = ["print!", "println!", "eprint!", "eprintln!", "dbg!", "stdout", "stderr"];
    for (name, folder) in folders() {
        let modules = Modules::of_crate(&folder);
        let words = modules.words();
        let prints: Vec<_> = printers.iter().filter(|word| words.contains(**word)).collect();
        assert_eq!(prints.is_empty(), name != "src/cli", "{name}: {prints:?}");
    }
}

#[test]
fn below_campaigns_nobody_starts_threads_or_reads_clocks() {
    for (name, folder) in folders() {
        let modules = Modules::of_crate(&folder);
        let words = modules.words();
        let host = ["Instant", "SystemTime", "rayon", "thread"].iter().find(|word| words.contains(**word));
        assert!(host.is_none() || ABOVE_RUNS.contains(&name.as_str()), "{name}: {host:?}");
    }
    // The linter enforces this elsewhere; these are its exceptions.
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let lifts = |file: &&PathBuf| fs::read_to_string(file).expect("text").contains("clippy::disallowed");
    let lifted: Vec<_> =
        files.iter().filter(lifts).map(|file| file.strip_prefix(root()).expect("below")).collect();
    assert_eq!(lifted, LIFTED.map(Path::new));
}

/// The circles among modules that are in one folder; a folder counts as one module, whatever is in it, and what a
/// module and those inside it say of each other does not count.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<(String, BTreeSet<String>)> {
    let folder_of = |module: &str| module.rsplit_once("::").map_or("", |(folder, _)| folder).to_owned();
    let folders: BTreeSet<String> =
        uses.keys().filter(|name| !name.is_empty()).map(|name| folder_of(name)).collect();
    let mut found = BTreeSet::new();
    for folder in folders {
        let inside = |module: &str| -> Option<String> {
            let rest = if folder.is_empty() {
                module
            } else {
                module.strip_prefix(folder.as_str())?.strip_prefix("::")?
            };
            Some(rest.split("::").next()?.to_owned()).filter(|name| !name.is_empty())
        };
        let mut graph = DiGraph::<String, ()>::new();
        let mut nodes = BTreeMap::new();
        for (user, used) in uses {
            let Some(user) = inside(user) else { continue };
            for used in used.iter().filter_map(|used| inside(used)).filter(|used| *used != user) {
                let [user, used] = [&user, &used]
                    .map(|name| *nodes.entry(name.clone()).or_insert_with(|| graph.add_node(name.clone())));
                graph.update_edge(user, used, ());
            }
        }
        let sets = tarjan_scc(&graph).into_iter().filter(|set| set.len() > 1);
        found.extend(
            sets.map(|set| (folder.clone(), set.into_iter().map(|node| graph[node].clone()).collect())),
        );
    }
    found
}

#[test]
fn modules_use_each_other_in_no_circle() {
    let mut found = BTreeSet::new();
    for (name, folder) in folders() {
        let uses = Modules::of_crate(&folder).uses();
        let place = |inner: String| {
            if inner.is_empty() { name.clone() } else { format!("{name}/{}", inner.replace("::", "/")) }
        };
        found.extend(circles(&uses).into_iter().map(|(inner, set)| (place(inner), set)));
    }
    let set = |modules: &[&str]| modules.iter().map(|&module| module.to_owned()).collect();
    let known: BTreeSet<_> =
        CIRCLES.iter().map(|&(place, modules)| (place.to_owned(), set(modules))).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "modules use each other in a circle: {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these circles are gone, and so must they be from the list: {gone:#?}");
}

#[test]
fn circles_are_found_across_folders_and_past_re_exports() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    write(
        "lib.rs",
        "mod a; mod b; mod c; pub use a::{self, inner::{Deep as Renamed}}; pub use b::Early; /* use c::X; */\n\
         pub struct Own; #[cfg(test)] mod tests { use crate::c::Late; }",
    );
    write("a/mod.rs", "pub mod inner; pub(crate) fn first<'a>(x: &'a str) -> char { '\\'' }");
    write("a/inner.rs", "use crate::Early; pub struct Deep(Early);");
    write(
        "b.rs",
        "use super::Renamed; pub struct Early; // use crate::c::Late;\nimpl Early { fn f(_: Renamed) {} }",
    );
    write(
        "c.rs",
        "use crate::{Own, a::*}; pub struct Late; const S: &str = \"use crate::x;\"; fn g() { first(\"\"); }\n\
         #[cfg(test)]\nuse crate::b::Early;\nfn h() { let _ = crate::a::first(r#\"\"use\"#); }",
    );
    let uses = Modules::of_crate(folder.path()).uses();
    let used = |name: &str| uses[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(used("a::inner"), ["b"], "past the re-export of the root");
    assert_eq!(used("b"), ["a::inner"], "past one that renames");
    assert_eq!(used("c"), ["", "a"], "no comment, no text, no test");
    assert_eq!(used(""), [""; 0], "what is only handed on is not used");
    let circle = ["a", "b"].map(str::to_owned).into();
    assert_eq!(circles(&uses), BTreeSet::from([(String::new(), circle)]));
}

#[test]
fn ascents_are_counted_from_where_a_path_starts() {
    for (path, ascents) in [("x.txt", 0), ("../x.txt", 1), ("a/../x.txt", 0), ("a/../../../x.txt", 2)] {
        assert_eq!(ascent(Path::new(path)), ascents, "{path}");
    }
}
