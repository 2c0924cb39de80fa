//! What is written for other tools: it is sound, it is true, it changes nothing, and the tools can read it.

use super::command::{Folder, object, page, refused};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::process::Command;
use synod::report::SHIVIZ_PARSER;

/// A run with clients, losses, a cut, a crash and a restart.
fn stormy(more: &[&str]) -> Vec<String> {
    const FAULTS: &str = "faults=[{partition: {sizes: [3, 1], from: 100ms, until: 400ms}}, \
                          {crash: {agents: [1], from: 500ms, until: 1s}}]";
    const SETTINGS: [&str; 4] =
        ["network.loss=2%", "workload.requests.total=200", "workload.requests.clients=5", FAULTS];
    let mut words = vec!["run".to_owned(), "scenarios/pbft/crash_restart.yaml".to_owned()];
    for setting in SETTINGS.iter().chain(&["expect={}"]) {
        words.extend(["--set".to_owned(), (*setting).to_owned()]);
    }
    words.extend(more.iter().map(|word| (*word).to_owned()));
    words
}

fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The stormy run with what it writes: events and log, and the object that it prints.
fn recorded(folder: &Folder) -> (String, String, Value) {
    let [events, log] = ["events.jsonl", "shiviz.log"].map(|name| folder.at(name));
    let run = object(&borrowed(&stormy(&["--events", &events, "--shiviz", &log])), 0);
    let [events, log] = [events, log].map(|file| fs::read_to_string(file).expect("it was written"));
    (events, log, run)
}

fn lines(events: &str) -> Vec<Value> {
    events.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
}

#[test]
fn events_are_told_in_order_and_each_arrival_names_its_sending() {
    let folder = Folder::new("exports-events");
    let (events, _, run) = recorded(&folder);
    assert_eq!(run["digest"], object(&borrowed(&stormy(&[])), 0)["digest"], "watching changes nothing");
    assert_eq!(recorded(&folder).0, events, "the same to the byte");
    let lines = lines(&events);
    assert_eq!(lines[0]["kind"], "run");
    assert_eq!(lines[0]["agents"], run["agents"]);
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sent: BTreeMap<u64, &Value> = BTreeMap::new();
    let mut before = (0, 0);
    let mut reasons = BTreeSet::new();
    let mut executed = 0;
    for line in &lines[1..] {
        *kinds.entry(line["kind"].as_str().expect("a word")).or_default() += 1;
        let number = |key: &str| line[key].as_u64().expect("a number");
        let now = (number("event"), number("at_ns"));
        assert!(before.0 <= now.0 && before.1 <= now.1, "{line}");
        before = now;
        match line["kind"].as_str() {
            Some("sent") => drop(sent.insert(number("id"), line)),
            Some("delivered" | "lost") => {
                let sending = sent[&number("id")];
                assert_eq!((&line["cause"], &line["from"]), (&sending["event"], &sending["node"]), "{line}");
                assert!(sending["to"].as_array().expect("a list").contains(&line["node"]), "{line}");
                assert!(number("cause") <= number("event"), "{line}");
                // The cut is there from 100 ms to 400 ms, and agent 1 is down from 500 ms to a second.
                if let Some(why @ ("partition" | "down")) = line["why"].as_str() {
                    let (from, until) = if why == "partition" {
                        (100_000_000, 400_000_000)
                    } else {
                        (500_000_000, 1_000_000_000)
                    };
                    assert!((from..until).contains(&number("at_ns")), "{line}");
                    reasons.insert(why);
                }
            }
            Some("claimed") if line["claim"]["Executed"].is_object() => {
                executed += 1;
                assert!(line["claim"]["Executed"]["sequence"].is_u64(), "claims are data: {line}");
            }
            _ => {}
        }
    }
    assert!(executed > 0);
    assert_eq!(reasons, BTreeSet::from(["down", "partition"]));
    assert_eq!(kinds["delivered"], run["deliveries"].as_u64().expect("a number"));
    assert_eq!(kinds["lost"], run["metrics"]["messages.dropped"].as_u64().expect("a number"));
    let expected =
        ["claimed", "crashed", "cut", "delivered", "expired", "healed", "lost", "restarted", "sent"];
    assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), expected, "the run shows every kind of event");
}

