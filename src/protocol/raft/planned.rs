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

#[cfg(test)]
mod tests {
    use super::super::Configuration;
    use super::*;
    use synod_common::kv::Store;
    use synod_log::Machine;
    use synod_sim::{Cause, Duration};

    #[test]
    fn each_change_is_reported_by_whether_it_took_effect() {
        let seconds = Duration::from_secs;
        let nodes = |numbers: &[u32]| numbers.iter().copied().map(NodeId).collect::<Vec<_>>();
        let members = |voters: &[u32]| Change::Members { voters: nodes(voters), learners: vec![] };
        let plan = vec![
            (seconds(1), Change::Transfer(NodeId(2))),
            (seconds(2), members(&[0, 1, 2])),
            (seconds(3), members(&[0, 1])),
            (seconds(4), members(&[0, 2])),
            (seconds(9), Change::Transfer(NodeId(2))),
        ];
        let config = Config { plan, ..Config::new(3, Machine::new(Store::default()), None) };
        let mut planned = PlannedChanges::new(&Rc::new(config));
        let mut claim = |at, observation: Observation| {
            let moment = EventTime { at: Time::ZERO + seconds(at), event: 0, cause: Cause::Nobody };
            planned.on_event(moment, &Event::Observed { node: NodeId(0), observation: &observation });
        };
        let configured = |changes| {
            let configuration =
                Configuration { voters: nodes(&[0, 1]), outgoing: vec![], learners: vec![], changes };
            Observation::Configured { index: 1, configuration: Rc::new(configuration) }
        };
        claim(3, configured(2));
        claim(8, Observation::TransferStarted { target: NodeId(1) });
        claim(8, Observation::TransferStarted { target: NodeId(2) });
        let reports: Vec<_> =
            planned.reports().into_iter().map(|report| (report.name, report.took_effect)).collect();
        let expected = [
            ("transfer to agent 2 at 1s", false),
            // The members are the first ones: nothing changed.
            ("change of members at 2s", false),
            ("change of members at 3s", true),
            ("change of members at 4s", false),
            // Planned nearest to when it began.
            ("transfer to agent 2 at 9s", true),
        ];
        assert_eq!(reports, expected.map(|(name, took_effect)| (name.to_owned(), took_effect)));
    }
}
