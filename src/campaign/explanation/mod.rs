//! The explanation of a run: what happened, what of it led to what went wrong, and what to show of that.
//!
//! A run is deterministic, so it is made twice, and neither run keeps much. The first keeps its most recent steps, a
//! few bytes each: a run ends with what is to be explained. From these the explanation is worked out; the second run
//! puts the few messages that the explanation tells of into words.

mod diagram;
mod history;
mod past;
mod wording;

pub use diagram::{Arrow, Diagram, DiagramOptions};
pub use history::{CutWindow, Step, StepKind};
pub use past::{Chain, Link, causal_past, chain};

use history::History;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::rc::Rc;
use synod_harness::Outcome;
use synod_harness::Prepared;
use synod_harness::ScenarioError;
use synod_harness::beyond_kind;
use synod_oracle::ViolationReport;
use synod_sim::{Evidence, Interval, Milestone, NodeId, OperationId, Time};
use wording::Wording;

/// The explanation of a run.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the run came to.
    pub outcome: Outcome,
    /// Its most recent steps.
    pub steps: Vec<Step>,
    /// How many steps came before these.
    pub forgotten: u64,
    /// How many of the steps that are kept can have led to what the explanation is about.
    pub led: u64,
    /// Its partitions.
    pub cuts: Vec<CutWindow>,
    /// The subject of the explanation.
    pub subject: Subject,
    /// The causal chains that led there.
    pub chains: Vec<Chain>,
    /// The diagram.
    pub diagram: Diagram,
    /// What the messages that are shown say, by the place of their sending or delivery.
    pub words: BTreeMap<usize, String>,
}

/// The subject of an explanation.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The first violation.
    Violation,
    /// An operation that was submitted and that not everyone decided.
    Undecided,
    /// The last decision.
    Decision(OperationId),
    /// All that happened, for nothing was to be decided.
    Everything,
}

/// How many links of a chain are told.
const LINKS: usize = 10;

/// How many nodes' chains are told.
const CHAINS: usize = 3;

impl Explanation {
    /// Returns the explanation of the run of `scenario` with `seed`.
    ///
    /// # Errors
    /// If this seed's network cannot be made, or the protocol does not tolerate whom the seed's faults strike.
    pub fn build(
        scenario: &dyn Prepared,
        seed: u64,
        options: &DiagramOptions,
    ) -> Result<Explanation, ScenarioError> {
        let history = Rc::new(RefCell::new(History::default()));
        let outcome = scenario.run(seed, Some(history.clone()))?;
        let History { steps, forgotten, cuts } = mem::take(&mut *history.borrow_mut());
        let mut explanation = Explanation::of(outcome, steps.into(), forgotten, cuts, options);

        let wanted =
            explanation.diagram.messages(&explanation.chains).map(|place| place as u64 + forgotten).collect();
        let wording = Rc::new(RefCell::new(Wording::of(wanted)));
        scenario.run(seed, Some(wording.clone()))?;
        let words = mem::take(&mut wording.borrow_mut().words);
        explanation.words =
            words.into_iter().map(|(place, words)| ((place - forgotten) as usize, words)).collect();
        Ok(explanation)
    }

