//! What members send each other besides what they say within a rung, and what they wait for.

use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;
use synod_common::decide::{Ending, Tagged};
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Kind, Message as KernelMessage, Signed};

/// CLOSE: the abort message. Its signer sends nothing more in this rung or before. Where no member lies, it has not
/// decided in any of them.
#[derive(Clone, Debug, Serialize)]
pub struct Close<T> {
    /// The rung.
    pub rung: u32,
    /// Its abort history in every rung from the first to this one; nothing where it took no part.
    pub proofs: Vec<Option<T>>,
    /// Size of all histories on the wire, in bytes.
    #[serde(skip)]
    pub bytes: usize,
}

/// OPEN: the rung before is closed, and this one starts with the init history that the certificate gives.
#[derive(Clone, Debug, Serialize)]
pub struct Open<T: Serialize> {
    /// The rung that starts.
    pub rung: u32,
    /// Abort messages of at least n − f members for the rung before.
    pub certificate: Vec<Signed<Close<T>>>,
}

/// SETTLED: the decision of its signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// The rung.
    pub rung: u32,
    /// The decision.
    pub value: u64,
}

impl<T: Serialize + Debug + 'static> Body for Close<T> {
    const KIND: &'static str = "adaptive.close";
    fn size(&self) -> usize {
        4 + self.bytes
    }
}

impl<T: Serialize + Debug + 'static> Body for Open<T> {
    const KIND: &'static str = "adaptive.open";
    fn size(&self) -> usize {
        4 + self.certificate.iter().map(Signed::size).sum::<usize>()
    }
}

impl Body for Settled {
    const KIND: &'static str = "adaptive.settled";
    fn size(&self) -> usize {
        12
    }
}

/// Messages, where `M` is the children's and `T` their abort histories.
#[derive(Clone, Debug, Serialize)]
pub enum Message<M, T: Serialize> {
    /// Within a rung.
    Within(Tagged<M>),
    /// A member aborts a rung.
    Close(Signed<Close<T>>),
    /// The next rung starts.
    Open(Rc<Signed<Open<T>>>),
    /// A member that has decided informs one that has not.
    Settled(Signed<Settled>),
    /// A member's heartbeat.
    Alive,
}

/// Timers, where `T` is the children's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer<T> {
    /// A child's own.
    Within(Tagged<T>),
    /// Heartbeat, and check for failed members.
    Heartbeat,
    /// The next rung has just enough time left.
    Pressure(u32),
    /// The minimum time in the rung is over.
    Dwelt(u32),
    /// The chain's deadline.
    Deadline,
}

/// The chain's own kinds, which come before those of children.
const OWN: [Kind; 4] =
    [Kind::protocol("close"), Kind::protocol("open"), Kind::upkeep("settled"), Kind::upkeep("alive")];

/// The kinds of a chain whose children have these kinds.
pub(super) fn kinds(children: &[Kind]) -> Vec<Kind> {
    [&OWN, children].concat()
}

impl<M: KernelMessage, T: Clone + Debug + Serialize + 'static> KernelMessage for Message<M, T> {
    const KINDS: &'static [Kind] = &OWN;

    fn kind(&self) -> usize {
        match self {
            Message::Close(_) => 0,
            Message::Open(_) => 1,
            Message::Settled(_) => 2,
            Message::Alive => 3,
            Message::Within(message) => OWN.len() + message.kind(),
        }
    }

    fn declared_kind(&self) -> Kind {
        match self {
            Message::Within(message) => message.declared_kind(),
            _ => OWN[self.kind()],
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Within(message) => message.size(),
            Message::Close(close) => close.size(),
            Message::Open(open) => open.size(),
            Message::Settled(settled) => settled.size(),
            Message::Alive => 1,
        }
    }

    fn damaged(&self) -> Option<Self> {
        Some(match self {
            Message::Within(message) => Message::Within(message.damaged()?),
            Message::Close(close) => Message::Close(close.damaged()?),
            Message::Open(open) => Message::Open(Rc::new(open.damaged()?)),
            Message::Settled(settled) => Message::Settled(settled.damaged()?),
            Message::Alive => return None,
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        Some(match (self, alteration) {
            (Message::Within(message), _) => Message::Within(message.altered(alteration, forge)?),
            (Message::Close(close), Alteration::Header { draw }) => {
                let rung = close.rung ^ (1 + (draw % 2) as u32);
                Message::Close(forge.reseal(close, Close { rung, ..(**close).clone() })?)
            }
            // What it has prepared or voted, it keeps to itself.
            (Message::Close(close), Alteration::Contents { .. }) => {
                let proofs = vec![None; close.proofs.len()];
                Message::Close(forge.reseal(close, Close { proofs, ..(**close).clone() })?)
            }
            (Message::Close(close), Alteration::Name(node)) => Message::Close(forge.impersonate(close, node)),
            // A certificate with one abort message too few, or without the history that binds.
            (Message::Open(open), Alteration::Contents { .. } | Alteration::Header { .. }) => {
                let mut certificate = open.certificate.clone();
                certificate.pop();
                Message::Open(Rc::new(forge.reseal(open, Open { rung: open.rung, certificate })?))
            }
            (Message::Open(open), Alteration::Name(node)) => {
                Message::Open(Rc::new(forge.impersonate(open, node)))
            }
            (Message::Settled(settled), Alteration::Contents { draw } | Alteration::Header { draw }) => {
                let value = draw % 1_000;
                Message::Settled(forge.reseal(settled, Settled { value, ..(**settled).clone() })?)
            }
            (Message::Settled(settled), Alteration::Name(node)) => {
                Message::Settled(forge.impersonate(settled, node))
            }
            (Message::Alive, _) => return None,
        })
    }
}

/// The value of an ending, if it has one.
pub(super) fn value(ending: Ending) -> Option<u64> {
    match ending {
        Ending::Decided(value) => Some(value),
        Ending::Undecided(_) => None,
    }
}
