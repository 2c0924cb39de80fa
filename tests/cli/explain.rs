//! `synod explain`, as a user runs it.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SILENT: &str = "scenarios/pbft/silent_primary.yaml";
const BUG: &str = "protocol.pbft.bug=quorum_one_short";

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("synod-explain-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn explain(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synod"));
    command.arg("explain").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for variable in ["SYNOD_SEED", "SYNOD_FORMAT", "SYNOD_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"]
    {
        command.env_remove(variable);
    }
    command.output().expect("the command starts")
}

/// What is told of a run, into `folder`.
fn told(folder: &str, arguments: &[&str]) -> String {
    let output = explain(&[arguments, &["--output", folder]].concat());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{err}");
    assert_eq!(err, "", "{arguments:?}");
    out.into_owned()
}

/// The picture of a stale read begins where its operations do, and what is told of a client ends with its operation.
#[test]
fn a_violation_is_in_its_picture() {
    let folder = Folder::new("explain-contains");
    let file = "scenarios/raft/lease_beyond_drift.yaml";
    let object: Value =
        serde_json::from_str(&told(&folder.at("one"), &[file, "--format", "json"])).expect("JSON");
    let intervals = object["violations"][0]["interleaving"]["intervals"].as_array().expect("a list");
    let begins = intervals.iter().filter_map(|one| one["from_ns"].as_u64()).min().expect("there are some");
    let text = told(&folder.at("two"), &[file]);
    let picture = fs::read_to_string(folder.at("two/explain.svg")).expect("it was written");
    // Titles of marks and arrows tell their times.
    let times = picture.split(" ms").filter_map(|part| {
        let number: String =
            part.chars().rev().take_while(|c| c.is_ascii_digit() || ",.".contains(*c)).collect();
        number.chars().rev().filter(|c| *c != ',').collect::<String>().parse::<f64>().ok()
    });
    let first_shown = times.filter(|ms| *ms * 1e6 >= begins as f64).fold(f64::INFINITY, f64::min);
    assert!(first_shown * 1e6 - begins as f64 <= 1e6, "shown from {first_shown} ms, begins at {begins} ns");
    for interval in intervals {
        let until = interval["until_ns"].as_u64().expect("it ended");
        let ended = format!("{}.{:03} ms", grouped((until + 500) / 1_000_000), (until + 500) / 1_000 % 1_000);
        let claim = text
            .lines()
            .find(|line| line.contains(ended.trim_end_matches('0')) && line.contains(" claimed: "));
        assert!(claim.is_some(), "{ended}: {text}");
    }
}

/// `1234` as `1,234`.
fn grouped(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

/// Members of a child have numbers of their own, which are not told as those of agents.
#[test]
fn numbers_inside_a_child_are_not_told_as_agents() {
    let folder = Folder::new("explain-members");
    let text = told(&folder.at("one"), &["scenarios/documents/hierarchical_consensus.yaml"]);
    assert!(text.contains("(in 2: ") && text.contains(" by member "), "{text}");
    let picture = fs::read_to_string(folder.at("one/explain.svg")).expect("it was written");
    for told in [text, picture] {
        assert!(!told.contains(",:") && !told.contains(" node "), "{told}");
    }
}

fn refused(arguments: &[&str]) -> String {
    let output = explain(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    assert_eq!(error.matches("error:").count(), 1, "{error}");
    error
}

/// The names of the elements of `xml`, which must be well formed: every element closed in its order, no bare markup.
fn elements(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        assert_references(&rest[..start]);
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->").expect("a comment ends") + 3..];
            continue;
        }
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        assert!(!tag.contains('<'), "a tag within a tag: {tag}");
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "elements close in their order");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "attributes are quoted: {tag}");
        assert_references(tag);
        let name = tag.split([' ', '/']).next().expect("a name").to_owned();
        if !tag.ends_with('/') {
            open.push(name.clone());
        }
        all.push(name);
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    all
}