    /// Returns the explanation of a run that is over, with no message in words yet.
    pub fn of(
        outcome: Outcome,
        steps: Vec<Step>,
        forgotten: u64,
        cuts: Vec<CutWindow>,
        options: &DiagramOptions,
    ) -> Explanation {
        let undecided = outcome.metrics.get("undecided").map_or(0.0, |measure| measure.value());
        let last = steps.iter().rev().find_map(|step| match step.kind {
            StepKind::Claimed { milestone: Some(Milestone::Decided(id, _)), .. } => Some(id),
            _ => None,
        });
        let subject = match last {
            _ if !outcome.violations.is_empty() => Subject::Violation,
            _ if undecided > 0.0 => Subject::Undecided,
            Some(id) => Subject::Decision(id),
            None => Subject::Everything,
        };
        let ends = ends(&outcome, &steps, subject);
        let past = causal_past(steps.iter(), &ends);
        let led = past.iter().filter(|&&is_past| is_past).count() as u64;
        let is_struck = |node: NodeId| outcome.faults.iter().any(|fault| fault.agents.contains(&node));
        let told = match subject {
            Subject::Violation => ends.iter().take(CHAINS).collect(),
            Subject::Undecided => ends.iter().find(|(_, node)| !is_struck(*node)).into_iter().collect(),
            // The last decider's, or that of the client who learnt of it.
            Subject::Decision(_) => ends.last().into_iter().collect(),
            Subject::Everything => Vec::new(),
        };
        let chain_of = |&(place, node): &(usize, NodeId)| {
            let violation = outcome.violations.first();
            let operation = || operation_end(&steps[..=place], violation?, node);
            let claim = || turning_point(&steps[..=place], violation, node);
            chain(&steps, operation().or_else(claim).unwrap_or(place), node, LINKS)
        };
        let chains: Vec<Chain> = told.into_iter().map(chain_of).collect();
        let diagram = Diagram::lay_out(&outcome, &steps, &past, &chains, options);
        Explanation { outcome, steps, forgotten, led, cuts, subject, chains, diagram, words: BTreeMap::new() }
    }

    /// How nodes are called: agents by number, then client hosts.
    pub fn name(&self, node: NodeId) -> String {
        match node.0.checked_sub(self.outcome.agents) {
            None => format!("agent {node}"),
            Some(host) => format!("client host {host}"),
        }
    }

    /// Returns the message sent, delivered or lost at `place`, as it was there: its kind, with what it says if that is
    /// known.
    pub fn message(&self, place: usize) -> String {
        let kind = self.steps[place].kind.message_kind().map_or("message", |kind| kind.name);
        let Some(words) = self.words.get(&place) else { return kind.to_owned() };
        format!("{kind} ({})", beyond_kind(kind, words))
    }

    /// Returns the violation's evidence in the claim at `place`, if a chain ends there.
    pub fn evidence(&self, place: usize) -> Vec<&Evidence> {
        let is_end = self.chains.iter().any(|chain| chain.end == place);
        let violation = self.violation().filter(|_| is_end);
        violation.map_or(Vec::new(), |violation| self.steps[place].kind.evidence(violation))
    }

    /// Returns the violation that the explanation is about, if it is about one.
    pub fn violation(&self) -> Option<&ViolationReport> {
        self.outcome.violations.first()
    }
}

/// Returns where the past that is to be told ends: places of steps, with the nodes that they concern.
fn ends(outcome: &Outcome, steps: &[Step], subject: Subject) -> Vec<(usize, NodeId)> {
    let all = || (0..outcome.agents).map(NodeId);
    let Some(last) = steps.len().checked_sub(1) else { return Vec::new() };
    match subject {
        Subject::Violation => {
            let violation = &outcome.violations[0];
            let place = steps.iter().rposition(|step| step.event <= violation.event).unwrap_or(last);
            let mut agents = violation.agents.clone();
            if agents.is_empty() {
                agents.extend(all());
            }
            agents.sort_unstable();
            agents.dedup();
            let end = |node| operation_end(&steps[..=place], violation, node).unwrap_or(place);
            agents.into_iter().map(|node| (end(node), node)).collect()
        }
        Subject::Undecided | Subject::Everything => all().map(|node| (last, node)).collect(),
        Subject::Decision(id) => {
            let decides = |(place, step): (usize, &Step)| match step.kind {
                StepKind::Claimed { node, milestone: Some(Milestone::Decided(other, _)), .. }
                    if other == id =>
                {
                    Some((place, node))
                }
                StepKind::Claimed { node, milestone: Some(Milestone::Completed(other)), .. }
                    if other == id =>
                {
                    Some((place, node))
                }
                _ => None,
            };
            steps.iter().enumerate().filter_map(decides).collect()
        }
    }
}

