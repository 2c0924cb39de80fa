//! The narrative of a run: the same sentences on the terminal, on the page and above the picture.

use super::super::format::{plural, sentence};
use super::super::human::{effects, grouped};
use super::super::spacetime::millis;
use std::collections::{BTreeMap, BTreeSet};
use synod_campaign::{Chain, Explanation, Link, StepKind, Subject};
use synod_fault::FaultReport;
use synod_harness::{Expectation, headline};
use synod_sim::{Milestone, NodeId, OperationId, SettledValue, Time};

/// A part of the explanation.
pub(super) struct Section {
    pub(super) title: String,
    /// Each with when it happened, if it happened at some time.
    pub(super) lines: Vec<(String, String)>,
}

/// Something that a protocol marks, a crash or a restart, at one node after another.
pub(super) struct Turn {
    pub(super) what: String,
    pub(super) nodes: BTreeSet<NodeId>,
    pub(super) first: Time,
    pub(super) last: Time,
}

/// What was submitted, and who decided it.
pub(super) struct Operation {
    pub(super) id: OperationId,
    pub(super) submitted: Option<Time>,
    pub(super) deciders: BTreeSet<NodeId>,
    /// Where they decided it: the instance of agreement, or the place in their order.
    pub(super) places: BTreeSet<u64>,
    /// Who answered it from its own state, so that nobody had to decide it.
    pub(super) server: Option<NodeId>,
    pub(super) first: Option<Time>,
    pub(super) last: Time,
}

/// No part has more lines of one sort.
const LINES: usize = 12;

/// Returns what the run came to, in a sentence or two.
pub(crate) fn verdict(explanation: &Explanation) -> String {
    let outcome = &explanation.outcome;
    let count = |name: &str| outcome.metrics.get(name).map_or(0, |measure| measure.value() as u64);
    let (decided, undecided) = (count("decisions"), count("undecided"));
    let end = millis(outcome.end.at);
    let mut text = match (explanation.violation(), explanation.subject) {
        (Some(violation), _) => {
            let (at, event) = (millis(violation.at), grouped(violation.event));
            format!(
                "{} violated at {at}, event {event}: {}.",
                violation.oracle,
                violation.message.trim_end_matches('.')
            )
        }
        (None, Subject::Undecided) => {
            format!(
                "No oracle objects, but only {} of {} had been decided by all who had to when the run ended, at {end}.",
                grouped(decided),
                plural(decided + undecided, "operation")
            )
        }
        (None, Subject::Decision(_)) => {
            let what = if decided == 1 {
                "the decision was".to_owned()
            } else {
                format!("all {} decisions were", grouped(decided))
            };
            format!("No oracle objects, and {what} made by {end}.")
        }
        (None, _) => format!("No oracle objects. Nothing was decided by {end}, and nothing was asked for."),
    };
    let missed: Vec<String> = outcome
        .expectations
        .iter()
        .filter(|expectation| !expectation.verdict.passed())
        .filter(|expectation| !["violates", "undecided"].contains(&expectation.metric.as_str()))
        .map(|Expectation { metric, value, bound, .. }| {
            if value.is_null() {
                format!("{metric} was not measured, and was to be {bound}")
            } else {
                format!("{metric} is {value}, and was to be {bound}")
            }
        })
        .collect();
    if !missed.is_empty() && explanation.violation().is_none() {
        text.push_str(&format!(" Expectations missed: {}.", missed.join("; ")));
    }
    text
}

