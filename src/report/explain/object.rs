//! The explanation as one JSON object: the facts that the words tell, by stable names.

use super::narrative::{Operation, Turn, decisions, turns};
use serde_json::{Value, json};
use synod_campaign::{Chain, Explanation, Link, StepKind, Subject};

/// Returns the explanation as JSON, with the names of the `files` that it was written to. It is the same to the byte
/// for the same scenario, seed and version.
pub fn explanation_object(explanation: &Explanation, files: &[String]) -> String {
    let outcome = &explanation.outcome;
    let object = json!({
        "scenario": outcome.scenario,
        "protocol": outcome.protocol,
        "seed": outcome.seed,
        "agents": outcome.agents,
        "verdict": outcome.verdict,
        "digest": outcome.end.digest.to_string(),
        "ended": outcome.ended(),
        "virtual_time_ns": outcome.end.at.as_nanos(),
        "subject": subject(explanation.subject),
        "violations": outcome.violations,
        "expectations": outcome.expectations,
        "faults": outcome.faults,
        "past": {
            "steps": explanation.led,
            "of": explanation.steps.len() as u64,
            "forgotten": explanation.forgotten,
        },
        "chains": explanation.chains.iter().map(|chain| chain_object(explanation, chain)).collect::<Vec<_>>(),
        "turns": turns(explanation).iter().map(turn_object).collect::<Vec<_>>(),
        "decisions": decisions_object(explanation),
        "files": files,
    });
    format!("{object:#}")
}

fn subject(subject: Subject) -> Value {
    match subject {
        Subject::Violation => json!("violation"),
        Subject::Undecided => json!("undecided"),
        Subject::Decision(id) => json!({"decision": id.0}),
        Subject::Everything => json!("everything"),
    }
}

/// Returns what led a node to where it was, oldest first.
fn chain_object(explanation: &Explanation, chain: &Chain) -> Value {
    let step = |place: usize| &explanation.steps[place];
    let link = |link: &Link| match *link {
        Link::Timer(place) => json!({
            "at_ns": step(place).at,
            "event": step(place).event,
            "agent": step(place).kind.node(),
            "timer": step(place).kind.format(),
        }),
        Link::Message(sent, end) => {
            let StepKind::Delivered { from, to, kind, .. } = step(end).kind else {
                unreachable!("a message in a chain was delivered")
            };
            json!({
                "at_ns": step(end).at,
                "event": step(end).event,
                "agent": to,
                "from": from,
                "sent_ns": sent.map(|sent| step(sent).at),
                "kind": kind.name,
                "message": explanation.message(end),
                "changed": sent.is_some_and(|sent| explanation.message(sent) != explanation.message(end)),
            })
        }
    };
    json!({
        "agent": chain.node,
        "at_ns": step(chain.end).at,
        "event": step(chain.end).event,
        "claim": step(chain.end).kind.format(),
        "evidence": explanation.evidence(chain.end),
        "links": chain.links.iter().map(link).collect::<Vec<_>>(),
    })
}

fn turn_object(turn: &Turn) -> Value {
    json!({"from_ns": turn.first, "until_ns": turn.last, "what": turn.what, "agents": turn.nodes})
}

fn decisions_object(explanation: &Explanation) -> Vec<Value> {
    let decision = |operation: &Operation| {
        json!({
            "operation": operation.id.0,
            "submitted_ns": operation.submitted,
            "first_ns": operation.first,
            "last_ns": operation.first.map(|_| operation.last),
            "agents": operation.deciders,
            "served_by": operation.server,
        })
    };
    decisions(explanation).iter().map(decision).collect()
}