#[test]
fn the_schema_of_events_names_all_kinds_and_takes_nothing_else() {
    for (draft, arguments) in [
        ("draft-07", &["schema", "--events"][..]),
        ("2020-12", &["schema", "--events", "--draft", "2020-12"]),
    ] {
        let schema: Value = serde_json::from_str(&page(arguments, 0)).expect("JSON");
        assert!(schema["$schema"].as_str().expect("a text").contains(draft), "{draft}");
        let kinds = schema["oneOf"].as_array().expect("one shape for each kind");
        let mut names: Vec<&str> =
            kinds.iter().filter_map(|kind| kind["properties"]["kind"]["const"].as_str()).collect();
        names.sort_unstable();
        let expected = [
            "claimed",
            "crashed",
            "cut",
            "delivered",
            "expired",
            "healed",
            "lost",
            "panicked",
            "paused",
            "restarted",
            "resumed",
            "run",
            "sent",
        ];
        assert_eq!(names, expected, "{draft}");
        for kind in kinds {
            assert_eq!(kind["additionalProperties"], false, "{kind}");
        }
    }
}

#[test]
fn a_log_has_true_vector_clocks() {
    let folder = Folder::new("exports-shiviz");
    let (events, log, _) = recorded(&folder);
    let text: Vec<&str> = log.lines().collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut sent: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    let mut arrivals = 0;
    for entry in text.chunks_exact(2) {
        let (host, clock) = entry[0].split_once(' ').expect("a host and its clock");
        let clock: BTreeMap<String, u64> = serde_json::from_str(clock).expect("a clock");
        let count = counts.entry(host.to_owned()).or_default();
        *count += 1;
        assert_eq!(clock[host], *count, "a host counts on by one: {entry:?}");
        assert!(
            clock.iter().all(|(host, known)| *known <= counts[host]),
            "nobody knows the future: {entry:?}"
        );
        match entry[1].split(' ').collect::<Vec<_>>()[..] {
            ["sends", _, id, ..] => drop(sent.insert(id, clock)),
            ["receives", _, id, ..] => {
                arrivals += 1;
                let before = &sent[id];
                assert!(
                    before.iter().all(|(host, known)| clock[host] >= *known),
                    "{entry:?} after {before:?}"
                );
            }
            _ => {}
        }
    }
    let delivered = lines(&events).iter().filter(|line| line["kind"] == "delivered").count();
    assert_eq!(arrivals, delivered);
    assert!(counts.contains_key("agent3") && counts.contains_key("client0"), "{counts:?}");
}

/// The samples of an exposition, by name and labels, once its form is checked.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let mut family = (String::new(), String::new());
    let all: Vec<&str> = text.lines().collect();
    assert_eq!(all.last(), Some(&"# EOF"));
    for line in &all[..all.len() - 1] {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a name and a type");
            assert!(name.starts_with("synod_") && name > family.0.as_str(), "families in order: {line}");
            family = (name.to_owned(), kind.to_owned());
        } else if let Some(about) = line.strip_prefix("# ") {
            let (_, about) = about.split_once(' ').expect("UNIT or HELP");
            let (name, _) = about.split_once(' ').expect("a name");
            assert_eq!(name, family.0, "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            let suffixes: &[&str] = match family.1.as_str() {
                "counter" => &["_total{"],
                "info" => &["_info{"],
                "histogram" => &["_bucket{", "_count{", "_sum{"],
                _ => &["{"],
            };
            let of_family = name.strip_prefix(&family.0).expect("a sample of its family");
            assert!(suffixes.iter().any(|suffix| of_family.starts_with(suffix)), "{line}");
            let value = value.parse().expect("a number");
            assert_eq!(samples.insert(name.to_owned(), value), None, "{line}");
        }
    }
    samples
}

