//! Any number of shards comes to what one process comes to, to the byte.

use super::folder::{Folder, QUICKSTART, TIGHT, ends, files, plan, run};
use std::fs;
use std::path::Path;

#[test]
fn blocks_of_any_length_in_any_number_of_shards_come_to_what_a_sweep_comes_to() {
    let folder = Folder::new();
    let options = [&TIGHT[..], &["--seeds", "5..105", "--repros", "4"]].concat();
    let output = folder.at("sweep");
    let sweep = [&["sweep", QUICKSTART, "--format", "json", "--output", &output], &options[..]].concat();
    let swept = ends(1, &sweep);
    let mut merged = Vec::new();
    for (block, shards) in [("1", 3), ("16", 8), ("64", 1), ("1024", 2)] {
        let campaign = folder.at(block);
        plan(&campaign, &[&options[..], &["--block", block, "--shrink", "2"]].concat());
        // The last one first: the order does not matter.
        for shard in (0..shards).rev() {
            run(&campaign, &format!("{shard}/{shards}"));
        }
        assert_eq!(ends(1, &["campaign", "merge", &campaign, "--format", "json"]), swept, "{block}");
        merged.push(files(&folder.path(block).join("merged")));
    }
    assert!(merged.windows(2).all(|pair| pair[0] == pair[1]), "the same files, to the byte");
    let names: Vec<&str> = merged[0].keys().map(String::as_str).collect();
    let shrunk = names.iter().filter(|name| name.ends_with(".shrunk.yaml")).count();
    assert_eq!(
        (names.len(), shrunk),
        (7, 2),
        "four failures are kept, and the first two are shrunk: {names:?}"
    );
    assert_eq!(merged[0]["sweep.json"], swept.as_bytes());
    let of_sweep = files(&folder.path("sweep"));
    for name in names.iter().filter(|name| name.starts_with("seed-") && !name.contains("shrunk")) {
        assert_eq!(merged[0][*name], of_sweep[*name], "{name}");
    }
}

#[test]
fn a_grid_is_cut_across_its_points() {
    let folder = Folder::new();
    let options = ["--seeds", "0..10", "--grid", "agents=4,7", "--grid", "network.loss=0%,5%"];
    let swept = ends(
        1,
        &[
            &[
                "sweep",
                "scenarios/pbft/fault_free_4.yaml",
                "--format",
                "json",
                "--output",
                &folder.at("sweep"),
            ],
            &options[..],
        ]
        .concat(),
    );
    let campaign = folder.at("campaign");
    ends(
        0,
        &[
            &["campaign", "plan", "scenarios/pbft/fault_free_4.yaml", "--output", &campaign, "--block", "4"],
            &options[..],
        ]
        .concat(),
    );
    for shard in 0..5 {
        run(&campaign, &format!("{shard}/5"));
    }
    assert_eq!(ends(1, &["campaign", "merge", &campaign, "--format", "json"]), swept);
}

/// Writes a suite of two small points beside the scenario that it is of.
fn suite(folder: &Folder) -> String {
    fs::copy(QUICKSTART, folder.path("quickstart.yaml")).expect("it can be copied");
    let text = "name: small\nabout: Two points.\nseries:\n  - name: loss\n    scenarios: [quickstart.yaml]\n    seeds: 0..6\n    \
                quick: 0..2\n    timelines: true\n    parameters: {network.loss: [0%, 1%]}\n";
    fs::write(folder.path("suite.yaml"), text).expect("it can be written");
    folder.at("suite.yaml")
}

#[test]
fn a_suite_comes_to_the_report_of_a_benchmark() {
    let folder = Folder::new();
    let suite = suite(&folder);
    let benched = ends(0, &["bench", &suite, "--output", &folder.at("bench"), "--format", "json"]);
    let campaign = folder.at("campaign");
    ends(0, &["campaign", "plan", &suite, "--output", &campaign, "--block", "2"]);
    for shard in 0..3 {
        run(&campaign, &format!("{shard}/3"));
    }
    assert_eq!(ends(0, &["campaign", "merge", &campaign, "--format", "json"]), benched);
    let [mut merged, mut whole] = ["campaign/merged", "bench"].map(|name| files(&folder.path(name)));
    // What the machine took is no result, and the page and the summary tell of it.
    let is_of_machine =
        |name: &str| ["machine.json", "index.html", "summary.md"].contains(&name) || name.contains("host");
    for files in [&mut merged, &mut whole] {
        files.retain(|name, _| !is_of_machine(name));
    }
    assert!(merged.contains_key("results.csv") && merged.contains_key("results.json"), "{:?}", merged.keys());
    assert_eq!(merged, whole);
}

