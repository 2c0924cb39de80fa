//! What every agent is told, and what follows from it.

use super::bug::{Bug, Rules};
use super::tree::{Cell, CellId, Tree};
use std::ops::Range;
use std::rc::Rc;
use synod_sim::{Duration, NodeId, Time};
use synod_vote::weighted::{self, DecisionRule, SessionId};

/// Configuration, the same for every agent.
#[derive(Clone, Debug)]
pub struct Config {
    /// The vote: its coordinator is the root's first representative.
    pub vote: Rc<weighted::Config>,
    /// The tree.
    pub tree: Rc<Tree>,
    /// The content of reports.
    pub mode: Mode,
    /// Heartbeat interval of a representative while a session is open: twice the 99th percentile of a round trip.
    pub heartbeat: Duration,
    /// f_c: the number of a representative's neighbours that may be faulty.
    pub faulty_per_cell: u32,
    /// Number of omitted voters that are challenged for each report.
    pub samples: u32,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
    /// Prefix sums of the weights by position, which follow from the vote and the tree.
    pub weight_before: Rc<[u64]>,
}

/// The content of reports.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The votes of the subtree: the outcome is that of a flat vote.
    Tally,
    /// The decisions of clusters: a majority of majorities.
    Delegated,
}

impl Config {
    /// `vote` along `tree`: tallied, with a heartbeat a tenth of the deadline, no faulty agents in cells, and five samples.
    pub fn new(vote: weighted::Config, tree: Tree) -> Config {
        let coordinator = tree.representative(0, 0);
        let weights = vote.weighing.snapshot.weights();
        let mut before = 0;
        let weight_before = (0..=tree.size()).map(|position| {
            let weight = if position == tree.size() { 0 } else { weights[tree.at(position).index()] };
            before += weight;
            before - weight
        });
        let weight_before = weight_before.collect();
        Config {
            heartbeat: Duration::from_nanos((vote.deadline.as_nanos() / 10).max(1)),
            vote: Rc::new(weighted::Config { coordinator, ..vote }),
            tree: Rc::new(tree),
            mode: Mode::Tally,
            faulty_per_cell: 0,
            samples: 5,
            bug: None,
            weight_before,
        }
    }

    /// Returns true if weight counts only with the voter's signed vote: representatives may lie.
    pub fn is_certified(&self) -> bool {
        self.vote.faulty_ppm > 0
    }

    /// Q, which the votes of a decision weigh; `None` where none is needed.
    pub fn quorum(&self) -> Option<u64> {
        self.vote.quorum(self.vote.weighing.snapshot.total())
    }

    /// The weight of the voter at `position`.
    pub fn weight_at(&self, position: u32) -> u64 {
        self.weight(position..position + 1)
    }

    /// The weight of the voters at `positions`.
    pub fn weight(&self, positions: Range<u32>) -> u64 {
        self.weight_before[positions.end as usize] - self.weight_before[positions.start as usize]
    }

    /// The place of `node` among `positions`, if it is there.
    pub fn place(&self, node: NodeId, positions: &Range<u32>) -> Option<u32> {
        let position = (node.0 < self.tree.size()).then(|| self.tree.position(node))?;
        positions.contains(&position).then(|| position - positions.start)
    }

    /// Deadline of a cell of this rank to report, or of the root to decide: the levels share the session's deadline,
    /// and the last share is for the result's way down.
    pub fn closes(&self, session: SessionId, rank: u32) -> Time {
        let part = u128::from(self.vote.deadline.as_nanos()) * u128::from(rank);
        let after = part / u128::from(self.tree.levels() + 1);
        self.vote.opens(session) + Duration::from_nanos(after as u64)
    }

    /// A cell without weight, if there is one.
    pub fn weightless(&self) -> Option<CellId> {
        let is_weightless = |cell: &Cell| self.weight(cell.members.clone()) == 0;
        self.tree.cells().iter().position(is_weightless).map(|cell| cell as CellId)
    }

    /// Returns true if two roots with different votes cannot decide differently: each voter has one vote, and the
    /// winner has more than half of all weight.
    pub fn is_recoverable(&self) -> bool {
        let is_of_all =
            matches!(self.vote.decision_rule, DecisionRule::Majority | DecisionRule::OfTotal { .. });
        is_of_all && self.mode == Mode::Tally
    }

    /// Returns true if the representative of `cell` is replaced when it fails: the root only where a second root cannot
    /// contradict the first.
    pub fn is_replaceable(&self, cell: CellId) -> bool {
        self.is_recoverable() || self.tree.cell(cell).parent.is_some()
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    pub(super) fn assert_sound(&self) {
        self.vote.assert_sound();
        assert_eq!(self.vote.voters(), self.tree.size() as usize, "every voter is in the tree");
        assert_eq!(self.vote.coordinator, self.tree.representative(0, 0), "the root coordinates");
        let whole = self.vote.weighing.snapshot.total();
        assert_eq!(self.weight(0..self.tree.size()), whole, "the weights along the tree make up the whole");
        assert!(!self.vote.learns(), "everybody knows the weights");
        assert!(!self.heartbeat.is_zero(), "heartbeats are apart");
        assert!(self.mode == Mode::Tally || !self.is_certified(), "certificates are for tallies");
        assert!(
            self.is_certified() || self.faulty_per_cell == 0,
            "where some lie decisions need certificates"
        );
    }
}
