//! Damaged checkpoints are refused, wherever the damage is, and so are those of another build.

use super::command::{Folder, refused, run};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use synod::campaign::{Point, Seeds, SweepError, SweepPlan, sweep};
use synod::scenario::Document;

const QUICKSTART: &str = "scenarios/quickstart.yaml";

/// Sweeps a scenario of which some seeds fail, going on from what lies in `folder`.
fn resumed(points: &[Point], folder: &Path) -> Result<String, SweepError> {
    let plan = SweepPlan { points, jobs: 1, max_failures: None, kept: 2, folder, resume: true };
    loop {
        match sweep(&plan, &mut |_| {}, &AtomicBool::new(false)) {
            // A process that another test starts holds all that is open here until it becomes that program.
            Err(error) if error.to_string().contains("another sweep is writing") => std::thread::yield_now(),
            result => return result.map(|swept| swept.total.digest()),
        }
    }
}

#[test]
fn no_damage_goes_unseen() {
    let folder = Folder::new("damaged-checkpoints");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(QUICKSTART);
    let mut document = Document::load(&path).expect("it is there");
    document.set("expect.latency.p99_ns.at_most=145ms").expect("it can be set");
    let scenario = document.prepare(&synod::standard()).expect("it is sound");
    let points = [Point::new(Vec::new(), scenario, Seeds(0..20))];
    let at = folder.at("out");
    let out = Path::new(&at);
    let digest = resumed(&points, out).expect("it sweeps");
    let checkpoint = out.join("checkpoint.json");
    let whole = fs::read(&checkpoint).expect("it is there");
    let is_refused = |bytes: &[u8], what: &str| {
        fs::write(&checkpoint, bytes).expect("it can be written");
        match resumed(&points, out) {
            Err(error @ SweepError::File { .. }) => {
                let said = error.to_string();
                assert!(
                    said.contains("checkpoint.json: error: is ") && said.contains("= help: "),
                    "{what}: {said}"
                );
            }
            other => panic!("{what}: {other:?}"),
        }
    };
    let step = whole.len() / 400 + 1;
    for place in (0..whole.len()).step_by(step).chain(0..120) {
        for bit in [1, 8, 128] {
            let mut damaged = whole.clone();
            damaged[place] ^= bit;
            is_refused(&damaged, &format!("byte {place} flipped by {bit}"));
        }
        let mut damaged = whole.clone();
        damaged.remove(place);
        is_refused(&damaged, &format!("byte {place} lost"));
        is_refused(&whole[..place], &format!("cut at {place}"));
    }
    let text = String::from_utf8(whole.clone()).expect("text");
    for (from, to) in [("\"failed\":", "\"failed\":1"), ("\"finished\":true", "\"finished\":false")] {
        assert!(text.contains(from), "{from}");
        is_refused(text.replacen(from, to, 1).as_bytes(), from);
    }
    is_refused(&[&whole[..], b" "].concat(), "a byte more");
    is_refused(b"", "nothing");
    is_refused(&[0; 4096], "zeros");
    fs::write(&checkpoint, &whole).expect("it can be written");
    assert_eq!(resumed(&points, out).expect("it is whole again"), digest);
}

#[test]
#[cfg(target_os = "linux")]
fn another_build_does_not_go_on() {
    let folder = Folder::new("builds");
    let out = folder.at("out");
    let swept = ["sweep", QUICKSTART, "--seeds", "0..3", "--output", &out];
    run(&swept, 0);
    let resumed = [&swept[..], &["--resume"]].concat();
    run(&resumed, 0);
    // The same program for all that the system cares, and a byte longer.
    let other = folder.at("other");
    let mut bytes = fs::read(env!("CARGO_BIN_EXE_synod")).expect("it is there");
    bytes.push(0);
    fs::write(&other, bytes).expect("there is room");
    let is_executable = std::process::Command::new("chmod").args(["+x", &other]).status().expect("chmod");
    assert!(is_executable.success());
    let output = std::process::Command::new(&other)
        .args(&resumed)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("is of another build of Synod") && said.contains("= help: "), "{said}");
    fs::write(format!("{out}/checkpoint.json"), "{}").expect("it can be written");
    assert!(refused(&resumed).contains("is no checkpoint that this version reads"));
}
