//! P11: whoever reports an outcome reports it once.

use super::super::{Observation, Pbft};
use super::runs::Runs;
use std::rc::Rc;
use synod_sim::collections::TreeMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, OperationId, Oracle, Violation};

/// P11: in one life a correct replica decides a session once and never gives it up after that; a correct client
/// completes each request once. A decision after giving up stands: it overrides.
#[derive(Debug)]
pub struct OneOutcome {
    ground_truth: Rc<GroundTruth>,
    /// What each node has reported in its present life.
    reported: TreeMap<(NodeId, Report), Runs>,
    checked: u64,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Report {
    Aborted,
    Decided,
    Completed,
}

impl OneOutcome {
    pub(super) fn new(ground_truth: &Rc<GroundTruth>) -> OneOutcome {
        OneOutcome { ground_truth: Rc::clone(ground_truth), reported: TreeMap::new(), checked: 0 }
    }

    fn report(&mut self, node: NodeId, request: OperationId, report: Report) -> Result<(), Violation> {
        self.checked += 1;
        let is_new = self.reported.entry((node, report)).or_default().insert(request.0);
        if !is_new {
            let message = format_args!("agent {node} reported {report:?} of {} twice", request.0);
            return Err(Violation::new([node], message).with("operation", request));
        }
        let decided = self.reported.get(&(node, Report::Decided));
        if report == Report::Aborted && decided.is_some_and(|decided| decided.contains(request.0)) {
            let message = format_args!("agent {node} gave {} up after it had decided", request.0);
            return Err(Violation::new([node], message).with("operation", request));
        }
        Ok(())
    }
}

impl Oracle<Pbft> for OneOutcome {
    fn name(&self) -> &'static str {
        "one_outcome"
    }

    fn claim(&self) -> &'static str {
        "P11: each observer reports one outcome, once, and no failure after success"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Event::Restarted { node, .. } = *event {
            self.reported.retain(|&(of, _), _| of != node);
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Decided { request, .. } => self.report(node, request, Report::Decided),
            Observation::Aborted { request } => self.report(node, request, Report::Aborted),
            Observation::Completed { request, .. } => self.report(node, request, Report::Completed),
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ClientId;
    use super::super::rig::{Rig, digest, ground_truth, ground_without, outcome};
    use super::*;

    const REQUEST: OperationId = OperationId(7);

    fn decided() -> Observation {
        Observation::Decided { request: REQUEST, digest: digest(1), certificate: Vec::new() }
    }

    #[test]
    fn a_decision_overrides_giving_up_and_not_the_other_way_round() {
        let mut rig = Rig::new(OneOutcome::new(&Rc::new(ground_truth(4))));
        rig.observe(0, Observation::Aborted { request: REQUEST }).expect("gives up");
        rig.observe(0, decided()).expect("a decision overrides");
        rig.observe(1, decided()).expect("another replica");
        assert_eq!(rig.oracle.checked(), 3);
        rig.observe(1, Observation::Aborted { request: REQUEST }).expect_err("it had decided");
    }

    #[test]
    fn a_life_has_one_outcome() {
        let mut rig = Rig::new(OneOutcome::new(&Rc::new(ground_truth(4))));
        rig.observe(0, decided()).expect("once");
        rig.restart(0).expect("a new life");
        rig.observe(0, decided()).expect("once in it");
        rig.observe(0, decided()).expect_err("twice in it");
    }

    #[test]
    fn a_client_completes_a_request_once() {
        let done = || Observation::Completed { client: ClientId(0), request: REQUEST, outcome: outcome(1) };
        let mut rig = Rig::new(OneOutcome::new(&Rc::new(ground_truth(4))));
        rig.observe(4, done()).expect("once");
        rig.observe(4, done()).expect_err("twice");
        let mut rig = Rig::new(OneOutcome::new(&Rc::new(ground_without(4, 4))));
        rig.observe(4, done()).expect("faulty");
        rig.observe(4, done()).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
