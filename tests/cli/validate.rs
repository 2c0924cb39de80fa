//! `synod validate`, as a user runs it.

use super::command::Folder;
use super::command::anywhere::{command, object, page, refused, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use synod::campaign::{Catalogue, ScenarioResult, SeedChoice, State, SweepProgress, ValidatePlan, validate};
use synod::scenario::Access;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

const FILES: [&str; 4] = ["index.html", "junit.xml", "readiness.json", "summary.md"];

/// A scenario of four PBFT replicas that decides in 24 messages; what it expects follows.
fn decision(expect: &str) -> String {
    format!(
        "{{name: four, about: Four replicas decide., agents: 4, network: {{latency: {{constant: 5ms}}}}, \
         protocol: {{pbft: {{}}}}, workload: {{decision: {{}}}}, expect: {expect}}}"
    )
}

/// A suite with a safe series, one that is not, a veto over the first and a criterion of four targets.
const SUITE: &str = "\
name: small
about: For tests.
series:
  - name: safe
    scenarios: [four.yaml]
    seeds: 0..400
    quick: 0..20
    sizes: [4, 7]
    with: {expect: {}}
  - name: unsafe
    scenarios: [SCENARIOS/byzantine/positive_control_4.yaml]
    seeds: 0..3
    with: {expect: {}}
    failures: counted
readiness:
  score: 70%
  criteria:
    - name: safety
      about: Nothing breaks.
      veto: true
      targets:
        - {name: safe, about: Safe runs, of: series=safe, measure: safe, expect: {at_least: 100%}}
    - name: speed
      about: It is fast and lean.
      targets:
        - {name: fast, about: Latency, of: series=safe, measure: {p99: latency.max_ns}, expect: {at_most: 1s}}
        - {name: lean, about: Growth, of: series=safe n=7, against: n=4 series=safe, measure: {p50: messages.sent}, expect: {exactly: 3.5}}
        - {name: all, about: Passes, measure: passed, expect: {at_least: 100%}}
        - {name: nothing, about: What is not there, absent: it is not there}
  requirements:
    - {group: First, asks: It is safe and fast, by: [safe, fast]}
    - {group: Second, asks: It can do more, absent: it cannot}
";

/// What keeps a decision of four replicas from being made.
const STUCK: &str = "\
with: {expect: {}, horizon: 5s, allow_unsafe: true, faults: [{crash: {agents: [2, 3], from: 0s}}]}
    failures";

/// A folder with one scenario and the suite.
fn catalogue(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("four.yaml", &decision("{messages.sent: 24}"));
    folder.write("suite.yaml", &SUITE.replace("SCENARIOS", SCENARIOS));
    folder
}

/// Validates the folder with its report in `out`, and reads what was found.
fn validated(folder: &Folder, arguments: &[&str], code: i32) -> Value {
    let (paths, output) = (folder.at("."), folder.at("out"));
    let printed = object(&[&["validate", &paths, "--output", &output], arguments].concat(), code);
    let written = fs::read_to_string(format!("{output}/readiness.json")).expect("it was written");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("it is JSON"), printed);
    printed
}

fn target<'a>(readiness: &'a Value, name: &str) -> &'a Value {
    let criteria = readiness["criteria"].as_array().expect("a list").iter();
    let mut targets = criteria.flat_map(|criterion| criterion["targets"].as_array().expect("a list"));
    targets.find(|target| target["name"] == name).expect("it is there")
}

/// How many runs of a point there were, passed, were unsafe and were stuck.
fn counts(readiness: &Value, name: &str) -> [u64; 4] {
    let mut points = readiness["points"].as_array().expect("a list").iter();
    let point = points.find(|point| point["point"] == name).expect("it is there");
    ["runs", "passed", "unsafe_runs", "stuck_runs"].map(|count| point[count].as_u64().expect("a count"))
}

