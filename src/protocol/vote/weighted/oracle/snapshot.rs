//! W5: the weights that were announced are the weights that count.

use super::super::{Config, Message, Observation, SessionId, Weighted};
use super::ledger::Books;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Digest, Event, EventTime, GroundTruth, Oracle, Violation};

/// W5: requests name the weights of their session, and sums are of these weights.
#[derive(Debug)]
pub struct SnapshotKept {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    digests: SortedMap<SessionId, Digest>,
    checked: u64,
}

impl SnapshotKept {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> SnapshotKept {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        SnapshotKept { config, ground_truth, books: Books::default(), digests: SortedMap::new(), checked: 0 }
    }
}

impl Oracle<Weighted> for SnapshotKept {
    fn name(&self) -> &'static str {
        "snapshot"
    }

    fn claim(&self) -> &'static str {
        "W5: the weights that a request names are the weights that its votes count by"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        if let Event::Sent { from, message: Message::Request(proposal), .. } = *event
            && self.ground_truth.is_correct(from)
        {
            self.checked += 1;
            return if self.digests.get(&proposal.session) == Some(&proposal.snapshot) {
                Ok(())
            } else {
                let message =
                    format_args!("a request names other weights than session {} has", proposal.session);
                Err(Violation::new([from], message).with("session", proposal.session))
            };
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        if let Observation::Opened { session, weighing } = claim {
            self.digests.insert(*session, Digest::of(&**weighing.snapshot.weights()));
        }
        let ledger = self.books.note(&self.config, claim);
        let (Some(ledger), Observation::Closed { session, sums, .. }) = (ledger, claim) else {
            return Ok(());
        };
        self.checked += 1;
        if ledger.sums().eq(sums.iter().copied()) {
            Ok(())
        } else {
            let own: Vec<_> = ledger.sums().collect();
            let message = format_args!(
                "session {session} was decided by the sums {sums:?}, and its weights make them {own:?}"
            );
            Err(Violation::new([node], message).with("session", session))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
