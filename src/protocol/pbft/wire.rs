//! Messages on the wire: their kinds and sizes, what damage makes of them, and how a faulty replica or client rewrites
//! one of its own, as a liar without a plan would.
//!
//! Altered bodies are signed again by their signer, whose key the adversary holds; a message that holds only others'
//! signatures can merely be truncated.

use super::ledger::{Operation, Outcome, Snapshot};
use super::message::{
    Batch, Checkpoint, Commit, Fetch, FetchBatch, Message, NewView, PrePrepare, Prepare, Reply, Request,
    Status, ViewChange, sizes,
};
use std::rc::Rc;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{Body, Digest, Kind, Message as KernelMessage, NodeId, Signed};

impl KernelMessage for Message {
    const KINDS: &'static [Kind] = &[
        Kind::protocol("request"),
        Kind::protocol("pre-prepare"),
        Kind::protocol("prepare"),
        Kind::protocol("commit"),
        Kind::protocol("reply"),
        Kind::protocol("view-change"),
        Kind::protocol("new-view"),
        Kind::upkeep("checkpoint"),
        Kind::upkeep("status"),
        Kind::upkeep("fetch"),
        Kind::upkeep("state"),
        Kind::upkeep("fetch-batch"),
        Kind::upkeep("batch"),
        Kind::upkeep("committed"),
        Kind::upkeep("stable"),
        Kind::protocol("read"),
        Kind::protocol("read-reply"),
    ];

    fn kind(&self) -> usize {
        match self {
            Message::Request(_) => 0,
            Message::PrePrepare(..) => 1,
            Message::Prepare(_) => 2,
            Message::Commit(_) => 3,
            Message::Reply(_) => 4,
            Message::ViewChange(_) => 5,
            Message::NewView(_) => 6,
            Message::Checkpoint(_) => 7,
            Message::Status(_) => 8,
            Message::Fetch(_) => 9,
            Message::State(..) => 10,
            Message::FetchBatch(_) => 11,
            Message::Batch(_) => 12,
            Message::Committed(..) => 13,
            Message::Stable(_) => 14,
            Message::Read(_) => 15,
            Message::ReadReply(_) => 16,
        }
    }

    fn size(&self) -> usize {
        match self {
            Message::Request(body) => body.size(),
            Message::PrePrepare(body, batch) => body.size() + batch.size(),
            Message::Prepare(body) => body.size(),
            Message::Commit(body) => body.size(),
            Message::Reply(body) => body.size(),
            Message::Read(body) => body.size(),
            Message::ReadReply(body) => body.size(),
            Message::Checkpoint(body) => body.size(),
            Message::ViewChange(body) => body.size(),
            Message::NewView(body) => body.size(),
            Message::Status(body) => body.size(),
            Message::Fetch(body) => body.size(),
            Message::State(snapshot, proof) => snapshot.size() + sizes(proof),
            Message::FetchBatch(body) => body.size(),
            Message::Batch(batch) => batch.size(),
            Message::Committed(commits, batch) => sizes(commits) + batch.size(),
            Message::Stable(proof) => sizes(proof),
        }
    }

    fn damaged(&self) -> Option<Message> {
        Some(match self {
            Message::Request(body) => Message::Request(body.damaged()?),
            Message::PrePrepare(body, batch) => Message::PrePrepare(body.damaged()?, batch.clone()),
            Message::Prepare(body) => Message::Prepare(body.damaged()?),
            Message::Commit(body) => Message::Commit(body.damaged()?),
            Message::Reply(body) => Message::Reply(body.damaged()?),
            Message::Read(body) => Message::Read(body.damaged()?),
            Message::ReadReply(body) => Message::ReadReply(body.damaged()?),
            Message::Checkpoint(body) => Message::Checkpoint(body.damaged()?),
            Message::ViewChange(body) => Message::ViewChange(body.damaged()?),
            Message::NewView(body) => Message::NewView(body.damaged()?),
            Message::Status(body) => Message::Status(body.damaged()?),
            Message::Fetch(body) => Message::Fetch(body.damaged()?),
            Message::FetchBatch(body) => Message::FetchBatch(body.damaged()?),
            // Unsigned: what they hold proves itself, and a damaged one is discarded.
            Message::State(..) | Message::Batch(_) | Message::Committed(..) | Message::Stable(_) => {
                return None;
            }
        })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
        alter(self, alteration, forge)
    }
}

