//! Files that were sound, damaged in every way: whatever comes of them is told in little time, and nothing breaks.
//!
//! A few hundred of them by default; with `SYNOD_MUTATIONS=20000` as many as that, and with `SYNOD_MUTATED_COMMANDS=500`
//! so many through the command. Those that take long are printed then.
#![expect(clippy::disallowed_methods, reason = "what hangs is noticed by a thread that does not")]
#![expect(clippy::print_stderr, reason = "says what was slow where it is run by hand")]

use super::command::{Folder, command};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use synod::campaign::{SeedChoice, is_suite, matrix};
use synod::scenario::Document;

/// What a value is replaced by: absurd numbers, other types, other units, and what means something to a parser.
const EXTREMES: [&str; 45] = [
    "0",
    "-1",
    "1",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999",
    "1e308",
    "1e-308",
    "-0.0",
    ".inf",
    ".nan",
    "0x7fffffff",
    "0ns",
    "1ns",
    "18446744073709551615ns",
    "584y",
    "9223372036s",
    "1h",
    "100%",
    "0%",
    "101%",
    "0.0000001%",
    "1B",
    "16GiB",
    "1bps",
    "1000000000Gbps",
    "true",
    "~",
    "''",
    "[]",
    "{}",
    "[[]]",
    "*a",
    "&a x",
    "!!str x",
    "a: b",
    "\"\\e[31m\"",
    "\"\\u202e\"",
    "16777216",
    "1000000",
    "[0]",
    "{constant: 0ms}",
];

/// Numbers without order, the same every time: splitmix64 (Steele et al., 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % bound.max(1) as u64) as usize
    }
}

/// Files as they are shipped, in a catalogue that their references find.
struct Corpus {
    folder: Folder,
    /// Paths within the catalogue, with their texts.
    files: Vec<(PathBuf, String)>,
}

impl Corpus {
    fn new(name: &str) -> Corpus {
        let folder = Folder::new(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for part in ["scenarios", "fault_models", "regressions"] {
            copy(&root.join(part), &PathBuf::from(folder.at(part)), &mut files);
        }
        files.retain(|(path, _)| !path.to_string_lossy().contains("/fault_models/"));
        files.sort();
        Corpus { folder, files }
    }

    /// Returns the case of this number: where the file was, and what has become of it.
    fn case(&self, number: u64) -> (&Path, Vec<u8>) {
        let mut chance = Chance(number);
        let (path, text) = &self.files[chance.below(self.files.len())];
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=chance.below(3) {
            bytes = match chance.below(6) {
                0 => edit_bytes(bytes, &mut chance),
                1 => edit_lines(&bytes, &mut chance),
                2 => splice(&bytes, &self.files[chance.below(self.files.len())].1, &mut chance),
                _ => replace_token(bytes, &mut chance),
            };
        }
        (path, bytes)
    }
}

fn copy(from: &Path, to: &Path, files: &mut Vec<(PathBuf, String)>) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("it can be read").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target, files);
        } else {
            fs::copy(&path, &target).expect("it can be copied");
            if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push((target, fs::read_to_string(&path).expect("text")));
            }
        }
    }
}

fn edit_bytes(mut bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    for _ in 0..=chance.below(4) {
        let place = chance.below(bytes.len());
        match chance.below(3) {
            0 if place < bytes.len() => bytes[place] = chance.below(256) as u8,
            1 if place < bytes.len() => drop(bytes.remove(place)),
            _ => bytes.insert(place, b"{}[]:,#&*!|>'\"%@`-? \n\t0a\\"[chance.below(25)]),
        }
    }
    bytes
}

fn edit_lines(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let (one, other) = (chance.below(lines.len()), chance.below(lines.len()));
    match chance.below(3) {
        0 => lines.swap(one, other),
        1 => lines.insert(one, lines[other]),
        _ => drop(lines.remove(one)),
    }
    lines.join(&b'\n')
}

fn splice(bytes: &[u8], other: &str, chance: &mut Chance) -> Vec<u8> {
    let cut = |bytes: &[u8], at: usize| {
        bytes.iter().enumerate().skip(at).find(|(_, byte)| **byte == b'\n').map_or(bytes.len(), |(at, _)| at)
    };
    let (end, start) =
        (cut(bytes, chance.below(bytes.len())), cut(other.as_bytes(), chance.below(other.len())));
    [&bytes[..end], &other.as_bytes()[start..]].concat()
}

fn replace_token(bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%/".contains(byte);
    let mut words = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        let length = bytes[place..].iter().take_while(|byte| is_word(byte)).count();
        // Values rather than keys, of which nothing but an error comes.
        if length > 0 && bytes.get(place + length) != Some(&b':') {
            words.push(place..place + length);
        }
        place += length.max(1);
    }
    if words.is_empty() {
        return bytes;
    }
    let word = words[chance.below(words.len())].clone();
    [&bytes[..word.start], EXTREMES[chance.below(EXTREMES.len())].as_bytes(), &bytes[word.end..]].concat()
}

/// Checks the file as `check` does and runs it for so many events as `run` does.
fn try_out(path: &Path, events: u64) -> String {
    let registry = synod::standard();
    let Ok(mut document) = Document::load(path) else { return "not read".to_owned() };
    if is_suite(&document) {
        return match matrix(&registry, &document, &SeedChoice::Full) {
            Ok(matrix) => format!("a suite of {}", matrix.points.len()),
            Err(error) => error.message,
        };
    }
    for limit in [format!("limits.events={events}"), "limits.memory=150MB".to_owned()] {
        if let Err(error) = document.set(&limit) {
            return error.message;
        }
    }
    let scenario = match document.prepare(&registry) {
        Ok(scenario) => scenario,
        Err(error) => return error.message,
    };
    match scenario.run(scenario.seed(), None) {
        Err(error) => error.message,
        Ok(outcome) => {
            let panics = outcome.violations.iter().find(|violation| violation.oracle == "no_panic");
            assert!(panics.is_none(), "{panics:?}");
            format!("{:?}", outcome.verdict)
        }
    }
}