/// Every `&` begins a reference that XML knows.
fn assert_references(text: &str) {
    for after in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| after.starts_with(name));
        assert!(known, "a bare &: {after:.20}");
    }
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn a_violation_is_told_drawn_and_put_on_a_page() {
    let folder = Folder::new("violation");
    let words = told(&folder.at(""), &[SILENT, "--set", BUG]);
    for part in [
        "view_change_safety violated at 774.152 ms, event 58",
        "silent-1  agent 0, the whole run: 17 messages dropped",
        "How agent 1 came to it",
        "agent 1 took view-change (view 1, low 0, stable [], prepared [] by node 3) from agent",
        "agent 1 claimed: view entered: view 1",
        "42 handed in, and never decided",
    ] {
        assert!(words.contains(part), "{part} in:\n{words}");
    }
    let svg = folder.read("explain.svg");
    let names = elements(&svg);
    assert_eq!(names[0], "svg");
    assert_eq!(count(&svg, "class=\"agent end\""), 4, "a line for each agent");
    assert!(svg.contains("✗ view_change_safety violated"));
    assert_eq!(count(&svg, "<circle class=\"violation\""), 1, "agent 1 alone is concerned");
    assert!(
        svg.contains(">view entered, view 1</text>") && svg.contains(">what the violation rests on</text>")
    );
    assert!(svg.contains("class=\"fault\"") && svg.contains(">silent-1</text>"));
    assert!(!svg.contains(">status</text>"), "upkeep is left out");
    let page = folder.read("explain.html");
    assert!(page.contains("<svg ") && page.contains("<td>17 messages dropped</td>"));
    for outside in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs {outside}");
    }
}

#[test]
fn the_same_facts_come_as_json() {
    let folder = Folder::new("json");
    let text = told(&folder.at(""), &[SILENT, "--set", BUG, "--format", "json"]);
    let explanation: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(explanation["subject"], "violation");
    assert_eq!(explanation["violations"][0]["oracle"], "view_change_safety");
    assert_eq!(
        (&explanation["violations"][0]["event"], &explanation["verdict"]),
        (&json!(58), &json!("fail"))
    );
    assert_eq!(explanation["faults"][0]["effect"]["dropped"], 17);
    let (led, of) =
        (explanation["past"]["steps"].as_u64().unwrap(), explanation["past"]["of"].as_u64().unwrap());
    assert!(0 < led && led < of, "{led} of {of}");
    let chain = &explanation["chains"][0];
    assert_eq!(
        (&chain["agent"], &chain["claim"]),
        (&json!(1), &json!("view entered: view 1, proposals [], low 0"))
    );
    let evidence = json!([{"name": "view", "value": 1}]);
    assert_eq!((&explanation["violations"][0]["evidence"], &chain["evidence"]), (&evidence, &evidence));
    let links = chain["links"].as_array().unwrap();
    let last = links.last().unwrap();
    assert_eq!((&last["agent"], &last["kind"]), (&json!(1), &json!("view-change")));
    assert!(last["message"].as_str().unwrap().starts_with("view-change (view 1, low 0"), "{last}");
    for pair in links.windows(2) {
        assert!(pair[0]["at_ns"].as_u64() <= pair[1]["at_ns"].as_u64(), "oldest first");
        assert!(pair[1]["timer"].is_string() || pair[1]["from"] == pair[0]["agent"], "one leads to the next");
    }
    assert_eq!(
        explanation["decisions"],
        json!([{
            "operation": 42, "submitted_ns": 0, "first_ns": null, "last_ns": null, "agents": [], "served_by": null,
        }])
    );
    assert_eq!(explanation["files"].as_array().unwrap().len(), 2);
    assert!(folder.read("explain.svg").contains("view_change_safety violated"), "the files are written too");
}

#[test]
fn what_is_told_is_the_same_to_the_byte() {
    let (one, other) = (Folder::new("once"), Folder::new("again"));
    told(&one.at(""), &[SILENT]);
    told(&other.at(""), &[SILENT]);
    for name in ["explain.svg", "explain.html"] {
        assert_eq!(one.read(name), other.read(name), "{name}");
    }
    let before = one.read("explain.svg");
    told(&one.at(""), &[SILENT, "--seed", "2"]);
    assert_ne!(before, one.read("explain.svg"), "its own files it writes again");
}

