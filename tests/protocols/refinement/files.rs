//! What a file says of a refinement is checked, and what is wrong with it is told where it stands.

use synod::scenario::Document;

/// The first line of what is said of a refinement by seven agents, with these parameters in its line 4 and this
/// workload in its line 5.
fn refusal(params: &str, workload: &str) -> String {
    let text = format!(
        "name: x\nagents: 7\nnetwork: {{latency: {{constant: 1ms}}}}\nprotocol: {{iterative: {{{params}}}}}\n\
         workload: {{{workload}}}\n"
    );
    let document = Document::parse("x.yaml", &text).expect("it is YAML");
    match document.prepare(&synod::standard()) {
        Ok(_) => panic!("{params}, {workload}: accepted"),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn refinements_are_checked() {
    for (params, workload, message) in [
        ("coordinator: 7", "", "4:37: error: there is no agent 7: they are 0 to 6"),
        ("faulty: 3", "", "4:32: error: of 7 agents at most 2 may lie: n >= 3f + 1"),
        ("faulty: 4, byzantine: false", "", "4:32: error: of 7 agents at most 3 may be silent: n >= 2f + 1"),
        (
            "faulty: 2, grace: 1s",
            "",
            "4:42: error: with 7 agents all honest reviews are needed: grace takes n >= 3f + 2",
        ),
        (
            "faulty: 2, converged: {approval: 70%}",
            "",
            "4:57: error: 2 liars among 6 reviewers can keep approval below it for ever",
        ),
        ("rounds: 0", "", "4:32: error: a session has 1 to 65535 rounds"),
        ("round: 1", "", "4:24: error: unknown field \"round\", did you mean \"rounds\"?"),
        ("propose: 0s", "", "4:33: error: waiting takes time"),
        ("", "value: {set: {of: 64}}", "5:30: error: a set is of 1 to 63"),
        (
            "",
            "value: {number: {low: 5, high: 5}}",
            "5:20: error: there is nothing to choose: low lies below high",
        ),
        (
            "",
            "value: {number: {low: 0, high: 5, scale: logarithmic}}",
            "5:20: error: only positive numbers have ratios",
        ),
        ("", "value: {record: [{name: a, value: {list: {of: 1}}}]}", "5:58: error: a list is of 2 to 20"),
        (
            "method: {agreement: {tolerance: 1}}",
            "value: {set: {of: 3}}",
            "4:24: error: only numbers have means",
        ),
        ("method: {agreement: {tolerance: 0}}", "", "4:56: error: numbers come near each other, not to one"),
        ("", "every: 1s", "5:19: error: sessions are at least 82s apart"),
    ] {
        assert_eq!(refusal(params, workload).trim_start_matches("x.yaml:"), message, "{params} {workload}");
    }
}