#[test]
fn metrics_say_what_the_run_says() {
    let folder = Folder::new("exports-metrics");
    let file = folder.at("run.prom");
    let run = object(&borrowed(&stormy(&["--metrics", &file])), 0);
    let text = fs::read_to_string(&file).expect("it was written");
    let samples = samples(&text);
    let of = |name: &str, label: &str| {
        let labels = format!("{{scenario=\"crash-restart\",seed=\"{}\"{label}}}", run["seed"]);
        samples[&format!("{name}{labels}")]
    };
    let figure = |name: &str| run["metrics"][name].as_f64().expect("a number");
    assert_eq!(of("synod_run_passed", ""), 1.0);
    assert_eq!(of("synod_events_total", ""), run["events"].as_f64().expect("a number"));
    assert_eq!(of("synod_messages_sent_total", ""), figure("messages.sent"));
    assert_eq!(of("synod_messages_of_kind_total", ",kind=\"prepare\""), figure("messages.kind.prepare"));
    assert_eq!(of("synod_latency_seconds", ",quantile=\"0.5\""), figure("latency.p50_ns") / 1e9);
    assert_eq!(of("synod_retained_state_bytes", ""), figure("state.retained_bytes_max"));
    assert_eq!(of("synod_pbft_view_changes", ""), figure("pbft.view_changes"));
    assert_eq!(of("synod_oracle_verdict", ",oracle=\"agreement\",synod_oracle_verdict=\"held\""), 1.0);
    assert_eq!(
        of("synod_virtual_time_seconds", ""),
        run["virtual_time_ns"].as_f64().expect("a number") / 1e9
    );
    let marks = run["coverage"].as_object().expect("marks");
    assert!(marks["stable_checkpoint"].as_u64() > Some(1));
    for (mark, hits) in marks {
        let label = format!(",mark=\"{mark}\"");
        assert_eq!(of("synod_coverage_hits_total", &label), hits.as_f64().expect("a number"), "{mark}");
    }
    let figures = run["metrics"].as_object().expect("figures").len();
    let others = samples.keys().filter(|name| {
        ["run_info", "run_passed", "run_unknown", "virtual_time", "events_total", "coverage_hits", "oracle_"]
            .iter()
            .any(|other| name.starts_with(&format!("synod_{other}")))
    });
    assert_eq!(samples.len() - others.count(), figures, "every figure is there once");
}

#[test]
fn metrics_of_runs_that_fail_say_so() {
    let folder = Folder::new("exports-failing");
    let file = folder.at("run.prom");
    let control = ["run", "scenarios/byzantine/positive_control_4.yaml", "--set", "expect={}"];
    let run = object(&[&control[..], &["--metrics", &file]].concat(), 1);
    let text = fs::read_to_string(&file).expect("it was written");
    let samples = samples(&text);
    let labels = format!("scenario={},seed=\"{}\"", run["scenario"], run["seed"]);
    assert_eq!(samples[&format!("synod_run_passed{{{labels}}}")], 0.0);
    let state = |state: &str| {
        let more = format!("oracle=\"agreement\",synod_oracle_verdict=\"{state}\"");
        samples[&format!("synod_oracle_verdict{{{labels},{more}}}")]
    };
    assert_eq!(["held", "violated", "vacuous", "unknown"].map(state), [0.0, 1.0, 0.0, 0.0]);
    for oracle in run["oracles"].as_array().expect("a list") {
        let name = format!("synod_oracle_checks_total{{{labels},oracle={}}}", oracle["name"]);
        assert_eq!(samples[&name], oracle["checked"].as_f64().expect("a number"), "{name}");
    }
}

#[test]
fn metrics_of_a_sweep_count_what_failed() {
    let folder = Folder::new("exports-failures");
    let [file, output] = ["sweep.prom", "sweep"].map(|name| folder.at(name));
    let sweep = ["sweep", "scenarios/quickstart.yaml", "--seeds", "0..10", "--set", "expect.decisions=99"];
    page(&[&sweep[..], &["--metrics", &file, "--output", &output]].concat(), 1);
    let samples = samples(&fs::read_to_string(file).expect("it was written"));
    let of =
        |name: &str, label: &str| samples[&format!("synod_sweep_{name}{{scenario=\"quickstart\"{label}}}")];
    assert_eq!((of("runs_total", ""), of("failed_runs_total", "")), (10.0, 10.0));
    assert_eq!(of("unmet_runs_total", ",expectation=\"decisions\""), 10.0);
    let [low, high] = ["lower", "upper"].map(|bound| of("passing_ratio", &format!(",bound=\"{bound}\"")));
    assert!(low == 0.0 && (0.27..0.28).contains(&high), "{low} to {high}");
    assert_eq!(of("complete", ""), 1.0);
}

