//! What a file says of groups and votes is checked, and what is wrong with it is told where it stands.

use synod::scenario::Document;

/// The first line of what is said of a vote of ten agents, with these groups in its line 3, these parameters in its
/// line 5 and this workload in its line 6.
fn refusal(groups: &str, params: &str, workload: &str) -> String {
    let text = format!(
        "name: x\nagents: 10\ngroups: {groups}\nnetwork: {{latency: {{constant: 1ms}}}}\n\
         protocol: {{weighted: {{{params}}}}}\nworkload: {{{workload}}}\n"
    );
    let document = Document::parse("x.yaml", &text).expect("it is YAML");
    match document.prepare(&synod::standard()) {
        Ok(_) => panic!("{groups}, {params}, {workload}: accepted"),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

/// The line and the message: a column follows from what stands before it.
fn place(text: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = text.trim_start_matches("x.yaml:").splitn(3, ':');
    (parts.next(), parts.nth(1))
}

#[test]
fn groups_are_checked() {
    for (groups, message) in [
        ("[{name: a, count: 9}]", "3:9: error: the groups have 9 agents, the scenario 10"),
        ("[{name: a, share: 99%}]", "3:9: error: the shares of the groups add up to 99%, not 100%"),
        ("[{name: a}]", "3:10: error: how large is \"a\"?"),
        ("[{name: a, count: 5}, {name: a, count: 5}]", "3:39: error: group 0 has the name \"a\" already"),
        (
            "[{name: a, count: 10, competense: 1%}]",
            "3:23: error: unknown field \"competense\", did you mean \"competence\"?",
        ),
        ("[{name: a, count: 10, weight: 0}]", "3:31: error: a weight is 1 to 1000000000"),
        (
            "[{name: a, count: 10, record: {tasks: {correct: 2, total: 1}}}]",
            "3:49: error: 2 of 1 task cannot be right",
        ),
    ] {
        let found = refusal(groups, "", "");
        assert_eq!(place(&found), place(message), "{groups}: {found}");
    }
}

#[test]
fn votes_are_checked() {
    let half = "what wins has more than half: with less, two could win";
    for (params, workload, message) in [
        ("coordinator: 10", "", "5:37: error: there is no agent 10: they are 0 to 9".to_owned()),
        ("rule: {of_total: 50%}", "", format!("5:41: error: {half}")),
        ("cap: 10%", "", "5:29: error: where all weigh the same there is nothing to cap".to_owned()),
        (
            "weights: given, cap: 60%",
            "",
            "5:45: error: one voter could decide alone: the cap lies below the share that wins".to_owned(),
        ),
        (
            "confidence: true",
            "",
            "5:36: error: a share of all weight takes votes at their full weight".to_owned(),
        ),
        (
            "rule: plurality, faulty_weight: 10%",
            "",
            "5:56: error: certificates are for shares of all weight: majority or of_total".to_owned(),
        ),
        ("faulty_weight: 34%", "", "5:39: error: less than a third of all weight may lie".to_owned()),
        ("", "every: 1s", "6:19: error: sessions are at least 2s apart".to_owned()),
        ("", "options: 1", "6:21: error: there must be something to choose".to_owned()),
    ] {
        let found = refusal("[{name: all, count: 10}]", params, workload);
        assert_eq!(place(&found), place(&message), "{params} {workload}: {found}");
    }
}
