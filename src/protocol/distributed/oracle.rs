//! Oracles of a committee, beside those of the stages.

use std::rc::Rc;
use synod_common::decide::Decide;
use synod_compose::Pipeline;
use synod_compose::pipeline::{self, Config};
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// The name of the committee's own oracle.
pub const NAMES: &[&str] = &["committee"];

/// The committee's own oracle and those of the stages.
pub fn all<C: Decide>(
    config: &Rc<Config<C>>,
    ground_truth: &GroundTruth,
) -> Vec<Box<dyn Oracle<Pipeline<C>>>> {
    let members = &config.stages[0].members;
    let liars = members.iter().copied().filter(|&member| !ground_truth.is_correct(member)).collect();
    let mut oracles: Vec<Box<dyn Oracle<Pipeline<C>>>> =
        vec![Box::new(Committee { size: members.len(), liars, checked: 0 })];
    oracles.extend(pipeline::oracle::all(config, ground_truth));
    oracles
}

/// A committee has less than a third of liars.
struct Committee {
    size: usize,
    liars: Vec<NodeId>,
    checked: u64,
}

impl<C: Decide> Oracle<Pipeline<C>> for Committee {
    fn name(&self) -> &'static str {
        "committee"
    }

    fn claim(&self) -> &'static str {
        "The committee has less than a third of faulty members."
    }

    fn on_event(&mut self, _: EventTime, _: &Event<'_, Pipeline<C>>) -> Result<(), Violation> {
        if self.checked > 0 {
            return Ok(());
        }
        self.checked = 1;
        if 3 * self.liars.len() < self.size {
            Ok(())
        } else {
            let message = format!("{} of {} members are faulty", self.liars.len(), self.size);
            Err(Violation::new(self.liars.iter().copied(), message))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