#[test]
fn a_catalogue_that_holds_is_ready() {
    let folder = catalogue("validate-ready");
    let readiness = validated(&folder, &[], 0);
    assert_eq!((&readiness["verdict"], &readiness["passed"]), (&"ready".into(), &true.into()));
    assert_eq!(readiness["score"], 0.75, "of four targets one cannot be measured");
    let [safe, fast, lean] = ["safe", "fast", "lean"].map(|name| target(&readiness, name));
    assert_eq!(
        (&safe["value"], &safe["samples"], &safe["state"]),
        (&1.into(), &800.into(), &"no_exception".into())
    );
    let low = safe["interval"][0].as_f64().unwrap();
    assert!((0.996..0.997).contains(&low), "the 800th root of .05: {low}");
    assert_eq!((&fast["measured_on"], &fast["samples"]), (&"safe n=4".into(), &400.into()));
    assert_eq!((&fast["value"], &fast["unit"]), (&15_000_000.into(), &"time".into()));
    assert_eq!((&lean["value"], &lean["interval"]), (&3.5.into(), &Value::Null), "84 messages against 24");
    assert_eq!(target(&readiness, "all")["measured_on"], folder.at("./four.yaml"));
    let [first, second] = [&readiness["requirements"][0], &readiness["requirements"][1]];
    assert_eq!((&first["state"], &second["state"]), (&"no_exception".into(), &"not_measured".into()));
    assert_eq!(second["why"], "it cannot");
    assert_eq!(readiness["recommendations"], Value::from([0; 0]));
    let page = fs::read_to_string(folder.at("out/index.html")).unwrap();
    for place in ["http", "src=", "@import", "url("] {
        assert!(!page.contains(place), "{place}");
    }
    let verdict = "<div id=\"verdict\"><p><strong>Ready.</strong>";
    assert!(page.contains(verdict) && page.contains("75 %"), "{page}");
    let summary = fs::read_to_string(folder.at("out/summary.md")).unwrap();
    let answer = "| It is safe and fast | 100 %; 15 ms | safe, 2 points; safe n=4 | no exception |";
    assert!(summary.contains(answer), "{summary}");
}

#[test]
fn points_are_told_in_order_and_jobs_change_nothing() {
    let folder = catalogue("validate-jobs");
    folder.write("five.yaml", &decision("{}").replace("agents: 4", "agents: 5"));
    let made = |jobs: &str| {
        let output = folder.at(jobs);
        let printed = page(&["validate", &folder.at("."), "--jobs", jobs, "--output", &output], 0);
        let files = FILES.map(|name| fs::read_to_string(format!("{output}/{name}")).unwrap());
        (printed.replace(&output, "OUT"), files)
    };
    let one = made("1");
    assert_eq!(one, made("2"));
    let words: Vec<&str> = one.0.lines().take(5).map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(words, ["pass"; 5], "what is counted fails nothing");
    assert!(!one.0.contains(" fails"), "{}", one.0);
    let lines: Vec<&str> = one.0.lines().take(5).map(|line| line.split("  ").nth(1).unwrap()).collect();
    let files = ["./five.yaml", "./four.yaml"].map(|name| folder.at(name));
    assert_eq!(lines, [&files[0], &files[1], "safe n=4", "safe n=7", "unsafe n=4"]);
}

#[test]
fn a_scenario_that_fails_is_named_with_a_command_that_shows_it() {
    let folder = catalogue("validate-fails");
    folder.write("wrong.yaml", &decision("{messages.sent: 25}").replace("name: four", "name: wrong"));
    let readiness = validated(&folder, &[], 1);
    assert_eq!((&readiness["verdict"], &readiness["passed"]), (&"not_ready".into(), &false.into()));
    assert_eq!(
        (&target(&readiness, "all")["state"], &target(&readiness, "all")["value"]),
        (&"missed".into(), &0.5.into())
    );
    assert_eq!(counts(&readiness, &folder.at("./wrong.yaml")), [1, 0, 0, 0], "it is safe, and decides");
    let advice = &readiness["recommendations"][0];
    assert_eq!(
        (&advice["scenario"], advice["what"].as_str().unwrap().ends_with(": messages.sent")),
        (&"wrong".into(), true)
    );
    let words: Vec<&str> = advice["command"].as_str().unwrap().split(' ').collect();
    assert_eq!(words[..2], ["synod", "run"]);
    run(&words[1..], 1);
    let junit = fs::read_to_string(folder.at("out/junit.xml")).unwrap();
    assert!(junit.contains("1 of 1 run failed; seed 1: messages.sent"), "{junit}");
}