#[test]
fn a_run_in_which_all_went_well_says_so() {
    let folder = Folder::new("well");
    let words = told(&folder.at(""), &[SILENT]);
    assert!(words.contains("No oracle objects, and the decision was made by 941.815 ms."), "{words}");
    assert!(words.contains("42 decided by all agents, handed in at 0 ms"), "{words}");
    assert!(words.contains("view entered, view 1: agents 0 to 3"), "{words}");
    let svg = folder.read("explain.svg");
    assert!(!svg.contains("class=\"violation\"") && count(&svg, ">decided 42</text>") >= 3);
    assert!(svg.contains("class=\"gap\""), "the time-out is idle time, and broken");
}

#[test]
fn what_was_never_decided_is_told() {
    let folder = Folder::new("undecided");
    // Too short for anything to be decided, and no oracle may object to that.
    let words =
        told(&folder.at(""), &[SILENT, "--set", "horizon=600ms", "--set", "oracles={only: [agreement]}"]);
    assert!(words.contains("only 0 of 1 operation had been decided by all who had to"), "{words}");
    assert!(words.contains("42 handed in, and never decided"), "{words}");
}

#[test]
fn names_that_look_like_markup_stay_names() {
    let folder = Folder::new("markup");
    let scenario = r#"
name: "</title><script>alert(1)</script> & 'co'"
about: "<b>bold</b> \"words\" &amp;"
seed: 1
agents: 4
network: {latency: {constant: 10ms}}
protocol: {pbft: {timeout: 500ms}}
workload: {decision: {initiator: 0, value: 42}}
faults: [{partition: {name: "<split> & more", groups: [[0, 1], [2, 3]], from: 5ms, until: 100ms}}]
"#;
    let file = folder.at("markup.yaml");
    fs::write(&file, scenario).unwrap();
    let output = explain(&[&file]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let svg = folder.read("synod-explain/markup/explain.svg");
    elements(&svg);
    let page = folder.read("synod-explain/markup/explain.html");
    for text in [&svg, &page] {
        assert!(!text.contains("<script") && !text.contains("<split>") && !text.contains("<b>"));
        assert!(text.contains("&lt;split&gt; &amp; more: side A"), "a band with its name");
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;co&#39;"));
    }
    assert!(page.contains("&lt;b&gt;bold&lt;/b&gt; &quot;words&quot; &amp;amp;"));
    assert_eq!(count(&svg, "class=\"divide\""), 1, "a line between the sides");
}

#[test]
fn a_large_run_is_told_of_those_concerned() {
    let folder = Folder::new("large");
    let large =
        ["scenarios/pbft/fault_free_100.yaml", "--set", "faults=[{silent: {agents: [77, 78, 79, 80]}}]"];
    told(&folder.at(""), &large);
    let svg = folder.read("explain.svg");
    assert_eq!(count(&svg, "class=\"agent end\""), 12);
    assert!(svg.contains("others are left out"), "and says so");
    for agent in ["agent 77", "agent 79"] {
        assert!(svg.contains(&format!(">{agent}</text>")), "{agent} is faulty");
    }
    told(&folder.at(""), &[&large[..], &["--agents", "3,50"]].concat());
    let svg = folder.read("explain.svg");
    assert_eq!(count(&svg, "class=\"agent end\""), 2);
    assert!(svg.contains(">agent 3</text>") && svg.contains(">agent 50</text>"));
}

#[test]
fn all_shows_upkeep_and_what_led_nowhere() {
    let folder = Folder::new("all");
    told(&folder.at(""), &[SILENT, "--set", BUG]);
    let past = count(&folder.read("explain.svg"), "class=\"arrow");
    told(&folder.at(""), &[SILENT, "--set", BUG, "--all"]);
    let svg = folder.read("explain.svg");
    assert!(svg.contains("Shown is all that happened.") && svg.contains("· agent 2 to agent"));
    assert!(count(&svg, "class=\"arrow") > past && svg.contains("status ("));
}

#[test]
fn files_of_others_are_not_overwritten() {
    let folder = Folder::new("foreign");
    for name in ["explain.html", "explain.svg"] {
        let path = folder.0.join(name);
        fs::write(&path, "<svg>mine</svg>").unwrap();
        let error = refused(&[SILENT, "--output", &folder.at("")]);
        assert!(error.contains(name) && error.contains("--output"), "{error}");
        assert_eq!(folder.read(name), "<svg>mine</svg>");
        fs::remove_file(path).unwrap();
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "nothing else is left behind");
    }
}

