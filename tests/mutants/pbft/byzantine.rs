//! Scenarios with a replica that lies, in its own name or, to be refused, in another's.

use super::plan::{CALM, Memory, Plan, Sort, forged, log, pass_if, session, sort};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod::net::Probability;
use synod::protocol::pbft::{
    Batch, ClientId, Commit, Config, Message, NewView, Operation, PrePrepare, Request, Snapshot, ViewChange,
};
use synod::sim::auth::Tag;
use synod::sim::inject::Action;
use synod::sim::{Digest, NodeId, Signed};
use synod::testing::{at, ms};

const PRIMARY: NodeId = NodeId(0);

/// Every request of `batch` twice: the same wishes under another digest.
fn doubled(batch: &Batch) -> Batch {
    Batch::of(batch.requests.iter().chain(batch.requests.iter()).cloned().collect::<Vec<_>>())
}

/// `proposal` with `batch` in place of its own.
fn proposing(proposal: &PrePrepare, batch: Batch) -> Message {
    let body = PrePrepare { digest: batch.digest(), ..proposal.clone() };
    Message::PrePrepare(forged(0, body), batch)
}

/// The primary proposes and commits one thing to those before `divide` and another to the rest.
fn two_faced(n: u32, divide: u32) -> Plan {
    let mut others: BTreeMap<Digest, Digest> = BTreeMap::new();
    let script = move |now, from, to: NodeId, message: &Message| {
        // Backups that confront each other with what they were told would find the primary out in time.
        if from != PRIMARY && now < at(90) && matches!(message, Message::PrePrepare(..)) {
            return Action::Drop;
        }
        if from != PRIMARY || to.0 < divide {
            return Action::Pass;
        }
        match message {
            Message::PrePrepare(proposal, batch) if proposal.signer() == PRIMARY => {
                let other = doubled(batch);
                others.insert(proposal.digest, other.digest());
                Action::Replace(proposing(proposal, other))
            }
            Message::Commit(commit) if others.contains_key(&commit.digest) => {
                let body = Commit { digest: others[&commit.digest], ..(**commit).clone() };
                Action::Replace(Message::Commit(forged(0, body)))
            }
            _ => Action::Pass,
        }
    };
    Plan::new(log(n, 1, 2)).with_faulty(0).without_authentication().with_script(script)
}

/// Two against one: enough where quorums are one short.
pub(crate) fn two_faced_of_four(_: u64) -> Plan {
    two_faced(4, 2)
}

/// Two against two: enough where quorums are 2f + 1.
pub(crate) fn two_faced_of_five(_: u64) -> Plan {
    two_faced(5, 3)
}

/// The network delivers everything twice as well.
pub(crate) fn two_faced_and_doubled(_: u64) -> Plan {
    two_faced(5, 3).duplicating(Probability::ALWAYS)
}

/// The primary follows its proposal up with another for the same slot, to the same replica.
pub(crate) fn proposes_again(_: u64) -> Plan {
    let proposals: Memory<BTreeMap<Digest, Message>> = Memory::default();
    let script = move |_, from, to, message: &Message| {
        if (from, to) != (PRIMARY, NodeId(1)) {
            return Action::Pass;
        }
        match message {
            Message::PrePrepare(proposal, batch) => {
                let other = proposing(proposal, doubled(batch));
                proposals.borrow_mut().insert(proposal.digest, other);
                Action::Pass
            }
            Message::Commit(commit) => match proposals.borrow_mut().remove(&commit.digest) {
                Some(other) => Action::Replace(other),
                None => Action::Pass,
            },
            _ => Action::Pass,
        }
    };
    Plan::new(log(4, 1, 2)).with_faulty(0).without_authentication().with_script(script)
}

/// A backup makes up a request in a client's name.
pub(crate) fn forged_request(_: u64) -> Plan {
    let script = |_, from, to, message: &Message| match message {
        Message::Prepare(_) if (from, to) == (NodeId(3), PRIMARY) => {
            let operation = Operation::new(999, 0);
            let body = Request { client: ClientId(1), timestamp: 50, operation };
            Action::Replace(Message::Request(Signed::with_tag(body, NodeId(4), 0, Tag::Mac(1))))
        }
        _ => Action::Pass,
    };
    Plan::new(log(4, 2, 4)).with_faulty(3).with_script(script)
}

