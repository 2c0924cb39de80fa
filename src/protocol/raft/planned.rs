//! Whether planned changes took effect.

use super::{Change, Config, Observation, Raft};
use std::rc::Rc;
use synod_oracle::{PlanReport, PlanWatch};
use synod_sim::{Event, EventTime, NodeId, Time};

/// Watches the planned changes. A transfer took effect if a leader began it, a change of members if a configuration came
/// into force that differs from the one before.
#[derive(Debug)]
pub(super) struct PlannedChanges {
    config: Rc<Config>,
    took_effect: Vec<bool>,
}

impl PlannedChanges {
    /// Nothing has happened yet.
    pub(super) fn new(config: &Rc<Config>) -> PlannedChanges {
        PlannedChanges { config: Rc::clone(config), took_effect: vec![false; config.plan.len()] }
    }

    /// Of the transfers to `target` that have not begun, the one that was planned nearest to `now` has.
    fn transfer(&mut self, now: Time, target: NodeId) {
        let distance = |at: Time| now.since(at.min(now)).max(at.since(now.min(at)));
        let is_it = |(place, (_, change)): &(usize, &(_, Change))| {
            !self.took_effect[*place] && *change == Change::Transfer(target)
        };
        let begun = self.config.plan.iter().enumerate().filter(is_it);
        let begun = begun.min_by_key(|(_, (at, _))| distance(Time::ZERO + *at)).map(|(place, _)| place);
        if let Some(place) = begun {
            self.took_effect[place] = true;
        }
    }

    /// The first `done` changes of members are complete.
    fn complete(&mut self, done: u32) {
        let mut before = (&self.config.voters, &self.config.learners);
        let mut completed = 0;
        for (place, (_, change)) in self.config.plan.iter().enumerate() {
            let Change::Members { voters, learners } = change else { continue };
            completed += 1;
            if completed <= done {
                self.took_effect[place] = before != (voters, learners);
            }
            before = (voters, learners);
        }
    }
}

impl PlanWatch<Raft> for PlannedChanges {
    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Raft>) {
        match event {
            Event::Observed { observation: Observation::TransferStarted { target }, .. } => {
                self.transfer(moment.at, *target);
            }
            Event::Observed { observation: Observation::Configured { configuration, .. }, .. } => {
                self.complete(configuration.changes);
            }
            _ => {}
        }
    }

    fn reports(&self) -> Vec<PlanReport> {
        let report = |((at, change), &took_effect): (&(_, Change), &bool)| {
            let what = match change {
                Change::Transfer(target) => format!("transfer to agent {target}"),
                Change::Members { .. } => "change of members".to_owned(),
            };
            PlanReport { name: format!("{what} at {at}"), took_effect }
        };
        self.config.plan.iter().zip(&self.took_effect).map(report).collect()
    }
}
