//! A repro file's run, made again: whether it comes to the same, and what an agent knows on the way.

use super::entry::Prepared;
use super::outcome::Outcome;
use super::recorder::SharedRecorder;
use super::steps::NodeView;
use crate::{Finding, ScenarioError, Unmet, Violated};
use std::fmt;
use synod_sim::{NodeId, Time, code};

/// What a replay came to, beside what the file says.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What the file says.
    pub then: Finding,
    /// What the run came to now.
    pub now: Finding,
    /// The run.
    pub outcome: Outcome,
}

/// Something in which a replay differs from what the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The subject.
    pub what: &'static str,
    /// What it was when the file was written.
    pub then: String,
    /// What it is now.
    pub now: String,
}

/// Makes the run of a repro file again, and lets `recorder` see it; `None` if `prepared` is no repro, but a mere
/// scenario.
///
/// # Errors
/// If the seed's network cannot be made.
pub fn replay(
    prepared: &dyn Prepared,
    recorder: Option<SharedRecorder>,
) -> Result<Option<Replay>, ScenarioError> {
    let Some(then) = prepared.finding().cloned() else { return Ok(None) };
    let outcome = prepared.run(prepared.seed(), recorder)?;
    Ok(Some(Replay { then, now: Finding::of(&outcome), outcome }))
}

impl Replay {
    /// Returns true if the run came to what the file says: the same digest, the same ending and the same objections.
    pub fn reproduced(&self) -> bool {
        self.changes().is_empty()
    }

    /// Returns true if another version of Synod made the file.
    pub fn is_of_another_version(&self) -> bool {
        self.then.version != self.now.version
    }

    /// In what the run differs from what the file says. The version is no difference.
    pub fn changes(&self) -> Vec<Change> {
        let (then, now) = (&self.then, &self.now);
        let mut changes = vec![
            ("digest", then.digest.to_lowercase(), now.digest.clone()),
            ("ended", then.ended.clone(), now.ended.clone()),
        ];
        let oracle = |violation: &Violated| violation.oracle.clone();
        changes.extend(lists("violated", &then.violations, &now.violations, oracle, violated));
        let metric = |unmet: &Unmet| unmet.metric.clone();
        // That oracles were violated is told already.
        let others =
            |unmet: &[Unmet]| unmet.iter().filter(|unmet| unmet.metric != "violates").cloned().collect();
        let (missed, misses): (Vec<Unmet>, Vec<Unmet>) = (others(&then.unmet), others(&now.unmet));
        changes.extend(lists("unmet", &missed, &misses, metric, unmet));
        changes.retain(|(_, then, now)| then != now);
        changes.into_iter().map(|(what, then, now)| Change { what, then, now }).collect()
    }
}

/// Two lists, item by item of the same name.
fn lists<T>(
    what: &'static str,
    then: &[T],
    now: &[T],
    name: impl Fn(&T) -> String,
    words: fn(&T) -> String,
) -> Vec<(&'static str, String, String)> {
    let find = |items: &[T], wanted: &str| match items.iter().find(|item| name(item) == wanted) {
        Some(item) => words(item),
        None => "nothing".to_owned(),
    };
    let added = now.iter().filter(|item| !then.iter().any(|other| name(other) == name(item)));
    let names = then.iter().chain(added).map(&name);
    names.map(|name| (what, find(then, &name), find(now, &name))).collect()
}

fn violated(violation: &Violated) -> String {
    let Violated { oracle, at, event, message, .. } = violation;
    format!("{oracle} at {}, event {event}: {message}", at.0)
}

fn unmet(unmet: &Unmet) -> String {
    let Unmet { metric, bound, value } = unmet;
    format!("{metric}: expected {bound}, found {value}")
}

/// The state of an agent after some event of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSnapshot {
    /// The event.
    pub event: u64,
    /// When it happened.
    pub at: Time,
    /// What happened, in words.
    pub happened: Vec<String>,
    /// What the agent knows then, as its protocol prints it over many lines.
    pub state: String,
}

/// Why no state can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// The run cannot be made.
    Scenario(ScenarioError),
    /// The run ends before, after so many events.
    RunOver(u64),
    /// There is no such agent: nodes, clients included, are numbered from 0 to so many less one.
    NoSuchNode(u32),
    /// The agent is down after that event.
    Down,
    /// Its protocol does not show what its nodes know.
    NotExposed,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::Scenario(error) => error.fmt(out),
            SnapshotError::RunOver(events) => write!(out, "the run ends with event {events}"),
            SnapshotError::NoSuchNode(nodes) => {
                write!(out, "there is no such agent: they are numbered from 0 to {}", nodes - 1)
            }
            SnapshotError::Down => out.write_str("that agent is down after this event, and knows nothing"),
            SnapshotError::NotExposed => out.write_str("this protocol does not show what its agents know"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl From<ScenarioError> for SnapshotError {
    fn from(error: ScenarioError) -> SnapshotError {
        SnapshotError::Scenario(error)
    }
}

/// Returns what `agent` knows after event number `event` of a run; number 0 is before the first.
///
/// # Errors
/// If the state cannot be shown.
pub fn state_snapshot(
    prepared: &dyn Prepared,
    seed: u64,
    event: u64,
    agent: NodeId,
) -> Result<StateSnapshot, SnapshotError> {
    let mut run = prepared.steps(seed)?;
    if let NodeView::NoSuchNode(nodes) = run.view(agent) {
        return Err(SnapshotError::NoSuchNode(nodes));
    }
    let (mut reached, mut at, mut transcript) = (0, Time::ZERO, Vec::new());
    while reached < event {
        let step = run.step();
        if step.ending.is_some() {
            return Err(SnapshotError::RunOver(reached));
        }
        (reached, at, transcript) = (step.event, step.at, step.transcript);
    }
    match run.view(agent) {
        NodeView::NoSuchNode(nodes) => Err(SnapshotError::NoSuchNode(nodes)),
        NodeView::Down => Err(SnapshotError::Down),
        NodeView::NotExposed => Err(SnapshotError::NotExposed),
        NodeView::State(state) => Ok(StateSnapshot {
            event,
            at,
            happened: transcript.into_iter().map(code::describe).collect(),
            state: format!("{state:#?}"),
        }),
    }
}
