//! H2: the tree counts as one who counts alone.

use super::super::{Config, Hierarchical, Mode, Observation, Voters};
use std::rc::Rc;
use synod_sim::collections::{SortedMap, TreeMap};
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Signed, Violation};
use synod_vote::weighted::oracle::{EarlyStop, Order, SnapshotKept};
use synod_vote::weighted::{self, SessionId, Vote, Weighted};

/// H2: what the root decides is what a flat vote decides by the votes of those of whom it has heard: their votes, as
/// whoever counted them first holds them, are put before the oracles of the flat vote, W1, W3 and W5, which work out sums,
/// outcome and every completion.
pub struct FlatOutcome {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    judges: Vec<Box<dyn Oracle<Weighted>>>,
    /// True if a tree is to count as one alone would: it tallies, and nobody in it lies whose word is taken.
    is_to_hold: bool,
    /// Votes counted in sessions that are open, by voter, and by whoever counted them last.
    counted: TreeMap<SessionId, TreeMap<NodeId, SortedMap<NodeId, Signed<Vote>>>>,
    /// Of whom the root has heard that is about to close a session.
    heard: Option<(NodeId, SessionId, Voters)>,
    checked: u64,
}

impl FlatOutcome {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> FlatOutcome {
        let is_truthful = config.is_certified() || ground_truth.faulty(config.tree.size()) == 0;
        FlatOutcome {
            is_to_hold: config.mode == Mode::Tally && is_truthful,
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            judges: vec![
                Box::new(EarlyStop::new(&config.vote, ground_truth)),
                Box::new(Order::new(&config.vote, ground_truth)),
                Box::new(SnapshotKept::new(&config.vote, ground_truth)),
            ],
            counted: TreeMap::new(),
            heard: None,
            checked: 0,
        }
    }

    /// The vote of `voter` that `root` has counted in a session. Where agents may lie it has seen the vote itself;
    /// else whoever has counted it holds the only one.
    fn vote(&self, session: SessionId, root: NodeId, voter: NodeId) -> Option<&Signed<Vote>> {
        let votes = self.counted.get(&session)?.get(&voter)?;
        if self.config.is_certified() { votes.get(&root) } else { votes.values().next() }
    }

    /// Puts a session before the judges as one that `root` alone has counted.
    fn judge(
        &mut self,
        moment: EventTime,
        root: NodeId,
        session: SessionId,
        closing: &weighted::Observation,
    ) -> Result<(), Violation> {
        let Some((by, of, voters)) = self.heard.take() else { return Ok(()) };
        if (by, of) != (root, session) {
            return Ok(());
        }
        self.checked += 1;
        let weighing = Rc::clone(&self.config.vote.weighing);
        let mut story = vec![weighted::Observation::Opened { session, weighing }];
        for voter in voters.present().map(|position| self.config.tree.at(position)) {
            let Some(vote) = self.vote(session, root, voter) else {
                let message = format_args!("session {session}: no vote of agent {voter} has been counted");
                return Err(Violation::new([root, voter], message).with("session", session));
            };
            story.push(weighted::Observation::Counted { vote: vote.clone() });
        }
        self.counted.retain(|&other, _| other >= session);
        for observation in story.iter().chain([closing]) {
            let event = Event::Observed { node: root, observation };
            self.judges.iter_mut().try_for_each(|judge| judge.on_event(moment, &event))?;
        }
        Ok(())
    }
}

impl Oracle<Hierarchical> for FlatOutcome {
    fn name(&self) -> &'static str {
        "flat_outcome"
    }

    fn claim(&self) -> &'static str {
        "H2: the outcome is that of a flat vote on the same votes"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        if !self.is_to_hold {
            return Ok(());
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match claim {
            Observation::FlatVote(weighted::Observation::Counted { vote }) => {
                let session = self.counted.entry(vote.session).or_default();
                session.entry(vote.signer()).or_default().insert(node, vote.clone());
                Ok(())
            }
            Observation::Heard { session, voters } => {
                self.heard = Some((node, *session, voters.clone()));
                Ok(())
            }
            Observation::FlatVote(closing @ weighted::Observation::Closed { session, .. }) => {
                self.judge(moment, node, *session, closing)
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