/// A backup makes up a proposal in the primary's name.
pub(crate) fn forged_proposal(_: u64) -> Plan {
    let script = |_, from, to, message: &Message| match message {
        Message::Prepare(_) if (from, to) == (NodeId(3), NodeId(1)) => {
            let batch = Batch::null();
            let body = PrePrepare { view: 0, sequence: 9, digest: batch.digest() };
            Action::Replace(Message::PrePrepare(Signed::with_tag(body, PRIMARY, 0, Tag::Mac(1)), batch))
        }
        _ => Action::Pass,
    };
    Plan::new(log(4, 2, 4)).with_faulty(3).with_script(script)
}

/// A backup makes up a second proposal in the primary's name, for a slot that has one.
pub(crate) fn forged_second_proposal(_: u64) -> Plan {
    let script = |_, from, to, message: &Message| match message {
        Message::Commit(commit) if (from, to) == (NodeId(3), NodeId(1)) => {
            let batch = Batch::null();
            let body = PrePrepare { digest: batch.digest(), sequence: commit.sequence, view: commit.view };
            Action::Replace(Message::PrePrepare(Signed::with_tag(body, PRIMARY, 0, Tag::Mac(1)), batch))
        }
        _ => Action::Pass,
    };
    Plan::new(log(4, 2, 4)).with_faulty(3).with_script(script)
}

/// Agent 0 commits in view 0, which nobody hears, and is cut off. In view 1 agent 3 passes that commit off as one for
/// view 1, in the place of its own.
pub(crate) fn replayed_commit(_: u64) -> Plan {
    let heard: Memory<Option<Signed<Commit>>> = Memory::default();
    let script = move |now, from, to, message: &Message| {
        if now > at(CALM) {
            return Action::Pass;
        }
        if let Message::Commit(commit) = message
            && from == PRIMARY
        {
            heard.borrow_mut().get_or_insert(commit.clone());
        }
        let is_cut_off = heard.borrow().is_some() && (from == PRIMARY || to == PRIMARY);
        match (sort(message), message) {
            _ if is_cut_off => Action::Drop,
            (Sort::Commit(0), _) => Action::Drop,
            (Sort::Commit(1), Message::Commit(commit)) if from == NodeId(3) => {
                let heard = heard.borrow();
                let old = heard.as_ref().expect("view 0 came before");
                let tag = old.tag().clone();
                Action::Replace(Message::Commit(Signed::with_tag((**commit).clone(), PRIMARY, 0, tag)))
            }
            _ => Action::Pass,
        }
    };
    Plan::new(session(4, 0)).unstable_until(CALM).with_faulty(3).with_script(script)
}

/// The primary proposes an old request again, after one replica has taken over a state that covers it.
pub(crate) fn proposes_the_old(_: u64) -> Plan {
    const SLOT: u64 = 20;
    let first: Memory<Option<Batch>> = Memory::default();
    let script = move |_, from, _, message: &Message| {
        let Message::PrePrepare(proposal, batch) = message else { return Action::Pass };
        if proposal.sequence == 1 {
            first.borrow_mut().get_or_insert(batch.clone());
        }
        match &*first.borrow() {
            Some(old) if from == PRIMARY && (proposal.view, proposal.sequence) == (0, SLOT) => {
                Action::Replace(proposing(proposal, old.clone()))
            }
            _ => Action::Pass,
        }
    };
    let config = Config {
        checkpoint_interval: 4,
        in_flight_max: 1,
        timeout: ms(1_200),
        timeout_max: ms(1_200),
        status_interval: ms(20),
        ..log(4, 24, 24)
    };
    Plan::new(config).isolated(3, 100).with_faulty(0).without_authentication().with_script(script)
}

