//! W2: one voter, one vote.

use super::super::{Config, Message, Observation, SessionId, Vote, Weighted};
use std::rc::Rc;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::units::plural;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Signed, Violation};

/// W2: of every voter at most one vote counts, the first of its valid ones that reached the coordinator while the
/// session was open.
#[derive(Debug)]
pub struct OneVote {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// What has reached the coordinator since a session opened, in order.
    arrived: TreeMap<(SessionId, NodeId), Vec<Signed<Vote>>>,
    counted: TreeSet<(SessionId, NodeId)>,
    checked: u64,
}

impl OneVote {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> OneVote {
        OneVote {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            arrived: TreeMap::new(),
            counted: TreeSet::new(),
            checked: 0,
        }
    }

    fn count(&mut self, node: NodeId, vote: &Signed<Vote>) -> Result<(), Violation> {
        let (session, voter) = (vote.session, vote.signer());
        self.checked += 1;
        if !self.counted.insert((session, voter)) {
            let message = format_args!("a second vote of agent {voter} counted in session {session}");
            return Err(Violation::new([node, voter], message).with("session", session).with("voter", voter));
        }
        // Its own vote reaches nobody.
        if voter == self.config.coordinator {
            return Ok(());
        }
        let is_valid = |other: &&Signed<Vote>| {
            other.verified() == Some(true)
                && other.snapshot == vote.snapshot
                && other.ballot.option < self.config.options
                && other.ballot.confidence_ppm <= 1_000_000
        };
        let first = self.arrived.get(&(session, voter)).and_then(|votes| votes.iter().find(is_valid));
        match first {
            Some(first) if first.digest() == vote.digest() => Ok(()),
            Some(_) => {
                let message =
                    format_args!("not the first vote of agent {voter} counted in session {session}");
                Err(Violation::new([node, voter], message).with("session", session).with("voter", voter))
            }
            None => {
                let message =
                    format_args!("a vote counted in session {session} that agent {voter} has not sent");
                Err(Violation::new([node, voter], message).with("session", session).with("voter", voter))
            }
        }
    }
}

impl Oracle<Weighted> for OneVote {
    fn name(&self) -> &'static str {
        "one_vote"
    }

    fn claim(&self) -> &'static str {
        "W2: of every voter at most one vote counts, the first valid one"
    }

    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        if let Event::Delivered { to, message, .. } = *event {
            if let (true, Message::Vote(vote) | Message::Ask(_, Some(vote))) =
                (to == self.config.coordinator, message)
            {
                self.arrived.entry((vote.session, vote.signer())).or_default().push(vote.clone());
            }
            return Ok(());
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match claim {
            // What came before is of no session.
            Observation::Opened { session, .. } => {
                self.arrived.retain(|&(of, _), _| of != *session);
                Ok(())
            }
            Observation::Counted { vote } => self.count(node, vote),
            Observation::Closed { session, votes, .. } => {
                let counted =
                    self.counted.range((*session, NodeId(0))..=(*session, NodeId(u32::MAX))).count();
                self.arrived.retain(|&(of, _), _| of > *session);
                self.counted.retain(|&(of, _)| of > *session);
                if counted == *votes as usize {
                    Ok(())
                } else {
                    let message = format!(
                        "session {session} was decided by {}, and {counted} counted",
                        plural(u64::from(*votes), "vote")
                    );
                    Err(Violation::new([node], message).with("session", session))
                }
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
