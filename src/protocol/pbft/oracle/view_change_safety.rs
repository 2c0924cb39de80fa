//! P2: what is committed survives every change of view.

use super::super::{Config, Message, NULL_BATCH, NewView, Observation, Pbft, Sequence, View};
use super::watermarks::Watermarks;
use std::rc::Rc;
use synod_sim::collections::{SortedMap, SortedSet};
use synod_sim::units::plural;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Signed, Violation};

/// P2: a slot that is committed at a correct replica is proposed again, with the same digest, in every later view that
/// a correct replica enters, unless a stable checkpoint covers it; and correct replicas enter a view only by what a
/// quorum of view changes obliges to.
#[derive(Debug)]
pub struct ViewChangeSafety {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    faulty: u32,
    /// For every slot the earliest view in which it was committed, and at whom.
    committed: SortedMap<Sequence, (View, Digest, NodeId)>,
    /// How each view began at the correct replicas that differ in it.
    entries: SortedMap<View, Vec<Entry>>,
    watermarks: Watermarks,
    /// The correct replicas that asked for each view.
    asked: SortedSet<(View, NodeId)>,
    /// The NEW-VIEWs that faulty primaries sent.
    suspect: Vec<Signed<NewView>>,
    checked: u64,
}

/// How a view began at a correct replica.
#[derive(Debug)]
struct Entry {
    node: NodeId,
    view: View,
    low: Sequence,
    proposals: Vec<(Sequence, Digest)>,
}

impl ViewChangeSafety {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> ViewChangeSafety {
        ViewChangeSafety {
            faulty: ground_truth.faulty(config.quorum.n),
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            committed: SortedMap::new(),
            entries: SortedMap::new(),
            watermarks: Watermarks::new(config, ground_truth),
            asked: SortedSet::new(),
            suspect: Vec::new(),
            checked: 0,
        }
    }