#[test]
fn bad_input_is_refused() {
    let folder = Folder::new("refused");
    let error = refused(&[SILENT, "--output", &folder.at(""), "--agents", "1,4"]);
    assert!(error.contains("there is no agent 4: they are 0 to 3"), "{error}");
    let error = refused(&["nowhere.yaml", "--output", &folder.at("")]);
    assert!(error.contains("nowhere.yaml"), "{error}");
    fs::write(folder.0.join("file"), "").unwrap();
    let error = refused(&[SILENT, "--output", &folder.at("file/below")]);
    assert!(error.contains("file/below"), "{error}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "nothing is left behind");
}

/// A device that takes nothing, where the system has one.
#[test]
fn a_full_folder_is_told() {
    if Path::new("/dev/full").exists() {
        let error = refused(&[SILENT, "--output", "/dev/full"]);
        assert!(error.contains("/dev/full"), "{error}");
    }
}

#[test]
fn two_at_once_leave_whole_files() {
    let folder = Folder::new("twice");
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_synod"))
            .args(["explain", SILENT, "--output", &folder.at("")])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the command starts")
    };
    let mut runs: Vec<_> = (0..4).map(|_| start()).collect();
    assert!(runs.iter_mut().all(|run| run.wait().expect("it ends").success()));
    elements(&folder.read("explain.svg"));
    assert!(folder.read("explain.html").ends_with("</html>\n"));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "no drafts are left");
}

#[test]
fn what_appears_after_a_sync_is_told_of_the_handler_that_made_it() {
    let folder = Folder::new("handler");
    let scenario = "name: x\nabout: x\nagents: 4\nnetwork: {latency: {lognormal: {median: 10ms, p99: 60ms}}}\n\
                    protocol: {pbft: {}}\nworkload: {decision: {value: 42}}\nstorage: {sync: 25ms}\n";
    fs::write(folder.at("ln.yaml"), scenario).unwrap();
    let events = folder.at("events.jsonl");
    let status = Command::new(env!("CARGO_BIN_EXE_synod"))
        .args(["run", &folder.at("ln.yaml"), "--events", &events])
        .stdin(Stdio::null())
        .output()
        .expect("the command starts")
        .status;
    assert!(status.success());
    let lines: Vec<Value> =
        folder.read("events.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let delivered = |id: &Value, node: &Value| {
        lines.iter().find(|line| line["kind"] == "delivered" && line["id"] == *id && line["node"] == *node)
    };
    let mut commits = 0;
    for commit in lines.iter().filter(|line| line["kind"] == "sent" && line["message"] == "commit") {
        let made_by = delivered(&commit["handler"]["message"], &commit["node"]).expect("a message made it");
        assert_eq!(made_by["message"], "prepare", "the second prepare, not a commit that came meanwhile");
        let waited = commit["at_ns"].as_u64().unwrap() - made_by["at_ns"].as_u64().unwrap();
        assert!((25_000_000..50_000_000).contains(&waited), "{waited}: a sync, behind another at most");
        commits += 1;
    }
    assert_eq!(commits, 4);
    let told = explain(&[&folder.at("ln.yaml"), "--output", &folder.at("out")]);
    let told = String::from_utf8(told.stdout).unwrap();
    let chain: Vec<&str> = told.lines().filter(|line| line.contains(" took ")).collect();
    assert!(
        chain[chain.len() - 2].contains("took prepare") && chain[chain.len() - 1].contains("took commit"),
        "{told}"
    );
}
