//! What members of a pipeline send each other, and what they wait for.

use serde::Serialize;
use synod_common::decide::Ending;
use synod_common::decide::Tagged;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Kind, Message as KernelMessage, Signed};

/// HANDOVER: the ending of a stage, signed by one of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handover {
    /// The stage.
    pub stage: u32,
    /// The ending.
    pub ending: Ending,
}

impl Body for Handover {
    const KIND: &'static str = "pipeline.handover";
    fn size(&self) -> usize {
        13
    }
}

/// Messages, where `M` is the children's.
#[derive(Clone, Debug, Serialize)]
pub enum Message<M> {
    /// A child's message, with the stage's proposal.
    Within(Tagged<M>, Option<u64>),
    /// The ending of a stage.
    Handover(Signed<Handover>),
    /// A member of the next stage asks how this one ended.
    Ask(u32),
}

/// Timers, where `T` is the children's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer<T> {
    /// A child's own.
    Within(Tagged<T>),
    /// A stage is over.
    Deadline(u32),
    /// A member waits for the stage before this one.
    Ask(u32),
}

/// The pipeline's own kinds, which come before those of children.
const OWN: [Kind; 2] = [Kind::protocol("handover"), Kind::upkeep("ask_stage")];

/// The kinds of a pipeline whose children have these kinds.
pub(super) fn kinds(children: &[Kind]) -> Vec<Kind> {
    [&OWN, children].concat()
}

impl<M: KernelMessage> KernelMessage for Message<M> {
    const KINDS: &'static [Kind] = &OWN;

    fn kind(&self) -> usize {
        match self {
            Message::Handover(_) => 0,
            Message::Ask(_) => 1,
            Message::Within(message, _) => OWN.len() + message.kind(),
        }
    }

    fn declared_kind(&self) -> Kind {
        match self {
            Message::Within(message, _) => message.declared_kind(),
            Message::Handover(_) | Message::Ask(_) => OWN[self.kind()],
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Within(message, _) => 8 + message.size(),
            Message::Handover(handover) => handover.size(),
            Message::Ask(_) => 4,
        }
    }

    fn damaged(&self) -> Option<Self> {
        Some(match self {
            Message::Within(message, proposal) => Message::Within(message.damaged()?, *proposal),
            Message::Handover(handover) => Message::Handover(handover.damaged()?),
            Message::Ask(_) => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        Some(match (self, alteration) {
            (Message::Within(message, proposal), _) => {
                Message::Within(message.altered(alteration, forge)?, *proposal)
            }
            (Message::Handover(handover), Alteration::Header { draw }) => {
                let stage = handover.stage ^ (1 + (draw % 2) as u32);
                Message::Handover(forge.reseal(handover, Handover { stage, ..(**handover).clone() })?)
            }
            (Message::Handover(handover), Alteration::Contents { draw }) => {
                let ending = Ending::Decided(draw % 1_000);
                Message::Handover(forge.reseal(handover, Handover { ending, ..(**handover).clone() })?)
            }
            (Message::Handover(handover), Alteration::Name(node)) => {
                Message::Handover(forge.impersonate(handover, node))
            }
            (Message::Ask(_), _) => return None,
        })
    }
}

/// The messages of the stages' protocol `C`.
pub(super) type ChildMessage<C> = <C as synod_sim::Protocol>::Message;

/// A message of a pipeline of `C`.
pub(super) type PipelineMessage<C> = Message<ChildMessage<C>>;
