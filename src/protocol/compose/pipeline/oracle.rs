//! Oracles of a pipeline, beside those of its children.

use super::config::{Config, Stage};
use super::node::Pipeline;
use super::observation::Observation;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_common::decide::lift::{ChildOracles, Lifted, Starting, ground_of};
use synod_common::decide::{Decide, Ending};
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// The names of the pipeline's own oracles.
pub const NAMES: &[&str] = &["stage_entry", "stage_agreement", "one_ending"];

/// The pipeline's own oracles, and those of every stage.
pub fn all<C: Decide>(
    config: &Rc<Config<C>>,
    ground_truth: &GroundTruth,
) -> Vec<Box<dyn Oracle<Pipeline<C>>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    let mut oracles: Vec<Box<dyn Oracle<Pipeline<C>>>> = vec![
        Box::new(StageEntry {
            config: Rc::clone(config),
            ground_truth: Rc::clone(&ground_truth),
            decided: BTreeMap::new(),
            checked: 0,
        }),
        Box::new(StageAgreement {
            ground_truth: Rc::clone(&ground_truth),
            decided: BTreeMap::new(),
            checked: 0,
        }),
        Box::new(OneEnding { ground_truth: Rc::clone(&ground_truth), ended: BTreeMap::new(), checked: 0 }),
    ];
    let of_all = Rc::clone(&ground_truth);
    let part = |(child, stage): (u32, &Stage<C>)| {
        let members = Some(Rc::clone(&stage.members));
        let mut ground_truth = ground_of(&ground_truth, members.as_deref());
        if child > 0 {
            // It starts when the stage before has ended: what it owes by when, nobody knows beforehand.
            ground_truth.stable_from = None;
            ground_truth.timely = false;
        }
        let oracles = C::oracles(&stage.child, &ground_truth);
        let child_config = Rc::clone(&stage.child);
        let starting: Starting<C> = Rc::new(move |value, at| {
            C::oracles(&Rc::new(C::starting(&child_config, at, Some(value))), &ground_truth)
        });
        let starting = Some((starting, Rc::clone(&of_all)));
        ChildOracles { child, members, oracles, starting, judges_end: child == 0 }
    };
    oracles.extend(Lifted::all((0..).zip(&config.stages).map(part).collect()));
    oracles
}

/// A stage starts on what the one before has decided.
struct StageEntry<C: Decide> {
    config: Rc<Config<C>>,
    ground_truth: Rc<GroundTruth>,
    /// What correct members have decided, by stage.
    decided: BTreeMap<u32, Vec<u64>>,
    checked: u64,
}

impl<C: Decide> Oracle<Pipeline<C>> for StageEntry<C> {
    fn name(&self) -> &'static str {
        "stage_entry"
    }

    fn claim(&self) -> &'static str {
        "A correct member starts a stage only on what a correct member of the stage before has decided, as long as of any v members one is correct."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pipeline<C>>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match claim {
            Observation::Ended { stage, ending: Ending::Decided(value) } => {
                self.decided.entry(*stage).or_default().push(*value);
            }
            Observation::Entered { stage, proposal: Some(value) } => {
                let before = stage - 1;
                let stage_before = &self.config.stages[before as usize];
                let liars = stage_before
                    .members
                    .iter()
                    .filter(|&&member| !self.ground_truth.is_correct(member))
                    .count();
                if liars >= stage_before.vouchers {
                    return Ok(());
                }
                self.checked += 1;
                if !self.decided.get(&before).is_some_and(|values| values.contains(value)) {
                    let message = format!(
                        "stage {stage} starts on {value}, which no correct member of stage {before} decided"
                    );
                    return Err(Violation::new([node], message).with("stage", stage));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

/// The members of a stage agree.
struct StageAgreement {
    ground_truth: Rc<GroundTruth>,
    /// The first decision of each stage, and whose it is.
    decided: BTreeMap<u32, (NodeId, u64)>,
    checked: u64,
}

impl<C: Decide> Oracle<Pipeline<C>> for StageAgreement {
    fn name(&self) -> &'static str {
        "stage_agreement"
    }

    fn claim(&self) -> &'static str {
        "Correct members of a stage that decide, decide the same."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pipeline<C>>) -> Result<(), Violation> {
        let Some((node, Observation::Ended { stage, ending: Ending::Decided(value) })) =
            self.ground_truth.claim(event)
        else {
            return Ok(());
        };
        let &mut (first, held) = self.decided.entry(*stage).or_insert((node, *value));
        self.checked += 1;
        if held == *value {
            Ok(())
        } else {
            let message = format!("stage {stage}: agent {first} decided {held}, agent {node} {value}");
            Err(Violation::new([first, node], message)
                .with("stage", stage)
                .held(first, "value", held)
                .held(node, "value", value))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

/// A stage ends once for each of its members.
struct OneEnding {
    ground_truth: Rc<GroundTruth>,
    ended: BTreeMap<(u32, NodeId), Ending>,
    checked: u64,
}

impl<C: Decide> Oracle<Pipeline<C>> for OneEnding {
    fn name(&self) -> &'static str {
        "one_ending"
    }

    fn claim(&self) -> &'static str {
        "For a correct member a stage ends once: what it has heard is final."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pipeline<C>>) -> Result<(), Violation> {
        let Some((node, Observation::Ended { stage, ending })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.checked += 1;
        match self.ended.insert((*stage, node), *ending) {
            None => Ok(()),
            Some(before) => {
                let message = format!(
                    "stage {stage} ended for agent {node} with {before:?}, and again with {ending:?}"
                );
                Err(Violation::new([node], message).with("stage", stage))
            }
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
