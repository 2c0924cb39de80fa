//! Every bad scenario file gets an error that says where and what, within a moment and a few megabytes.

use super::fixture::{Params, VALID, Workload, vocabulary};
use std::path::Path;
use synod::harness::{Scenario, ScenarioError};
use synod::scenario::Document;

fn read(text: &str) -> Result<Scenario<Params, Workload>, ScenarioError> {
    Scenario::read(&Document::parse("x.yaml", text)?.complete()?, "flood", &vocabulary())
}

fn refusal(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

/// The first line of the error that replacing `good` by `bad` in a valid scenario causes.
fn headline(good: &str, bad: &str) -> String {
    assert!(VALID.contains(good), "{good}");
    refusal(&VALID.replacen(good, bad, 1)).lines().next().unwrap().to_owned()
}

#[test]
fn an_error_shows_the_line() {
    assert_eq!(
        refusal(&VALID.replace("  latency: {", "  latancy: {")),
        r#"x.yaml:5:3: error: unknown field "latancy", did you mean "latency"?
  |
5 |   latancy: {lognormal: {median: 20ms, p99: 80ms}}
  |   ^^^^^^^"#
    );
    assert_eq!(
        refusal(&VALID.replace("agents: [0]", "agents: [0, 9]")),
        r#"x.yaml:13:26: error: there is no agent 9
   |
13 |   - silent: {agents: [0, 9], from: 1s, until: 10s}
   |                          ^
   = help: the agents are numbered from 0 to 3"#
    );
    assert_eq!(
        refusal(&VALID.replace("  loss: 5%", "  los_s_y: 5%")),
        r#"x.yaml:6:3: error: unknown field "los_s_y"
  |
6 |   los_s_y: 5%
  |   ^^^^^^^
  = help: expected one of: topology, latency, regions, loss, duplication, reordering, corruption, bandwidth, max_message, fifo"#
    );
}

/// What is wrong with a scenario of four replicas that has `more` in it.
fn refused(more: &str) -> String {
    let text = format!(
        "name: x\nagents: 4\nnetwork: {{latency: {{constant: 1ms}}}}\nprotocol: {{pbft: {{}}}}\nworkload: {{decision: {{initiator: 0, value: 1}}}}\n{more}"
    );
    let prepared = Document::parse("x.yaml", &text).unwrap().prepare(&synod::standard());
    prepared.err().expect("it is refused").to_string()
}

#[test]
fn an_agent_suffers_a_crash_a_slow_processor_or_a_wrong_clock_once_at_a_time() {
    assert_eq!(
        refused("faults:\n  - crash: {agents: [3], until: 5s}\n  - crash: {agents: [1, 3], from: 4s}\n"),
        r#"x.yaml:8:13: error: "crash-2" strikes agent 3 while "crash-1" does, of which it can suffer one at a time
  |
8 |   - crash: {agents: [1, 3], from: 4s}
  |             ^^^^^^
  = help: strike other agents, or begin when "crash-1" is over, after 5s"#
    );
    let error = refused("faults:\n  - slow: {agents: [2], by: 1ms}\n  - slow: {agents: 4, by: 2ms}\n");
    let first = error.lines().next().unwrap();
    assert!(first.contains(r#""slow-2" strikes agent 2 while "slow-1" does"#), "{error}");
    assert!(error.ends_with(r#"help: strike fewer agents, or say until when "slow-1" lasts"#), "{error}");
    let error = refused(
        "faults:\n  - clock: {agents: [0], fast: 1%}\n  - clock: {agents: [0], ahead: 1s, from: 9s}\n",
    );
    assert!(error.contains(r#""clock-2" strikes agent 0 while "clock-1" does"#), "{error}");
}

#[test]
fn more_than_the_protocol_bears_is_refused() {
    let error = refused("stabilize_at: 9s\ncore: 2\n");
    let said =
        "7:7: error: 2 agents are outside of the core and 0 in it faulty, and the protocol tolerates 1";
    assert!(error.contains(said), "{error}");
    let error = refused("swarm: {corrupted: 2}\n");
    assert!(
        error.contains(":20: error: up to 2 agents would be faulty, and the protocol tolerates 1"),
        "{error}"
    );
    assert!(
        error.ends_with("help: write allow_unsafe: true if that is what the scenario is about"),
        "{error}"
    );
}

#[test]
fn a_seed_that_draws_more_than_the_protocol_bears_is_refused() {
    // The drawn agent is the named one, or a second.
    let prepare = |seed: u64| {
        let text = format!(
            "name: x\nseed: {seed}\nagents: 4\nnetwork: {{latency: {{constant: 1ms}}}}\nprotocol: {{pbft: {{}}}}\n\
             workload: {{decision: {{initiator: 1, value: 1}}}}\nfaults:\n  - silent: {{agents: [0]}}\n  - silent: {{agents: 1}}\n"
        );
        Document::parse("x.yaml", &text).expect("it is YAML").prepare(&synod::standard())
    };
    let (lucky, unlucky): (Vec<u64>, Vec<u64>) = (1..60).partition(|&seed| prepare(seed).is_ok());
    assert!(lucky.len() > 2 && unlucky.len() > 10, "{lucky:?}");
    let Ok(prepared) = prepare(lucky[0]) else { panic!("it is sound") };
    assert!(lucky.iter().all(|&seed| prepared.run(seed, None).is_ok()));
    for seed in unlucky {
        let Err(error) = prepared.run(seed, None) else { panic!("seed {seed} runs") };
        let said = format!(
            "under seed {seed}, 2 agents are corrupted or broken for good, and the protocol tolerates 1"
        );
        assert!(error.to_string().starts_with(&format!("x.yaml:9:22: error: {said}")), "{error}");
    }
}

#[test]
fn a_long_line_is_shown_in_part() {
    let text = VALID.replace("name: valid", &format!("about: {}\nname: valid", "é".repeat(20_000)));
    assert!(read(&text).is_ok());
    let error = refusal(&text.replace("about: ", "abuot: "));
    assert!(
        error.starts_with("x.yaml:1:1: error: unknown field \"abuot\", did you mean \"about\"?"),
        "{error}"
    );
    assert!(error.chars().count() < 400);
}

#[test]
fn wrong_values_are_refused_where_they_stand() {
    for (good, bad, error) in [
        ("loss: 5%", "loss: 150%", "6:9: error: \"150%\": a share is at most 100%"),
        ("20ms", "20", "5:33: error: \"20\": a duration needs a unit: ns, us, ms, s, m, h"),
        ("20ms", "-20ms", "5:33: error: \"-20ms\": a duration cannot be negative"),
        ("500/s", "500", "11:16: error: \"500\": a rate is a number per time, such as 500/s or 3/10s"),
        (
            "agents: 4",
            "agents: 1000000000",
            "2:9: error: 1000000000 agents are not possible: there can be 1 to 16777216",
        ),
        ("agents: 4", "agents: 0", "2:9: error: 0 agents are not possible: there can be 1 to 16777216"),
        ("agents: 4", "agents: -3", "2:9: error: expected a number of agents from 1 to 16777216, found -3"),
        (
            "agents: 4",
            "agents: [4]",
            "2:1: error: expected a number of agents from 1 to 16777216, found a list",
        ),
        (
            "agents: 4",
            "agents: \"4\"",
            "2:9: error: expected a number of agents from 1 to 16777216, found \"4\"",
        ),
        ("agents: 4", "agents:", "2:7: error: expected a number of agents from 1 to 16777216, found nothing"),
        ("fifo: true", "fifo: yes", "7:9: error: expected true or false, found \"yes\""),
        ("rounds: 3", "rounds: 3.5", "9:19: error: expected a whole number from 0 to 4294967295, found 3.5"),
        (
            "stop: decided",
            "stop: decide",
            "16:7: error: unknown choice \"decide\", did you mean \"decided\"?",
        ),
        ("stop: decided", "horizon: 0", "16:10: error: a run takes longer than no time"),
        ("stop: decided", "limits: {events: 0}", "16:18: error: a run has at least one event"),
        ("stop: decided", "oracles: {only: [P8]}", "16:18: error: unknown oracle \"P8\""),
        ("stop: decided", "clocks: {drift: 100%}", "16:17: error: a clock that drifts by 100% stands still"),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn names_and_shapes_are_strict() {
    for (good, bad, error) in [
        ("name: valid\n", "", "1:1: error: missing field \"name\""),
        (
            "rounds: 3",
            "rounds: 3, ronds: 2",
            "9:22: error: unknown field \"ronds\", did you mean \"rounds\"?",
        ),
        ("rounds: 3", "timeout: 1s", "9:3: error: missing field \"rounds\""),
        ("silent:", "silnt:", "13:5: error: unknown choice \"silnt\", did you mean \"silent\"?"),
        (
            "  flood:",
            "  gossip: {}\n  flood:",
            "10:3: error: a scenario has one protocol, and \"flood\" is another",
        ),
        ("flood: {rounds: 3}", "flood", "9:3: error: expected a protocol's name and its parameters"),
        ("  flood: {rounds: 3}\n", "", "8:9: error: no protocol is named here"),
        (
            "topology: full_mesh",
            "topology: fullmesh",
            "4:13: error: unknown choice \"fullmesh\", did you mean \"full_mesh\"?",
        ),
        ("topology: full_mesh", "topology: star", "4:13: error: \"star\" needs settings"),
        ("topology: full_mesh", "topology: {full_mesh: 3}", "4:25: error: \"full_mesh\" has no settings"),
        (
            "topology: full_mesh",
            "topology: {ring: , full_mesh: }",
            "4:22: error: expected one choice, found \"ring\" and \"full_mesh\"",
        ),
        ("topology: full_mesh", "topology: {}", "4:3: error: expected a choice"),
        (
            "topology: full_mesh",
            "topology: {star: {centre: 0, center: 1}}",
            "4:32: error: unknown field \"center\", did you mean \"centre\"?",
        ),
        (
            "topology: full_mesh",
            "topology: {edges: [[0, 1, 2]]}",
            "4:29: error: this list has too many items",
        ),
        (
            "topology: full_mesh",
            "topology: {edges: [[0]]}",
            "4:22: error: expected a list of 2, found a list of 1",
        ),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn networks_that_cannot_be_are_refused() {
    for (good, bad, error) in [
        ("median: 20ms, p99: 80ms", "median: 20ms", "5:13: error: these parameters make no lognormal law"),
        (
            "median: 20ms, p99: 80ms",
            "median: 20ms, p99: 10ms",
            "5:44: error: quantiles must grow, from above zero: 20ms, then 10ms",
        ),
        (
            "median: 20ms, p99: 80ms",
            "median: 20ms, sigma: -1",
            "5:46: error: sigma must be a positive number, not -1",
        ),
        (
            "lognormal: {median: 20ms, p99: 80ms}",
            "uniform: {min: 2ms, max: 1ms}",
            "5:38: error: max (1ms) is shorter than min (2ms)",
        ),
        ("  latency: {lognormal: {median: 20ms, p99: 80ms}}\n", "", "3:1: error: the network has no latency"),
        ("  loss: 5%", "  bandwidth: 0", "6:14: error: nothing can be sent without bandwidth"),
        (
            "topology: full_mesh",
            "topology: {file: missing.csv}",
            "4:20: error: missing.csv cannot be read: no such file or directory",
        ),
        (
            "  loss: 5%",
            "  regions: {members: {eu: 4}, within: {constant: 1ms}}",
            "5:3: error: regions have their own latencies",
        ),
        (
            "  topology: full_mesh\n  latency: {lognormal: {median: 20ms, p99: 80ms}}",
            "  regions: {members: {eu: 3, us: 2}, within: {constant: 1ms}}",
            "4:13: error: the regions have 5 agents, the scenario 4",
        ),
        (
            "  topology: full_mesh\n  latency: {lognormal: {median: 20ms, p99: 80ms}}",
            "  regions: {members: {eu: 1}, within: {constant: 1ms}}",
            "4:13: error: the regions have 1 agent, the scenario 4",
        ),
        (
            "  topology: full_mesh\n  latency: {lognormal: {median: 20ms, p99: 80ms}}",
            "  regions:\n    members: {eu: 2, us: 1, asia: 1}\n    within: {constant: 1ms}\n    between:\n      - {pair: [eu, us], latency: {constant: 9ms}}\n      - {pair: [asia, us], latency: {constant: 9ms}}",
            "7:5: error: the latency between \"eu\" and \"asia\" is missing",
        ),
        (
            "  topology: full_mesh\n  latency: {lognormal: {median: 20ms, p99: 80ms}}",
            "  regions:\n    members: {eu: 2, us: 2}\n    within: {constant: 1ms}\n    between:\n      - {pair: [eu, usa], latency: {constant: 9ms}}",
            "8:21: error: unknown region \"usa\", did you mean \"us\"?",
        ),
        (
            "  topology: full_mesh\n  latency: {lognormal: {median: 20ms, p99: 80ms}}",
            "  regions:\n    members: {eu: 2, us: 2}\n    within: {constant: 1ms}\n    between:\n      - {pair: [eu, eu], latency: {constant: 9ms}}",
            "8:10: error: a pair is of two regions",
        ),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn faults_that_cannot_happen_are_refused() {
    for (good, bad, error) in [
        ("agents: [0]", "agents: [0, 9]", "13:26: error: there is no agent 9"),
        ("agents: [0]", "agents: [0, 0]", "13:26: error: agent 0 is named twice"),
        ("agents: [0]", "agents: []", "13:14: error: no agent is named here"),
        ("until: 10s", "until: 100s", "13:44: error: this fault ends at 100s, after the run"),
        ("from: 1s, until: 10s", "from: 10s, until: 1s", "13:45: error: this fault is over before it begins"),
        ("from: 1s, until: 10s", "from: 2m", "13:33: error: this fault begins at 2m, when the run is over"),
        (
            "from: 2s, until: 5s",
            "from: 2s, until: 61s",
            "14:43: error: this fault ends at 61s, after the run",
        ),
        ("from: 2s, until: 5s", "from: 2s, until: 2s", "14:43: error: this fault is over before it begins"),
        ("[[0, 1], [2, 3]]", "[[0, 1]]", "15:17: error: a partition needs at least two groups"),
        ("[[0, 1], [2, 3]]", "[[0, 1], [1, 3]]", "15:35: error: agent 1 is named twice"),
        (
            "agents: [3]",
            "agents: [3], name: silent-1",
            "14:32: error: fault 0 has the name \"silent-1\" already",
        ),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn faults_of_the_environment_are_checked() {
    let partition = "partition: {groups: [[0, 1], [2, 3]], from: 1s, until: 5s}";
    for (bad, error) in [
        ("isolate: {from: 1s}", "15:5: error: which agents?"),
        ("isolate: {agents: 5}", "15:23: error: 5 agents cannot be struck: the scenario has 4"),
        ("one_way: {agents: [0], to: 4}", "15:32: error: there are only 3 other agents"),
        ("one_way: {agents: [0], to: leader}", "15:32: error: who this is must be fixed before the run"),
        (
            "clock: {agents: leader, fast: 1%}",
            "15:21: error: clock cannot follow whoever leads: who is struck is fixed",
        ),
        (
            "clock: {agents: [0], fast: 1%, slow: 2%}",
            "15:42: error: a clock runs either too fast or too slow",
        ),
        ("crash: {agents: {region: eu}}", "15:30: error: unknown region \"eu\""),
        ("loss: {chance: 10%, duty: {on: 0s, off: 1s}}", "15:36: error: coming and going takes time"),
        ("loss: {chance: 10%, until: 61s}", "15:32: error: this fault ends at 61s, after the run"),
        ("loss: {chance: 10%, from: 60s}", "15:31: error: this fault begins at 1m, when the run is over"),
        ("partition: {sizes: [2, 3]}", "15:17: error: groups of at least one agent, 4 agents in all"),
        ("partition: {sizes: [4]}", "15:17: error: a partition needs at least two groups"),
        ("partition: {parts: 5}", "15:24: error: of 4 agents there are 2 to 4 parts"),
        ("partition: {parts: 2, sizes: [1, 1]}", "15:27: error: either groups, or sizes, or parts"),
        ("partition: {}", "15:5: error: a partition needs groups, or sizes of groups, or a number of parts"),
        ("ring: {reach: 0}", "15:19: error: everybody reaches somebody"),
        ("ring: {agents: [0]}", "15:12: error: all agents stand in the ring: leave agents out"),
    ] {
        assert_eq!(headline(partition, bad), format!("x.yaml:{error}"), "{bad}");
    }
}

#[test]
fn phases_and_swarms_that_cannot_be_are_refused() {
    for (bad, error) in [
        ("stabilize_at: 60s", "16:15: error: the system would be stable from 1m on, when the run is over"),
        ("stabilize_at: 1s", "14:32: error: this fault begins at 2s, when the system is stable"),
        ("core: 3", "16:7: error: a core is what is well from some time on"),
        ("stabilize_at: 6s\ncore: 5", "17:7: error: a core of 5 agents is not possible: the scenario has 4"),
        ("stabilize_at: 6s\ncore: [0, 4]", "17:11: error: there is no agent 4"),
        ("stabilize_at: 6s\ncore: f", "17:7: error: a core is a number of agents, or a list of them"),
        ("swarm: {kinds: [los]}", "16:17: error: unknown kind of fault \"los\", did you mean \"loss\"?"),
        ("swarm: {kinds: []}", "16:9: error: a swarm without kinds is none"),
        ("swarm: {faults: 0}", "16:17: error: a swarm without faults is none"),
        ("swarm: {until: 61s}", "16:16: error: the swarm ends at 61s, after the run: the horizon is 1m"),
        ("swarm: {from: 30s}", "16:15: error: the swarm begins at 30s and is over at 30s"),
    ] {
        assert_eq!(headline("stop: decided", bad), format!("x.yaml:{error}"), "{bad}");
    }
}

#[test]
fn expectations_must_make_sense() {
    for (good, bad, error) in [
        (
            "latency.p99_ns",
            "latency.p98_ns",
            "18:3: error: unknown metric \"latency.p98_ns\", did you mean \"latency.p95_ns\"?",
        ),
        ("at_most: 1s", "at_mst: 1s", "18:20: error: unknown field \"at_mst\", did you mean \"at_most\"?"),
        ("at_most: 1s", "at_most: 20", "18:29: error: 20 is no value of \"latency.p99_ns\""),
        ("{at_most: 1s}", "1MiB", "18:19: error: 1MiB is no value of \"latency.p99_ns\""),
        ("{at_most: 1s}", "[1s]", "18:3: error: expected a figure or a map of bounds, found a list"),
        ("{at_most: 1s}", "{}", "18:3: error: no bound is given"),
        ("{at_most: 1s}", "{at_least: 2s, at_most: 1s}", "18:43: error: at most 1s excludes at least 2s"),
        (
            "at_most: 1s",
            "at_most: 1 second",
            "18:29: error: \"1 second\" is no number, duration, size or share",
        ),
        ("messages.sent: 24", "messages.sent: 24ms", "19:18: error: 24ms is no value of \"messages.sent\""),
        ("messages.sent: 24", "success_rate: 0.9", "19:17: error: 0.9 is no value of \"success_rate\""),
        (
            "messages.sent: 24",
            "violates: [agrement]",
            "19:14: error: unknown oracle \"agrement\", did you mean \"agreement\"?",
        ),
        ("messages.sent: 24", "violates: []", "19:3: error: no oracle is named here"),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn broken_yaml_is_refused() {
    for (good, bad, error) in [
        ("agents: 4", "agents: 4\nagents: 4", "3:1: error: \"agents\" is given twice: first at 2:1"),
        (
            "agents: 4",
            "agents: 4\n---\nname: two",
            "3:1: error: a second document begins here: a scenario file holds one",
        ),
        ("agents: 4", "agents: 4\0", "2:10: error: the control character U+0000 has no place in a text file"),
        ("agents: 4", "agents: *x", "2:9: error: broken YAML: while parsing node, found unknown anchor"),
        ("agents: 4", "agents: !u32 4", "2:9: error: scenario files use no tags"),
        (
            "agents: 4",
            "agents: {4",
            "4:11: error: broken YAML: while parsing a flow mapping, did not find expected ',' or '}'",
        ),
        (
            "agents: 4",
            "agents: \"4",
            "3:1: error: broken YAML: invalid indentation in multiline quoted scalar",
        ),
        ("agents: 4", "[4]: agents", "2:1: error: a key is a single word or text"),
        ("agents: 4", "\tagents: 4", "1:7: error: broken YAML: while scanning a plain scalar, found a tab"),
        ("name: valid", "%YAML 1.2\n---\nname: valid", "1:1: error: scenario files use no directives"),
        ("agents: 4", "agents: &a [*a]", "2:13: error: an alias cannot stand inside of what it refers to"),
    ] {
        assert_eq!(headline(good, bad), format!("x.yaml:{error}"), "{good} -> {bad}");
    }
}

#[test]
fn what_is_no_map_is_refused() {
    for (text, error) in [
        ("", "x.yaml: error: is empty"),
        ("# nothing but a comment\n", "x.yaml: error: is empty"),
        ("~", "x.yaml: error: is empty"),
        (
            "[1, 2]",
            "x.yaml:1:1: error: a scenario file is a map, such as name: example\n  |\n1 | [1, 2]\n  | ^",
        ),
    ] {
        assert_eq!(refusal(text), error);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let stairs: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    for (text, position) in [
        ("[".repeat(10_000), "1:65"),
        ("{a: ".repeat(10_000), "1:257"),
        ("- ".repeat(10_000), "1:129"),
        (stairs, "65:65"),
    ] {
        let error = refusal(&text);
        let expected = format!("x.yaml:{position}: error: lists and maps are nested more than 64 deep\n");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn aliases_are_counted_as_what_they_repeat() {
    let level =
        |depth: usize| format!("a{depth}: &a{depth} [{}]\n", vec![format!("*a{}", depth - 1); 10].join(","));
    let bomb: String = (1..30).map(level).collect();
    let error = refusal(&format!("a0: &a0 [x, x]\n{bomb}"));
    assert!(error.contains("the file grows too large here, counting what aliases repeat"), "{error}");

    let text = VALID.replace("agents: [0]", "agents: &who [0]").replace("agents: [3]", "agents: *who");
    assert!(read(&text).is_ok());
}

#[test]
fn large_texts_are_refused() {
    let repeated =
        ["[", "a: ", "- ", "- a\n", "a:\n  - b\n", "&a ", "*a ", "'", "\"", "? ", "{}: ", "%a\n", "|\n", " "];
    for part in repeated {
        assert!(read(&part.repeat((16 << 20) / part.len())).is_err(), "{part:?}");
    }
    let keys: String = (0..1_000_000).map(|key| format!("k{key}:\n")).collect();
    assert!(refusal(&keys).contains("the file grows too large here"));
    assert!(read(&format!("[{}", "a,".repeat(8 << 20))).is_err());
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = std::env::temp_dir().join(format!("synod-bad-input-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let refusal = |path: &Path| Document::load(path).unwrap_err().to_string();
    let huge = folder.join("huge.yaml");
    std::fs::File::create(&huge).unwrap().set_len(100 << 30).unwrap();
    for (path, error) in [
        (folder.join("missing.yaml"), ": error: cannot be read: no such file or directory"),
        (folder.clone(), ": error: is a directory, not a file"),
        (huge, ": error: is larger than 16 MiB, the most that is read"),
        (write("latin.yaml", b"name: a\nabout: caf\xe9"), ":2:11: error: is not UTF-8 text"),
        (write("empty.yaml", b""), ": error: is empty"),
    ] {
        assert_eq!(refusal(&path), format!("{}{error}", path.display()));
    }
    let path = write("links.yaml", VALID.replace("full_mesh", "{file: links.csv}").as_bytes());
    let links = write("links.csv", b"0,1\n1,2\n2,two\n");
    let error = Document::load(&path).unwrap().complete().unwrap_err();
    let expected =
        // What the other file holds is not told: whoever wrote this one may not be allowed to read it.
        format!("{}:3:1: error: \"…\" is no node number", links.display());
    assert_eq!(error.to_string(), expected);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What is wrong with five Raft replicas that have these parameters, commands and faults.
fn raft_refused(params: &str, commands: &str, faults: &str) -> String {
    let text = format!(
        "name: x\nagents: 5\nnetwork: {{latency: {{constant: 1ms}}}}\nprotocol: {{raft: {{{params}}}}}\n\
         workload: {{requests: {{total: 10000, arrival: {{closed: 0ms}}{commands}}}}}\nfaults: [{faults}]\n"
    );
    let prepared = Document::parse("x.yaml", &text).unwrap().prepare(&synod::standard());
    prepared.err().unwrap_or_else(|| panic!("refused: {text}")).to_string()
}

#[test]
fn raft_says_what_is_wrong_with_its_parameters() {
    for (params, says) in [
        ("heartbeat: 200ms", "a follower has to hear twice in its election timeout"),
        ("heartbeat: 0ms", "heartbeats take time"),
        ("client_timeout: 0ms", "waiting takes time"),
        ("check_quorum: false", "pre-vote without CheckQuorum"),
        (
            "pre_vote: false, check_quorum: false, reads: {lease: {drift: 1%}}",
            "a lease needs followers that stick",
        ),
        ("reads: {lease: {drift: 100%}}", "no lease lasts"),
        ("voters: [0, 9]", "there is no agent 9: they are 0 to 4"),
        ("voters: [0, 0]", "agent 0 is listed twice"),
        ("voters: []", "nobody votes"),
        ("voters: [0, 1], learners: [1]", "agent 1 votes, so it is no learner"),
        ("changes: [{at: 1s}]", "a change is either of `members` or a `transfer`"),
        ("changes: [{at: 1s, transfer: 9}]", "there is no agent 9"),
        ("changes: [{at: 2h, transfer: 1}]", "the run ends at 1m at the latest"),
        ("changes: [{at: 1s, members: {voters: [7]}}]", "there is no agent 7"),
        ("snapshot_interval: 0", "a snapshot covers at least one entry"),
        ("batch: 0", "an append carries at least one entry"),
        ("in_flight: 0", "at least one append is in flight"),
        ("client_attempts: 0", "a client asks at least once"),
    ] {
        let refusal = raft_refused(params, "", "");
        assert!(refusal.contains(says) && refusal.starts_with("x.yaml:4:"), "{params}: {refusal}");
    }
    for (commands, says) in [
        ("keys: 0, get: 100%", "a store has 1 to 1048576 keys"),
        ("keys: 3, get: 90%", "do not add up to 100%"),
        ("keys: 3, get: 100%, renew: 0", "a client asks for a key once at least"),
        ("keys: 1048576, get: 100%, renew: 1", "keys would become more than there are"),
    ] {
        let refusal = raft_refused("", &format!(", commands: {{{commands}}}"), "");
        assert!(refusal.contains(says) && refusal.starts_with("x.yaml:5:"), "{commands}: {refusal}");
    }
}

#[test]
fn raft_bears_a_minority_of_crashes_and_no_lie() {
    for (fault, says) in [
        ("silent: {agents: f}", "it tolerates no Byzantine one"),
        ("silent: {agents: 1}", "1 agent is Byzantine, and the protocol trusts its agents"),
        ("crash: {agents: 1, storage: lost, from: 1s, until: 2s}", "1 agent is Byzantine"),
        (
            "crash: {agents: 3, from: 1s}",
            "3 agents are corrupted or broken for good, and the protocol tolerates 2",
        ),
    ] {
        let refusal = raft_refused("", "", fault);
        assert!(refusal.contains(says) && refusal.starts_with("x.yaml:6:"), "{fault}: {refusal}");
    }
}