#[test]
fn damaged_files_are_told_about_in_little_time() {
    let wanted = std::env::var("SYNOD_MUTATIONS").ok();
    let (first, count, events) = match wanted.as_deref().map(|range| range.split_once("..")) {
        None => (0, 300, 20_000),
        Some(None) => (0, wanted.as_ref().and_then(|count| count.parse().ok()).expect("a number"), 100_000),
        Some(Some((first, end))) => {
            let [first, end]: [u64; 2] = [first, end].map(|bound| bound.parse().expect("a number"));
            (first, end - first, 100_000)
        }
    };
    let corpus = Corpus::new("mutations");
    let (sender, receiver) = mpsc::channel();
    let cases: Vec<(PathBuf, Vec<u8>)> = (first..first + count)
        .map(|number| corpus.case(number))
        .map(|(path, bytes)| (path.to_owned(), bytes))
        .collect();
    let given = cases.clone();
    let worker = thread::spawn(move || {
        for (path, bytes) in given {
            let path = path.with_extension("damaged.yaml");
            fs::write(&path, bytes).expect("it can be written");
            let began = Instant::now();
            let told = try_out(&path, events);
            fs::remove_file(&path).expect("it was there");
            if sender.send((told, began.elapsed())).is_err() {
                return;
            }
        }
    });
    let mut ran = 0;
    for (number, (path, bytes)) in (first..).zip(&cases) {
        let tell = |what: &str| {
            format!("case {number}, of {}, {what}:\n{}", path.display(), String::from_utf8_lossy(bytes))
        };
        match receiver.recv_timeout(Duration::from_secs(60)) {
            Ok((told, took)) => {
                ran += u64::from(["Pass", "Fail", "Unknown"].contains(&&*told));
                assert!(took < Duration::from_secs(30), "{}", tell(&format!("took {took:?}: {told}")));
                if took > Duration::from_secs(5) && wanted.is_some() {
                    eprintln!("case {number}, of {}: {took:?}: {told}", path.display());
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{}", tell("goes on and on")),
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{}", tell("panicked")),
        }
    }
    worker.join().expect("it has ended");
    assert!(ran * 20 > count, "some are sound still: {ran} of {count}");
    drop(corpus.folder);
}

/// Returns the command with so many KiB to map, code included, where that can be said.
fn within(arguments: &[&str], kib: Option<u64>) -> Command {
    match kib.filter(|_| cfg!(target_os = "linux")) {
        None => command(arguments),
        Some(kib) => {
            let mut shell = Command::new("sh");
            let script = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_synod")]).args(arguments).stdin(Stdio::null());
            shell
        }
    }
}

#[test]
fn the_command_ends_as_it_should_whatever_the_file() {
    let wanted = std::env::var("SYNOD_MUTATED_COMMANDS").ok();
    let (count, events) = match &wanted {
        None => (12, "limits.events=20000"),
        Some(count) => (count.parse().expect("a number"), "limits.events=1000000"),
    };
    let corpus = Corpus::new("mutated-commands");
    for number in 1_000_000..1_000_000 + count {
        let (path, bytes) = corpus.case(number);
        let path = path.with_extension("damaged.yaml");
        fs::write(&path, bytes).expect("it can be written");
        let file = path.to_str().expect("text");
        for (arguments, kib, soon) in [
            (&["check", file, "--set", "limits.memory=100MB"][..], Some(200 << 10), 2),
            (&["run", file, "--set", events, "--set", "limits.memory=150MB"], None, 10),
        ] {
            let began = Instant::now();
            let output = within(arguments, kib).output().expect("the command starts");
            let took = began.elapsed();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 1 | 2 | 5)),
                "{number}, {arguments:?}: {:?} {said}",
                output.status
            );
            assert!(
                !said.contains('\u{1b}') && !said.contains("panicked"),
                "{number}, {arguments:?}: {said}"
            );
            // Ten times more than it should take, for machines that are busy and builds that are slow.
            assert!(took < Duration::from_secs(10 * soon), "{number}, {arguments:?}: {took:?}");
            if wanted.is_some() && took > Duration::from_secs(soon) {
                eprintln!("{number}, {arguments:?}: {took:?}");
            }
        }
        fs::remove_file(&path).expect("it was there");
    }
}

/// What a run needs of a million voters is made once to be checked, and little more than once.
#[test]
fn a_million_agents_are_checked_in_little_memory() {
    let file = "scenarios/hierarchical/fault_free_500.yaml";
    let million = [
        "check",
        file,
        "--set",
        "agents=1000000",
        "--set",
        "groups=[{name: voters, count: 1000000, competence: 90%}]",
        "--set",
        "limits.memory=4GiB",
    ];
    let output = within(&million, Some(220 << 10)).output().expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn sessions_that_no_memory_holds_are_refused_before_they_are_made() {
    let arguments = ["check", "scenarios/sessions/staggered_votes.yaml", "--set", "agents=1000000"];
    let error = super::command::refused(&arguments);
    assert!(
        error.contains("for 200 sessions of 1,000,000 agents it takes at least")
            && error.contains("limits.memory"),
        "{error}"
    );
}