#[test]
fn a_sweep_has_histograms_over_its_runs_at_each_point() {
    let folder = Folder::new("exports-sweep");
    let text = swept(&folder);
    let samples = samples(&text);
    let bucket = |agents: u32, bound: &str| {
        let labels =
            format!("scenario=\"fault-free-4\",point=\"agents={agents}\",quantile=\"0.5\",le=\"{bound}\"");
        samples[&format!("synod_sweep_latency_seconds_bucket{{{labels}}}")]
    };
    for agents in [4, 7] {
        assert_eq!(bucket(agents, "+Inf"), 20.0);
        let counts: Vec<f64> = ["0.0002", "0.0005", "0.001"].map(|bound| bucket(agents, bound)).to_vec();
        assert!(counts.is_sorted(), "{counts:?}");
        assert_eq!(counts.last(), Some(&20.0), "{counts:?}");
    }
    assert_eq!(samples["synod_sweep_runs_total{scenario=\"fault-free-4\",point=\"agents=7\"}"], 20.0);
    // Runs send as many messages as the law says: the sum is that of all runs.
    for (agents, sent) in [(4, 24.0), (7, 84.0)] {
        let labels = format!("{{scenario=\"fault-free-4\",point=\"agents={agents}\"}}");
        let of = |end: &str| samples[&format!("synod_sweep_messages_sent_{end}{labels}")];
        assert_eq!([of("count"), of("sum")], [20.0, 20.0 * sent]);
    }
    // What seven send is told of four as well, so that both can be added up.
    for agents in [4, 7] {
        let labels = format!("{{scenario=\"fault-free-4\",point=\"agents={agents}\",le=\"100\"}}");
        assert_eq!(samples[&format!("synod_sweep_messages_sent_bucket{labels}")], 20.0);
    }
}

/// The metrics of a sweep over a grid.
fn swept(folder: &Folder) -> String {
    let [file, output] = ["sweep.prom", "sweep"].map(|name| folder.at(name));
    let sweep = ["sweep", "scenarios/pbft/fault_free_4.yaml", "--set", "expect={}"];
    let seeds = ["--seeds", "0..20", "--grid", "agents=4,7"];
    page(&[&sweep[..], &seeds, &["--metrics", &file, "--output", &output]].concat(), 0);
    fs::read_to_string(file).expect("it was written")
}

#[test]
fn a_replay_writes_the_same_as_the_run() {
    let folder = Folder::new("exports-replay");
    let output = folder.at("sweep");
    let arguments = ["sweep", "scenarios/quickstart.yaml", "--seeds", "3", "--set", "expect.decisions=99"];
    page(&[&arguments[..], &["--output", &output]].concat(), 1);
    let repro = format!("{output}/seed-3.yaml");
    let [first, second] = ["run.jsonl", "replay.jsonl"].map(|name| folder.at(name));
    page(&["run", &repro, "--events", &first], 1);
    page(&["replay", &repro, "--events", &second], 0);
    let [first, second] = [first, second].map(|file| fs::read(file).expect("it was written"));
    assert!(first.len() > 1_000 && first == second);
}

#[test]
fn no_file_is_written_twice_or_over_the_scenario() {
    let folder = Folder::new("exports-files");
    let file = folder.at("one");
    let error = refused(&["run", "scenarios/quickstart.yaml", "--events", &file, "--shiviz", &file]);
    assert!(error.contains("--events and --shiviz name the same file"), "{error}");
    let own =
        folder.write("own.yaml", &fs::read_to_string("scenarios/quickstart.yaml").expect("it is there"));
    for option in ["--trace", "--events", "--shiviz", "--metrics"] {
        let error = refused(&["run", &own, option, &own]);
        assert!(error.contains("this is the scenario itself"), "{error}");
        let error = refused(&["run", &own, option, "/no/such/folder/file"]);
        assert!(error.starts_with("/no/such/folder/file: error: "), "{error}");
    }
    assert!(
        refused(&["run", &own, "--check-determinism", "--events", &file]).contains("cannot be used with")
    );
}

/// Says what the tools say, which the harness of tests would keep to itself.
fn tell(what: &str) {
    writeln!(io::stderr(), "tools: {what}").expect("somebody listens");
}

/// The script ends with this where the tools are not installed.
const SKIPPED: i32 = 77;