/// `message` as `alteration` makes it; `None` if it cannot be made so.
fn alter(message: &Message, alteration: Alteration, forge: &Forge<'_>) -> Option<Message> {
    match alteration {
        Alteration::Header { draw } => header(message, Nudge::new(draw), forge),
        Alteration::Contents { draw } => contents(message, draw, forge),
        Alteration::Name(name) => in_the_name_of(name, message, forge),
    }
}

/// Adds or subtracts one, in one of several numbers.
#[derive(Copy, Clone)]
struct Nudge {
    which: u64,
    is_up: bool,
}

impl Nudge {
    fn new(draw: u64) -> Nudge {
        Nudge { which: draw >> 1, is_up: draw & 1 == 0 }
    }

    /// Moves one of `numbers`; from zero there is but one way.
    fn of<const N: usize>(self, numbers: [&mut u64; N]) {
        let number = &mut *numbers[(self.which % N as u64) as usize];
        *number = if self.is_up { number.saturating_add(1) } else { number.checked_sub(1).unwrap_or(1) };
    }
}

/// A copy of the body, changed by `change` and signed again.
fn rewrite<B: Body + Clone>(
    signed: &Signed<B>,
    forge: &Forge<'_>,
    change: impl FnOnce(&mut B),
) -> Option<Signed<B>> {
    let mut body = B::clone(signed);
    change(&mut body);
    forge.reseal(signed, body)
}

fn header(message: &Message, nudge: Nudge, forge: &Forge<'_>) -> Option<Message> {
    Some(match message {
        Message::Request(it) => Message::Request(rewrite(it, forge, |it| nudge.of([&mut it.timestamp]))?),
        Message::PrePrepare(it, batch) => Message::PrePrepare(
            rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.sequence]))?,
            batch.clone(),
        ),
        Message::Prepare(it) => {
            Message::Prepare(rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.sequence]))?)
        }
        Message::Commit(it) => {
            Message::Commit(rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.sequence]))?)
        }
        Message::Reply(it) => {
            Message::Reply(rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.timestamp]))?)
        }
        Message::Read(it) => Message::Read(rewrite(it, forge, |it| nudge.of([&mut it.timestamp]))?),
        Message::ReadReply(it) => {
            Message::ReadReply(rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.timestamp]))?)
        }
        Message::Checkpoint(it) => {
            Message::Checkpoint(rewrite(it, forge, |it| nudge.of([&mut it.sequence]))?)
        }
        Message::ViewChange(it) => {
            Message::ViewChange(rewrite(it, forge, |it| nudge.of([&mut it.view, &mut it.low]))?)
        }
        Message::NewView(it) => Message::NewView(rewrite(it, forge, |it| nudge.of([&mut it.view]))?),
        Message::Status(it) => Message::Status(rewrite(it, forge, |it| {
            nudge.of([&mut it.view, &mut it.low, &mut it.last_executed]);
        })?),
        Message::Fetch(it) => Message::Fetch(rewrite(it, forge, |it| nudge.of([&mut it.sequence]))?),
        Message::State(snapshot, proof) => {
            let mut snapshot = Snapshot::clone(snapshot);
            nudge.of([&mut snapshot.sequence]);
            Message::State(Rc::new(snapshot), Rc::clone(proof))
        }
        // They name no view, slot or time, or do so under others' signatures alone.
        Message::FetchBatch(_) | Message::Batch(_) | Message::Committed(..) | Message::Stable(_) => {
            return None;
        }
    })
}

