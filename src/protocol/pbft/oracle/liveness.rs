//! P7: what is asked for is done, by a stated time.

use super::super::{ClientId, Config, Message, Observation, Pbft, Request, Sequence, Workload};
use super::timing::{backlog, timely};
use std::rc::Rc;
use synod_sim::collections::{TreeMap, TreeSet};
use synod_sim::{Duration, End, Ending, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// P7: a correct client's request is executed at every replica of which progress is demanded and that is up, and its
/// client knows, within
/// (f+2)·T_max + R_c + T_s + τ_b + 6Δ from when it was sent or, if that is later, from when the system is stable.
///
/// A replica has executed what the state that it took over covers. Three things lengthen the bound: requests that
/// wait for their turn, 4Δ for every W_f·B of them; a client that had tried in vain before, by as long as it had
/// tried, for it waits twice as long each time; and replicas that must catch up, by two further periods of STATUS.
/// Where the system is stable from the start, timely, and without a faulty replica, nothing needs repair, and the
/// bound is T + τ_b + 6Δ.
///
/// The premise: Δ and the time of stability exist; 10Δ ≤ T_max; where several requests are under way, T exceeds 10Δ
/// and the wait for a turn as well; no more than f replicas are faulty, broken for good or down.
#[derive(Debug)]
pub struct Liveness {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// The bound and the time of stability, if the premise holds.
    promise: Option<(Duration, Time)>,
    requests: TreeMap<Name, RequestProgress>,
    /// What has not been judged, by deadline.
    due: TreeSet<(Time, Name)>,
    /// The earliest of these deadlines.
    next: Time,
    /// The last slot that each node has executed, or whose state it has taken over, in its present life.
    reached: Vec<Sequence>,
    up: Vec<bool>,
    /// Replicas that led when a fault struck which keeps them out of the run for good.
    doomed: TreeSet<NodeId>,
    /// Client hosts that have crashed: they forget what they asked for.
    forgetful: TreeSet<NodeId>,
    checked: u64,
}

/// A request's client and timestamp.
type Name = (ClientId, u64);

#[derive(Debug)]
struct RequestProgress {
    value: u64,
    since: Time,
    /// Where a correct replica applied it.
    slot: Option<Sequence>,
    completed: bool,
}

impl Liveness {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Liveness {
        let is_bearable = ground_truth.absent(config.quorum.n) <= config.quorum.f;
        Liveness {
            promise: promise(config, ground_truth).filter(|_| is_bearable),
            config: Rc::clone(config),
            requests: TreeMap::new(),
            due: TreeSet::new(),
            next: Time::MAX,
            reached: vec![0; ground_truth.correct.len()],
            up: vec![true; ground_truth.correct.len()],
            doomed: TreeSet::new(),
            forgetful: TreeSet::new(),
            ground_truth: Rc::clone(ground_truth),
            checked: 0,
        }
    }

    fn submit(&mut self, at: Time, request: &Request) {
        let name = (request.client, request.timestamp);
        let host = self.config.host(request.client);
        if self.requests.contains_key(&name) || host.is_some_and(|host| self.forgetful.contains(&host)) {
            return;
        }
        let Some((bound, stable)) = self.promise else { return };
        let deadline = at.max(stable) + stable.since(at) + bound;
        let value = request.operation.value;
        self.requests.insert(name, RequestProgress { value, since: at, slot: None, completed: false });
        self.due.insert((deadline, name));
        self.next = self.next.min(deadline);
    }

    fn on_sent(&mut self, at: Time, from: NodeId, message: &Message) {
        if let Message::Request(request) = message
            && request.signer() == from
            && self.config.session().is_none()
            && self.config.host(request.client) == Some(from)
        {
            self.submit(at, request);
        }
    }

    fn on_claim(&mut self, at: Time, node: NodeId, claim: &Observation) {
        match *claim {
            Observation::Submitted { .. } => {
                if let Some(session) = self.config.session().cloned() {
                    let client = ClientId(session.initiator.0);
                    self.submit(at, &Request { client, timestamp: 1, operation: session.operation });
                }
            }
            Observation::Executed { sequence, .. } | Observation::Installed { sequence, .. } => {
                self.reached[node.index()] = sequence;
            }
            Observation::Applied { sequence, ref request, .. } => {
                if let Some(progress) = self.requests.get_mut(&(request.client, request.timestamp)) {
                    progress.slot.get_or_insert(sequence);
                }
            }
            Observation::Completed { client, request, .. } => {
                let requests = self.requests.range_mut((client, 0)..=(client, u64::MAX)).rev();
                for (_, progress) in requests.filter(|(_, progress)| progress.value == request.0) {
                    progress.completed = true;
                }
            }
            _ => {}
        }
    }

    fn on_crash(&mut self, node: NodeId) {
        self.up[node.index()] = false;
        if node.0 >= self.config.quorum.n {
            self.forgetful.insert(node);
            let (config, due) = (&self.config, &mut self.due);
            due.retain(|(_, (client, _))| config.host(*client) != Some(node));
        }
    }

    /// Judges the requests that were due before `now`.
    fn judge(&mut self, now: Time) -> Result<(), Violation> {
        while let Some(&(deadline, name)) = self.due.first()
            && deadline < now
        {
            self.due.pop_first();
            let progress = self.requests.remove(&name).expect("what is due was submitted");
            self.check(name, &progress, deadline)?;
        }
        self.next = self.due.first().map_or(Time::MAX, |&(deadline, _)| deadline);
        Ok(())
    }

    fn check(
        &mut self,
        (client, _): Name,
        progress: &RequestProgress,
        deadline: Time,
    ) -> Result<(), Violation> {
        let lacking = self.lacking(progress);
        let present = self.replicas().filter(|node| self.up[node.index()]).count() as u32;
        if self.config.quorum.n - present > self.config.quorum.f {
            return Ok(());
        }
        self.checked += 1;
        let client_waits = self.config.session().is_none() && !progress.completed;
        if lacking.is_empty() && !client_waits {
            return Ok(());
        }
        let (bound, stable) = self.promise.expect("without a promise nothing is due");
        let host = self.config.host(client).filter(|_| client_waits);
        let tried = stable.since(progress.since);
        let term = if tried.is_zero() {
            format!("within {bound} of that")
        } else {
            format!(
                "within {bound} of stability at {stable}, and {tried} more since it had been tried as long"
            )
        };
        let message = format_args!(
            "request {} of client {}, sent at {}, was due {term}, by {deadline}; {} correct replicas that are up have not \
             executed it{}",
            progress.value,
            client.0,
            progress.since,
            lacking.len(),
            if client_waits { ", and its client does not know" } else { "" }
        );
        Err(Violation::new(lacking.into_iter().chain(host), message)
            .with("client", client)
            .with("operation", progress.value))
    }

    /// The replicas of which progress is demanded.
    fn replicas(&self) -> impl Iterator<Item = NodeId> {
        let is_demanded =
            |node: &NodeId| self.ground_truth.requires_progress(*node) && !self.doomed.contains(node);
        (0..self.config.quorum.n).map(NodeId).filter(is_demanded)
    }

    /// Those that are up and have not executed the request.
    fn lacking(&self, progress: &RequestProgress) -> Vec<NodeId> {
        let slot = progress.slot.unwrap_or(Sequence::MAX);
        self.replicas().filter(|node| self.up[node.index()] && self.reached[node.index()] < slot).collect()
    }
}

/// The bound and the time from which it counts, if the premise holds.
fn promise(config: &Config, ground_truth: &GroundTruth) -> Option<(Duration, Time)> {
    let (delay, stable) = (ground_truth.delay_max?, ground_truth.stable_from?);
    let is_timely = timely(ground_truth, config).is_some();
    let is_admissible = match &config.workload {
        Workload::Session(session) => session.valid.contains(&session.operation.value),
        Workload::Log(clients) => clients.clients == 1 || timely(ground_truth, config).is_some(),
    };
    let is_prompt = delay.saturating_mul(10) <= config.timeout_max;
    let all_take_part =
        ground_truth.absent(config.quorum.n) == 0 && ground_truth.permanent_leader_faults.is_empty();
    let is_undisturbed =
        is_timely && ground_truth.lossless && ground_truth.timely && stable == Time::ZERO && all_take_part;
    let recovery = if is_undisturbed {
        config.timeout
    } else {
        config.timeout_max.saturating_mul(config.quorum.f as u64 + 2)
            + config.client_timeout
            + config.status_interval.saturating_mul(3)
    };
    let bound = recovery + config.batch_delay + delay.saturating_mul(6) + backlog(config, delay);
    (is_admissible && is_prompt && stable + bound <= ground_truth.horizon).then_some((bound, stable))
}

impl Oracle<Pbft> for Liveness {
    fn name(&self) -> &'static str {
        "liveness"
    }

    fn claim(&self) -> &'static str {
        "P7: once the system is stable, every request of a correct client is executed within a stated bound"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        if self.promise.is_none() {
            return Ok(());
        }
        if moment.at > self.next {
            self.judge(moment.at)?;
        }
        match *event {
            Event::Sent { from, message, .. } if self.ground_truth.is_correct(from) => {
                self.on_sent(moment.at, from, message);
            }
            Event::Observed { node, observation } if self.ground_truth.is_correct(node) => {
                self.on_claim(moment.at, node, observation);
            }
            Event::Crashed { node } => self.on_crash(node),
            Event::Struck { id, node } if self.ground_truth.permanent_leader_faults.contains(&id) => {
                self.doomed.insert(node);
            }
            Event::Restarted { node, .. } => {
                self.up[node.index()] = true;
                self.reached[node.index()] = 0;
            }
            _ => {}
        }
        Ok(())
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        // When nothing is left to happen, all time has passed.
        let now = match end.ending {
            Ending::Quiescent => Time::MAX,
            _ => end.at + Duration::from_nanos(1),
        };
        self.judge(now)?;
        let kept = |progress: &&RequestProgress| {
            self.lacking(progress).is_empty() && (progress.completed || self.config.session().is_some())
        };
        self.checked += self.requests.values().filter(kept).count() as u64;
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }

    fn bound(&self) -> Option<Duration> {
        self.promise.map(|(bound, _)| bound)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{
        Rig, applied, config, executed, ground_truth, ground_without, outcome, request, session, signed,
    };
    use super::*;
    use synod_sim::OperationId;

    const LATER: Duration = Duration::from_secs(60);

    fn rig(ground_truth: GroundTruth) -> Rig<Liveness> {
        Rig::new(Liveness::new(&Rc::new(config(4)), &Rc::new(ground_truth)))
    }

    fn ask(rig: &mut Rig<Liveness>) {
        rig.broadcast(4, Message::Request(signed(4, request(0, 1, 10)))).expect("asks");
    }

    fn do_it(rig: &mut Rig<Liveness>, replicas: std::ops::Range<u32>) {
        for node in replicas {
            rig.observe(node, executed(1, 1)).expect("in time");
            rig.observe(node, applied(1, request(0, 1, 10), 1)).expect("in time");
        }
        let told =
            Observation::Completed { client: ClientId(0), request: OperationId(10), outcome: outcome(1) };
        rig.observe(4, told).expect("in time");
    }

    #[test]
    fn what_is_done_in_time_passes_and_what_is_not_is_named() {
        let mut good = rig(ground_truth(4));
        ask(&mut good);
        do_it(&mut good, 0..4);
        good.at += LATER;
        good.observe(0, executed(2, 2)).expect("all done");
        assert_eq!(good.oracle.checked(), 1);

        let mut bad = rig(GroundTruth { lossless: false, ..ground_truth(4) });
        ask(&mut bad);
        do_it(&mut bad, 0..3);
        bad.at += LATER;
        let violation = bad.observe(0, executed(2, 2)).expect_err("agent 3 lacks it");
        assert_eq!(violation.agents, [NodeId(3)]);
        assert!(violation.message.contains("within 25.06s of that, by 25.061s"), "{}", violation.message);
    }

    #[test]
    fn where_nothing_needs_repair_the_bound_is_short() {
        let mut rig = rig(ground_truth(4));
        ask(&mut rig);
        rig.at += Duration::from_millis(600);
        let violation = rig.observe(0, executed(2, 2)).expect_err("nobody has it");
        assert!(violation.message.contains("within 560ms of that, by 561ms"), "{}", violation.message);
    }

    #[test]
    fn the_deadline_of_what_was_sent_before_stability_adds_up() {
        let stable = Time::ZERO + Duration::from_secs(3);
        let mut rig = rig(GroundTruth { stable_from: Some(stable), ..ground_truth(4) });
        rig.at += Duration::from_secs(1);
        ask(&mut rig);
        let violation = rig.end(Ending::Quiescent).expect_err("nobody has it");
        let said = "sent at 1.001s, was due within 25.06s of stability at 3s, and 1.999s more since it had been tried as long, \
                    by 30.059s; 4 correct";
        assert!(violation.message.contains(said), "{}", violation.message);
    }

    #[test]
    fn a_state_taken_over_counts_and_a_replica_that_is_down_is_excused() {
        let mut rig = rig(ground_truth(4));
        ask(&mut rig);
        do_it(&mut rig, 0..2);
        let state =
            Observation::Installed { sequence: 16, digest: synod_sim::Digest::ZERO, transferred: true };
        rig.observe(2, state).expect("it covers slot 1");
        rig.feed(&Event::Crashed { node: NodeId(3) }).expect("down");
        rig.at += LATER;
        rig.end(Ending::Horizon).expect("all that are up have it");
        assert_eq!(rig.oracle.checked(), 1);
    }

    #[test]
    fn a_run_that_stops_early_is_not_judged_and_one_with_nothing_left_is() {
        let mut early = rig(ground_truth(4));
        ask(&mut early);
        early.end(Ending::Events(1)).expect("too early to say");
        assert_eq!(early.oracle.checked(), 0);
        let mut dead = rig(ground_truth(4));
        ask(&mut dead);
        dead.end(Ending::Quiescent).expect_err("it will never be done");
    }

    #[test]
    fn without_a_promise_nothing_is_due() {
        let unbounded = GroundTruth { delay_max: None, ..ground_truth(4) };
        let unstable = GroundTruth { stable_from: None, ..ground_truth(4) };
        let short = GroundTruth { horizon: Time::ZERO + Duration::from_millis(500), ..ground_truth(4) };
        let mut overrun = ground_without(4, 0);
        overrun.live_required[1] = false;
        for ground_truth in [unbounded, unstable, short, overrun] {
            let mut rig = rig(ground_truth);
            ask(&mut rig);
            rig.end(Ending::Quiescent).expect("vacuous");
            assert_eq!(rig.oracle.checked(), 0);
        }
    }

    #[test]
    fn nothing_is_demanded_of_who_is_out_of_the_run() {
        let mut outside = ground_truth(4);
        outside.live_required[3] = false;
        let doomed = GroundTruth { permanent_leader_faults: vec![9], ..ground_truth(4) };
        for ground_truth in [outside, doomed] {
            let mut rig = rig(ground_truth);
            rig.feed(&Event::Struck { id: 9, node: NodeId(3) }).expect("struck");
            ask(&mut rig);
            do_it(&mut rig, 0..3);
            rig.at += LATER;
            rig.end(Ending::Horizon).expect("agent 3 is excused");
            assert_eq!(rig.oracle.checked(), 1);
            assert_eq!(rig.oracle.bound(), Some(Duration::from_millis(25_060)));
        }
        let mut struck = rig(ground_truth(4));
        struck.feed(&Event::Struck { id: 8, node: NodeId(3) }).expect("for a while only");
        ask(&mut struck);
        do_it(&mut struck, 0..3);
        struck.at += LATER;
        struck.end(Ending::Horizon).expect_err("agent 3 came back");
    }

    #[test]
    fn what_a_faulty_client_asks_for_is_nobodys_duty() {
        let mut rig = rig(ground_without(4, 4));
        ask(&mut rig);
        rig.end(Ending::Quiescent).expect("vacuous");
    }

    #[test]
    fn a_session_is_due_once_it_is_proposed() {
        let session = Rc::new(session(4, 1));
        let mut rig = Rig::new(Liveness::new(&session, &Rc::new(ground_truth(4))));
        rig.observe(1, Observation::Submitted { request: OperationId(7) }).expect("proposes");
        for node in 0..4 {
            rig.observe(node, executed(1, 1)).expect("in time");
            rig.observe(node, applied(1, request(1, 1, 7), 1)).expect("in time");
        }
        rig.end(Ending::Done).expect("done");
        assert_eq!(rig.oracle.checked(), 1);
    }
}
