//! The floors of the house: each looks only down.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every floor with those that it may look at.
const FLOORS: [(&str, &[&str]); 10] = [
    ("sim", &[]),
    ("units", &["sim"]),
    ("net", &["sim"]),
    ("fault", &["sim", "units"]),
    ("protocol", &["sim"]),
    ("oracle", &["sim"]),
    ("scenario", &["sim", "units", "net", "fault", "protocol", "oracle"]),
    ("campaign", &["sim", "units", "net", "fault", "protocol", "oracle", "scenario"]),
    ("report", &["sim", "units", "net", "fault", "protocol", "oracle", "scenario", "campaign"]),
    ("cli", &["sim", "units", "net", "fault", "protocol", "oracle", "scenario", "campaign", "report"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder lists its entries").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The source without comments, and without what follows the mark of a test module, which closes a file.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().expect("there is a first part");
    source.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The floors that `source` names by `crate::`, also in groups such as `crate::{net::Fabric, sim}`.
fn floors_named(source: &str) -> BTreeSet<&str> {
    let mut named = BTreeSet::new();
    let word = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    for path in source.split("crate::").skip(1) {
        let Some(group) = path.strip_prefix('{') else {
            named.insert(&path[..word(path)]);
            continue;
        };
        let mut depth = 0;
        let mut is_start = true;
        for (place, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                _ if is_start && !character.is_whitespace() => {
                    is_start = false;
                    named.insert(&group[place..][..word(&group[place..])]);
                }
                _ => {}
            }
        }
    }
    named
}

#[test]
fn every_floor_looks_only_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut upward = Vec::new();
    let mut looks = 0;
    for (floor, below) in FLOORS {
        let mut files = Vec::new();
        sources(&root.join(floor), &mut files);
        for path in files {
            let source = fs::read_to_string(&path).expect("a source is text");
            for named in floors_named(&code(&source)) {
                if named != floor && FLOORS.iter().any(|&(other, _)| other == named) {
                    looks += 1;
                    if !below.contains(&named) {
                        upward.push(format!("{} uses crate::{named}", path.display()));
                    }
                }
            }
        }
    }
    assert!(looks > 50, "the floors do use each other: {looks}");
    assert!(upward.is_empty(), "a floor looks up or aside:\n{}", upward.join("\n"));
}

#[test]
fn every_folder_is_a_floor() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("there are sources") {
        let path = entry.expect("a folder lists its entries").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(!path.is_dir() || FLOORS.iter().any(|&(floor, _)| floor == name), "{name} has no floor");
    }
}

#[test]
fn paths_are_found_in_all_their_forms() {
    let source = "use crate::net::Law;\nuse crate::{\n    fault::{Plan, sim},\n    sim,\n};\nlet x = crate::cli::main();";
    assert_eq!(floors_named(source), BTreeSet::from(["cli", "fault", "net", "sim"]));
    assert_eq!(code("a // crate::x\n#[cfg(test)]\nmod tests {}"), "a ");
}
