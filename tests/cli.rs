//! The command line, as a user runs it.
#![expect(clippy::disallowed_types, reason = "bad input is to be refused in bounded time, by the wall clock")]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SYNOD: &str = env!("CARGO_BIN_EXE_synod");
const QUICKSTART: &str = "scenarios/quickstart.yaml";

/// Every key of a run's JSON object, in the order of the interface.
const KEYS: [&str; 19] = [
    "scenario",
    "protocol",
    "seed",
    "agents",
    "verdict",
    "digest",
    "ended",
    "virtual_time_ns",
    "events",
    "deliveries",
    "metrics",
    "oracles",
    "violations",
    "expectations",
    "faults",
    "detection",
    "coverage",
    "warnings",
    "host",
];

/// Metrics that every run reports.
const METRICS: [&str; 23] = [
    "latency.p50_ns",
    "latency.p95_ns",
    "latency.p99_ns",
    "latency.max_ns",
    "latency.mean_ns",
    "latency.replica.p50_ns",
    "latency.replica.p95_ns",
    "latency.replica.p99_ns",
    "latency.replica.max_ns",
    "latency.replica.mean_ns",
    "latency.first_ns",
    "latency.last_ns",
    "messages.sent",
    "messages.delivered",
    "messages.dropped",
    "messages.per_decision",
    "messages.upkeep",
    "bytes.sent",
    "decisions",
    "undecided",
    "success_rate",
    "cpu.utilisation",
    "state.retained_bytes_max",
];

/// The command in the project's folder, with nothing of the caller's settings.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(SYNOD);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for variable in ["SYNOD_SEED", "SYNOD_FORMAT", "SYNOD_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"]
    {
        command.env_remove(variable);
    }
    command
}

fn synod(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the command starts")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("standard output is text")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("standard error is text")
}

/// The standard output of a command that must succeed.
fn succeed(arguments: &[&str]) -> String {
    let output = synod(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output).to_owned()
}

/// The error of a command that must be refused.
fn refused(arguments: &[&str]) -> String {
    let output = synod(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output), "", "{arguments:?}");
    let error = stderr(&output).to_owned();
    assert_eq!(error.matches("error:").count(), 1, "one error: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&succeed(&[arguments, &["--format", "json"]].concat())).expect("one JSON object")
}

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("synod-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.at(name)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scenario_files() -> Vec<String> {
    fn gather(folder: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let mut files = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut files);
    files.sort();
    files
}

#[test]
fn a_page_tells_verdicts_figures_digest_and_the_next_command() {
    let page = succeed(&["run", QUICKSTART]);
    for part in
        ["quickstart", "7 agents", "messages.sent", "= 2n(n-1)", "pass  digest ", "--seed 2", "--trace"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains('\u{1b}'), "no colours in a pipe");
    let next = page.lines().find_map(|line| line.strip_prefix("Next:  ")).expect("a next command");
    let words: Vec<&str> = next.split("  ").next().unwrap().split(' ').collect();
    let again = Command::new(words[0]).args(&words[1..]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    assert!(again.expect("it runs as written").status.success());
}

#[test]
fn no_line_of_a_page_is_too_long() {
    for file in scenario_files().iter().filter(|file| !file.contains("512")) {
        let relative = Path::new(file).strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let page = succeed(&["run", relative.to_str().unwrap()]);
        let commands = |line: &&str| !line.contains(" run ");
        assert!(page.lines().filter(commands).all(|line| line.chars().count() <= 100), "{page}");
        assert!(!page.contains("\n\n\n"), "{page}");
    }
}

#[test]
fn json_has_the_keys_of_the_interface_and_repeats_to_the_byte() {
    let text = succeed(&["run", QUICKSTART, "--format", "json"]);
    let object: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), KEYS.len(), "{keys:?}");
    let mut place = 0;
    for key in KEYS {
        assert!(object.get(key).is_some(), "{key}");
        place +=
            text[place..].find(&format!("\n  \"{key}\":")).unwrap_or_else(|| panic!("{key} is out of order"));
    }
    for metric in METRICS {
        assert!(object["metrics"][metric].is_number(), "{metric}");
    }
    for key in ["wall_ms", "cpu_ms", "rss_bytes", "version"] {
        assert!(object["host"].get(key).is_some(), "{key}");
    }
    assert_eq!((&object["verdict"], &object["ended"]), (&"pass".into(), &"decided".into()));
    assert_eq!(object["expectations"][0]["verdict"], "pass");

    let without_host = |text: &str| text[..text.find("\"host\"").unwrap()].to_owned();
    let second = succeed(&["run", QUICKSTART, "--format", "json"]);
    assert_eq!(without_host(&text), without_host(&second));
}