    fn on_sent(&mut self, from: NodeId, message: &Message) -> Result<(), Violation> {
        match message {
            Message::ViewChange(change) if change.signer() == from && self.ground_truth.is_correct(from) => {
                self.asked.insert((change.view, from));
            }
            Message::NewView(new_view) if new_view.signer() == from => {
                self.checked += u64::from(self.ground_truth.is_correct(from));
                if !self.ground_truth.is_correct(from) {
                    self.suspect.push(new_view.clone());
                } else if let Some(flaw) = flaw(&self.config, new_view) {
                    let view = new_view.view;
                    let message =
                        format_args!("agent {from} began view {view} by a NEW-VIEW in which {flaw}");
                    return Err(Violation::new([from], message).with("view", view));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn on_committed(&mut self, node: NodeId, slot: Slot) -> Result<(), Violation> {
        let Slot { view, sequence, digest } = slot;
        if sequence <= self.watermarks.forgotten() {
            return Ok(());
        }
        let earliest = self.committed.entry(sequence).or_insert((view, digest, node));
        if earliest.1 == digest && view < earliest.0 {
            *earliest = (view, digest, node);
        }
        let later = self.entries.range(view + 1..).flat_map(|(_, entries)| entries);
        for entry in later.filter(|entry| entry.low < sequence) {
            self.checked += 1;
            entry.keeps(slot, node)?;
        }
        Ok(())
    }

    fn on_entered(&mut self, entry: Entry) -> Result<(), Violation> {
        self.checked += 1;
        self.check_support(&entry)?;
        for (&sequence, &(view, digest, node)) in self.committed.range(entry.low + 1..) {
            if view < entry.view {
                self.checked += 1;
                entry.keeps(Slot { view, sequence, digest }, node)?;
            }
        }
        let entries = self.entries.entry(entry.view).or_default();
        if !entries.iter().any(|other| (other.low, &other.proposals) == (entry.low, &entry.proposals)) {
            entries.push(entry);
        }
        Ok(())
    }

    /// A view needs a quorum that asked for it, and the NEW-VIEW that it began by must follow from that quorum.
    fn check_support(&self, entry: &Entry) -> Result<(), Violation> {
        let (view, node, q) = (entry.view, entry.node, self.config.quorum.strong());
        let correct = self.asked.range((view, NodeId(0))..=(view, NodeId(u32::MAX))).count() as u32;
        if correct + self.faulty < q {
            let message = format_args!(
                "agent {node} entered view {view}, for which {correct} correct and at most {} faulty replicas had \
                 asked: {q} must",
                self.faulty
            );
            return Err(Violation::new([node], message).with("view", view));
        }
        // A NEW-VIEW that was altered on the wire is not among those seen here, and then only its effect is judged.
        let began_by = |new_view: &&Signed<NewView>| {
            let proposals = new_view.proposals.iter().map(|proposal| (proposal.sequence, proposal.digest));
            // Nobody enters a view by the word of any but its primary, whatever was made up in another's.
            new_view.view == view
                && new_view.signer() == self.config.primary(view)
                && proposals.eq(entry.proposals.iter().copied())
        };
        let flaws = self.suspect.iter().filter(began_by).map(|new_view| flaw(&self.config, new_view));
        // One of them without a flaw may be the one.
        match flaws.reduce(|one, other| one.and(other)).flatten() {
            None => Ok(()),
            Some(flaw) => {
                let message = format_args!("agent {node} entered view {view} by a NEW-VIEW in which {flaw}");
                Err(Violation::new([node], message).with("view", view))
            }
        }
    }
}

/// A slot that is committed.
#[derive(Copy, Clone)]
struct Slot {
    view: View,
    sequence: Sequence,
    digest: Digest,
}

impl Entry {
    /// The entry proposes again what `by` committed, if `slot` is above the checkpoint.
    fn keeps(&self, slot: Slot, by: NodeId) -> Result<(), Violation> {
        let Slot { view, sequence, digest } = slot;
        let proposed = self.proposals.iter().find(|&&(of, _)| of == sequence).map(|&(_, digest)| digest);
        if proposed == Some(digest) {
            return Ok(());
        }
        let instead = proposed.map_or("nothing".to_string(), |other| other.to_string());
        let message = format_args!(
            "slot {sequence} was committed as {digest} in view {view} by agent {by}, but view {} began with {instead} \
             there at agent {}",
            self.view, self.node
        );
        Err(Violation::new([by, self.node], message)
            .with("sequence", sequence)
            .held(by, "view", view)
            .held(by, "digest", digest)
            .held(self.node, "view", self.view))
    }
}

/// What is wrong with a NEW-VIEW, worked out from the view changes in it alone: a quorum asked for the view; slots
/// from the highest checkpoint to the highest certificate are proposed; each with the digest of its certificate of
/// the highest view, and with the null batch where there is none.
pub(super) fn flaw(config: &Config, new_view: &NewView) -> Option<String> {
    let mut signers: Vec<NodeId> = new_view.changes.iter().map(Signed::signer).collect();
    signers.retain(|signer| signer.0 < config.quorum.n);
    signers.sort_unstable();
    signers.dedup();
    let (asked, q) = (signers.len(), config.quorum.strong());
    if (asked as u32) < q {
        return Some(format!("only {} asked for it: {q} must", plural(asked as u64, "replica")));
    }
    if let Some(other) = new_view.changes.iter().find(|change| change.view != new_view.view) {
        return Some(format!("agent {} asks for view {}", other.signer(), other.view));
    }
    let low = new_view.changes.iter().map(|change| change.low).max().unwrap_or(0);
    let mut due: SortedMap<Sequence, (View, Digest)> = SortedMap::new();
    for certificate in new_view.changes.iter().flat_map(|change| &change.prepared) {
        let proposal = &certificate.pre_prepare;
        let best = due.entry(proposal.sequence).or_insert((proposal.view, proposal.digest));
        if proposal.view > best.0 {
            *best = (proposal.view, proposal.digest);
        }
    }
    let high = due.last_key_value().map_or(low, |(&sequence, _)| sequence.max(low));
    let expected = (low + 1..=high).map(|slot| (slot, due.get(&slot).map_or(NULL_BATCH, |best| best.1)));
    let proposed = new_view.proposals.iter().map(|proposal| (proposal.sequence, proposal.digest));
    let is_due = proposed.eq(expected);
    (!is_due).then(|| format!("the proposals for slots {} to {high} are not those due", low + 1))
}

impl Oracle<Pbft> for ViewChangeSafety {
    fn name(&self) -> &'static str {
        "view_change_safety"
    }

    fn claim(&self) -> &'static str {
        "P2: what is committed is proposed again in every later view, as a quorum of view changes obliges to"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Event::Sent { from, message, .. } = event {
            return self.on_sent(*from, message);
        }
        if let Some(forgotten) = self.watermarks.rise(event) {
            self.committed = self.committed.split_off(&(forgotten + 1));
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match claim {
            &Observation::Committed { view, sequence, digest } => {
                self.on_committed(node, Slot { view, sequence, digest })
            }
            Observation::ViewEntered { view, proposals, low } => {
                self.on_entered(Entry { node, view: *view, low: *low, proposals: proposals.clone() })
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
    use super::super::super::{PrePrepare, Prepared, ViewChange};
    use super::super::rig::{Rig, committed, config, digest, ground_truth, ground_without, signed};
    use super::*;

    fn rig(ground_truth: GroundTruth) -> Rig<ViewChangeSafety> {
        Rig::new(ViewChangeSafety::new(&Rc::new(config(4)), &Rc::new(ground_truth)))
    }

    /// `signer` asks for view 3 and holds certificates of (view, slot, digest).
    fn change(signer: u32, certificates: &[(View, Sequence, u8)]) -> Signed<ViewChange> {
        let prepared = certificates.iter().map(|&(view, sequence, byte)| {
            let primary = (view % 4) as u32;
            let pre_prepare = signed(primary, PrePrepare { view, sequence, digest: digest(byte) });
            Rc::new(Prepared { pre_prepare, prepares: Vec::new() })
        });
        signed(signer, ViewChange { view: 3, low: 0, stable: Vec::new(), prepared: prepared.collect() })
    }

    fn new_view(changes: Vec<Signed<ViewChange>>, proposals: &[(Sequence, Digest)]) -> Message {
        let propose = |&(sequence, digest)| signed(3, PrePrepare { view: 3, sequence, digest });
        let proposals = proposals.iter().map(propose).collect();
        Message::NewView(signed(3, NewView { view: 3, changes, proposals }))
    }

    fn entered(proposals: &[(Sequence, Digest)], low: Sequence) -> Observation {
        Observation::ViewEntered { view: 3, proposals: proposals.to_vec(), low }
    }

    fn ask(rig: &mut Rig<ViewChangeSafety>) {
        for node in [0, 1, 2] {
            rig.broadcast(node, Message::ViewChange(change(node, &[]))).expect("asking is fine");
        }
    }

    #[test]
    fn what_is_committed_is_proposed_again_or_covered() {
        let mut rig = rig(ground_truth(4));
        ask(&mut rig);
        rig.observe(0, committed(0, 1, 1)).expect("first");
        rig.observe(1, entered(&[(1, digest(1))], 0)).expect("kept");
        rig.observe(2, entered(&[], 1)).expect("covered by a checkpoint");
        assert_eq!(rig.oracle.checked(), 3, "two entries and one slot");
        rig.observe(3, entered(&[], 0)).expect_err("dropped");
    }

    #[test]
    fn a_late_commit_in_an_earlier_view_is_held_against_the_view() {
        let mut rig = rig(ground_truth(4));
        ask(&mut rig);
        rig.observe(1, entered(&[(1, NULL_BATCH)], 0)).expect("nothing was committed");
        rig.observe(0, committed(3, 1, 9)).expect("of the view itself");
        rig.observe(0, committed(2, 1, 1)).expect_err("view 3 began with null there");
    }

    #[test]
    fn a_view_needs_a_quorum_that_asked_for_it() {
        let mut rig = rig(ground_without(4, 3));
        rig.broadcast(0, Message::ViewChange(change(0, &[]))).expect("asks");
        let violation = rig.observe(1, entered(&[], 0)).expect_err("one, and one faulty");
        assert!(violation.message.contains("1 correct and at most 1 faulty"), "{}", violation.message);
        rig.broadcast(1, Message::ViewChange(change(1, &[]))).expect("asks");
        rig.observe(1, entered(&[], 0)).expect("the faulty one may have asked");
    }

    #[test]
    fn a_new_view_follows_from_its_view_changes() {
        let changes = vec![change(0, &[(0, 1, 1)]), change(1, &[(2, 1, 2), (1, 3, 3)]), change(3, &[])];
        let due = [(1, digest(2)), (2, NULL_BATCH), (3, digest(3))];
        let judge = |changes: &[Signed<ViewChange>], proposals: &[(Sequence, Digest)]| {
            rig(ground_truth(4)).broadcast(3, new_view(changes.to_vec(), proposals))
        };
        judge(&changes, &due).expect("the highest views win");
        judge(&changes, &[(1, digest(1)), due[1], due[2]]).expect_err("a lower view's certificate");
        judge(&changes, &due[..1]).expect_err("slots are missing");
        judge(&changes[..2], &due).expect_err("no quorum");
        let twice = [changes[0].clone(), changes[1].clone(), changes[1].clone()];
        judge(&twice, &due).expect_err("the same replica twice");
    }

    #[test]
    fn a_faulty_primarys_new_view_counts_once_a_correct_replica_enters_by_it() {
        let changes = vec![change(0, &[(0, 1, 1)]), change(1, &[]), change(2, &[])];
        let mut rig = rig(ground_without(4, 3));
        ask(&mut rig);
        rig.broadcast(3, new_view(changes.clone(), &[])).expect("nobody believes it yet");
        rig.observe(0, entered(&[(1, digest(1))], 0)).expect("by another, which was not seen");
        rig.observe(3, entered(&[], 0)).expect("it is faulty itself");
        rig.observe(1, entered(&[], 0)).expect_err("a correct replica believes it");
    }
}