#[test]
fn the_command_for_a_point_of_a_suite_has_all_that_the_suite_lays_over_it() {
    let folder = catalogue("validate-command");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    let slow = suite.replace(
        "    with: {expect: {}}\n  - name: unsafe",
        "    with: {network.latency: {constant: 40ms}, expect: {messages.sent: 84}}\n  - name: unsafe",
    );
    folder.write("suite.yaml", &slow.replace("at_most: 1s", "at_most: 100ms"));
    let readiness = validated(&folder, &["--quick"], 1);
    assert_eq!(target(&readiness, "fast")["state"], "missed", "in the sample itself");
    let commands: Vec<&str> = readiness["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|advice| advice["command"].as_str().unwrap())
        .collect();
    let file = folder.at("./four.yaml").replace("/./", "/");
    let settings =
        "--set 'network.latency={constant: 40ms}' --set 'expect={messages.sent: 84}' --set agents=4";
    assert_eq!(commands[0], format!("synod run {file} {settings} --seed 0"));
    assert_eq!(commands[3], format!("synod sweep {file} {settings} --seeds 0..20"));
}

#[test]
fn a_missed_target_or_too_low_a_score_is_no_success() {
    let folder = catalogue("validate-missed");
    let right = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    folder.write("suite.yaml", &right.replace("at_most: 1s", "at_most: 10ms").replace("70%", "50%"));
    let missed = validated(&folder, &[], 1);
    assert_eq!((&missed["verdict"], &missed["passed"]), (&"ready".into(), &false.into()));
    assert_eq!(missed["requirements"][0]["state"], "missed", "one of its targets is");
    let junit = fs::read_to_string(folder.at("out/junit.xml")).unwrap();
    assert!(junit.contains("<failure message=\"15 ms; at most 10 ms\""), "{junit}");
    folder.write("suite.yaml", &right.replace("70%", "76%"));
    let low = validated(&folder, &[], 1);
    assert_eq!((&low["verdict"], &low["passed"]), (&"not_ready".into(), &true.into()));
    let passed = "measure: passed, expect: {at_least: 100%}";
    assert!(right.contains(passed));
    folder.write(
        "suite.yaml",
        &right.replace(passed, "measure: {worst: messages.sent}, expect: {at_most: 23}"),
    );
    let lone = validated(&folder, &[], 1);
    let command = format!("synod run {} --seed 1", folder.at("./four.yaml"));
    assert_eq!(lone["recommendations"][0]["command"], command, "of one run the run itself");
}

#[test]
fn a_target_holds_only_where_all_its_points_keep_it() {
    let folder = catalogue("validate-all-points");
    let right = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    // 24 messages of four replicas, 84 of seven.
    for (measure, expect, state, value) in [
        ("worst", "at_least: 24", "held", 24),
        ("worst", "at_least: 84", "missed", 24),
        ("worst", "exactly: 84", "missed", 24),
        ("worst", "at_most: 84", "held", 84),
        ("p50", "at_least: 84", "missed", 24),
        ("mean", "at_least: 84", "missed", 24),
        ("mean", "exactly: 24", "missed", 84),
        ("mean", "at_most: 84", "held", 84),
    ] {
        let instead = format!("{{{measure}: messages.sent}}, expect: {{{expect}}}");
        let suite = right.replace("{p99: latency.max_ns}, expect: {at_most: 1s}", &instead);
        folder.write("suite.yaml", &suite);
        let readiness = validated(&folder, &["--quick"], i32::from(state == "missed"));
        let fast = target(&readiness, "fast");
        assert_eq!((&fast["state"], &fast["value"]), (&state.into(), &value.into()), "{instead}");
        let place = if value == 24 { "safe n=4" } else { "safe n=7" };
        assert_eq!(fast["measured_on"], place, "{instead}");
    }
}

#[test]
fn scenarios_run_again_and_say_what_they_show() {
    let folder = catalogue("validate-again");
    folder.write("silent.yaml", &decision("{}").replace("about: Four replicas decide.", "about: ' '"));
    // More scenarios than the suite has points.
    for name in ["five.yaml", "six.yaml"] {
        folder.write(name, &decision("{}"));
    }
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    let suite = suite.replace(
        "{name: all, about: Passes, measure: passed",
        "{name: all, about: Same, measure: reproducible",
    );
    folder.write(
        "suite.yaml",
        &suite.replace("absent: it is not there", "measure: documented, expect: {at_least: 100%}"),
    );
    let readiness = validated(&folder, &["--quick", "--seeds", "5..8"], 1);
    let [same, said] = ["all", "nothing"].map(|name| target(&readiness, name));
    assert_eq!((&same["state"], &same["samples"]), (&"held".into(), &4.into()));
    assert_eq!((&said["state"], &said["value"]), (&"missed".into(), &0.75.into()));
    assert_eq!(said["why"], format!("not {}", folder.at("./silent.yaml")));
    let points = readiness["points"].as_array().unwrap();
    assert_eq!((&points[0]["runs"], &points[0]["seeds"]), (&3.into(), &"5..8".into()));
    let four = folder.at("four.yaml");
    let swept = object(&["sweep", &four, "--seeds", "5..8", "--output", &folder.at("swept")], 0);
    assert_eq!(points[1]["digest"], swept["digest"]);
    let twice = [folder.at("four.yaml"), folder.at("four.yaml"), folder.at("suite.yaml")];
    let arguments = ["validate", &twice[0], &twice[1], &twice[2], "--quick", "--output", &folder.at("out")];
    let once = object(&arguments, 5);
    assert_eq!(once["points"].as_array().unwrap().len(), 4, "a scenario that is named twice is one");
    // None is left that could run again.
    let filtered = validated(&folder, &["--quick", "--filter", "series=safe"], 5);
    assert_eq!(target(&filtered, "all")["state"], "not_measured");
}

#[test]
fn scenarios_run_again_last_and_nothing_is_said_of_them_before() {
    let folder = catalogue("validate-repeats");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    folder.write("suite.yaml", &suite.replace("measure: passed", "measure: reproducible"));
    let registry = synod::standard();
    let paths = [folder.at(".").into()];
    let catalogue =
        Catalogue::find(&registry, &paths, None, &SeedChoice::Quick, Access::Anywhere).expect("it is sound");
    // A scenario, twenty seeds of two sizes, three of a control, and the scenario again.
    assert_eq!(catalogue.runs(), 1 + 40 + 3 + 1);
    for (stops, state) in [(false, State::Held), (true, State::NotMeasured)] {
        let stop = AtomicBool::new(false);
        let (mut runs, mut begins) = (0, 0);
        let mut on_progress = |progress: SweepProgress<'_>, _: &[ScenarioResult]| {
            runs = progress.runs;
            begins += u64::from(progress.tallies.len() == 1);
            stop.store(stops && begins > 0, Ordering::Relaxed);
        };
        let plan = ValidatePlan { registry: &registry, catalogue: &catalogue, jobs: 1 };
        let readiness = validate(&plan, &mut on_progress, &stop).expect("it runs");
        let last = &readiness.criteria[1].targets[2];
        assert_eq!((readiness.complete, last.state), (!stops, state));
        assert_eq!(runs, catalogue.runs() - u64::from(stops));
        assert_eq!(last.why.as_deref(), stops.then_some("interrupted"));
    }
}

