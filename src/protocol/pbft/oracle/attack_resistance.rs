//! P8: who does nothing wrong is not deposed.

use super::super::{Config, Message, Observation, Pbft, View, Workload};
use super::timing::timely;
use std::rc::Rc;
use synod_sim::collections::SortedSet;
use synod_sim::{End, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// P8: a view whose primary is correct is never given up. So there are no more view changes than entries into views of
/// faulty primaries.
///
/// Evidence cannot be had against a correct primary, so views that are left for it are faulty primaries' as well. Of
/// the correct replicas that give a view up, the first is judged: the others may have joined it.
///
/// The premise: since the start, the network is lossless within Δ and never cut, and no clock or processor is wrong; T exceeds 10Δ, the wait for a batch and the wait
/// for a turn; at most f replicas are faulty; whoever asks is correct, since with authenticators a faulty client can
/// make a request that backups believe and the primary does not. It ends when a correct node crashes, or has to fetch
/// what it missed, for then a primary that is catching up may be late through no fault.
#[derive(Debug)]
pub struct AttackResistance {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    holds: bool,
    /// The view that each replica works in or wants.
    wanted: Vec<View>,
    /// The views that a correct replica has given up.
    left: SortedSet<View>,
    checked: u64,
}

impl AttackResistance {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> AttackResistance {
        let (n, nodes) = (config.quorum.n, config.nodes() as u32);
        let asking_is_correct = match &config.workload {
            Workload::Session(session) => ground_truth.is_correct(session.initiator),
            Workload::Log(_) => (n..nodes).map(NodeId).all(|host| ground_truth.is_correct(host)),
            Workload::Hosted(_) => (0..n).map(NodeId).all(|member| ground_truth.is_correct(member)),
        };
        let holds = ground_truth.lossless
            && ground_truth.timely
            && timely(ground_truth, config).is_some()
            && ground_truth.faulty(n) <= config.quorum.f
            && asking_is_correct;
        AttackResistance {
            holds,
            wanted: vec![0; n as usize],
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            left: SortedSet::new(),
            checked: 0,
        }
    }

    fn on_change(&mut self, node: NodeId, target: View) -> Result<(), Violation> {
        let view = std::mem::replace(&mut self.wanted[node.index()], target);
        self.checked += 1;
        let primary = self.config.primary(view);
        if !self.left.insert(view) || !self.ground_truth.is_correct(primary) {
            return Ok(());
        }
        let message = format_args!(
            "agent {node} gave view {view} up for {target}, though its primary, agent {primary}, is correct"
        );
        Err(Violation::new([node, primary], message).with("view", view).with("target", target))
    }
}

impl Oracle<Pbft> for AttackResistance {
    fn name(&self) -> &'static str {
        "attack_resistance"
    }

    fn claim(&self) -> &'static str {
        "P8: while the network is timely, no view of a correct primary is given up"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if !self.holds {
            return Ok(());
        }
        match *event {
            Event::Cut { .. } => self.holds = false,
            Event::Crashed { node } => self.holds &= !self.ground_truth.is_correct(node),
            Event::Sent { from, message: Message::Fetch(_) | Message::FetchBatch(_), .. } => {
                self.holds &= !self.ground_truth.is_correct(from);
            }
            _ => {}
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::ViewChangeStarted { target, .. } => self.on_change(node, target),
            Observation::ViewEntered { view, .. } => {
                self.wanted[node.index()] = view;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn on_end(&mut self, _: &End) -> Result<(), Violation> {
        self.checked += u64::from(self.holds);
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, config, ground_truth, ground_without};
    use super::*;
    use synod_sim::{Cut, Duration, Ending};

    fn rig(ground_truth: GroundTruth) -> Rig<AttackResistance> {
        Rig::new(AttackResistance::new(&Rc::new(config(4)), &Rc::new(ground_truth)))
    }

    fn gives_up(target: View) -> Observation {
        Observation::ViewChangeStarted { target, attempt: 1 }
    }

    #[test]
    fn a_faulty_primary_is_given_up_and_a_correct_one_is_not() {
        let mut rig = rig(ground_without(4, 0));
        for node in [1, 2, 3] {
            rig.observe(node, gives_up(1)).expect("agent 0 is faulty");
        }
        rig.observe(0, gives_up(4)).expect("it is faulty itself");
        rig.observe(1, Observation::ViewEntered { view: 1, proposals: Vec::new(), low: 0 }).expect("enters");
        let violation = rig.observe(1, gives_up(2)).expect_err("agent 1 is correct");
        assert_eq!(violation.agents, [NodeId(1), NodeId(1)]);
    }

    #[test]
    fn a_quiet_run_counts_as_one_check() {
        let mut rig = rig(ground_truth(4));
        rig.end(Ending::Done).expect("nothing happened");
        assert_eq!(rig.oracle.checked(), 1);
    }

    #[test]
    fn without_its_premise_it_says_nothing() {
        let lossy = GroundTruth { lossless: false, ..ground_truth(4) };
        let slow = GroundTruth { delay_max: Some(Duration::from_millis(50)), ..ground_truth(4) };
        let late_for_a_while = GroundTruth { timely: false, ..ground_truth(4) };
        for ground_truth in [lossy, slow, late_for_a_while, ground_without(4, 4)] {
            let mut rig = rig(ground_truth);
            rig.observe(1, gives_up(1)).expect("vacuous");
            rig.end(Ending::Done).expect("vacuous");
            assert_eq!(rig.oracle.checked(), 0);
        }
        let crash = Event::Crashed { node: NodeId(0) };
        for event in [crash, Event::Cut { id: 1, cut: &Cut::Sides(Vec::new()) }] {
            let mut rig = rig(ground_truth(4));
            rig.feed(&event).expect("happens");
            rig.observe(1, gives_up(1)).expect("vacuous from here on");
        }
    }
}
