//! The story as one JSON object: the facts that the words tell, by stable names.

use super::telling::{Operation, Turn, decisions, turns};
use serde_json::{Value, json};
use synod_campaign::{Chain, Deed, Link, Story, Subject};

/// The story as JSON, with the names of the `files` that it was written to. It is the same to the byte for the same
/// scenario, seed and version.
pub fn story_object(story: &Story, files: &[String]) -> String {
    let outcome = &story.outcome;
    let object = json!({
        "scenario": outcome.scenario,
        "protocol": outcome.protocol,
        "seed": outcome.seed,
        "agents": outcome.agents,
        "verdict": outcome.verdict,
        "digest": outcome.end.digest.to_string(),
        "ended": outcome.ended(),
        "virtual_time_ns": outcome.end.at.as_nanos(),
        "subject": subject(story.subject),
        "violations": outcome.violations,
        "expectations": outcome.expectations,
        "faults": outcome.faults,
        "past": {
            "steps": story.led,
            "of": story.steps.len() as u64,
            "forgotten": story.forgotten,
        },
        "chains": story.chains.iter().map(|chain| chain_object(story, chain)).collect::<Vec<_>>(),
        "turns": turns(story).iter().map(turn_object).collect::<Vec<_>>(),
        "decisions": decisions_object(story),
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

/// What led a node to where it was, oldest first.
fn chain_object(story: &Story, chain: &Chain) -> Value {
    let step = |place: usize| &story.steps[place];
    let link = |link: &Link| match *link {
        Link::Timer(place) => json!({
            "at_ns": step(place).at,
            "event": step(place).event,
            "agent": step(place).deed.node(),
            "timer": step(place).deed.words(),
        }),
        Link::Message(sent, end) => {
            let Deed::Delivered { from, to, kind, .. } = step(end).deed else {
                unreachable!("a message in a chain was delivered")
            };
            json!({
                "at_ns": step(end).at,
                "event": step(end).event,
                "agent": to,
                "from": from,
                "sent_ns": sent.map(|sent| step(sent).at),
                "kind": kind.name,
                "message": story.message(end),
                "changed": sent.is_some_and(|sent| story.message(sent) != story.message(end)),
            })
        }
    };
    json!({
        "agent": chain.node,
        "at_ns": step(chain.end).at,
        "event": step(chain.end).event,
        "claim": step(chain.end).deed.words(),
        "evidence": story.evidence(chain.end),
        "links": chain.links.iter().map(link).collect::<Vec<_>>(),
    })
}

fn turn_object(turn: &Turn) -> Value {
    json!({"from_ns": turn.first, "until_ns": turn.last, "what": turn.what, "agents": turn.nodes})
}

fn decisions_object(story: &Story) -> Vec<Value> {
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
    decisions(story).iter().map(decision).collect()
}
