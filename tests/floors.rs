//! The floors of the code look only down: what each may use is written here, and nothing else is used.

use std::fs;
use std::path::{Path, PathBuf};

/// Every floor, from the bottom, and what it may use. Nothing uses a floor above its own.
const FLOORS: &[(&str, &[&str])] = &[
    ("sim", &[]),
    ("units", &["sim"]),
    ("net", &["sim"]),
    ("fault", &["sim"]),
    ("oracle", &["sim"]),
    ("protocol", &["sim"]),
    ("scenario", &["sim", "units", "net", "fault", "protocol"]),
    ("campaign", &["sim", "units", "net", "fault", "oracle", "protocol", "scenario"]),
    ("report", &["sim", "units", "fault", "oracle", "scenario", "campaign"]),
    ("cli", &["scenario", "campaign", "report"]),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The floors that a file uses, tests and comments apart.
fn used(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect()
}

#[test]
fn no_floor_looks_up() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for &(floor, may) in FLOORS {
        let files = files(&source.join(floor));
        assert!(!files.is_empty(), "{floor}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for name in used(&text) {
                let is_floor = FLOORS.iter().any(|(other, _)| *other == name);
                // `crate::{` is a list of floors, which this test cannot read.
                assert!(!name.is_empty(), "{}: one floor a use", file.display());
                assert!(
                    !is_floor || name == floor || may.contains(&name),
                    "{} uses {name}, and {floor} may use {may:?}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_folder_is_a_floor() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(FLOORS.iter().any(|(floor, _)| *floor == name), "{name} is on no floor");
        }
    }
}