/// Returns what the picture shows, and what it leaves out.
pub(crate) fn scope(explanation: &Explanation) -> Vec<String> {
    let diagram = &explanation.diagram;
    let mut sentences = vec![match (diagram.is_whole, explanation.subject) {
        (true, _) => "Shown is all that happened.".to_owned(),
        (false, Subject::Violation) => "Shown is what can have led to the violation.".to_owned(),
        (false, Subject::Undecided | Subject::Everything) => {
            "Shown is what reached the agents before the end, without upkeep.".to_owned()
        }
        (false, Subject::Decision(id)) => {
            format!("Shown is what can have led to the last decision, {}.", id.0)
        }
    }];
    if diagram.earlier > 0 {
        sentences.push(format!("{}.", sentence(diagram.earlier, "earlier message", "left out")));
    }
    if diagram.among_others > 0 {
        sentences.push(format!(
            "{}.",
            sentence(diagram.among_others, "message", "left out, between others than the violation names")
        ));
    }
    if explanation.forgotten > 0 {
        sentences
            .push(format!("Of the run's beginning {}.", sentence(explanation.forgotten, "step", "not kept")));
    }
    match diagram.left_out {
        0 => {}
        more => sentences.push(format!(
            "{}: shown are those whom the violation, the chain and the faults name, or who were \
             asked for.",
            sentence(u64::from(more), "other", "left out")
        )),
    }
    sentences
}

/// Returns the explanation but for its verdict and its faults.
pub(super) fn sections(explanation: &Explanation) -> Vec<Section> {
    let mut sections: Vec<Section> =
        explanation.chains.iter().map(|chain| chain_section(explanation, chain)).collect();
    sections.push(Section { title: "Turns of events".to_owned(), lines: turn_lines(explanation) });
    sections.push(Section { title: "Decisions".to_owned(), lines: decision_lines(explanation) });
    sections.retain(|section| !section.lines.is_empty());
    sections
}

/// Returns what led a node to where it was, step by step.
fn chain_section(explanation: &Explanation, chain: &Chain) -> Section {
    let step = |place: usize| &explanation.steps[place];
    let link = |link: &Link| match *link {
        Link::Timer(place) => {
            let words = step(place).kind.format().unwrap_or_default();
            let name = step(place).kind.node().map_or(String::new(), |node| explanation.name(node));
            (millis(step(place).at), format!("{name}'s timer expired: {words}"))
        }
        Link::Message(sent, end) => {
            let StepKind::Delivered { from, to, .. } = step(end).kind else { return Default::default() };
            let since = sent.map_or(String::new(), |sent| format!(", sent at {}", millis(step(sent).at)));
            let message = explanation.message(end);
            let is_changed = sent.is_some_and(|sent| explanation.message(sent) != message);
            let changed = if is_changed { " and changed on the way" } else { "" };
            let text = format!(
                "{} took {message} from {}{since}{changed}",
                explanation.name(to),
                explanation.name(from)
            );
            (millis(step(end).at), text)
        }
    };
    let mut lines: Vec<(String, String)> = chain.links.iter().map(link).collect();
    let end = step(chain.end);
    if let Some(words) = end.kind.format() {
        lines.push((millis(end.at), format!("{} claimed: {words}", explanation.name(chain.node))));
    }
    let name = explanation.name(chain.node);
    let title = match explanation.subject {
        Subject::Violation => format!("How {name} came to it"),
        Subject::Undecided => format!("How far {name} came"),
        Subject::Decision(_) | Subject::Everything => format!("How {name} came to know the last decision"),
    };
    Section { title, lines }
}

/// View changes and whatever else a protocol marks, crashes, restarts and pauses: each with who, from when to when.
pub(super) fn turns(explanation: &Explanation) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for step in &explanation.steps {
        let (node, what) = match &step.kind {
            StepKind::Claimed { node, claim, mark: Some(_), milestone: None, .. } => (*node, headline(claim)),
            StepKind::Panicked { node, message } => (*node, format!("panicked: {message}")),
            StepKind::Crashed { node } => (*node, "crashed".to_owned()),
            StepKind::Paused { node } => (*node, "stood still".to_owned()),
            StepKind::Resumed { node } => (*node, "went on".to_owned()),
            StepKind::Restarted { node, wiped: false } => (*node, "restarted".to_owned()),
            StepKind::Restarted { node, wiped: true } => (*node, "restarted without storage".to_owned()),
            _ => continue,
        };
        match turns.iter_mut().rev().take(64).find(|turn| turn.what == what) {
            Some(turn) => {
                turn.nodes.insert(node);
                turn.last = step.at;
            }
            None => {
                turns.push(Turn { what, nodes: BTreeSet::from([node]), first: step.at, last: step.at });
            }
        }
    }
    turns
}

