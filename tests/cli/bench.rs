//! `synod bench`, as a user runs it.

use super::command::Folder;
use super::command::anywhere::{command, object, page, refused, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// A suite of two series: sizes, and faults with a parameter.
fn suite(folder: &Folder) -> String {
    let text = format!(
        "name: small
about: For tests.
series:
  - name: sizes
    scenarios: [{SCENARIOS}/pbft/fault_free_4.yaml]
    seeds: 0..60
    quick: 0..7
    sizes: [4, 7]
    with: {{expect: {{}}}}
  - name: storms
    scenarios: [{SCENARIOS}/simple/minority_down.yaml]
    seeds: 5..25
    with: {{expect: {{}}}}
    faults:
      none: []
      down: [{{crash: {{agents: [3, 4], from: 0s}}}}]
    parameters:
      network.loss: {{dry: 0%, wet: 20%}}
    failures: counted
"
    );
    folder.write("suite.yaml", &text)
}

/// Runs a suite with its report in `output`, and reads the results.
fn results(suite: &str, output: &str, arguments: &[&str], code: i32) -> Value {
    let all = [&["bench", suite, "--output", output], arguments].concat();
    let printed = object(&all, code);
    let written = fs::read_to_string(format!("{output}/results.json")).expect("it was written");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("it is JSON"), printed);
    printed
}

fn labels(results: &Value) -> Vec<&str> {
    let points = results["points"].as_array().expect("a list");
    points.iter().map(|point| point["point"].as_str().expect("a text")).collect()
}

#[test]
fn every_combination_is_a_point_with_its_own_seeds() {
    let folder = Folder::new("bench-points");
    let results = results(&suite(&folder), &folder.at("out"), &[], 0);
    let expected = [
        "sizes n=4",
        "sizes n=7",
        "storms n=5 none network.loss=dry",
        "storms n=5 none network.loss=wet",
        "storms n=5 down network.loss=dry",
        "storms n=5 down network.loss=wet",
    ];
    assert_eq!(labels(&results), expected);
    let runs: Vec<_> = results["points"].as_array().unwrap().iter().map(|point| &point["runs"]).collect();
    assert_eq!(runs, [60, 60, 20, 20, 20, 20]);
    let [four, seven] = [&results["points"][0], &results["points"][1]];
    assert_eq!((&four["metrics"]["messages.sent"]["p50"], &four["tolerated"]), (&24.into(), &1.into()));
    assert_eq!(seven["theory"][0]["value"], 84);
    // 60 runs of one decision each: enough for a median, too few for the bound of a 99th percentile.
    let latency = &four["latency"];
    assert_eq!(latency["sample"], "decisions");
    let [value, low, high] = ["value", "low", "high"].map(|key| latency["p50"][key].as_u64().unwrap());
    assert!(low < value && value < high, "{low} {value} {high}");
    assert_eq!(latency["p99"]["high"], Value::Null);
}