#[test]
fn json_tells_faults_and_coverage() {
    let object = json(&["run", "scenarios/pbft/silent_primary.yaml"]);
    let fault = &object["faults"][0];
    assert_eq!((&fault["name"], &fault["agents"]), (&"silent-1".into(), &vec![0].into()));
    assert_eq!((&fault["from_ns"], &fault["until_ns"]), (&0.into(), &Value::Null));
    for effect in ["dropped", "delayed", "altered", "forged", "duplicated"] {
        assert!(fault["effect"][effect].is_u64(), "{effect}");
    }
    // One change of view, into which the silent one follows.
    assert_eq!(
        (&object["metrics"]["pbft.view_changes"], &object["coverage"]["view_change"]),
        (&1.into(), &4.into())
    );
}

#[test]
fn exit_codes_tell_what_happened() {
    let code = |arguments: &[&str]| synod(arguments).status.code();
    assert_eq!(code(&["run", QUICKSTART]), Some(0));
    let missed = synod(&["run", QUICKSTART, "--set", "expect.messages.sent=85"]);
    assert_eq!(missed.status.code(), Some(1));
    assert!(stdout(&missed).contains("MISSED") && stdout(&missed).contains("FAIL"));
    // A run that decides nothing does not pass, unless the scenario speaks of it.
    assert_eq!(code(&["run", QUICKSTART, "--set", "network.loss=100%", "--set", "expect={}"]), Some(1));
    assert_eq!(
        code(&["run", QUICKSTART, "--set", "network.loss=100%", "--set", "expect={undecided: 1}"]),
        Some(0)
    );
    assert_eq!(code(&["run", QUICKSTART, "--set", "limits.events=10"]), Some(1));
    assert_eq!(code(&["run", "no such file"]), Some(2));
    assert_eq!(code(&["fly"]), Some(2));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["--help"]), Some(0));
    assert_eq!(code(&["--version"]), Some(0));
}

#[test]
fn a_limit_says_what_to_raise() {
    let page = synod(&["run", QUICKSTART, "--set", "limits.events=10"]);
    assert!(stdout(&page).contains("stopped: 10 events; raise `limits.events`"), "{}", stdout(&page));
}

#[test]
fn a_seed_is_a_world_of_its_own() {
    let digest = |arguments: &[&str]| json(arguments)["digest"].clone();
    let first = digest(&["run", QUICKSTART]);
    assert_eq!(first, digest(&["run", QUICKSTART, "--seed", "1"]));
    assert_ne!(first, digest(&["run", QUICKSTART, "--seed", "2"]));
    let output = command(&["run", QUICKSTART, "--format", "json"]).env("SYNOD_SEED", "2").output().unwrap();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["digest"], digest(&["run", QUICKSTART, "--seed", "2"]));
    assert!(refused(&["run", QUICKSTART, "--seed", "one"]).contains("--seed"));
    assert!(refused(&["run", QUICKSTART, "--seed", "-1"]).contains("-1"));
    assert_eq!(json(&["run", QUICKSTART, "--seed", "18446744073709551615"])["verdict"], "pass");
}

