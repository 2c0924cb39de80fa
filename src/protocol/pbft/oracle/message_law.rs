//! P10: without faults, the number of messages is known.

use super::super::{Config, Message, Observation, Pbft, Sequence, Workload};
use super::timing::timely;
use std::rc::Rc;
use synod_sim::units::plural;
use synod_sim::{End, Event, EventTime, GroundTruth, Message as _, NodeId, Oracle, Violation};

/// P10: without faults and losses each slot takes n − 1 pre-prepares, (n − 1)² prepares and n(n − 1) commits; each
/// client's request 1 request and n replies; a session whose initiator is not the primary 1 request; and no view is
/// changed.
///
/// What is sent again, and what keeps the system going, is not counted. Judged at the end of runs in which every
/// replica executed everything that was asked for itself. Where timers are not known to be long, runs with view
/// changes are not judged.
#[derive(Debug)]
pub struct MessageLaw {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    replicas: Vec<Executions>,
    /// The highest slot that was proposed.
    proposed: Sequence,
    checked: u64,
}

/// What a replica has executed itself.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Executions {
    slots: u64,
    requests: u64,
}

impl MessageLaw {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> MessageLaw {
        let replicas =
            if ground_truth.fault_free && ground_truth.lossless { config.quorum.n as usize } else { 0 };
        MessageLaw {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            replicas: vec![Executions::default(); replicas],
            proposed: 0,
            checked: 0,
        }
    }

    /// How many slots were executed, if every replica executed all that was proposed and all that was asked for.
    fn slots(&self) -> Option<u64> {
        let all = Executions { slots: self.proposed, requests: self.config.operations() };
        let is_complete = !self.replicas.is_empty() && self.replicas.iter().all(|executed| *executed == all);
        is_complete.then_some(all.slots)
    }

    /// What `slots` slots take, in the order of the kinds of message.
    fn law(&self, slots: u64) -> [u64; 7] {
        let n = self.config.quorum.n as u64;
        let (requests, replies) = match &self.config.workload {
            Workload::Session(session) => (u64::from(session.initiator != self.config.primary(0)), 0),
            Workload::Log(clients) => (clients.requests, n * clients.requests),
            Workload::Hosted(_) => (0, 0),
        };
        [requests, slots * (n - 1), slots * (n - 1) * (n - 1), slots * n * (n - 1), replies, 0, 0]
    }
}

impl Oracle<Pbft> for MessageLaw {
    fn name(&self) -> &'static str {
        "message_law"
    }

    fn claim(&self) -> &'static str {
        "P10: without faults and losses, the number of messages is the law's"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if let Event::Observed { node: NodeId(node), observation } = *event
            && let Some(executed) = self.replicas.get_mut(node as usize)
        {
            match *observation {
                Observation::Accepted { sequence, .. } => self.proposed = self.proposed.max(sequence),
                Observation::Executed { .. } => executed.slots += 1,
                Observation::Applied { .. } => executed.requests += 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        let Some(slots) = self.slots() else { return Ok(()) };
        let law = self.law(slots);
        let sent = end.tally.kinds.iter().map(|tally| tally.sent);
        let changes: u64 = sent.clone().skip(5).take(2).sum();
        if changes > 0 && timely(&self.ground_truth, &self.config).is_none() {
            return Ok(());
        }
        self.checked += 1;
        for ((kind, due), sent) in Message::KINDS.iter().zip(law).zip(sent) {
            if sent != due {
                let message = format_args!(
                    "{} took {} of kind {}, and the law says {due}",
                    plural(slots, "slot"),
                    plural(sent, "message"),
                    kind.name
                );
                return Err(Violation::new([], message).with("kind", kind.name));
            }
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, applied, config, digest, executed, ground_truth, request, session};
    use super::*;
    use synod_sim::{Duration, Ending};

    /// n = 4, 8 requests in 2 slots.
    const LAW: [u64; 7] = [8, 6, 18, 24, 32, 0, 0];

    fn complete(ground_truth: GroundTruth) -> Rig<MessageLaw> {
        let mut rig = Rig::new(MessageLaw::new(&Rc::new(config(4)), &Rc::new(ground_truth)));
        for node in 0..4 {
            for slot in [1, 2] {
                let accepted = Observation::Accepted { view: 0, sequence: slot, digest: digest(1), low: 0 };
                rig.observe(node, accepted).expect("proposed");
                rig.observe(node, executed(slot, 1)).expect("executed");
                for client in 0..4 {
                    rig.observe(node, applied(slot, request(client, slot, 1), 1)).expect("applied");
                }
            }
        }
        rig
    }

    #[test]
    fn the_law_is_exact() {
        let mut rig = complete(ground_truth(4));
        rig.end_with(Ending::Done, &LAW).expect("exactly");
        assert_eq!(rig.oracle.checked(), 1);
        for kind in 0..LAW.len() {
            let mut sent = LAW;
            sent[kind] += 1;
            rig.end_with(Ending::Done, &sent).expect_err("one too many");
        }
    }

    #[test]
    fn a_session_has_no_replies_and_at_most_one_request() {
        for (initiator, requests) in [(0, 0), (1, 1)] {
            let law = MessageLaw::new(&Rc::new(session(4, initiator)), &Rc::new(ground_truth(4)));
            assert_eq!(law.law(1), [requests, 3, 9, 12, 0, 0, 0]);
        }
    }

    #[test]
    fn unfinished_and_faulty_runs_are_not_judged() {
        let mut rig = complete(ground_truth(4));
        rig.observe(0, executed(3, 1)).expect("one replica is ahead");
        rig.end_with(Ending::Done, &[]).expect("vacuous");
        let mut faulty = complete(GroundTruth { fault_free: false, ..ground_truth(4) });
        faulty.end_with(Ending::Done, &[]).expect("vacuous");
        let mut slow = complete(GroundTruth { delay_max: Some(Duration::from_secs(1)), ..ground_truth(4) });
        slow.end_with(Ending::Done, &[8, 6, 18, 24, 32, 12, 3]).expect("views may change");
        assert_eq!(rig.oracle.checked() + faulty.oracle.checked() + slow.oracle.checked(), 0);
        slow.end_with(Ending::Done, &LAW).expect("no view changed");
        assert_eq!(slow.oracle.checked(), 1);
    }
}
