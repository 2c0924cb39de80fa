//! The protocol in `examples/` runs as its first lines say, with every command.

use std::path::Path;
use std::process::{Command, Output};

/// Builds and runs the example, as its documentation says.
pub(super) fn example(arguments: &[&str]) -> Output {
    // Cargo builds examples before it runs tests, beside the folder that the tests lie in.
    let tests = std::env::current_exe().expect("this test has a path");
    let program = tests.parent().and_then(Path::parent).expect("a folder").join("examples/one_third_rule");
    let mut command = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the example is built")
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_example_agrees_whatever_the_seed() {
    for seed in 1..=20 {
        let output = example(&[
            "run",
            "examples/one_third_rule.yaml",
            "--format",
            "json",
            "--seed",
            &seed.to_string(),
        ]);
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(output.status.code(), Some(0), "seed {seed}: {object:#}");
        assert_eq!(object["oracles"][0]["verdict"], "held");
        assert_ne!(object["oracles"][0]["checked"], 0);
    }
}

#[test]
fn without_faults_two_rounds_are_enough() {
    let ideal = ["--set", "faults=[]", "--set", "network={latency: {constant: 10ms}}"];
    let expect = ["--set", "expect={latency.last_ns: 20ms, messages.sent: 180}"];
    let output = example(&[&["run", "examples/one_third_rule.yaml"][..], &ideal, &expect].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("= 2n(n-1)"));
}

#[test]
fn every_command_knows_the_example() {
    assert!(stdout(&example(&["list", "protocols"])).contains("one_third_rule"));
    assert!(stdout(&example(&["schema"])).contains("round_timeout"));
    assert_eq!(example(&["check", "examples/one_third_rule.yaml"]).status.code(), Some(0));
    let output = example(&[
        "check",
        "examples/one_third_rule.yaml",
        "--set",
        "protocol.one_third_rule.round_timeout=0s",
    ]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("waiting takes time"));
    let again = example(&["run", "examples/one_third_rule.yaml", "--check-determinism"]);
    assert!(stdout(&again).contains("the same twice"));
}
