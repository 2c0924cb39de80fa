//! Oracles of a chain of protocols, beside those of each: Y2, Y3 and Y4.

use super::config::{Config, Rung};
use super::message::value;
use super::node::Adaptive;
use super::observation::Observation;
use std::rc::Rc;
use synod_common::decide::Abortable;
use synod_common::decide::lift::{ChildOracles, Lifted, Starting, ground_of};
use synod_sim::collections::SortedMap;
use synod_sim::{Duration, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// The names of the chain's own oracles, Y2 first.
pub const NAMES: &[&str] = &["security_floor", "one_decision", "dwell"];

/// The chain's own oracles, and those of every rung.
pub fn all<C: Abortable>(
    config: &Rc<Config<C>>,
    ground_truth: &GroundTruth,
) -> Vec<Box<dyn Oracle<Adaptive<C>>>> {
    let ground_truth = Rc::new(ground_truth.clone());
    let mut oracles: Vec<Box<dyn Oracle<Adaptive<C>>>> = vec![
        Box::new(SecurityFloor {
            config: Rc::clone(config),
            ground_truth: Rc::clone(&ground_truth),
            checked: 0,
        }),
        Box::new(OneDecision {
            ground_truth: Rc::clone(&ground_truth),
            faults: (config.faulty, ground_truth.faulty(config.members)),
            first: None,
            concluded: SortedMap::new(),
            checked: 0,
        }),
        Box::new(Dwell {
            dwell: config.dwell,
            rungs: config.chain.len() as u32,
            ground_truth: Rc::clone(&ground_truth),
            entered: SortedMap::new(),
            switches: SortedMap::new(),
            checked: 0,
        }),
    ];
    // A rung may be left at any time: what it owes by when, nobody knows beforehand.
    let mut within = ground_of(&ground_truth, None);
    within.stable_from = None;
    within.timely = false;
    let part = |(child, rung): (u32, &Rung<C>)| {
        let (child_config, bounds) = (Rc::clone(&rung.child), within.clone());
        let starting: Starting<C> = Rc::new(move |value, at| {
            let child_config = C::with_init_value(&C::starting(&child_config, at, None), value);
            C::oracles(&Rc::new(child_config), &bounds)
        });
        let starting = Some((starting, Rc::clone(&ground_truth)));
        ChildOracles {
            child,
            members: None,
            oracles: C::oracles(&rung.child, &within),
            starting,
            judges_end: false,
        }
    };
    oracles.extend(Lifted::all((0..).zip(&config.chain).map(part).collect()));
    oracles
}

/// Y2.
struct SecurityFloor<C: Abortable> {
    config: Rc<Config<C>>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

impl<C: Abortable> Oracle<Adaptive<C>> for SecurityFloor<C> {
    fn name(&self) -> &'static str {
        "security_floor"
    }

    fn claim(&self) -> &'static str {
        "Y2: no correct member enters a rung that bears less than the proposal demands."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Adaptive<C>>) -> Result<(), Violation> {
        let Some((node, Observation::Entered { rung, .. })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.checked += 1;
        let level = self.config.chain[*rung as usize].level;
        if level >= self.config.floor {
            Ok(())
        } else {
            let floor = self.config.floor;
            let message = format!("rung {rung} bears {level:?} faults, and the floor is {floor:?}");
            Err(Violation::new([node], message).with("rung", rung))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

/// Y3.
struct OneDecision {
    ground_truth: Rc<GroundTruth>,
    /// How many faulty members the chain bears, and how many there are.
    faults: (u32, u32),
    /// Who decided first, what, and in which rung.
    first: Option<(NodeId, u64, u32)>,
    concluded: SortedMap<NodeId, u32>,
    checked: u64,
}

impl<C: Abortable> Oracle<Adaptive<C>> for OneDecision {
    fn name(&self) -> &'static str {
        "one_decision"
    }

    fn claim(&self) -> &'static str {
        "Y3: over all rungs correct members decide one value at most, and each has one outcome."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Adaptive<C>>) -> Result<(), Violation> {
        let (borne, there) = self.faults;
        let Some((node, Observation::Concluded { rung, ending })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        if there > borne {
            return Ok(());
        }
        self.checked += 1;
        let times = self.concluded.entry(node).or_default();
        *times += 1;
        if *times > 1 {
            return Err(Violation::new([node], format!("agent {node} has {times} outcomes")));
        }
        let Some(decision) = value(*ending) else { return Ok(()) };
        let &mut (first, held, before) = self.first.get_or_insert((node, decision, *rung));
        if held == decision {
            Ok(())
        } else {
            let message = format!(
                "agent {first} decided {held} in rung {before}, agent {node} {decision} in rung {rung}"
            );
            Err(Violation::new([first, node], message).held(first, "rung", before).held(node, "rung", rung))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

/// Y4.
struct Dwell {
    dwell: Duration,
    rungs: u32,
    ground_truth: Rc<GroundTruth>,
    /// The rung that each member is in, and since when.
    entered: SortedMap<NodeId, (u32, Time)>,
    switches: SortedMap<NodeId, u32>,
    checked: u64,
}

impl<C: Abortable> Oracle<Adaptive<C>> for Dwell {
    fn name(&self) -> &'static str {
        "dwell"
    }

    fn claim(&self) -> &'static str {
        "Y4: rungs are entered downwards, each once, and no correct member leaves one for a reason of its own before it has dwelt there."
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Adaptive<C>>) -> Result<(), Violation> {
        match self.ground_truth.claim(event) {
            Some((node, Observation::Entered { rung, .. })) => {
                self.checked += 1;
                let before = self.entered.insert(node, (*rung, moment.at));
                let switches = self.switches.entry(node).or_default();
                *switches += u32::from(before.is_some());
                let is_downwards = before.is_none_or(|(before, _)| before < *rung);
                if !is_downwards || *switches >= self.rungs {
                    let message = format!("agent {node} enters rung {rung} after {before:?}");
                    return Err(Violation::new([node], message).with("rung", rung));
                }
            }
            Some((node, Observation::Left { rung, trigger })) if trigger.is_own() => {
                self.checked += 1;
                let Some(&(_, since)) = self.entered.get(&node).filter(|(entered, _)| entered == rung) else {
                    return Err(Violation::new([node], format!("agent {node} leaves rung {rung} unentered"))
                        .with("rung", rung));
                };
                // Its clock may run a little faster than the time by which it is judged.
                let stayed = moment.at.since(since);
                let least = Duration::from_nanos(self.dwell.as_nanos() / 2);
                let is_enough = if self.ground_truth.timely { stayed >= self.dwell } else { stayed >= least };
                if !is_enough {
                    let message = format!(
                        "agent {node} leaves rung {rung} after {} ns of the {} that it dwells",
                        stayed.as_nanos(),
                        self.dwell.as_nanos()
                    );
                    return Err(Violation::new([node], message).with("rung", rung));
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