#[test]
fn a_catalogue_comes_to_the_report_of_a_validation() {
    let folder = Folder::new();
    suite(&folder);
    fs::remove_file(folder.path("suite.yaml")).expect("it was there");
    let text = "name: ready\nabout: One goal.\nseries:\n  - name: loss\n    scenarios: [quickstart.yaml]\n    seeds: 0..4\n\
                readiness:\n  score: 50%\n  criteria:\n    - name: same\n      about: Runs come to the same again.\n      targets:\n        \
                - {name: again, about: The same again., measure: reproducible, expect: {at_least: 100%}}\n";
    fs::create_dir(folder.path("catalogue")).expect("a folder");
    for (name, text) in [
        ("suite.yaml", text.to_owned()),
        ("quickstart.yaml", fs::read_to_string(QUICKSTART).expect("a file")),
    ] {
        fs::write(folder.path("catalogue").join(name), text).expect("it can be written");
    }
    let catalogue = fs::canonicalize(folder.path("catalogue")).expect("it is there").display().to_string();
    let validated =
        ends_somehow(&["validate", &catalogue, "--output", &folder.at("report"), "--format", "json"]);
    let campaign = folder.at("campaign");
    ends(0, &["campaign", "plan", &catalogue, "--output", &campaign]);
    for shard in 0..2 {
        run(&campaign, &format!("{shard}/2"));
    }
    assert_eq!(ends_somehow(&["campaign", "merge", &campaign, "--format", "json"]), validated);
    let report = |name: &str| fs::read(Path::new(&folder.at(name)).join("readiness.json")).expect("a report");
    assert_eq!(report("campaign/merged"), report("report"));
}

/// Returns how a command ended, and what it printed.
fn ends_somehow(arguments: &[&str]) -> (Option<i32>, String) {
    let output = super::folder::synod(arguments).output().expect("the command starts");
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn what_was_made_is_not_made_again() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..8", "--block", "2"]);
    run(&campaign, "0/2");
    let before = files(&folder.path("campaign"));
    let again = run(&campaign, "0/2");
    assert!(again.contains("finished before"), "{again}");
    assert_eq!(files(&folder.path("campaign")), before);
    // The same plan once more is no other one.
    plan(&campaign, &["--seeds", "0..8", "--block", "2"]);
    assert_eq!(files(&folder.path("campaign")), before);
}

#[test]
fn a_plan_holds_its_scenario_whatever_becomes_of_the_file() {
    let folder = Folder::new();
    fs::copy(QUICKSTART, folder.path("mine.yaml")).expect("it can be copied");
    let campaign = folder.at("campaign");
    let mine = folder.at("mine.yaml");
    ends(0, &["campaign", "plan", &mine, "--seeds", "0..4", "--output", &campaign]);
    let swept =
        ends(0, &["sweep", &mine, "--seeds", "0..4", "--output", &folder.at("sweep"), "--format", "json"]);
    fs::remove_file(&mine).expect("it was there");
    run(&campaign, "0/1");
    assert_eq!(ends(0, &["campaign", "merge", &campaign, "--format", "json"]), swept);
}

#[test]
fn what_is_missing_is_named_until_nothing_is() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..40", "--block", "2", "--shards", "6"]);
    let missing = |format: &str| ends(0, &["campaign", "missing", &campaign, "--format", format]);
    assert_eq!(missing("slurm"), "0-5\n");
    for shard in [1, 4] {
        run(&campaign, &format!("{shard}/6"));
    }
    assert_eq!(missing("human"), "0/6\n2/6\n3/6\n5/6\n");
    assert_eq!(missing("slurm"), "0,2-3,5\n");
    let object: serde_json::Value = serde_json::from_str(&missing("json")).expect("one object");
    assert_eq!(object["missing"][1], "2/6");
    let error = super::folder::refused(&["campaign", "merge", &campaign]);
    assert!(error.contains("26 runs are missing, of the shards 0/6, 2/6, 3/6, 5/6"), "{error}");
    assert!(error.contains("campaign missing"), "{error}");
    let page = ends(0, &["campaign", "status", &campaign]);
    assert!(page.contains("14 of 40 runs made (35.0 %), 0 failed"), "{page}");
    for shard in [0, 2, 3, 5] {
        run(&campaign, &format!("{shard}/6"));
    }
    assert_eq!(missing("human"), "");
    assert_eq!(missing("slurm"), "");
    ends(0, &["campaign", "merge", &campaign]);
    let status: serde_json::Value =
        serde_json::from_str(&ends(0, &["campaign", "status", &campaign, "--format", "json"]))
            .expect("one object");
    assert_eq!((status["runs"].as_u64(), status["complete"].as_bool()), (Some(40), Some(true)));
}