#[test]
fn tools_can_read_it_all() {
    let folder = Folder::new("exports-tools");
    let (_, _, run) = recorded(&folder);
    let prom = folder.at("run.prom");
    page(&borrowed(&stormy(&["--metrics", &prom])), 0);
    swept(&folder);
    folder.write("run.json", &run.to_string());
    folder.write("event.schema.json", &page(&["schema", "--events", "--draft", "2020-12"], 0));
    folder.write("shiviz.regex", SHIVIZ_PARSER);
    // Where the tools are promised they have to be there.
    let promised = std::env::var("SYNOD_TOOLS_PYTHON").ok();
    let python = promised.as_deref().unwrap_or("python3");
    let output = Command::new(python).args(["tests/tools/exports.py", &folder.at("")]).output();
    let Ok(output) = output else {
        assert!(promised.is_none(), "{python} does not start");
        return tell(&format!("skipped: there is no {python}"));
    };
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    tell(told.trim_end());
    match output.status.code() {
        Some(0) => {}
        Some(SKIPPED) => assert!(promised.is_none(), "{told}"),
        _ => panic!("{told}"),
    }
}

/// Slices of a track lie one after the other or one within the other; importers drop others.
#[test]
fn slices_of_a_track_nest() {
    let folder = Folder::new("exports-slices");
    for (place, file) in
        ["pbft/crash_restart", "pbft/queueing", "quickstart", "raft/leader_crash", "simple/fault_free_5"]
            .into_iter()
            .enumerate()
    {
        let trace = folder.at(&format!("{place}.json"));
        let scenario = format!("scenarios/{file}.yaml");
        page(&["run", &scenario, "--trace", &trace], 0);
        let trace: Value = serde_json::from_str(&fs::read_to_string(&trace).expect("a file")).expect("JSON");
        let mut tracks: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
        let slices =
            trace["traceEvents"].as_array().expect("a list").iter().filter(|event| event["ph"] == "X");
        for slice in slices {
            let [from, lasts] =
                ["ts", "dur"].map(|key| (slice[key].as_f64().expect("a number") * 1e3).round() as u64);
            assert!(lasts > 0, "{file}: an arrow binds to no slice without length");
            tracks.entry(slice["tid"].as_u64().expect("a number")).or_default().push((from, from + lasts));
        }
        assert!(!tracks.is_empty(), "{file}");
        for spans in tracks.values_mut() {
            // One that begins with another lies within it if it ends no later.
            spans.sort_by_key(|&(from, until)| (from, u64::MAX - until));
            let mut open: Vec<u64> = Vec::new();
            for &(from, until) in spans.iter() {
                open.retain(|&end| end > from);
                assert!(open.iter().all(|&end| until <= end), "{file}: a slice from {from} to {until} ns");
                open.push(until);
            }
        }
    }
}

/// Editors hold what is shipped against the schemas that are shipped with it.
#[test]
fn every_shipped_file_keeps_to_its_schema() {
    let model = fs::read_to_string("fault_models/model.schema.json").expect("it is shipped");
    let advice = "write it again: cargo run -- schema --model > fault_models/model.schema.json";
    assert!(model == page(&["schema", "--model"], 0), "{advice}");
    let promised = std::env::var("SYNOD_TOOLS_PYTHON").ok();
    let python = promised.as_deref().unwrap_or("python3");
    let output = Command::new(python).args(["tests/tools/schemas.py", "."]).output();
    let Ok(output) = output else {
        assert!(promised.is_none(), "{python} does not start");
        return tell(&format!("skipped: there is no {python}"));
    };
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    tell(told.trim_end());
    match output.status.code() {
        Some(0) => {}
        Some(SKIPPED) => assert!(promised.is_none(), "{told}"),
        _ => panic!("{told}"),
    }
}

#[test]
fn every_metric_and_every_mark_is_declared_once_and_says_what_it_tells() {
    let mut metrics = BTreeMap::new();
    for entry in synod::standard().entries() {
        let mut names = BTreeSet::new();
        for metric in entry.metrics() {
            assert!(names.insert(metric.name), "{} has {} twice", entry.name(), metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
            let known = *metrics.entry(metric.name).or_insert(metric);
            assert_eq!(known, metric, "{} is declared twice", metric.name);
        }
        for mark in entry.marks() {
            assert!(mark.help.ends_with('.'), "{}", mark.name);
        }
    }
}
