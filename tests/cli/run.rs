//! `synod run`: pages, JSON, digests, traces, and where they go.

use super::*;

/// Every key of a run's JSON object, in the order of the interface.
const KEYS: [&str; 20] = [
    "scenario",
    "protocol",
    "seed",
    "agents",
    "tolerated",
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
    for file in
        scenario_files().iter().filter(|file| !["512", "long_running"].iter().any(|long| file.contains(long)))
    {
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
    // Every reader of JSON tells the greatest seed from its neighbours, and no greater one is taken anywhere.
    let greatest = json(&["run", QUICKSTART, "--seed", "9007199254740991"]);
    assert_eq!(
        (&greatest["verdict"], &greatest["seed"]),
        (&"pass".into(), &9_007_199_254_740_991_u64.into())
    );
    for arguments in [
        &["run", QUICKSTART, "--seed", "9007199254740992"][..],
        &["run", QUICKSTART, "--set", "seed=9007199254740992"],
        &["explain", QUICKSTART, "--seed", "1764536400123456789"],
        &["diff", QUICKSTART, QUICKSTART, "--seed", "18446744073709551615"],
        &["sweep", QUICKSTART, "--seeds", "0..9007199254740993"],
        &["bench", "scenarios/suites/documents.yaml", "--seeds", "9007199254740992"],
        &["validate", QUICKSTART, "--seeds", "0..18446744073709551615"],
    ] {
        assert!(refused(arguments).contains("9007199254740991"), "{arguments:?}");
    }
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
    for scenario in
        scenario_files().iter().filter(|file| !["512", "long_running"].iter().any(|long| file.contains(long)))
    {
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
        assert_eq!(output.status.code(), Some(6), "{arguments:?}");
        assert!(stderr(&output).starts_with("standard output: error: "), "{}", stderr(&output));
    }
    let (_, error) = command::run(&["run", QUICKSTART, "--trace", "/dev/full"], 6);
    assert!(error.starts_with("/dev/full: error: "), "{error}");
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
