//! Names that would steer a terminal, a browser, a spreadsheet or a reader: no output passes them on.

use super::command::{Folder, command, page, refused, run};
use std::fs;
use synod::units::is_printable;

/// What a stranger calls things, as YAML has it: it colours, renames the window, hides, turns text around, and is markup,
/// a formula, a column and a label's end.
const HOSTILE: &str =
    r#"=1\e[31m\e]0;t\a\u009b2J|<script>alert(1)</script>\"}\u202e\u2066\u200b`[x](y)\r\nend"#;

/// The same on one line.
fn hostile() -> String {
    HOSTILE.replace(r"\n", "")
}

/// A scenario whose every name is hostile, and which fails if it is to.
fn scenario(expect: &str) -> String {
    let (name, about) = (hostile(), HOSTILE);
    format!(
        "name: \"{name}\"\nabout: \"{about}\"\nagents: 4\nnetwork: {{latency: {{constant: 5ms}}}}\n\
         protocol: {{pbft: {{}}}}\nworkload: {{decision: {{}}}}\n\
         faults: [{{silent: {{name: \"{name}\", agents: [3]}}}}]\n{expect}"
    )
}

/// Refuses text that a terminal would not just show.
fn shows_itself(text: &str, what: &str) {
    let hidden = text.chars().find(|c| !is_printable(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(hidden, None, "{what}: {}", text.escape_debug());
}

#[test]
fn no_page_is_steered_by_a_name() {
    let folder = Folder::new("hostile-pages");
    let (good, bad) = (
        folder.write("good.yaml", &scenario("")),
        folder.write("bad.yaml", &scenario("expect: {messages.sent: 1}\n")),
    );
    let out = folder.at("out");
    for (arguments, code) in [
        (&["check", &good][..], 0),
        (&["run", &good], 0),
        (&["run", &good, "--print-config"], 0),
        (&["explain", &good, "--output", &folder.at("explained")], 0),
        (&["sweep", &bad, "--seeds", "0..3", "--output", &out], 1),
        (&["replay", &format!("{out}/seed-0.yaml")], 0),
        (&["diff", &good, &bad], 0),
        (&["list", "scenarios", "--folder", &folder.at("")], 0),
        (&["select", &good, "--runs", "0"], 0),
    ] {
        for format in ["human", "json"] {
            if arguments[0] == "sweep" {
                let _ = fs::remove_dir_all(&out);
            }
            let formatted = [arguments, &["--format", format]].concat();
            let arguments =
                if ["check", "list"].contains(&arguments[0]) || arguments.contains(&"--print-config") {
                    arguments
                } else {
                    &formatted
                };
            let text = page(arguments, code);
            shows_itself(&text, &arguments.join(" "));
            assert!(
                text.contains("script") || ["diff", "replay"].contains(&arguments[0]),
                "{arguments:?}: {text}"
            );
            if format == "json" && arguments.contains(&"json") {
                serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
            }
        }
    }
    // A file's own name does no better.
    let odd = folder.write("a\u{1b}[31m\u{202e}.yaml", "name: [");
    let (_, error) = run(&["check", &odd], 2);
    shows_itself(&error, "an error");
    let odd = folder.write("b\u{1b}[31m\u{202e}.yaml", &scenario(""));
    shows_itself(&page(&["check", &odd], 0), "check");
    shows_itself(&page(&["run", &odd], 0), "run");
}

#[test]
fn no_file_for_other_programs_is_broken_by_a_name() {
    let folder = Folder::new("hostile-files");
    let bad = folder.write("bad.yaml", &scenario("expect: {messages.sent: 1}\n"));
    let names = ["csv", "xml", "txt", "json", "jsonl", "log"];
    let [csv, junit, metrics, trace, events, shiviz] = names.map(|name| folder.at(&format!("x.{name}")));
    let grid = ["--grid", "horizon=1m,2m"];
    let sweep =
        ["sweep", &bad, "--seeds", "0..3", "--output", &folder.at("out"), "--csv", &csv, "--junit", &junit];
    run(&[&sweep[..], &grid, &["--metrics", &metrics]].concat(), 1);
    run(&["run", &bad, "--trace", &trace, "--events", &events, "--shiviz", &shiviz], 1);
    run(&["explain", &bad, "--output", &folder.at("explained")], 0);
    let read = |path: &str| fs::read_to_string(path).expect("it is written");
    let explained = ["svg", "html"].map(|kind| folder.at(&format!("explained/explain.{kind}")));
    for file in [&csv, &junit, &metrics, &trace, &events, &shiviz].into_iter().chain(&explained) {
        shows_itself(&read(file), file);
    }
    for markup in [&junit, &explained[0], &explained[1]] {
        assert!(!read(markup).contains("<script>alert"), "{markup}");
    }
    for line in read(&events).lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("an object a line");
    }
    serde_json::from_str::<serde_json::Value>(&read(&trace)).expect("it is JSON");
    assert!(read(&metrics).lines().all(|line| line.starts_with("synod_") || line.starts_with("# ")));
    let repro = folder.at("out/point-0-seed-0.yaml");
    shows_itself(&read(&repro), "a repro file");
    run(&["replay", &repro], 0);
}

#[test]
fn no_report_is_broken_by_a_name() {
    let folder = Folder::new("hostile-reports");
    folder.write("one.yaml", &scenario(""));
    let name = hostile();
    let suite = format!(
        "name: \"{name}\"\nabout: \"{HOSTILE}\"\nseries:\n  - name: \"{name}\"\n    about: \"{HOSTILE}\"\n    \
         scenarios: [one.yaml]\n    seeds: 0..3\n    parameters: {{horizon: {{\"{name}\": 1m}}}}\n    \
         faults: {{\"@sum|<b>\": []}}\n"
    );
    let suite = folder.write("suite.yaml", &suite);
    let out = folder.at("report");
    shows_itself(&page(&["check", &suite], 0), "check");
    shows_itself(&page(&["bench", &suite, "--output", &out], 0), "bench");
    let read = |name: &str| fs::read_to_string(format!("{out}/{name}")).expect("it is written");
    for name in ["results.csv", "results.json", "summary.md", "index.html", "machine.json"] {
        shows_itself(&read(name), name);
    }
    assert!(!read("index.html").contains("<script>alert"));
    let summary = read("summary.md");
    assert!(
        !summary.contains("<script") && !summary.contains("<b>") && !summary.contains("](y)\n"),
        "{summary}"
    );
    for line in summary.lines().filter(|line| line.starts_with('|')) {
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        let head = summary.lines().find(|line| line.starts_with("| point")).expect("a table");
        assert_eq!(columns(line), columns(head), "{line}");
    }
    let mut table = csv::Reader::from_reader(fs::File::open(format!("{out}/results.csv")).expect("a table"));
    for record in table.records() {
        for cell in &record.expect("a row") {
            let is_formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
            assert!(!is_formula, "{cell}");
        }
    }
}

#[test]
fn a_name_that_says_nothing_is_refused() {
    let folder = Folder::new("empty-names");
    for (name, part) in [
        ("\"\"".to_owned(), "the name says nothing"),
        ("\"  \\t \"".to_owned(), "the name says nothing"),
        ("\"a\\nb\"".to_owned(), "a name is one line"),
        ("x".repeat(5_000), "the name has 5000 characters, and 120 are possible"),
    ] {
        let text = scenario("");
        let text = format!("name: {name}\n{}", text.split_once('\n').expect("several lines").1);
        let error = refused(&["check", &folder.write("x.yaml", &text)]);
        assert!(error.contains(":1:7: error: ") && error.contains(part), "{error}");
    }
}

#[test]
fn names_never_lead_out_of_the_output_folder() {
    let folder = Folder::new("names-as-paths");
    fs::create_dir(folder.at("here")).expect("a folder");
    for name in ["../../up", "..", "/etc/passwd", "C:\\\\x", "a/b", "NUL", "con"] {
        let text = scenario("expect: {messages.sent: 1}\n");
        let text = format!("name: \"{name}\"\n{}", text.split_once('\n').expect("several lines").1);
        let file = folder.write("here/x.yaml", &text);
        for arguments in [&["sweep", &file, "--seeds", "0..1"][..], &["explain", &file]] {
            let output =
                command(arguments).current_dir(folder.at("here")).output().expect("the command starts");
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{name}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    assert_eq!(folder.files(), ["here"], "nothing lies beside it");
    let names = fs::read_dir(folder.at("here/synod-sweep")).expect("a folder");
    let names: Vec<String> =
        names.map(|entry| entry.expect("it can be read").file_name().into_string().expect("text")).collect();
    assert!(
        names.iter().all(|name| !["nul", "con"].contains(&&*name.to_lowercase()) && !name.starts_with('.')),
        "{names:?}"
    );
}