#[test]
fn a_quick_benchmark_runs_fewer_seeds_and_a_filter_fewer_points() {
    let folder = Folder::new("bench-filter");
    let suite = suite(&folder);
    let filtered = |filter: &str, more: &[&str]| {
        let arguments = [&["--filter", filter], more].concat();
        results(&suite, &folder.at(&filter.replace(' ', "-")), &arguments, 0)
    };
    let one = filtered("protocol=pbft n>4", &["--quick"]);
    assert_eq!((labels(&one), &one["points"][0]["runs"]), (vec!["sizes n=7"], &7.into()));
    let two = filtered("fault=down wet", &["--seeds", "0..3"]);
    assert_eq!(
        (labels(&two), &two["points"][0]["seeds"]),
        (vec!["storms n=5 down network.loss=wet"], &"0..3".into())
    );
    let (stdout, stderr) = run(&["bench", &suite, "--filter", "n>100"], 4);
    assert!(stdout.is_empty() && stderr.contains("no point of"), "{stderr}");
    assert!(
        refused(&["bench", &suite, "--filter", "size=4"]).contains("points have: fault, n, network.loss")
    );
    assert!(refused(&["bench", &suite, "--filter", "n="]).contains("the value is missing after this"));
    assert!(refused(&["bench", &suite, "--filter", "n<<3"]).contains("character 2 of the filter"));
    assert!(refused(&["bench", &suite, "--filter", "n<abc"]).contains("has no order with"));
    let either = filtered("n==4 and not (storms or n>4) or fault==down wet", &["--quick"]);
    assert_eq!(labels(&either), ["sizes n=4", "storms n=5 down network.loss=wet"]);
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let folder = Folder::new("bench-wrong");
    let right = fs::read_to_string(suite(&folder)).unwrap();
    for (what, instead, told) in [
        ("sizes: [4, 7]", "sizes: [4, 0]", "suite.yaml:8:16: error: 0 agents are not possible"),
        ("quick: 0..7", "quack: 0..7", "suite.yaml:7:5: error: unknown field \"quack\""),
        ("seeds: 0..60", "seeds: 9..6", "suite.yaml:6:12: error: the range runs backwards"),
        ("fault_free_4", "fault_free_5", "suite.yaml:5:17: error: "),
        ("wet: 20%", "wet: 200%", "suite.yaml:18:36: error: \"200%\""),
        ("agents: [3, 4]", "agent: [3, 4]", "suite.yaml:16:23: error: unknown field \"agent\""),
        ("network.loss: {", "network.lose: {", "suite.yaml:18:27: error: unknown field \"lose\""),
        ("name: storms", "name: sizes", "suite.yaml:10:11: error: series 0 has the name"),
    ] {
        assert!(right.contains(what), "{what}");
        let wrong = folder.write("suite.yaml", &right.replacen(what, instead, 1));
        let error = refused(&["bench", &wrong]);
        assert!(error.contains(told), "{instead}: {error}");
    }
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let folder = Folder::new("bench-jobs");
    let suite = suite(&folder);
    let files = |jobs: &str| {
        let output = folder.at(jobs);
        page(&["bench", &suite, "--output", &output, "--jobs", jobs], 0);
        ["results.csv", "results.json", "summary.md"]
            .map(|name| fs::read_to_string(format!("{output}/{name}")).unwrap())
    };
    let one = files("1");
    assert_eq!(one, files("3"));
    assert_eq!(one[0].lines().count(), 7, "a head and six points");
    assert!(one[2].contains("2n(n-1) = 84"), "{}", one[2]);
}

#[test]
fn failing_runs_fail_a_benchmark_unless_they_are_what_is_counted() {
    let folder = Folder::new("bench-failures");
    let suite = suite(&folder);
    let text = fs::read_to_string(&suite)
        .unwrap()
        .replace("with: {expect: {}}", "with: {expect: {messages.sent: 1}}");
    let suite = folder.write("suite.yaml", &text);
    let output = folder.at("out");
    let failed = results(&suite, &output, &["--filter", "sizes", "--quick"], 1);
    assert_eq!((&failed["passed"], &failed["points"][0]["success_rate"]), (&false.into(), &0.into()));
    page(&["replay", &format!("{output}/runs/point-0-seed-0.yaml")], 0);
    let counted = results(&suite, &folder.at("counted"), &["--filter", "storms"], 0);
    assert_eq!((&counted["passed"], &counted["points"][0]["passed"]), (&true.into(), &0.into()));
    assert_eq!(counted["points"][0]["ci95"][0], 0);
}