#[test]
fn odd_names_break_no_report() {
    let folder = catalogue("validate-odd");
    let name = "a<b>&'c|.yaml";
    folder.write(name, &decision("{messages.sent: 25}"));
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    let suite = suite
        .replace("name: speed", "name: 'speed | <b>'")
        .replace("about: Latency", "about: '<b>late|ncy & \"more\"'")
        .replace("name: all", "name: all<b>")
        .replace("asks: It can do more, absent: it cannot", "asks: '<b> | it', absent: 'it <b> | cannot'");
    folder.write("suite.yaml", &suite);
    let readiness = validated(&folder, &["--quick"], 1);
    let command = readiness["recommendations"][0]["command"].as_str().unwrap();
    assert!(command.contains("/a<b>&'\\''c|.yaml' --seed 1"), "{command}");
    let [page, junit, _, summary] = FILES.map(|name| fs::read_to_string(folder.at("out/") + name).unwrap());
    for text in [page, junit] {
        assert!(!text.contains("<b>") && text.contains("&lt;b&gt;&amp;"), "{text}");
    }
    // A row of a table has as many cells as its head.
    let mut columns = 0;
    for line in summary.lines() {
        let cells = line.replace("\\|", "").matches('|').count();
        assert!(columns == 0 || cells == columns || cells == 0, "{line}");
        columns = if line.starts_with('|') { cells } else { 0 };
    }
}

