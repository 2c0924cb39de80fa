//! P4: nothing is done that nobody asked for, and nothing is decided without its quorum.

use super::super::{
    ClientId, Commit, Config, Message, Observation, Operation, Pbft, Request, Sequence, View,
};
use super::watermarks::Watermarks;
use std::rc::Rc;
use synod_common::kv::Command;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Signed, Violation};

/// P4: what a correct replica applies in a correct client's name that client really asked for; and a decision's
/// certificate holds commits of a quorum, each really sent if its signer is correct.
#[derive(Debug)]
pub struct Validity {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// What correct clients asked for: client, timestamp, value, payload.
    asked: TreeSet<Asked>,
    /// Which of it was applied where, in slots that some correct replica has not left behind.
    applied: TreeSet<(Sequence, ClientId, u64)>,
    /// The last request of each client that was applied in the slots before.
    done: TreeMap<ClientId, u64>,
    watermarks: Watermarks,
    /// For every view of a session what each correct replica committed to.
    commits: TreeMap<View, Vec<Option<Digest>>>,
    checked: u64,
}

impl Validity {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Validity {
        Validity {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            asked: TreeSet::new(),
            applied: TreeSet::new(),
            done: TreeMap::new(),
            watermarks: Watermarks::new(config, ground_truth),
            commits: TreeMap::new(),
            checked: 0,
        }
    }

    fn on_sent(&mut self, from: NodeId, message: &Message) {
        match message {
            Message::Request(request)
                if request.signer() == from && self.config.host(request.client) == Some(from) =>
            {
                self.asked.insert(key(request));
            }
            Message::Commit(commit) if commit.signer() == from && self.config.session().is_some() => {
                let n = self.config.quorum.n as usize;
                let round = self.commits.entry(commit.view).or_insert_with(|| vec![None; n]);
                round[from.index()].get_or_insert(commit.digest);
            }
            _ => {}
        }
    }

    /// Nothing more comes of the slots up to `forgotten`, nor of what their clients had asked for before.
    fn forget(&mut self, forgotten: Sequence) {
        let past = ..=(forgotten, ClientId(u32::MAX), u64::MAX);
        for (_, client, timestamp) in self.applied.extract_if(past, |_| true) {
            let done = self.done.entry(client).or_default();
            *done = timestamp.max(*done);
            let asked = (client, 0, 0, 0, None)..(client, *done + 1, 0, 0, None);
            self.asked.extract_if(asked, |_| true).for_each(drop);
        }
    }

    fn is_asked(&self, request: &Request) -> bool {
        match self.config.session() {
            Some(session) => request.timestamp == 1 && request.operation == session.operation,
            // What was applied long ago had been asked for; to apply it again is another matter.
            None if self.done.get(&request.client).is_some_and(|done| request.timestamp <= *done) => true,
            None => self.asked.contains(&key(request)),
        }
    }

    fn on_applied(&mut self, node: NodeId, sequence: Sequence, request: &Request) -> Result<(), Violation> {
        let Some(host) = self.config.host(request.client) else {
            let message = format_args!(
                "agent {node} applied a request of client {}, which does not exist",
                request.client.0
            );
            return Err(Violation::new([node], message)
                .with("sequence", sequence)
                .with("client", request.client));
        };
        if !self.ground_truth.is_correct(host) {
            return Ok(());
        }
        self.checked += 1;
        if self.is_asked(request) {
            if sequence > self.watermarks.forgotten() {
                self.applied.insert((sequence, request.client, request.timestamp));
            }
            return Ok(());
        }
        let (client, value) = (request.client.0, request.operation.value);
        let message =
            format_args!("agent {node} applied {value} for client {client}, who never asked for it");
        Err(Violation::new([node, host], message)
            .with("sequence", sequence)
            .with("client", client)
            .with("operation", value))
    }

    fn on_decided(
        &mut self,
        node: NodeId,
        digest: Digest,
        certificate: &[Signed<Commit>],
    ) -> Result<(), Violation> {
        self.checked += 1;
        let (n, q) = (self.config.quorum.n as usize, self.config.quorum.strong() as usize);
        let view = certificate.first().map_or(0, |commit| commit.view);
        let round = self.commits.get(&view);
        let mut signers = vec![false; n];
        for commit in certificate {
            let signer = commit.signer();
            let fits = (commit.view, commit.sequence, commit.digest) == (view, 1, digest);
            if !fits || signer.index() >= n || std::mem::replace(&mut signers[signer.index()], true) {
                let message =
                    format_args!("agent {node} decided {digest} by a certificate with {commit:?} in it");
                return Err(Violation::new([node], message).with("digest", digest));
            }
            let is_real = || round.is_some_and(|round| round[signer.index()] == Some(digest));
            if self.ground_truth.is_correct(signer) && !is_real() {
                let message = format_args!(
                    "agent {node} decided {digest} by a commit in view {view} that agent {signer} never sent"
                );
                return Err(Violation::new([node, signer], message)
                    .with("view", view)
                    .with("digest", digest));
            }
        }
        if certificate.len() < q {
            let held = certificate.len();
            let message = format_args!("agent {node} decided {digest} by {held} commits: {q} must agree");
            return Err(Violation::new([node], message).with("digest", digest));
        }
        Ok(())
    }
}

