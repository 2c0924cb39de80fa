//! Bad input gets one clear error, soon and at little cost.

use super::*;

/// Runs `check` and `run` on a file that must be refused: quickly, in little memory and with one error.
fn bad(path: &str, expected: &str) {
    for verb in ["check", "run"] {
        let started = Instant::now();
        let output = if cfg!(target_os = "linux") {
            // All that the process may ever map, code included.
            Command::new("sh")
                .args(["-c", "ulimit -v 102400; exec \"$0\" \"$@\"", SYNOD, verb, path])
                .stdin(Stdio::null())
                .output()
                .unwrap()
        } else {
            synod(&[verb, path])
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
        ("protocol", good.replace("pbft", "paxos").into(), ":6:3: error: unknown protocol \"paxos\""),
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
fn what_is_too_large_is_an_error_that_says_what_to_raise() {
    // It has no regions, so that it can have any number of agents.
    let told = |set: &[&str]| {
        let sets: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
        let output = synod(&[&["run", "scenarios/pbft/fault_free_4.yaml"][..], &sets].concat());
        let told = format!("{}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(2), "{set:?}: {told}");
        assert!(!told.contains("a bug in Synod"), "{set:?}: {told}");
        told
    };
    assert!(told(&["agents=16777217"]).contains("there can be 1 to 16777216"));
    for (set, said) in [
        (&["agents=16777216"][..], "for 16,777,216 agents it takes at least"),
        (&["agents=4", "limits.memory=1B"][..], "for 4 agents it takes at least"),
        (&["agents=200", "limits.memory=200KiB"][..], "a decision of 200 PBFT replicas takes about"),
        (&["agents=200", "limits.memory=2MiB"][..], "bytes in use; raise `limits.memory`"),
    ] {
        let told = told(set);
        assert!(told.contains(said) && told.contains("raise `limits.memory`"), "{set:?}: {told}");
    }
}