#[test]
fn no_score_hides_a_violation_of_safety() {
    let folder = catalogue("validate-veto");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    folder.write(
        "suite.yaml",
        &suite.replace("of: series=safe, measure: safe", "of: series!=catalogue, measure: safe"),
    );
    let readiness = validated(&folder, &[], 1);
    let safety = &readiness["criteria"][0];
    assert_eq!((&safety["state"], &safety["veto"]), (&"missed".into(), &true.into()));
    assert_eq!((&readiness["score"], &readiness["verdict"]), (&0.75.into(), &"not_ready".into()));
    assert_eq!(target(&readiness, "safe")["samples"], 803);
    let summary = fs::read_to_string(folder.at("out/summary.md")).unwrap();
    assert!(summary.contains("- safety vetoes, whatever the score"), "{summary}");
}

#[test]
fn a_positive_control_vetoes_nothing() {
    let folder = catalogue("validate-control");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    let suite = suite.replace("of: series=safe, measure: safe", "measure: safe");
    folder.write("suite.yaml", &suite);
    let control = format!("{SCENARIOS}/byzantine/positive_control_4.yaml");
    let readiness = object(&["validate", &folder.at("."), &control, "--output", &folder.at("out")], 0);
    assert_eq!((&readiness["verdict"], &target(&readiness, "safe")["samples"]), (&"ready".into(), &1.into()));
    assert_eq!(target(&readiness, "all")["samples"], 2, "that it breaks what it means to break is a pass");
}

