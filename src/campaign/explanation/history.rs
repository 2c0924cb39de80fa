//! What happened in a run, step by step, in few bytes a step.

use std::collections::VecDeque;
use synod_harness::{AnyEvent, Recorder, readable};
use synod_oracle::ViolationReport;
use synod_sim::network::LossCause;
use synod_sim::{Cause, Cut, EventTime, Evidence, Kind, Milestone, NodeId, Settled, Time, Value};

/// A step of a run, at one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// The number of the event of which it is a part.
    pub event: u64,
    /// The handler that made it, if one did.
    pub cause: Cause,
    /// The subject.
    pub kind: StepKind,
}

/// The kind of a step: what a node did, or what happened to it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of `sim::Event`")]
pub enum StepKind {
    Sent {
        id: u64,
        from: NodeId,
        kind: Kind,
    },
    Delivered {
        id: u64,
        from: NodeId,
        to: NodeId,
        kind: Kind,
    },
    Lost {
        id: u64,
        from: NodeId,
        to: NodeId,
        kind: Kind,
        why: LossCause,
    },
    Expired {
        node: NodeId,
        timer: Box<Value>,
    },
    Claimed {
        node: NodeId,
        claim: Box<Value>,
        mark: Option<&'static str>,
        milestone: Option<Milestone>,
        settled: Option<Box<Settled>>,
    },
    Panicked {
        node: NodeId,
        message: Box<str>,
    },
    Crashed {
        node: NodeId,
    },
    Restarted {
        node: NodeId,
        wiped: bool,
    },
    Paused {
        node: NodeId,
    },
    Resumed {
        node: NodeId,
    },
}

impl StepKind {
    /// Returns the node at which it happened: a loss happens to no node.
    pub fn node(&self) -> Option<NodeId> {
        match *self {
            StepKind::Sent { from: node, .. }
            | StepKind::Delivered { to: node, .. }
            | StepKind::Expired { node, .. }
            | StepKind::Claimed { node, .. }
            | StepKind::Panicked { node, .. }
            | StepKind::Crashed { node }
            | StepKind::Restarted { node, .. }
            | StepKind::Paused { node }
            | StepKind::Resumed { node } => Some(node),
            StepKind::Lost { .. } => None,
        }
    }

    /// Returns the kind of the message that it is about, if it is about one.
    pub fn message_kind(&self) -> Option<Kind> {
        match *self {
            StepKind::Sent { kind, .. } | StepKind::Delivered { kind, .. } | StepKind::Lost { kind, .. } => {
                Some(kind)
            }
            _ => None,
        }
    }

    /// True for what keeps the system going rather than deciding.
    pub fn is_upkeep(&self) -> bool {
        self.message_kind().is_some_and(|kind| kind.upkeep)
    }

    /// Returns the evidence of `violation` that concerns the node and that the node claims here.
    pub fn evidence<'a>(&self, violation: &'a ViolationReport) -> Vec<&'a Evidence> {
        let StepKind::Claimed { node, claim, milestone, .. } = self else { return Vec::new() };
        let operation = milestone.and_then(Milestone::operation).map(|id| Value::Natural(id.0));
        let is_said = |Evidence { name, agent, value }: &&Evidence| {
            let is_its_own = agent.is_none_or(|agent| agent == *node);
            is_its_own
                && match value {
                    // Nothing else has it, whatever it is called.
                    Value::Digest(_) => claim.contains(value),
                    value if *name == OPERATION && operation.as_ref() == Some(value.bare()) => true,
                    value => claim.has(name, value),
                }
        };
        violation.evidence.iter().filter(is_said).collect()
    }

    /// Returns what the node claimed, or which timer expired, in words.
    pub fn format(&self) -> Option<String> {
        match self {
            StepKind::Claimed { claim: value, .. } | StepKind::Expired { timer: value, .. } => {
                Some(readable(value))
            }
            _ => None,
        }
    }
}

/// A partition, as the run carried it out.
#[derive(Clone, Debug, PartialEq)]
pub struct CutWindow {
    /// Its id in the run.
    pub id: u32,
    /// Who was cut off from whom.
    pub cut: Cut,
    /// When it began.
    pub from: Time,
    /// When it healed, if it did.
    pub until: Option<Time>,
}

/// Capacity of a history: it keeps the most recent steps. A run ends with what is to be explained, so these are the
/// ones that matter; they take some 100 MB, or more where claims are long.
pub(super) const KEPT: usize = 1 << 20;

/// Name of an operation in evidence, whatever claims call it.
const OPERATION: &str = "operation";

/// Number of scalars of a claim that are kept.
const CLAIM: usize = 32;

/// The most recent steps of a run.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) steps: VecDeque<Step>,
    /// How many steps came before the first that is kept.
    pub(super) forgotten: u64,
    pub(super) cuts: Vec<CutWindow>,
}

impl Recorder for History {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        let kind = match event {
            AnyEvent::Sent { id, from, kind, .. } => StepKind::Sent { id, from, kind },
            AnyEvent::Delivered { id, from, to, kind, .. } => StepKind::Delivered { id, from, to, kind },
            AnyEvent::Lost { id, from, to, kind, why, .. } => StepKind::Lost { id, from, to, kind, why },
            AnyEvent::Expired { node, timer } => {
                StepKind::Expired { node, timer: timer.beginning(CLAIM).into() }
            }
            AnyEvent::Observed { node, mark, milestone, settled, claim, .. } => {
                let (claim, settled) = (claim.beginning(CLAIM).into(), settled.map(Box::new));
                StepKind::Claimed { node, claim, mark, milestone, settled }
            }
            AnyEvent::Panicked { node, message, .. } => StepKind::Panicked { node, message: message.into() },
            AnyEvent::Crashed { node } => StepKind::Crashed { node },
            AnyEvent::Restarted { node, wiped } => StepKind::Restarted { node, wiped },
            AnyEvent::Paused { node } => StepKind::Paused { node },
            AnyEvent::Resumed { node } => StepKind::Resumed { node },
            AnyEvent::Cut { id, cut } => {
                return self.cuts.push(CutWindow { id, cut: cut.clone(), from: moment.at, until: None });
            }
            AnyEvent::Healed { id } => {
                if let Some(window) = self.cuts.iter_mut().rfind(|window| window.id == id) {
                    window.until = Some(moment.at);
                }
                return;
            }
        };
        if self.steps.len() == KEPT {
            self.steps.pop_front();
            self.forgotten += 1;
        }
        let EventTime { at, event, cause } = moment;
        self.steps.push_back(Step { at, event, cause, kind });
    }
}
