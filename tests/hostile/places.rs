//! Links, devices and files of others: nothing is read that a scenario may not name, and nothing is written over.

use super::command::{Folder, command, object, page, refused, run};
use std::fs;
use std::time::{Duration, Instant};

const QUICKSTART: &str = "scenarios/quickstart.yaml";

fn scenario(network: &str, faults: &str) -> String {
    format!(
        "name: x\nagents: 4\nnetwork: {network}\nprotocol: {{pbft: {{}}}}\nworkload: {{decision: {{}}}}\n\
         faults: {faults}\n"
    )
}

#[test]
fn a_scenario_names_files_of_its_own_folder_or_catalogue() {
    let folder = Folder::new("references");
    for name in ["mine", "catalogue/scenarios/deep", "catalogue/fault_models"] {
        fs::create_dir_all(folder.at(name)).expect("a folder");
    }
    let model = "name: m\nabout: a\nfaults: [{silent: {agents: [3]}}]\n";
    for name in ["secret.yaml", "mine/m.yaml", "catalogue/fault_models/m.yaml"] {
        folder.write(name, model);
    }
    folder.write("secret.csv", "delay_ms\nhush\n");
    folder.write("fine.csv", "delay_ms\n5\n");
    let fine = "{latency: {constant: 5ms}}";
    let picks = |file: &str| scenario(fine, &format!("[{{model: {{file: {file}}}}}]"));
    let draws = |file: &str| scenario(&format!("{{latency: {{empirical: {{file: {file}}}}}}}"), "[]");
    let links =
        |file: &str| scenario(&format!("{{latency: {{constant: 5ms}}, topology: {{file: {file}}}}}"), "[]");
    page(&["check", &folder.write("mine/a.yaml", &picks("m.yaml"))], 0);
    page(
        &["check", &folder.write("catalogue/scenarios/deep/a.yaml", &picks("../../fault_models/m.yaml"))],
        0,
    );
    let outside = "lies outside of the scenario's folder and of its catalogue";
    for text in [
        picks("../secret.yaml"),
        picks(&folder.at("secret.yaml")),
        picks("/etc/passwd"),
        draws("../secret.csv"),
        draws("/dev/zero"),
        links("../secret.csv"),
        links("/proc/self/environ"),
    ] {
        let file = folder.write("mine/b.yaml", &text);
        for verb in ["check", "run", "explain", "select", "shrink", "replay"] {
            let error = refused(&[verb, &file]);
            assert!(error.contains(outside) && error.contains("--allow-outside"), "{verb}: {error}");
            assert!(!error.contains("hush") && !error.contains("root:"), "{error}");
        }
        for more in [
            &["sweep", &file, "--seeds", "0..2", "--output", &folder.at("out")][..],
            &["diff", &file, &file],
            &["validate", &file],
        ] {
            assert!(refused(more).contains(outside), "{more:?}");
        }
    }
    let file = folder.write("mine/c.yaml", &picks("../secret.yaml"));
    page(&["run", &file, "--allow-outside"], 0);
    page(&["check", &file, "--allow-outside"], 0);
    let file = folder.write("mine/c.yaml", &draws("../fine.csv"));
    object(&["run", &file, "--allow-outside"], 0);
    // A suite names scenarios in the same way, and they their files.
    let suite =
        |scenario: &str| format!("name: s\nseries: [{{name: a, scenarios: [{scenario}], seeds: 0..1}}]\n");
    folder.write("beside.yaml", &scenario(fine, "[]"));
    for (file, is_near) in [("a.yaml", true), ("c.yaml", false), ("../beside.yaml", false)] {
        let suite = folder.write("mine/suite.yaml", &suite(file));
        run(&["check", &suite], if is_near { 0 } else { 2 });
        run(&["check", &suite, "--allow-outside"], 0);
    }
}

#[test]
#[cfg(unix)]
fn neither_links_nor_devices_nor_pipes_lead_elsewhere() {
    let folder = Folder::new("links");
    fs::create_dir(folder.at("mine")).expect("a folder");
    folder.write("secret.csv", "delay_ms\nhush\n");
    std::os::unix::fs::symlink("../secret.csv", folder.at("mine/link.csv")).expect("a link");
    std::os::unix::fs::symlink("/dev/zero", folder.at("mine/device.csv")).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(folder.at("mine/pipe.csv")).status().expect("mkfifo");
    assert!(made.success());
    for (named, allowing, part) in [
        ("link.csv", false, "lies outside"),
        ("device.csv", false, "lies outside"),
        ("device.csv", true, "is not an ordinary file"),
        ("/dev/zero", true, "is not an ordinary file"),
        ("pipe.csv", false, "is not an ordinary file"),
        (".", false, "is a directory"),
    ] {
        let text = scenario(&format!("{{latency: {{empirical: {{file: {named}}}}}}}"), "[]");
        let file = folder.write("mine/x.yaml", &text);
        let began = Instant::now();
        let error =
            refused(&[&["check", &file][..], if allowing { &["--allow-outside"] } else { &[] }].concat());
        assert!(error.contains(part), "{named}: {error}");
        assert!(began.elapsed() < Duration::from_secs(10), "{named}");
    }
}