fn turn_lines(explanation: &Explanation) -> Vec<(String, String)> {
    let turns = turns(explanation);
    let more = turns.len().saturating_sub(LINES);
    let told = turns.into_iter().skip(more).map(|turn| {
        (span(turn.first, turn.last), format!("{}: {}", turn.what, who(explanation, &turn.nodes)))
    });
    let mut lines: Vec<(String, String)> = Vec::new();
    if more > 0 {
        lines.push((String::new(), format!("{} before these", plural(more as u64, "turn"))));
    }
    lines.extend(told);
    lines
}

/// Returns what was decided, by whom and when, and what was not, in the order in which it was submitted.
pub(super) fn decisions(explanation: &Explanation) -> Vec<Operation> {
    let blank = |id| Operation {
        id,
        submitted: None,
        deciders: BTreeSet::new(),
        places: BTreeSet::new(),
        server: None,
        first: None,
        last: Time::ZERO,
    };
    let mut operations: BTreeMap<OperationId, Operation> = BTreeMap::new();
    let mut order: Vec<OperationId> = Vec::new();
    for step in &explanation.steps {
        let StepKind::Claimed { node, milestone: Some(milestone), ref settled, .. } = step.kind else {
            continue;
        };
        match milestone {
            Milestone::Submitted(id) => {
                if operations.entry(id).or_insert_with(|| blank(id)).submitted.replace(step.at).is_none() {
                    order.push(id);
                }
            }
            Milestone::Decided(id, place) => {
                let operation = operations.entry(id).or_insert_with(|| blank(id));
                operation.places.insert(settled.as_ref().map_or(place, |settled| settled.instance));
                operation.deciders.insert(node);
                operation.first.get_or_insert(step.at);
                operation.last = step.at;
            }
            Milestone::Served(id) => {
                let operation = operations.entry(id).or_insert_with(|| blank(id));
                operation.server.get_or_insert(node);
                operation.first.get_or_insert(step.at);
                operation.last = step.at;
            }
            Milestone::CaughtUp(_) | Milestone::Completed(_) | Milestone::Abandoned(_) => {}
        }
    }
    order.into_iter().filter_map(|id| operations.remove(&id)).collect()
}

/// An instance that nodes settled differently: who settled on what, and from when to when.
struct Disagreement {
    values: BTreeMap<SettledValue, BTreeSet<NodeId>>,
    first: Time,
    last: Time,
}

/// Returns the instances of agreement that nodes settled differently.
fn disagreements(explanation: &Explanation) -> BTreeMap<u64, Disagreement> {
    let mut instances: BTreeMap<u64, Disagreement> = BTreeMap::new();
    for step in &explanation.steps {
        let StepKind::Claimed { node, settled: Some(settled), .. } = &step.kind else { continue };
        let blank = || Disagreement { values: BTreeMap::new(), first: step.at, last: step.at };
        let instance = instances.entry(settled.instance).or_insert_with(blank);
        instance.values.entry(settled.value).or_default().insert(*node);
        instance.last = step.at;
    }
    instances.retain(|_, instance| instance.values.len() > 1);
    instances
}