/// A replica that fell behind is served a state that never was.
pub(crate) fn lies_about_its_state(_: u64) -> Plan {
    let script = |_, from, _, message: &Message| match message {
        Message::State(snapshot, proof) if from == PRIMARY => {
            let mut lie = Snapshot::clone(snapshot);
            lie.ledger.enter(&Operation::new(999, 0));
            Action::Replace(Message::State(Rc::new(lie), Rc::clone(proof)))
        }
        _ => Action::Pass,
    };
    let config = Config { checkpoint_interval: 4, status_interval: ms(50), ..log(4, 4, 40) };
    Plan::new(config).isolated(3, 150).with_faulty(0).with_script(script)
}

/// Slot 1 is committed in view 0; the primary of view 1 starts it as if nothing had been.
pub(crate) fn forgetful_new_view(_: u64) -> Plan {
    let script = |now, _, _, message: &Message| match (sort(message), message) {
        (Sort::PrePrepare(0, 2), _) => pass_if(now > at(CALM)),
        (Sort::NewView(1), Message::NewView(new_view)) => {
            let body = NewView { proposals: Vec::new(), ..(**new_view).clone() };
            Action::Replace(Message::NewView(forged(1, body)))
        }
        _ => Action::Pass,
    };
    Plan::new(Config { in_flight_max: 1, ..log(4, 2, 4) })
        .unstable_until(CALM)
        .with_faulty(1)
        .without_authentication()
        .with_script(script)
}

/// The primary of view 1 starts it on the word of two, one of whom it counts twice.
pub(crate) fn counts_one_twice(_: u64) -> Plan {
    let heard: Memory<Option<Signed<ViewChange>>> = Memory::default();
    let script = move |_, from, _, message: &Message| match message {
        Message::ViewChange(change) if from == NodeId(2) && change.view == 1 => {
            heard.borrow_mut().get_or_insert(change.clone());
            Action::Pass
        }
        Message::Status(_) if from == NodeId(1) => match &*heard.borrow() {
            Some(change) => {
                let body = ViewChange { view: 1, low: 0, stable: Vec::new(), prepared: Vec::new() };
                let changes = vec![forged(1, body), change.clone(), change.clone()];
                let body = NewView { view: 1, changes, proposals: Vec::new() };
                Action::Replace(Message::NewView(forged(1, body)))
            }
            None => Action::Pass,
        },
        _ => Action::Pass,
    };
    let config = Config { status_interval: ms(50), client_timeout: ms(600), ..session(4, 2) };
    Plan::new(config).isolated(0, CALM).with_faulty(1).without_authentication().with_script(script)
}

/// Four views in which the network lets through just what makes A prepared at agent 3 in view 0, B at agent 1 in
/// view 1 and A at agent 2 in view 2, all in slot 1; agents 3, 0 and 1 begin view 3. B is right there: A's certificate
/// of view 2 is not among theirs, and nobody may have committed it.
///
/// For agent 2 holds no quorum: its own commit, that of agent 0, which is faulty, and agent 3's of view 0, which
/// comes late.
pub(crate) fn three_certificates(_: u64) -> Plan {
    let script = |now, NodeId(from), NodeId(to), message: &Message| {
        if now > at(CALM) {
            return Action::Pass;
        }
        match (sort(message), message) {
            (Sort::Prepare(0), _) => pass_if(to == 3),
            (Sort::Commit(0), _) if (from, to) == (3, 2) => Action::Delay(ms(500)),
            (Sort::ViewChange(1), _) => pass_if((from, to) != (3, 1)),
            (Sort::Prepare(1), _) => pass_if(to == 1),
            (Sort::ViewChange(2), _) => pass_if((from, to) != (1, 2)),
            (Sort::Prepare(2), Message::Prepare(vote)) if (from, to) == (0, 2) => {
                let body = Commit { view: 2, sequence: vote.sequence, digest: vote.digest };
                Action::Replace(Message::Commit(forged(0, body)))
            }
            (Sort::Prepare(2), _) => pass_if(to == 2),
            (Sort::ViewChange(3), _) => pass_if((from, to) != (2, 3)),
            (Sort::Commit(0..=2), _) => Action::Drop,
            _ => Action::Pass,
        }
    };
    let config = Config { batch_max: 64, in_flight_max: 1, ..log(4, 2, 2) };
    Plan::new(config)
        .over(ms(1), ms(3))
        .unstable_until(CALM)
        .with_faulty(0)
        .without_authentication()
        .with_script(script)
}