/// All that a request says.
type Asked = (ClientId, u64, u64, u32, Option<Rc<Command>>);

fn key(request: &Request) -> Asked {
    let Operation { value, payload_bytes, ref command } = request.operation;
    (request.client, request.timestamp, value, payload_bytes, command.clone())
}

impl Oracle<Pbft> for Validity {
    fn name(&self) -> &'static str {
        "validity"
    }

    fn claim(&self) -> &'static str {
        "P4: what is applied was asked for by its client, and what is decided has the commits of a quorum"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.forget(forgotten);
        }
        match *event {
            Event::Sent { from, message, .. } if self.ground_truth.is_correct(from) => {
                self.on_sent(from, message);
                Ok(())
            }
            Event::Observed { node, observation } if self.ground_truth.is_correct(node) => {
                match observation {
                    Observation::Applied { sequence, request, .. } => {
                        self.on_applied(node, *sequence, request)
                    }
                    Observation::Decided { digest, certificate, .. } => {
                        self.on_decided(node, *digest, certificate)
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{
        Rig, applied, commit, config, digest, ground_truth, ground_without, request, session, signed,
    };
    use super::*;
    use synod_sim::OperationId;

    #[test]
    fn only_what_a_client_asked_for_is_applied() {
        let mut rig = Rig::new(Validity::new(&Rc::new(config(4)), &Rc::new(ground_truth(4))));
        rig.broadcast(4, Message::Request(signed(4, request(0, 1, 10)))).expect("asks");
        rig.observe(0, applied(1, request(0, 1, 10), 1)).expect("asked for");
        assert_eq!(rig.oracle.checked(), 1);
        rig.observe(0, applied(2, request(0, 1, 11), 2)).expect_err("another value");
        rig.observe(0, applied(2, request(9, 1, 10), 2)).expect_err("no such client");
        rig.broadcast(1, Message::Request(signed(4, request(1, 1, 12)))).expect("passed on");
        rig.observe(0, applied(2, request(1, 1, 12), 2)).expect_err("its host never sent it");
    }

    #[test]
    fn what_all_have_left_behind_takes_no_space() {
        let mut rig = Rig::new(Validity::new(&Rc::new(config(4)), &Rc::new(ground_truth(4))));
        for slot in 1..=1_000 {
            rig.broadcast(4, Message::Request(signed(4, request(0, slot, slot)))).expect("asks");
            for node in 0..4 {
                rig.observe(node, applied(slot, request(0, slot, slot), slot)).expect("asked for");
                if slot % 16 == 0 {
                    let stable = Observation::Stable { sequence: slot, digest: digest(1), signers: 3 };
                    rig.observe(node, stable).expect("a checkpoint");
                }
            }
            let Validity { asked, applied, .. } = &rig.oracle;
            assert!(asked.len() <= 32 && applied.len() <= 32, "slot {slot}");
        }
        rig.observe(0, applied(1_001, request(0, 1_001, 1_001), 1_001)).expect_err("never asked for");
    }

    #[test]
    fn a_faulty_client_may_be_impersonated() {
        let mut rig = Rig::new(Validity::new(&Rc::new(config(4)), &Rc::new(ground_without(4, 4))));
        rig.observe(0, applied(1, request(0, 1, 10), 1)).expect("its word is nobody's concern");
        assert_eq!(rig.oracle.checked(), 0);
    }

    #[test]
    fn a_sessions_value_is_its_initiators() {
        let mut rig = Rig::new(Validity::new(&Rc::new(session(4, 0)), &Rc::new(ground_truth(4))));
        rig.observe(1, applied(1, request(0, 1, 7), 1)).expect("what it proposes");
        rig.observe(2, applied(1, request(0, 1, 8), 1)).expect_err("another value");
    }

    #[test]
    fn a_decision_rests_on_a_quorum_of_real_commits() {
        let decided = |signers: &[u32]| Observation::Decided {
            request: OperationId(7),
            digest: digest(1),
            certificate: signers.iter().map(|&signer| commit(signer, 0, 1, 1)).collect(),
        };
        let mut rig = Rig::new(Validity::new(&Rc::new(session(4, 0)), &Rc::new(ground_without(4, 3))));
        for node in [0, 1] {
            rig.broadcast(node, Message::Commit(commit(node, 0, 1, 1))).expect("commits");
        }
        rig.observe(0, decided(&[0, 1, 3])).expect("the faulty one may have sent it unseen");
        rig.observe(0, decided(&[0, 1])).expect_err("no quorum");
        rig.observe(0, decided(&[0, 1, 1])).expect_err("one of them twice");
        rig.observe(0, decided(&[0, 1, 2])).expect_err("agent 2 never committed");
        rig.broadcast(2, Message::Commit(commit(2, 0, 1, 2))).expect("commits to another");
        rig.observe(0, decided(&[0, 1, 2])).expect_err("agent 2 committed to another");
    }
}