#[cfg(unix)]
#[test]
fn an_interrupted_benchmark_goes_on_where_it_was() {
    let folder = Folder::new("bench-resume");
    let text = fs::read_to_string(suite(&folder)).unwrap().replace("0..60", "0..1500");
    let suite = folder.write("suite.yaml", &text);
    let output = folder.at("out");
    let arguments = ["bench", &suite, "--output", &output, "--jobs", "1", "--filter", "sizes"];
    let mut child = command(&arguments).stdout(std::process::Stdio::null()).spawn().expect("it starts");
    let checkpoint = format!("{output}/runs/checkpoint.json");
    while !Path::new(&checkpoint).exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("there is kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(!Path::new(&format!("{output}/results.json")).exists(), "there is nothing to report yet");
    assert!(refused(&arguments).contains("--resume"));
    let resumed = page(&[&arguments[..], &["--resume", "--format", "json"]].concat(), 0);
    assert!(!Path::new(&checkpoint).exists(), "it is not needed any more");
    let whole = folder.at("whole");
    let straight = page(&["bench", &suite, "--output", &whole, "--filter", "sizes", "--format", "json"], 0);
    assert_eq!(resumed, straight);
}

#[cfg(unix)]
#[test]
fn latest_points_to_the_newest_report() {
    let folder = Folder::new("bench-latest");
    let suite = suite(&folder);
    // Where the user names no folder, reports lie below `reports`, each of less than the whole in one of its own.
    let name = "reports/small";
    for (arguments, suffix) in [
        (&["--quick"][..], "-quick"),
        (&["--seeds", "0..2"], "-partial"),
        (&["--quick", "--filter", "n=4"], "-quick-partial"),
        (&[], ""),
        (&["--quick"], "-quick"),
    ] {
        let told = command(&[&["bench", &suite], arguments].concat()).current_dir(folder.at("")).output();
        assert_eq!(told.expect("it starts").status.code(), Some(0), "{arguments:?}");
        let latest = fs::read_link(folder.at("reports/latest")).expect("a link");
        assert_eq!(Path::new("reports").join(latest), Path::new(&format!("{name}{suffix}")), "{arguments:?}");
    }
    let whole = fs::read_to_string(folder.at("reports/small/results.json")).unwrap();
    assert!(whole.contains("\"seeds\": \"0..60\""), "the report of the whole is as it was");
    // A folder of the user's own choice has no neighbours of Synod's.
    page(&["bench", &suite, "--output", &folder.at("own/first"), "--quick", "--filter", "n=4"], 0);
    assert!(fs::symlink_metadata(folder.at("own/latest")).is_err());
}

#[test]
fn a_baseline_that_has_nothing_to_compare_with_is_no_pass() {
    let folder = Folder::new("bench-uncompared");
    let suite = suite(&folder);
    let (before, after) = (folder.at("before"), folder.at("after"));
    results(&suite, &before, &["--quick", "--filter", "sizes"], 0);
    let arguments =
        ["bench", &suite, "--output", &after, "--baseline", &before, "--filter", "sizes", "--seeds", "0..3"];
    let (stdout, stderr) = run(&arguments, 4);
    assert!(stdout.contains("Nothing was compared"), "{stdout}");
    assert!(
        stderr.contains("error: nothing was compared: the baseline has no point with these seeds"),
        "{stderr}"
    );
}

#[test]
fn every_suite_is_sound_and_editors_know_its_schema() {
    let folder = Path::new(SCENARIOS).join("suites");
    let mut suites = 0;
    for entry in fs::read_dir(&folder).expect("there are suites") {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            page(&["check", path.to_str().unwrap()], 0);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("# yaml-language-server: $schema=suite.schema.json\n"), "{path:?}");
            suites += 1;
        }
    }
    assert!(suites > 0);
    let schema = fs::read_to_string(folder.join("suite.schema.json")).unwrap();
    let advice = "write it again: cargo run -- schema --suite > scenarios/suites/suite.schema.json";
    assert!(schema == super::command::page(&["schema", "--suite"], 0), "{advice}");
}