#[test]
fn overrides_replace_values() {
    let object = json(&[
        "run",
        "scenarios/pbft/fault_free_4.yaml",
        "--set",
        "agents=7",
        "--set",
        "expect.messages.sent=84",
        "--set",
        "network.latency={constant: 10ms}",
        "--set",
        "expect.latency.last_ns=30ms",
    ]);
    assert_eq!((&object["agents"], &object["metrics"]["latency.p50_ns"]), (&7.into(), &30_000_000.into()));
    let error = refused(&["run", QUICKSTART, "--set", "network.latancy=1ms"]);
    assert!(
        error.contains("--set network.latancy=1ms: error: ") && error.contains("did you mean"),
        "{error}"
    );
    refused(&["run", QUICKSTART, "--set", "network.loss"]);
    refused(&["run", QUICKSTART, "--set", "=5"]);
}

#[test]
fn the_printed_configuration_is_the_same_scenario() {
    let folder = Folder::new("config");
    for scenario in scenario_files().iter().filter(|file| !file.contains("512")) {
        let config = folder.write("config.yaml", succeed(&["run", scenario, "--print-config"]));
        assert_eq!(succeed(&["run", &config, "--print-config"]), fs::read_to_string(&config).unwrap());
        assert_eq!(json(&["run", &config])["digest"], json(&["run", scenario])["digest"], "{scenario}");
    }
}

#[test]
fn determinism_can_be_checked() {
    for scenario in [QUICKSTART, "scenarios/pbft/loss_5_percent.yaml"] {
        let page = succeed(&["run", scenario, "--check-determinism"]);
        assert!(page.contains("the same twice"), "{page}");
        let twice = json(&["run", scenario, "--check-determinism"]);
        assert_eq!(twice["digest"], json(&["run", scenario])["digest"]);
    }
}

#[test]
fn a_trace_is_a_timeline_and_changes_nothing() {
    let folder = Folder::new("trace");
    let file = folder.at("run.json");
    let traced = json(&["run", QUICKSTART, "--trace", &file]);
    assert_eq!(traced["digest"], json(&["run", QUICKSTART])["digest"]);
    let trace: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(trace["displayTimeUnit"], "ms");
    let events = trace["traceEvents"].as_array().unwrap();
    let count = |phase: &str| events.iter().filter(|event| event["ph"] == phase).count() as u64;
    assert_eq!(count("M"), 7, "every agent's track has a name");
    // Every copy that arrived has the end of an arrow; every arrow begins somewhere.
    assert_eq!(count("f"), traced["deliveries"].as_u64().unwrap());
    let begun: Vec<&Value> =
        events.iter().filter(|event| event["ph"] == "s").map(|event| &event["id"]).collect();
    for event in events {
        assert!(event["pid"] == 1 && event["tid"].is_u64() && event["name"].is_string(), "{event}");
        assert!(event["ph"] == "M" || event["ts"].is_number(), "{event}");
        assert!(event["ph"] != "f" || begun.contains(&&event["id"]), "{event}");
    }
    assert!(refused(&["run", QUICKSTART, "--trace", "/no/such/folder/run.json"]).contains("run.json"));
}