#[test]
fn what_is_not_measured_does_not_hold() {
    let folder = catalogue("validate-unmeasured");
    // Twenty runs are too few for the bound of a 99th percentile.
    let quick = validated(&folder, &["--quick"], 5);
    assert_eq!((&quick["verdict"], &quick["score"]), (&"unknown".into(), &0.5.into()));
    assert!(target(&quick, "fast")["why"].as_str().unwrap().starts_with("too few runs"));
    assert_eq!(quick["requirements"][0]["state"], "not_measured");
    assert_eq!(quick["recommendations"], Value::from([0; 0]), "there is nothing to see again");
    let [_, junit, _, summary] = FILES.map(|name| fs::read_to_string(folder.at("out/") + name).unwrap());
    let why = "too few runs to show it with 95 % confidence";
    assert!(junit.contains(&format!("<skipped message=\"15 ms; at most 1 s; {why}\"")), "{junit}");
    assert!(summary.contains(&format!("| not measured: {why} |")), "{summary}");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    folder.write("suite.yaml", &suite.replace("of: series=safe n=7", "of: series=safe n=9"));
    let elsewhere = validated(&folder, &[], 5);
    let lean = target(&elsewhere, "lean");
    assert_eq!((&lean["state"], &lean["why"]), (&"not_measured".into(), &"no point is like that".into()));
    folder.write("suite.yaml", &suite);
    let filtered = validated(&folder, &["--filter", "n=4 series!=unsafe"], 5);
    assert_eq!((&filtered["verdict"], &filtered["passed"]), (&"unknown".into(), &true.into()));
    for name in ["safe", "lean"] {
        let why = target(&filtered, name)["why"].as_str().unwrap();
        assert_eq!(why, "the filter has left out what it is measured on");
    }
    assert_eq!(target(&filtered, "all")["state"], "no_exception");
    let divided = validated(&folder, &["--filter", "series=safe n=7", "--quick"], 5);
    let why = target(&divided, "lean")["why"].as_str().unwrap();
    assert_eq!(why, "the filter has left out what it is measured on", "it would be divided by nothing");
    let points = filtered["points"].as_array().unwrap();
    assert_eq!(points.len(), 2, "the scenario and the series at n = 4");
    let (_, stderr) = run(&["validate", &folder.at("."), "--filter", "n>100"], 4);
    assert!(stderr.contains("no scenario"), "{stderr}");
    assert!(
        refused(&["validate", &folder.at("."), "--filter", "size=4"]).contains("points have: fault, n, ")
    );
}

#[test]
fn a_run_without_a_figure_counts_as_the_worst() {
    let folder = catalogue("validate-undecided");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    // Two of four replicas are down in the second series: nothing is decided, so nothing has a latency.
    let stuck = suite.replace(
        "SCENARIOS/byzantine/positive_control_4.yaml".replace("SCENARIOS", SCENARIOS).as_str(),
        "four.yaml",
    );
    let stuck = stuck.replace("with: {expect: {}}\n    failures", STUCK);
    let stuck = stuck.replace("of: series=safe, measure: {p99", "of: series!=catalogue, measure: {p99");
    folder.write(
        "suite.yaml",
        &stuck.replace(
            "of: series=safe n=7, against: n=4 series=safe, measure: {p50: messages.sent}",
            "of: series=unsafe, against: n=4 series=safe, measure: {p50: latency.max_ns}",
        ),
    );
    let readiness = validated(&folder, &[], 1);
    let fast = target(&readiness, "fast");
    assert_eq!((&fast["state"], &fast["value"]), (&"missed".into(), &Value::Null));
    assert_eq!((&fast["why"], &fast["measured_on"]), (&"not in 3 of 3 runs".into(), &"unsafe n=4".into()));
    assert_eq!(counts(&readiness, "unsafe n=4"), [3, 0, 0, 3]);
    // The quotient of what is missing and a figure is missing too: that is worse than any figure.
    let lean = target(&readiness, "lean");
    assert_eq!((&lean["state"], &lean["value"]), (&"missed".into(), &Value::Null));
    assert_eq!(lean["why"], "not in 3 of 3 runs");
}