fn decision_lines(explanation: &Explanation) -> Vec<(String, String)> {
    let torn = disagreements(explanation);
    let differently = |places: &BTreeSet<u64>| {
        if places.iter().any(|place| torn.contains_key(place)) { ", not all on the same value" } else { "" }
    };
    let agents: BTreeSet<NodeId> = (0..explanation.outcome.agents).map(NodeId).collect();
    let mut whole: Vec<(String, String)> = Vec::new();
    let mut lacking: Vec<(String, String)> = Vec::new();
    for Operation { id, submitted, deciders, places, server, first, last } in decisions(explanation) {
        let differently = differently(&places);
        let lack: BTreeSet<NodeId> = agents.difference(&deciders).copied().collect();
        let since = submitted.map_or(String::new(), millis);
        match first {
            Some(first) if let Some(server) = server => {
                let server = explanation.name(server);
                whole.push((
                    span(first, last),
                    format!("{} answered by {server} from its state, handed in at {since}", id.0),
                ));
            }
            Some(first) if lack.is_empty() => {
                whole.push((
                    span(first, last),
                    format!("{} decided by all agents{differently}, handed in at {since}", id.0),
                ));
            }
            Some(first) => {
                let (who, lack) = (who(explanation, &deciders), who(explanation, &lack));
                lacking.push((
                    span(first, last),
                    format!("{} decided by {who}{differently}, handed in at {since}; never by {lack}", id.0),
                ));
            }
            None => lacking.push((since, format!("{} handed in, and never decided", id.0))),
        }
    }
    let mut lines: Vec<(String, String)> = torn
        .iter()
        .take(LINES / 2)
        .map(|(instance, Disagreement { values, first, last })| {
            let sides = values.iter().map(|(value, nodes)| format!("{value} by {}", who(explanation, nodes)));
            let sides: Vec<String> = sides.collect();
            (span(*first, *last), format!("{instance} settled differently: {}", sides.join(", ")))
        })
        .collect();
    for (told, what) in [(whole, "more decided by all or answered"), (lacking, "more not decided by all")] {
        let more = told.len().saturating_sub(LINES / 2);
        if more > 0 {
            lines.push((String::new(), format!("{} {what}, before these", grouped(more as u64))));
        }
        lines.extend(told.into_iter().skip(more));
    }
    lines
}

/// From when to when.
fn span(first: Time, last: Time) -> String {
    if first == last {
        millis(first)
    } else {
        format!("{} to {}", millis(first).trim_end_matches(" ms"), millis(last))
    }
}

/// Nodes by name, runs of numbers by their ends.
fn who(explanation: &Explanation, nodes: &BTreeSet<NodeId>) -> String {
    let mut runs: Vec<(NodeId, NodeId)> = Vec::new();
    for &node in nodes {
        match runs.last_mut() {
            Some((_, last)) if last.0 + 1 == node.0 && node.0 != explanation.outcome.agents => *last = node,
            _ => runs.push((node, node)),
        }
    }
    match runs[..] {
        [] => return "no one".to_owned(),
        [(first, last)] if first == last => return explanation.name(first),
        _ => {}
    }
    let number = |node: NodeId| match node.0.checked_sub(explanation.outcome.agents) {
        None => node.to_string(),
        Some(host) => format!("host {host}"),
    };
    let runs: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match last.0 - first.0 {
            0 => number(first),
            1 => format!("{}, {}", number(first), number(last)),
            _ => format!("{} to {}", number(first), number(last)),
        })
        .collect();
    format!("agents {}", runs.join(", "))
}

/// Returns a fault: from when to when, and what it did.
pub(super) fn fault_line(explanation: &Explanation, fault: &FaultReport) -> (String, String) {
    let window = match fault.until {
        Some(until) => format!("{} to {}", millis(fault.from).trim_end_matches(" ms"), millis(until)),
        None if fault.from == Time::ZERO => "the whole run".to_owned(),
        None => format!("from {} on", millis(fault.from)),
    };
    let effect = match effects(fault.effect) {
        effect if effect.is_empty() && fault.from > explanation.outcome.end.at => {
            "the run ended before".to_owned()
        }
        effect if effect.is_empty() => "it did nothing".to_owned(),
        effect => effect,
    };
    (window, effect)
}