#[test]
fn what_moved_since_a_baseline_is_told_and_worse_fails() {
    let folder = Folder::new("bench-baseline");
    let suite = suite(&folder);
    let (before, after) = (folder.at("before"), folder.at("after"));
    let quick = ["--quick", "--filter", "sizes"];
    results(&suite, &before, &quick, 0);
    let against = |suite: &str, code: i32| {
        let baseline = [&["bench", suite, "--output", &after, "--baseline", &before], &quick[..]].concat();
        object(&baseline, code)["comparison"].clone()
    };
    let same = against(&suite, 0);
    assert_eq!(
        (&same["compared"], &same["moved"], &same["rerun"]),
        (&2.into(), &Value::from([0; 0]), &Value::from([0; 0]))
    );
    // The same law a hundred times as long, so that nothing comes in another order: every latency is worse. Then the
    // other way round: every one is better.
    let text = fs::read_to_string(&suite).unwrap();
    let slow = text.replace(
        "with: {expect: {}}",
        "with: {network.latency: {lognormal: {median: 20ms, p99: 100ms}}, expect: {}}",
    );
    let slow = folder.write("slow.yaml", &slow);
    let worse = against(&slow, 1);
    let moved = worse["moved"].as_array().unwrap();
    assert!(moved.iter().all(|moved| moved["figure"].as_str().unwrap().starts_with("latency.")), "{moved:?}");
    assert_eq!((moved.len(), &moved[0]["is_worse"]), (8, &true.into()));
    let page = fs::read_to_string(format!("{after}/index.html")).unwrap();
    assert!(page.contains("8 figures are worse, 0 better") && page.contains("dashed: baseline"));
    results(&slow, &before, &quick, 0);
    assert!(against(&suite, 0)["moved"].as_array().unwrap().iter().all(|moved| moved["is_worse"] == false));
    // A report of a version that told no means.
    let file = format!("{before}/results.json");
    let text = fs::read_to_string(&file).unwrap();
    let is_old = |line: &&str| !line.contains("\"mean\":") && !line.contains("\"standard_error\":");
    let text = text.lines().filter(is_old).collect::<String>().replace(",      }", "}");
    fs::write(&file, text.replace(",        }", "}")).unwrap();
    let moved = against(&slow, 0)["moved"].clone();
    assert_eq!(moved, Value::from([0; 0]), "what was not told has not moved");
    let (_, stderr) = run(&["bench", &suite, "--baseline", &folder.at("nowhere")], 2);
    assert!(stderr.contains("results.json: error: there is no such file"), "{stderr}");
}

#[test]
fn the_report_is_whole_and_leads_nowhere_else() {
    let folder = Folder::new("bench-report");
    let output = folder.at("out");
    results(&suite(&folder), &output, &[], 0);
    let page = fs::read_to_string(format!("{output}/index.html")).unwrap();
    for place in ["http://", "https://", "src=", "@import", "url("] {
        let own = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(place), "{place}");
    }
    for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        match link.strip_prefix('#') {
            Some(id) => assert!(page.contains(&format!("id=\"{id}\"")), "{link}"),
            None => assert!(Path::new(&output).join(link).is_file(), "{link}"),
        }
    }
    let mut plots: Vec<String> = fs::read_dir(format!("{output}/plots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    plots.sort();
    let mut expected = vec![
        "messages.png",
        "messages.svg",
        "sizes-cdf.png",
        "sizes-cdf.svg",
        "sizes-latency.png",
        "sizes-latency.svg",
    ];
    expected.retain(|plot| cfg!(feature = "png") || plot.ends_with("svg"));
    assert_eq!(plots, expected);
    for plot in expected.iter().filter(|plot| plot.ends_with("svg")) {
        let svg = fs::read_to_string(format!("{output}/plots/{plot}")).unwrap();
        assert!(page.contains(svg.trim_end()), "{plot} is on the page");
    }
    assert_eq!(page.matches("<tbody>").count(), 2, "a table for each series");
}