#[test]
fn without_a_suite_that_says_what_ready_means_scenarios_pass_or_fail() {
    let folder = Folder::new("validate-bare");
    folder.write("four.yaml", &decision("{}"));
    folder.write("other.yaml", &SUITE[..SUITE.find("readiness:").unwrap()]);
    let readiness = validated(&folder, &["--seeds", "0..5"], 0);
    assert_eq!((&readiness["verdict"], &readiness["score"]), (&"unknown".into(), &Value::Null));
    let points = readiness["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0]["runs"]), (1, &5.into()), "other suites are left out");
    let printed = page(&["validate", &folder.at("four.yaml"), "--output", &folder.at("out")], 0);
    assert!(printed.contains("\nall passed  digest "), "{printed}");
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let folder = catalogue("validate-wrong");
    let right = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    for (what, instead, told) in [
        ("score: 70%", "score: 0.7", "suite.yaml:16:10: error: "),
        (
            "veto: true",
            "vetto: true",
            "suite.yaml:20:7: error: unknown field \"vetto\", did you mean \"veto\"?",
        ),
        ("name: fast, ", "name: safe, ", "suite.yaml:26:18: error: there is a target \"safe\" already"),
        ("at_most: 1s", "at_most: 1MB", "error: 1MB is no value of what is measured"),
        (
            "p99: latency.max_ns",
            "p99: latency.mix_ns",
            "error: unknown metric \"latency.mix_ns\", did you mean",
        ),
        ("of: series=safe n=7", "of: sizes=9", "error: no point has \"sizes\""),
        ("by: [safe, fast]", "by: [safe, fist]", "error: unknown target \"fist\", did you mean \"fast\"?"),
        (", absent: it is not there", "", "error: nothing says what is measured"),
        ("measure: passed", "measure: past", "error: unknown "),
        (
            "of: series=safe, measure: safe",
            "of: series=safe, measure: reproducible",
            "only the catalogue's scenarios run again",
        ),
        ("name: unsafe", "name: catalogue", "suite.yaml:10:11: error: this is what all scenarios"),
        ("name: speed", "name: safety", "error: there is a criterion \"safety\" already"),
        ("measure: safe, ", "measure: safe, against: n=4, ", "error: only figures of metrics can be divided"),
        (
            "absent: it is not there",
            "of: n=4, absent: it is not there",
            "error: what is absent cannot be measured",
        ),
        (", absent: it cannot", "", "error: a requirement has targets that answer it"),
        (
            "measure: passed",
            "measure: {within: {metric: latency.max_ns, at_most: 1MB}}",
            "error: 1MB is no value of latency.max_ns",
        ),
    ] {
        assert!(right.contains(what), "{what}");
        folder.write("suite.yaml", &right.replacen(what, instead, 1));
        let error = refused(&["validate", &folder.at(".")]);
        assert!(error.contains(told), "{instead}: {error}");
    }
    let goals = right.find("  criteria:").unwrap();
    for (criteria, told) in [
        ("[]", "error: without a criterion nothing says what ready means"),
        ("[{name: empty, about: Nothing., targets: []}]", "error: a criterion has one target at least"),
    ] {
        folder.write("suite.yaml", &format!("{}  criteria: {criteria}\n", &right[..goals]));
        let error = refused(&["validate", &folder.at(".")]);
        assert!(error.contains(told), "{criteria}: {error}");
    }
    folder.write("suite.yaml", &right);
    folder.write("twin.yaml", &right);
    let error = refused(&["validate", &folder.at(".")]);
    assert!(error.contains("twin.yaml:15:1: error: another suite says already"), "{error}");
    assert!(refused(&["validate", &folder.at("nowhere")]).contains("nowhere: error: "));
}

#[cfg(unix)]
#[test]
fn an_interrupted_validation_says_what_is_known() {
    let folder = catalogue("validate-interrupted");
    let suite = fs::read_to_string(folder.at("suite.yaml")).unwrap();
    folder.write("suite.yaml", &suite.replace("seeds: 0..400", "seeds: 0..100000000"));
    let (paths, output) = (folder.at("."), folder.at("out"));
    let arguments = ["validate", &paths, "--output", &output, "--jobs", "1"];
    let mut child = command(&arguments).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    // The first point has ended: the series, which never would, is under way.
    let first = lines.next().expect("there is one").expect("it is text");
    assert_eq!(first, format!("pass  {}", folder.at("./four.yaml")));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("there is kill").success());
    let rest: Vec<String> = lines.map(|line| line.expect("it is text")).collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let has = |part: &str| rest.iter().any(|line| line.contains(part));
    assert!(has("not measured  fast") && has(": interrupted") && has("no exception  all"), "{rest:#?}");
    assert!(rest.last().is_some_and(|line| line.starts_with("interrupted  digest ")), "{rest:#?}");
    assert!(!Path::new(&output).exists(), "there is nothing to report yet");
}