#[test]
fn every_scenario_is_sound() {
    let files = scenario_files();
    assert!(files.len() > 18);
    let arguments: Vec<&str> = ["check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    assert_eq!(succeed(&arguments).lines().filter(|line| line.contains(": sound: ")).count(), files.len());
    for file in files {
        let first = fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        let schema = first.strip_prefix("# yaml-language-server: $schema=").expect("a modeline for editors");
        assert!(Path::new(&file).parent().unwrap().join(schema).is_file(), "{file}: {schema}");
    }
}

#[test]
fn check_goes_through_all_files_and_fails_for_one() {
    let folder = Folder::new("check");
    let bad = folder.write("bad.yaml", "name: bad\nagents: 4\n");
    let output = synod(&["check", &bad, QUICKSTART]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("bad.yaml") && stdout(&output).contains("quickstart"));
}

#[test]
fn what_there_is_can_be_listed() {
    let all = succeed(&["list"]);
    for part in ["Protocols", "Oracles", "Metrics", "Scenarios", "pbft", "latency.p99_ns", QUICKSTART] {
        assert!(all.contains(part), "{part}");
    }
    assert!(!all.contains("error:"), "{all}");
    assert!(succeed(&["list", "protocols"]).starts_with("pbft"));
    assert!(succeed(&["list", "metrics"]).contains("messages.sent"));
    succeed(&["list", "oracles"]);
    assert!(refused(&["list", "scenarios", "--folder", "nowhere"]).contains("nowhere"));
}

#[test]
fn the_schema_beside_the_scenarios_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let schema = succeed(&["schema"]);
    let is_the_same = fs::read_to_string(path).unwrap() == schema;
    assert!(is_the_same, "write it again: cargo run -- schema > scenarios/scenario.schema.json");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let newest: Value = serde_json::from_str(&succeed(&["schema", "--draft", "2020-12"])).unwrap();
    assert_eq!(newest["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn a_new_scenario_runs_and_is_never_overwritten() {
    let folder = Folder::new("new");
    for (name, agents) in [("first.yaml", 4), ("odd \"name\": #1.yaml", 10)] {
        let file = folder.at(name);
        succeed(&["new", &file, "--agents", &agents.to_string()]);
        assert_eq!(json(&["run", &file])["agents"], agents);
    }
    let file = folder.at("first.yaml");
    let before = fs::read(&file).unwrap();
    assert!(refused(&["new", &file]).contains("exists"));
    assert_eq!(fs::read(&file).unwrap(), before);
    refused(&["new", &folder.at("no/folder/x.yaml")]);
    refused(&["new", &folder.at("none.yaml"), "--agents", "0"]);
    assert!(!Path::new(&folder.at("none.yaml")).exists());
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(succeed(&["completions", shell]).contains("print-config"), "{shell}");
    }
    refused(&["completions", "abacus"]);
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let is_coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = command(arguments).envs(variables.iter().copied()).output().unwrap();
        stdout(&output).contains('\u{1b}')
    };
    assert!(!is_coloured(&["run", QUICKSTART], &[]));
    assert!(is_coloured(&["run", QUICKSTART, "--color", "always"], &[]));
    assert!(is_coloured(&["run", QUICKSTART], &[("SYNOD_COLOR", "always")]));
    assert!(is_coloured(&["run", QUICKSTART], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&["run", QUICKSTART], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&["run", QUICKSTART, "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&["run", QUICKSTART, "--format", "json", "--color", "always"], &[]));
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let arguments = ["run", "scenarios/pbft/crash_restart.yaml", "--format", "json"];
    let start = || command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let [first, second] = [start(), start()].map(|child| child.wait_with_output().unwrap());
    let digest = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap()["digest"].clone();
    assert_eq!(digest(&first), digest(&second));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for arguments in [&["run", QUICKSTART][..], &["schema"], &["list"], &["completions", "zsh"], &["--help"]]
    {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(stderr(&output), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in
        [&["run", QUICKSTART][..], &["run", QUICKSTART, "--format", "json"], &["schema"], &["list"]]
    {
        let output = command(arguments).stdout(full()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).starts_with("standard output: error: "), "{}", stderr(&output));
    }
    let error = refused(&["run", QUICKSTART, "--trace", "/dev/full"]);
    assert!(error.starts_with("/dev/full: error: "), "{error}");
}

/// Runs `check` and `run` on a file that must be refused: quickly, in little memory and with one error.
fn bad(path: &str, expected: &str) {
    for verb in ["check", "run"] {
        let started = Instant::now();
        let output = match cfg!(target_os = "linux") {
            // All that the process may ever map, code included.
            true => Command::new("sh")
                .args(["-c", "ulimit -v 102400; exec \"$0\" \"$@\"", SYNOD, verb, path])
                .stdin(Stdio::null())
                .output()
                .unwrap(),
            false => synod(&[verb, path]),
        };
        let took = started.elapsed();
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{verb} {path}: {error}");
        assert_eq!(stdout(&output), "");
        assert_eq!(error.matches("error:").count(), 1, "one error: {error}");
        assert!(error.starts_with(&format!("{path}{expected}")), "expected {path}{expected}\nfound {error}");
        assert!(error.len() < 2_000 && !error.contains("panicked"), "{error}");
        // Ten times more than the bound, for machines that are busy: the point is that nothing explodes.
        assert!(took < Duration::from_secs(10), "{took:?} for {path}");
    }
}

#[test]
fn bad_input_gets_one_clear_error_at_little_cost() {
    let folder = Folder::new("bad");
    let good = "\
name: x
agents: 4
network:
  latency: {constant: 10ms}
protocol:
  pbft: {timeout: 1s}
workload:
  decision: {initiator: 0}
";
    let level =
        |depth: usize| format!("a{depth}: &a{depth} [{}]\n", vec![format!("*a{}", depth - 1); 10].join(","));
    let bomb: String = (1..30).map(level).collect();
    let in_two_parts =
        good.replace("constant: 10ms}", "constant: 10ms}\n  topology: {edges: [[0, 1], [2, 3]]}");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", "".into(), ": error: is empty"),
        ("broken", good.replace("4\n", "{4\n").into(), ":4:10: error: broken YAML"),
        (
            "field",
            good.replace("latency", "latancy").into(),
            ":4:3: error: unknown field \"latancy\", did you mean \"latency\"?",
        ),
        ("unit", good.replace("10ms", "10kg").into(), ":4:23: error: "),
        ("unitless", good.replace("10ms", "10").into(), ":4:23: error: "),
        ("negative", good.replace("10ms", "-10ms").into(), ":4:23: error: "),
        ("few", good.replace("timeout: 1s", "f: 2").into(), ":6:13: error: "),
        (
            "one_f",
            good.replace("agents: 4", "agents: 3").replace("timeout: 1s", "f: 1").into(),
            ":6:13: error: ",
        ),
        ("apart", in_two_parts.into(), ":5:3: error: the network falls into 2 parts"),
        ("absurd", good.replace("agents: 4", "agents: 1000000000").into(), ":2:9: error: 1000000000 agents"),
        ("huge", good.replace("agents: 4", "agents: 99999999999999999999").into(), ":2:9: error: "),
        ("million", good.replace("agents: 4", "agents: 1000000").into(), ":2:9: error: "),
        ("none", good.replace("agents: 4", "agents: 0").into(), ":2:9: error: 0 agents"),
        (
            "initiator",
            good.replace("initiator: 0", "initiator: 9").into(),
            ":8:25: error: there is no agent 9",
        ),
        ("bomb", format!("a0: &a0 [x, x]\n{bomb}").into(), ":"),
        ("deep", "[".repeat(100_000).into(), ":1:65: error: lists and maps are nested more than 64 deep"),
        ("deep_maps", "{a: ".repeat(100_000).into(), ":1:257: error: "),
        ("binary", (0..=255).cycle().take(100_000).collect(), ":2:118: error: is not UTF-8"),
        (
            "latin",
            good.replace("name: x", "name: caf\u{e9}").chars().map(|c| c as u8).collect(),
            ":1:10: error: is not UTF-8",
        ),
        ("protocol", good.replace("pbft", "raft").into(), ":6:3: error: unknown protocol \"raft\""),
        ("missing", good.replace("agents: 4\n", "").into(), ":"),
        ("text", "just some words".into(), ":1:1: error: "),
    ];
    for (name, content, expected) in cases {
        bad(&folder.write(&format!("{name}.yaml"), content), expected);
    }
    bad(&folder.at("none such.yaml"), ": error: cannot be read: no such file or directory");
    bad(folder.0.to_str().unwrap(), ": error: is a directory, not a file");
    let huge = folder.at("sparse.yaml");
    fs::File::create(&huge).unwrap().set_len(100 << 30).unwrap();
    bad(&huge, ": error: is larger than 16 MiB");
}

#[test]
fn absurd_numbers_of_everything_are_refused() {
    for assignment in [
        "agents=1000000000",
        "agents=1000000",
        "agents=-4",
        "agents=4.5",
        "agents=four",
        "network.loss=101%",
        "network.loss=-1%",
        "network.bandwidth=0",
        "network.topology=star",
        "horizon=0s",
        "horizon=-1s",
        "limits.events=0",
        "protocol.pbft.timeout=0s",
        "protocol.pbft.batch.max=0",
        "protocol.pbft.in_flight=1000",
        "protocol.pbft.checkpoint_interval=0",
        "protocol.pbft.f=3",
        "protocol.pbft.bug=quorum_of_2f",
        "workload.decision.initiator=7",
        "workload={requests: {total: 0, arrival: {closed: 1ms}}}",
        "workload={requests: {total: 10, clients: 0, arrival: {closed: 1ms}}}",
        "workload={requests: {total: 10, clients: 4000000000, arrival: {closed: 1ms}}}",
        "workload={requests: {total: 10, clients: 4000000, hosts: 4000000, arrival: {closed: 1ms}}}",
        "workload={requests: {total: 10, arrival: {open: 0/s}}}",
        "workload={requests: {total: 10, clients: 16000000, arrival: {closed: 1ms}}}",
        "network.topology={small_world: {degree: 1000000, rewire: 5%}}",
        "expect.fault.effect.nope=1",
    ] {
        let started = Instant::now();
        let error = refused(&["run", "scenarios/pbft/fault_free_7.yaml", "--set", assignment]);
        assert!(started.elapsed() < Duration::from_secs(10), "{assignment}");
        assert!(error.contains("--set") || error.contains("fault_free_7.yaml:"), "{assignment}: {error}");
    }
}

#[test]
fn a_trace_does_not_replace_its_scenario() {
    let folder = Folder::new("own");
    let own = folder.write("own.yaml", fs::read("scenarios/pbft/fault_free_4.yaml").unwrap());
    let error = refused(&["run", &own, "--trace", &own]);
    assert!(error.contains("this is the scenario itself"), "{error}");
    succeed(&["check", &own]);
}

#[test]
fn the_command_that_runs_it_again_has_the_overrides() {
    let sets = ["--set", "network.loss=0%", "--set", "expect={messages.sent: 1}"];
    let output = synod(&[&["run", QUICKSTART][..], &sets].concat());
    let again =
        format!("run {QUICKSTART} --set network.loss=0% --set 'expect={{messages.sent: 1}}' --seed 1\n");
    assert!(stdout(&output).contains(&again), "{}", stdout(&output));
}

#[test]
fn a_printed_configuration_has_the_seed_that_was_given() {
    assert!(succeed(&["run", QUICKSTART, "--seed", "9", "--print-config"]).contains("seed: 9\n"));
}

#[test]
fn the_readme_shows_what_is_there() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let page = succeed(&["run", QUICKSTART]);
    // What it took of the machine, and where the program lies, differ.
    let is_same_everywhere = |line: &&str| !line.starts_with("in ") && !line.contains(" run ");
    for line in page.lines().filter(is_same_everywhere) {
        assert!(readme.lines().any(|other| other == line), "the README lacks {line:?} of\n{page}");
    }
    let scenario =
        fs::read_to_string(scenario_files().iter().find(|file| file.contains("silent_primary")).unwrap());
    assert!(readme.contains(&scenario.unwrap()), "the README shows a scenario as it is");
}
