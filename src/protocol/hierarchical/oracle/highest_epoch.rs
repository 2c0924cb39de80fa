//! H3: whoever was replaced counts no more, and nobody is replaced without grounds.

use super::super::{CellId, Config, Epoch, Hierarchical, Observation};
use std::rc::Rc;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// H3: who has heard of an epoch takes nothing from an earlier one, across crashes as well, and nobody hears of an epoch
/// unless a correct agent has suspected the one before it.
#[derive(Debug)]
pub struct HighestEpoch {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    known: TreeMap<(NodeId, CellId), Epoch>,
    suspected: TreeSet<(CellId, Epoch)>,
    checked: u64,
}

impl HighestEpoch {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> HighestEpoch {
        HighestEpoch {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            known: TreeMap::new(),
            suspected: TreeSet::new(),
            checked: 0,
        }
    }

    /// No more agents that a cell concerns are faulty than the protocol is told.
    fn is_to_hold(&self, cell: CellId) -> bool {
        let tree = &self.config.tree;
        let is_faulty = |&node: &NodeId| tree.concerns(cell, node) && !self.ground_truth.is_correct(node);
        let faulty = (0..tree.size()).map(NodeId).filter(is_faulty).count();
        faulty <= self.config.faulty_per_cell as usize
    }

    fn follow(&mut self, node: NodeId, cell: CellId, epoch: Epoch) -> Result<(), Violation> {
        self.checked += 1;
        self.known.insert((node, cell), epoch);
        let was_suspected =
            epoch.checked_sub(1).is_none_or(|before| self.suspected.contains(&(cell, before)));
        if was_suspected || !self.is_to_hold(cell) {
            Ok(())
        } else {
            let message =
                format_args!("agent {node} follows epoch {epoch} of cluster {cell}, which nobody asked for");
            Err(Violation::new([node], message).with("cell", cell).with("epoch", epoch))
        }
    }
}

impl Oracle<Hierarchical> for HighestEpoch {
    fn name(&self) -> &'static str {
        "highest_epoch"
    }

    fn claim(&self) -> &'static str {
        "H3: nothing is taken from a representative that was replaced, and none is replaced without grounds"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Suspected { cell, epoch } => {
                self.suspected.insert((cell, epoch));
                Ok(())
            }
            Observation::TookOver { cell, epoch } | Observation::Followed { cell, epoch } => {
                self.follow(node, cell, epoch)
            }
            Observation::Merged { cell, epoch, .. } => {
                self.checked += 1;
                match self.known.get(&(node, cell)) {
                    Some(&known) if epoch < known => {
                        let message = format_args!(
                            "agent {node} took a report of epoch {epoch} of cluster {cell}, and knew of epoch {known}"
                        );
                        Err(Violation::new([node], message).with("cell", cell).with("epoch", epoch))
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