#[test]
fn errors_in_a_file_that_is_referred_to_tell_where_and_not_what() {
    let folder = Folder::new("referred");
    let fine = "{latency: {constant: 5ms}}";
    for (name, content, text, says) in [
        (
            "d.csv",
            "delay_ms\n5\nhush\n",
            scenario("{latency: {empirical: {file: d.csv}}}", "[]"),
            "d.csv:3:1: error: ",
        ),
        (
            "d.csv",
            "0,1\n1,hush\n",
            scenario("{latency: {constant: 5ms}, topology: {file: d.csv}}", "[]"),
            "d.csv:2:1: error: ",
        ),
        (
            "m.yaml",
            "name: m\nabout: a\nhush: 3\n",
            scenario(fine, "[{model: {file: m.yaml}}]"),
            "m.yaml:3:1: error: unknown field",
        ),
        ("m.yaml", "name: m\nhush hush: [*hush\n", scenario(fine, "[{model: {file: m.yaml}}]"), "m.yaml:2:"),
        ("m.yaml", "hush\n", scenario(fine, "[{model: {file: m.yaml}}]"), "m.yaml:1:1: error: "),
        (
            "m.yaml",
            "name: m\nabout: a\nfaults:\n  - silent: {name: hush, agents: [99]}\n",
            scenario(fine, "[{model: {file: m.yaml}}]"),
            "m.yaml:4:",
        ),
    ] {
        folder.write(name, content);
        let error = refused(&["check", &folder.write("x.yaml", &text)]);
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn what_lies_behind_links_in_an_output_folder_stays_as_it_is() {
    let folder = Folder::new("precious");
    let precious = folder.write("precious", "mine");
    let is_whole = || assert_eq!(fs::read_to_string(&precious).expect("it is there"), "mine");
    fs::create_dir_all(folder.at("sweep")).expect("a folder");
    fs::create_dir_all(folder.at("bench/runs")).expect("a folder");
    let link = |name: &str| std::os::unix::fs::symlink(&precious, folder.at(name)).expect("a link");
    let suite = format!(
        "name: s\nseries: [{{name: a, scenarios: [{}/scenarios/pbft/fault_free_4.yaml], seeds: 0..2, sizes: [4, 7]}}]\n",
        env!("CARGO_MANIFEST_DIR")
    );
    let suite = folder.write("suite.yaml", &suite);
    let (sweep, bench) = (folder.at("sweep"), folder.at("bench"));
    let swept = ["sweep", QUICKSTART, "--seeds", "0..2", "--output", &sweep];
    let benched = ["bench", &suite, "--allow-outside", "--output", &bench];
    for (name, arguments) in [
        ("sweep/.lock", &swept[..]),
        ("sweep/checkpoint.json", &swept),
        ("bench/runs/.lock", &benched),
        ("bench/runs/checkpoint.json", &benched),
        ("bench/results.json", &benched),
        ("bench/plots", &benched),
    ] {
        link(name);
        let error = refused(arguments);
        assert!(
            error.contains("is a link, and none is followed here") || error.contains("is not Synod's"),
            "{error}"
        );
        is_whole();
        fs::remove_file(folder.at(name)).expect("the link is there still");
    }
    run(&swept, 0);
    // A lock that somebody wrote into keeps what it holds.
    let lock = folder.write("sweep/.lock", "mine");
    run(&[&swept[..], &["--resume"]].concat(), 0);
    assert_eq!(fs::read_to_string(lock).expect("it is there"), "mine");
}

#[test]
fn a_report_does_not_replace_what_is_not_its_own() {
    let folder = Folder::new("foreign");
    let text = format!(
        "name: s\nseries: [{{name: a, scenarios: [{}/{QUICKSTART}], seeds: 0..2}}]\n",
        env!("CARGO_MANIFEST_DIR")
    );
    let suite = folder.write("suite.yaml", &text);
    let index = folder.write("index.html", "mine");
    let benched = ["bench", &suite, "--allow-outside", "--output", &folder.at("")];
    assert!(refused(&benched).contains("index.html: error: this file is not Synod's"));
    assert!(
        refused(&["validate", QUICKSTART, "--output", &folder.at("")]).contains("this file is not Synod's")
    );
    assert_eq!(fs::read_to_string(&index).expect("it is there"), "mine");
    fs::remove_file(&index).expect("it was there");
    run(&benched, 0);
    run(&benched, 0);
}

#[test]
fn what_a_killed_command_left_is_tidied_away() {
    let folder = Folder::new("left");
    fs::create_dir(folder.at("out")).expect("a folder");
    let draft = folder.write("out/.synod-abcdefghijkl.draft", "half");
    let mine = folder.write("out/.synod-mine.draft", "mine");
    run(&["sweep", QUICKSTART, "--seeds", "0..2", "--output", &folder.at("out")], 0);
    assert!(!fs::exists(&draft).expect("it can be asked"));
    assert!(fs::exists(&mine).expect("it can be asked"));
    let draft = folder.write(".synod-abcdefghijkl.draft", "half");
    run(&["run", QUICKSTART, "--metrics", &folder.at("x.txt")], 0);
    assert!(!fs::exists(&draft).expect("it can be asked"));
}

#[test]
fn recordings_have_a_limit_and_tell_what_is_left_out() {
    let folder = Folder::new("recordings");
    let (events, trace) = (folder.at("x.jsonl"), folder.at("x.json"));
    let recorded = ["run", QUICKSTART, "--events", &events, "--trace", &trace];
    let (whole, remark) = run(&recorded, 0);
    assert_eq!(remark, "");
    let size = |path: &str| fs::metadata(path).expect("it is there").len();
    let full = [size(&events), size(&trace)];
    assert!(whole.contains(&format!("{events}: {:.1} KiB\n", full[0] as f64 / 1024.0)), "{whole}");
    let (_, remark) = run(&[&recorded[..], &["--recording-limit", "4KiB"]].concat(), 0);
    for path in [&events, &trace] {
        assert!(remark.contains(path.as_str()) && remark.contains("more would not fit"), "{remark}");
        assert!((2_000..4_200).contains(&size(path)), "{path}");
    }
    assert!(remark.contains("--recording-limit"), "{remark}");
    let text = fs::read_to_string(&events).expect("text");
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    let text = fs::read_to_string(&trace).expect("text");
    serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON still");
}

#[test]
fn a_grid_has_as_many_points_as_it_may() {
    let folder = Folder::new("grids");
    let out = folder.at("out");
    let values: Vec<String> = (1..=200).map(|value| format!("{value}m")).collect();
    let axis = format!("horizon={}", values.join(","));
    let sweep = [
        "sweep", QUICKSTART, "--seeds", "0..1", "--output", &out, "--grid", &axis, "--grid", &axis, "--grid",
        &axis,
    ];
    let error = refused(&sweep);
    assert!(error.contains("--grid: error: these are 8000000 points, and 10000 are possible"), "{error}");
    assert!(error.contains("--max-points"), "{error}");
    let few = [
        "sweep",
        QUICKSTART,
        "--seeds",
        "0..1",
        "--output",
        &out,
        "--grid",
        "horizon=1m,2m,3m",
        "--max-points",
    ];
    assert!(refused(&[&few[..], &["2"]].concat()).contains("these are 3 points, and 2 are possible"));
    run(&[&few[..], &["3"]].concat(), 0);
    let suite = format!(
        "name: s\nseries: [{{name: a, scenarios: [{}/{QUICKSTART}], seeds: 0..1, parameters: {{horizon: [{2}], seed: [{2}], \
         {1}: [{2}]}}}}]\n",
        env!("CARGO_MANIFEST_DIR"),
        "stabilize_at",
        values.join(", ")
    );
    let error = refused(&["check", &folder.write("suite.yaml", &suite), "--allow-outside"]);
    assert!(error.contains("has 8000000 points, and 10000 are possible"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_request_to_terminate_ends_a_sweep_as_an_interrupt_does() {
    let folder = Folder::new("terminated");
    let out = folder.at("out");
    let mut child = command(&["sweep", QUICKSTART, "--seeds", "0..100000000", "--output", &out])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the command starts");
    while !fs::exists(format!("{out}/checkpoint.json")).expect("it can be asked") {
        assert_eq!(child.try_wait().expect("it can be asked"), None, "it goes on until it is ended");
        std::thread::yield_now();
    }
    let asked = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(asked.expect("kill").success());
    let ended = child.wait_with_output().expect("it ends");
    let remark = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{remark}");
    assert!(remark.contains("interrupted; go on with:"), "{remark}");
}
