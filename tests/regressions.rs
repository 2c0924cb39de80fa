//! Every repro file of `regressions/` still fails as it did, to the digest.

use std::fs;
use std::path::{Path, PathBuf};
use synod::harness::replay;
use synod::scenario::Document;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let entries = fs::read_dir(folder).expect("there is such a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

#[test]
fn every_repro_file_is_reproduced() {
    let files = files();
    assert!(!files.is_empty(), "there are regressions");
    let mut changed = Vec::new();
    for path in files {
        let scenario = Document::load(&path).and_then(|document| document.prepare(&synod::standard()));
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let replay = replay(&*scenario, None).unwrap_or_else(|error| panic!("{error}"));
        let replay = replay.unwrap_or_else(|| panic!("{} is no repro file", path.display()));
        for change in replay.changes() {
            changed.push(format!(
                "{}: {} was {}, is {}",
                path.display(),
                change.what,
                change.then,
                change.now
            ));
        }
        let fails = !replay.then.violations.is_empty() || !replay.then.unmet.is_empty();
        assert!(fails, "{} tells of no failure", path.display());
    }
    assert!(changed.is_empty(), "regressions/README.md says what to do:\n{}", changed.join("\n"));
}
