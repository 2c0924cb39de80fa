//! H4: a representative that is gone is replaced in time.

use super::super::{CellId, Config, Epoch, Hierarchical, Observation};
use std::rc::Rc;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Duration, End, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};
use synod_vote::weighted::{self, SessionId};

/// H4: three heartbeats after a representative has crashed in the midst of a session, its cell has the next one.
///
/// That is judged where heartbeats are as far apart as they are to be: no message takes longer than a quarter of one, and
/// none is lost. The session has to go on for as long for all members of the cell, and all others of these have to stay
/// up, as many of them as it takes.
#[derive(Debug)]
pub struct Replacement {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    epochs: TreeMap<CellId, Epoch>,
    session: Option<SessionId>,
    concluded: TreeSet<NodeId>,
    down: TreeSet<NodeId>,
    /// Cells whose representative is gone: which epoch has to end, and when.
    vacant: TreeMap<CellId, (Epoch, Time)>,
    checked: u64,
}

impl Replacement {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Replacement {
        Replacement {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            epochs: TreeMap::new(),
            session: None,
            concluded: TreeSet::new(),
            down: TreeSet::new(),
            vacant: TreeMap::new(),
            checked: 0,
        }
    }

    /// Returns true if messages are as fast as heartbeats need them to be.
    fn is_timely(&self) -> bool {
        let most = Duration::from_nanos(self.config.heartbeat.as_nanos() / 4);
        self.ground_truth.timely
            && self.ground_truth.lossless
            && self.ground_truth.delay_max.is_some_and(|delay| delay <= most)
    }

    fn bound(&self) -> Duration {
        self.config.heartbeat.saturating_mul(3)
    }

    fn crashed(&mut self, at: Time, node: NodeId) {
        self.down.insert(node);
        let cell = self.config.tree.home(node);
        // With a second one gone nothing is promised.
        let is_judged = self.is_timely() && self.config.is_replaceable(cell);
        let was_vacant = self.vacant.remove(&cell).is_some();
        let epoch = self.epochs.get(&cell).copied().unwrap_or(0);
        if was_vacant || self.config.tree.representative(cell, epoch) != node || !is_judged {
            return;
        }
        let Some(session) = self.session else { return };
        let due = at + self.bound();
        let others = self.config.tree.members(cell).iter().filter(|&&member| member != node);
        let are_up = others.clone().all(|member| {
            self.ground_truth.requires_progress(*member)
                && !self.down.contains(member)
                && !self.concluded.contains(member)
        });
        let are_enough = others.count() > self.config.faulty_per_cell as usize;
        // Nobody waits for a session longer than this.
        let is_long = due < self.config.vote.opens(session) + self.config.vote.patience();
        if are_up && are_enough && is_long {
            self.vacant.insert(cell, (epoch, due));
        }
    }

    fn judge(&mut self, now: Time) -> Result<(), Violation> {
        let overdue = self.vacant.iter().find(|&(_, &(_, due))| due < now);
        let Some((&cell, &(epoch, _))) = overdue else { return Ok(()) };
        let node = self.config.tree.representative(cell, epoch);
        let message = format_args!(
            "agent {node}, who represented cluster {cell} in epoch {epoch}, is gone and nobody has its place"
        );
        Err(Violation::new([node], message).with("cell", cell).with("epoch", epoch))
    }
}

impl Oracle<Hierarchical> for Replacement {
    fn name(&self) -> &'static str {
        "replacement"
    }

    fn claim(&self) -> &'static str {
        "H4: a representative that is gone is replaced within three heartbeats"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        self.judge(moment.at)?;
        match *event {
            Event::Crashed { node } => self.crashed(moment.at, node),
            Event::Restarted { node, .. } => {
                self.down.remove(&node);
                self.vacant.remove(&self.config.tree.home(node));
            }
            _ => {}
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::TookOver { cell, epoch } => {
                let latest = self.epochs.entry(cell).or_default();
                *latest = epoch.max(*latest);
                self.checked += u64::from(self.vacant.remove(&cell).is_some());
            }
            Observation::FlatVote(weighted::Observation::Opened { session, .. })
                if self.session.replace(session) != Some(session) =>
            {
                self.concluded.clear();
            }
            Observation::FlatVote(weighted::Observation::Concluded { .. }) => {
                self.concluded.insert(node);
                // Who knows what came of the session waits for nobody.
                self.vacant.remove(&self.config.tree.home(node));
            }
            _ => {}
        }
        Ok(())
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        self.judge(end.at)
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