/// Returns the place at which `node` learnt how the last of the operations ended that the violation is about, or else
/// handed it in; none if the violation is not about operations side by side.
fn operation_end(steps: &[Step], violation: &ViolationReport, node: NodeId) -> Option<usize> {
    let intervals = &violation.interleaving.as_ref()?.intervals;
    let claims = |at: &dyn Fn(&Interval) -> Option<Time>| {
        steps.iter().rposition(|step| {
            matches!(step.kind, StepKind::Claimed { node: by, .. } if by == node)
                && intervals.iter().any(|interval| at(interval) == Some(step.at))
        })
    };
    claims(&|interval| interval.until).or_else(|| claims(&|interval| Some(interval.from)))
}

/// Returns the place of the claim that involved `node`: the one that contains the most evidence of the violation; of
/// several, one that its protocol marks and that it made when the oracle objected, or else the last.
fn turning_point(steps: &[Step], violation: Option<&ViolationReport>, node: NodeId) -> Option<usize> {
    let claims = steps.iter().enumerate().filter_map(|(place, step)| match step.kind {
        StepKind::Claimed { node: by, mark, .. } if by == node => Some((place, step, mark.is_some())),
        _ => None,
    });
    let matters = |&(place, step, is_marked): &(usize, &Step, bool)| {
        let said = violation.map_or(0, |violation| step.kind.evidence(violation).len());
        let is_then = violation.is_some_and(|violation| violation.event == step.event);
        (said, is_marked && is_then, place)
    };
    claims.max_by_key(matters).map(|(place, ..)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use synod_harness::Describe;
    use synod_sim::{Cause, Digest, Violation};

    #[derive(Serialize)]
    enum Claim {
        Accepted { slot: u64, digest: Digest },
        FigureChange { view: u64 },
    }

    fn step(place: u64, node: u32, claim: Claim, milestone: Option<Milestone>) -> Step {
        let (node, claim) = (NodeId(node), claim.value().into());
        let kind = StepKind::Claimed { node, claim, mark: None, milestone, settled: None };
        Step { at: Time::from_nanos(place), event: place, cause: Cause::Nobody, kind }
    }

    fn report(violation: Violation) -> ViolationReport {
        let Violation { agents, message, evidence, interleaving } = violation;
        ViolationReport { oracle: "x", at: Time::ZERO, event: 9, agents, message, evidence, interleaving }
    }

    #[test]
    fn a_claim_is_found_by_what_it_says_of_the_evidence() {
        let [ours, theirs] = [1, 2].map(|byte| Digest([byte; 32]));
        let steps = [
            step(0, 0, Claim::Accepted { slot: 3, digest: ours }, None),
            step(1, 0, Claim::Accepted { slot: 3, digest: theirs }, None),
            step(2, 0, Claim::FigureChange { view: 3 }, Some(Milestone::Completed(OperationId(7)))),
            step(3, 1, Claim::Accepted { slot: 3, digest: theirs }, None),
            step(4, 0, Claim::FigureChange { view: 4 }, None),
        ];
        let found =
            |violation: Violation, node: u32| turning_point(&steps, Some(&report(violation)), NodeId(node));
        let differ = || {
            let (a, b) = ((NodeId(0), ours), (NodeId(1), theirs));
            Violation::differ("slot 3", a, b).with("slot", 3)
        };
        assert_eq!((found(differ(), 0), found(differ(), 1)), (Some(0), Some(3)), "each holds its own");
        let plain = || Violation::new([NodeId(0)], "no facts");
        assert_eq!(found(plain().with("slot", 3), 0), Some(1), "the last of those that say it");
        assert_eq!(found(plain().with("operation", OperationId(7)), 0), Some(2));
        assert_eq!(found(plain().with("view", 9), 0), Some(4), "its last claim");
        assert_eq!(found(plain(), 2), None);
    }
}