fn contents(message: &Message, draw: u64, forge: &Forge<'_>) -> Option<Message> {
    let digest = || Digest::of(&draw);
    Some(match message {
        Message::Request(it) => Message::Request(rewrite(it, forge, |it: &mut Request| {
            it.operation = Operation { value: draw, ..it.operation.clone() };
        })?),
        Message::PrePrepare(it, batch) => {
            // A batch that is other but sound, or a digest that nothing is known of.
            let other = if draw & 1 == 0 { doubled(batch) } else { batch.clone() };
            let digest = if draw & 1 == 0 { other.digest() } else { digest() };
            Message::PrePrepare(rewrite(it, forge, |it: &mut PrePrepare| it.digest = digest)?, other)
        }
        Message::Prepare(it) => {
            Message::Prepare(rewrite(it, forge, |it: &mut Prepare| it.digest = digest())?)
        }
        Message::Commit(it) => Message::Commit(rewrite(it, forge, |it: &mut Commit| it.digest = digest())?),
        Message::Reply(it) => Message::Reply(rewrite(it, forge, |it: &mut Reply| {
            it.outcome = Outcome { previous: draw, ..it.outcome.clone() };
        })?),
        Message::Checkpoint(it) => {
            Message::Checkpoint(rewrite(it, forge, |it: &mut Checkpoint| it.digest = digest())?)
        }
        Message::ViewChange(it) => Message::ViewChange(rewrite(it, forge, |it: &mut ViewChange| {
            // It forgets what it has prepared, or, having prepared nothing, pretends to a checkpoint.
            if it.prepared.is_empty() { it.low = draw } else { it.prepared.clear() }
        })?),
        Message::NewView(it) => Message::NewView(rewrite(it, forge, |it: &mut NewView| {
            // It drops a proposal that it owes, or, owing none, a voice that it needs.
            if it.proposals.pop().is_none() {
                it.changes.pop();
            }
        })?),
        Message::Status(it) => Message::Status(rewrite(it, forge, |it: &mut Status| {
            it.open.clear();
            it.last_executed = draw;
        })?),
        Message::Fetch(it) => Message::Fetch(rewrite(it, forge, |it: &mut Fetch| it.digest = digest())?),
        Message::FetchBatch(it) => {
            Message::FetchBatch(rewrite(it, forge, |it: &mut FetchBatch| it.digest = digest())?)
        }
        Message::State(snapshot, proof) => {
            let mut lie = Snapshot::clone(snapshot);
            lie.ledger.enter(&Operation::new(draw, 0));
            Message::State(Rc::new(lie), Rc::clone(proof))
        }
        // Only a service could make other commands and answers up.
        Message::Read(_) | Message::ReadReply(_) => return None,
        Message::Batch(batch) => Message::Batch(doubled(batch)),
        Message::Committed(commits, batch) => Message::Committed(Rc::clone(commits), doubled(batch)),
        Message::Stable(proof) => {
            let (_, rest) = proof.split_last()?;
            Message::Stable(rest.into())
        }
    })
}

/// Every request of `batch` twice: the same requests under another digest.
fn doubled(batch: &Batch) -> Batch {
    let requests = batch.requests.iter().chain(batch.requests.iter()).cloned().collect();
    Batch { tick: batch.tick, requests }
}

fn in_the_name_of(name: NodeId, message: &Message, forge: &Forge<'_>) -> Option<Message> {
    Some(match message {
        Message::Request(it) => Message::Request(forge.impersonate(it, name)),
        Message::PrePrepare(it, batch) => Message::PrePrepare(forge.impersonate(it, name), batch.clone()),
        Message::Prepare(it) => Message::Prepare(forge.impersonate(it, name)),
        Message::Commit(it) => Message::Commit(forge.impersonate(it, name)),
        Message::Reply(it) => Message::Reply(forge.impersonate(it, name)),
        Message::Read(it) => Message::Read(forge.impersonate(it, name)),
        Message::ReadReply(it) => Message::ReadReply(forge.impersonate(it, name)),
        Message::Checkpoint(it) => Message::Checkpoint(forge.impersonate(it, name)),
        Message::ViewChange(it) => Message::ViewChange(forge.impersonate(it, name)),
        Message::NewView(it) => Message::NewView(forge.impersonate(it, name)),
        Message::Status(it) => Message::Status(forge.impersonate(it, name)),
        Message::Fetch(it) => Message::Fetch(forge.impersonate(it, name)),
        Message::FetchBatch(it) => Message::FetchBatch(forge.impersonate(it, name)),
        // They bear nobody's name.
        Message::State(..) | Message::Batch(_) | Message::Committed(..) | Message::Stable(_) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nudge_moves_one_number_by_one() {
        let moved = |draw| {
            let (mut view, mut sequence) = (0, 5);
            Nudge::new(draw).of([&mut view, &mut sequence]);
            (view, sequence)
        };
        // The lowest bit says which way, the rest which number; below zero there is nothing.
        assert_eq!([0, 1, 2, 3].map(moved), [(1, 5), (1, 5), (0, 6), (0, 4)]);
    }
}
