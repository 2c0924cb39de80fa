//! R8: a connected majority has a leader and gets on, by a stated time.

use super::super::{Change, Config, Configuration, Index, Observation, Raft, Term};
use super::quorum::{first_members, votes};
use std::rc::Rc;
use synod_log::history::{Call, Step};
use synod_sim::{Duration, End, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// R8: once the system is stable, there is never a longer time than the bound without an established leader, nor, while
/// operations are asked for, without one that its client knows to be done.
///
/// A leader is established once it has committed an entry of its own term, and as long as it is a voter. The bound is
/// 2E(r + 1) + 6Δ + (n + 1)·R_c: r election timeouts at their longest, and what a client needs to ask everybody. An
/// election fails when several stand within Δ of each other, and without pre-vote also when one stands that cannot win,
/// so r is 16 with pre-vote and 64 without, and a run would have to be most unlucky to need them all.
///
/// The premise: Δ and the time of stability exist; 20Δ ≤ E; all replicas are correct; and of those of which progress is
/// demanded there are more than half of the voters, now and after every planned change.
#[derive(Debug)]
pub struct Progress {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// The bound and the time of stability, if the premise holds.
    promise: Option<(Duration, Time)>,
    replicas: Vec<Replica>,
    /// Since when nobody is established.
    leaderless_since: Option<Time>,
    /// How many operations are asked for.
    outstanding: u64,
    /// Since when some are, and none is done.
    waiting_since: Option<Time>,
    /// When the earliest patience ends.
    deadline: Time,
    checked: u64,
}

#[derive(Clone, Debug)]
struct Replica {
    leads: Option<(Term, Index)>,
    is_established: bool,
    configuration: Rc<Configuration>,
    /// A fault keeps it out of the run for good.
    is_doomed: bool,
}

impl Progress {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Progress {
        let configuration = first_members(config);
        let replica = Replica { leads: None, is_established: false, configuration, is_doomed: false };
        let mut progress = Progress {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            promise: promise(config, ground_truth),
            replicas: vec![replica; config.replicas as usize],
            leaderless_since: Some(Time::ZERO),
            outstanding: 0,
            waiting_since: None,
            deadline: Time::MAX,
            checked: 0,
        };
        progress.set_deadline();
        progress
    }

    fn set_deadline(&mut self) {
        let Some((bound, stable)) = self.promise else { return };
        let since = [self.leaderless_since, self.waiting_since].into_iter().flatten().min();
        self.deadline = since.map_or(Time::MAX, |since| since.max(stable) + bound);
    }

    /// Somebody may be established now, or no longer.
    fn review(&mut self, at: Time) {
        let is_led = (0..).map(NodeId).zip(&self.replicas).any(|(node, replica)| {
            let is_there = self.ground_truth.requires_progress(node) && !replica.is_doomed;
            replica.is_established && votes(&replica.configuration, node) && is_there
        });
        match (is_led, self.leaderless_since) {
            (true, Some(_)) => {
                self.leaderless_since = None;
                self.checked += u64::from(self.is_demanded(at));
            }
            (false, None) => self.leaderless_since = Some(at),
            _ => return,
        }
        self.set_deadline();
    }

    fn is_demanded(&self, at: Time) -> bool {
        self.promise.is_some_and(|(_, stable)| at >= stable)
    }

    fn on_call(&mut self, at: Time, step: &Step) {
        if let Step::Invoke(_) = step {
            self.outstanding += 1;
            self.waiting_since.get_or_insert(at);
        } else {
            self.outstanding = self.outstanding.saturating_sub(1);
            let is_done = matches!(step, Step::Ok(_));
            self.checked += u64::from(is_done && self.is_demanded(at));
            match self.outstanding {
                0 => self.waiting_since = None,
                _ if is_done => self.waiting_since = Some(at),
                _ => return,
            }
        }
        self.set_deadline();
    }

    fn on_claim(&mut self, at: Time, node: NodeId, claim: &Observation) {
        match *claim {
            Observation::Call(Call { ref step, .. }) => return self.on_call(at, step),
            Observation::Elected { term, last_index, .. } => {
                let replica = &mut self.replicas[node.index()];
                (replica.leads, replica.is_established) = (Some((term, last_index)), false);
            }
            Observation::Committed { index, .. } => {
                let replica = &mut self.replicas[node.index()];
                if replica.is_established || replica.leads.is_none_or(|(_, last)| index <= last) {
                    return;
                }
                replica.is_established = true;
            }
            Observation::SteppedDown { .. } => self.stop(node),
            Observation::Configured { ref configuration, .. } => {
                self.replicas[node.index()].configuration = Rc::clone(configuration);
            }
            _ => return,
        }
        self.review(at);
    }

    fn stop(&mut self, node: NodeId) {
        if let Some(replica) = self.replicas.get_mut(node.index()) {
            (replica.leads, replica.is_established) = (None, false);
        }
    }

    fn on_crash(&mut self, at: Time, node: NodeId) {
        self.stop(node);
        if node.0 >= self.config.replicas {
            // Its clients forget what they have asked for, and nobody knows how much that was.
            (self.outstanding, self.waiting_since) = (0, None);
        }
        self.review(at);
    }

    /// Objects if something was due before `now`.
    fn judge(&mut self, now: Time) -> Result<(), Violation> {
        let Some((bound, stable)) = self.promise else { return Ok(()) };
        let is_late = |since: &Time| (*since).max(stable) + bound < now;
        let what = match (self.leaderless_since.filter(is_late), self.waiting_since.filter(is_late)) {
            (Some(since), _) => format!("no leader has been established since {since}"),
            (_, Some(since)) => format!("no operation has been done since {since}, and some are asked for"),
            (None, None) => return Ok(()),
        };
        let live_required =
            (0..self.config.replicas).map(NodeId).filter(|&node| self.ground_truth.requires_progress(node));
        let message = format_args!("{what}: the bound is {bound}, and the system is stable from {stable} on");
        self.deadline = Time::MAX;
        Err(Violation::new(live_required, message))
    }
}

/// The bound and the time from which it counts, if the premise holds.
fn promise(config: &Config, ground_truth: &GroundTruth) -> Option<(Duration, Time)> {
    let (delay, stable) = (ground_truth.delay_max?, ground_truth.stable_from?);
    let is_prompt = delay.saturating_mul(20) <= config.election_timeout;
    let planned = config.plan.iter().filter_map(|(_, change)| match change {
        Change::Members { voters, .. } => Some(voters),
        Change::Transfer(_) => None,
    });
    let is_there = |voters: &Vec<NodeId>| {
        let present = voters.iter().filter(|&&voter| ground_truth.requires_progress(voter)).count();
        2 * present.saturating_sub(ground_truth.permanent_leader_faults.len()) > voters.len()
    };
    let are_there = planned.chain([&config.voters]).all(is_there);
    let timeouts = if config.pre_vote { 17 } else { 65 };
    let bound = config.election_timeout.saturating_mul(2 * timeouts)
        + config.client_timeout.saturating_mul(u64::from(config.replicas) + 1)
        + delay.saturating_mul(6);
    let holds = is_prompt
        && are_there
        && ground_truth.faulty(config.replicas) == 0
        && stable + bound <= ground_truth.horizon;
    holds.then_some((bound, stable))
}

impl Oracle<Raft> for Progress {
    fn name(&self) -> &'static str {
        "progress"
    }

    fn claim(&self) -> &'static str {
        "R8: once the system is stable, a connected majority has a leader and completes operations within a stated bound"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        if self.promise.is_none() {
            return Ok(());
        }
        if moment.at > self.deadline {
            self.judge(moment.at)?;
        }
        match *event {
            Event::Observed { node, observation } => self.on_claim(moment.at, node, observation),
            Event::Crashed { node } => self.on_crash(moment.at, node),
            Event::Struck { id, node } if self.ground_truth.permanent_leader_faults.contains(&id) => {
                if let Some(replica) = self.replicas.get_mut(node.index()) {
                    replica.is_doomed = true;
                }
                self.review(moment.at);
            }
            _ => {}
        }
        Ok(())
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        let is_led = self.leaderless_since.is_none();
        self.checked += u64::from(is_led && self.is_demanded(end.at));
        self.judge(end.at)
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
    use super::super::super::Reason;
    use super::super::rig::{
        Rig, asked, committed, config, configured, done, elected, given_up, ground_truth, ground_without,
    };
    use super::*;
    use synod_sim::Ending;

    /// With E = 300 ms, R_c = 2E, Δ = 10 ms and three replicas.
    const BOUND: Duration = Duration::from_millis(34 * 300 + 4 * 600 + 60);

    fn rig() -> Rig<Progress> {
        Rig::new(Progress::new(&Rc::new(config(3)), &Rc::new(ground_truth(3))))
    }

    /// Agent 0 leads and has committed an entry of its own.
    fn led() -> Rig<Progress> {
        led_under(ground_truth(3))
    }

    fn led_under(ground_truth: GroundTruth) -> Rig<Progress> {
        let mut rig = Rig::new(Progress::new(&Rc::new(config(3)), &Rc::new(ground_truth)));
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        rig.observe(0, committed(1, 1)).expect("is established");
        rig
    }

    /// Nothing is demanded of `node`.
    fn ground_outside(node: usize) -> GroundTruth {
        let mut ground_truth = ground_truth(3);
        ground_truth.live_required[node] = false;
        ground_truth
    }

    fn later(rig: &mut Rig<Progress>) -> Result<(), Violation> {
        rig.at += BOUND;
        rig.observe(1, done(1))
    }

    #[test]
    fn somebody_leads_in_time() {
        assert_eq!(rig().oracle.bound(), Some(BOUND));
        later(&mut rig()).expect_err("nobody stood");
        let mut elected_only = rig();
        elected_only.observe(0, elected(2, 3, 1)).expect("leads");
        elected_only.observe(0, committed(3, 1)).expect("an entry of its predecessor");
        elected_only.observe(1, committed(4, 2)).expect("a follower's word");
        later(&mut elected_only).expect_err("it commits nothing of its own");
        let mut led = led();
        later(&mut led).expect("it leads");
        assert_eq!(led.oracle.checked(), 2, "a leader and an operation");
        led.observe(0, committed(2, 1)).expect("nothing new");
        led.observe(0, Observation::SteppedDown { term: 1, reason: Reason::NoQuorum })
            .expect("there is time");
        later(&mut led).expect_err("nobody followed");
    }

    #[test]
    fn a_leader_that_crashed_or_is_no_voter_does_not_lead() {
        let mut crashed = led();
        crashed.restart(0).expect("there is time");
        later(&mut crashed).expect_err("nobody followed");
        let mut removed = led();
        removed.observe(0, configured(2, &[1, 2], &[])).expect("there is time");
        later(&mut removed).expect_err("it stayed");
    }

    #[test]
    fn a_leader_of_which_nothing_is_demanded_does_not_lead() {
        let mut outside = led_under(ground_outside(0));
        later(&mut outside).expect_err("it is out of the run");
        let mut doomed = led_under(GroundTruth { permanent_leader_faults: vec![9], ..ground_truth(3) });
        doomed.feed(&Event::Struck { id: 8, node: NodeId(0) }).expect("for a while only");
        later(&mut doomed).expect("it leads");
        doomed.feed(&Event::Struck { id: 9, node: NodeId(0) }).expect("there is time");
        later(&mut doomed).expect_err("nobody followed");
    }

    #[test]
    fn operations_are_done_in_time() {
        let mut rig = led();
        rig.observe(3, asked(1)).expect("asked for");
        rig.observe(3, asked(2)).expect("asked for");
        rig.observe(3, done(1)).expect("in time");
        rig.observe(3, done(2)).expect("in time");
        later(&mut rig).expect("nothing is asked for");
        rig.observe(3, asked(3)).expect("asked for");
        later(&mut rig).expect_err("it has not been done");
    }

    #[test]
    fn the_wait_begins_with_the_first_that_asks_and_again_when_something_is_done() {
        let half = Duration::from_nanos(BOUND.as_nanos() / 2);
        // Another is asked for, and agent 3, the clients' host, tells `news` of the first half-way.
        let waited = |news: fn(u64) -> Observation| {
            let mut rig = led();
            rig.observe(3, asked(1)).expect("asked for");
            rig.observe(3, asked(2)).expect("asked for");
            rig.at += half;
            rig.observe(3, news(1)).expect("there is time");
            rig.at += half;
            rig.observe(3, asked(4))
        };
        waited(done).expect("one was done half-way");
        waited(given_up).expect_err("nothing was done");
        waited(|_| asked(3)).expect_err("more was asked for, and nothing done");
    }

    #[test]
    fn what_is_due_first_is_judged_first() {
        let mut rig = rig();
        rig.at += Duration::from_secs(1);
        rig.observe(3, asked(1)).expect("there is time");
        rig.at = Time::ZERO + BOUND;
        let violation = rig.observe(3, asked(2)).expect_err("nobody stood");
        assert!(violation.message.starts_with("no leader has been established since 0"), "{violation:?}");
    }

    #[test]
    fn a_host_that_crashes_forgets_what_its_clients_asked_for_and_a_replica_does_not() {
        for (node, forgets) in [(3, true), (1, false)] {
            let mut rig = led();
            rig.observe(3, asked(1)).expect("asked for");
            rig.restart(node).expect("there is time");
            rig.at += BOUND;
            assert_eq!(rig.observe(0, committed(2, 1)).is_ok(), forgets, "agent {node}");
        }
    }

    #[test]
    fn a_run_that_just_ends_is_judged_too() {
        let mut rig = rig();
        rig.at += BOUND;
        rig.end(Ending::Horizon).expect("there was just not enough time");
        assert_eq!(rig.oracle.checked(), 0, "nobody led");
        rig.at += Duration::from_nanos(1);
        rig.end(Ending::Horizon).expect_err("nobody stood");
        let mut led = led();
        led.end(Ending::Horizon).expect("it leads");
        assert_eq!(led.oracle.checked(), 2, "as long as it lasted, and when it ended");
    }

    #[test]
    fn the_clock_starts_when_the_system_is_stable() {
        let stable = Time::ZERO + Duration::from_secs(60);
        let late = GroundTruth { stable_from: Some(stable), timely: false, ..ground_truth(3) };
        let mut rig = Rig::new(Progress::new(&Rc::new(config(3)), &Rc::new(late)));
        later(&mut rig).expect("not stable yet");
        rig.end(Ending::Horizon).expect("nor then");
        rig.at = stable + BOUND;
        later(&mut rig).expect_err("nobody stood");
        let mut early = led_under(GroundTruth { stable_from: Some(stable), ..ground_truth(3) });
        early.observe(3, asked(1)).expect("asked for");
        early.observe(3, done(1)).expect("done");
        early.end(Ending::Horizon).expect("it leads");
        assert_eq!(early.oracle.checked(), 0, "all that was before anything was demanded");
    }

    #[test]
    fn the_premise_is_checked() {
        let promised = |config: Config, ground_truth: GroundTruth| {
            Progress::new(&Rc::new(config), &Rc::new(ground_truth)).bound().is_some()
        };
        assert!(promised(config(3), ground_truth(3)));
        let hasty = Config { pre_vote: false, ..config(3) };
        let bound = Progress::new(&Rc::new(hasty), &Rc::new(ground_truth(3))).bound();
        assert_eq!(bound, Some(Duration::from_millis(130 * 300 + 4 * 600 + 60)), "more elections may fail");
        let ending = |at: Time| GroundTruth { horizon: at, ..ground_truth(3) };
        assert!(promised(config(3), ending(Time::ZERO + BOUND)), "there is just enough time");
        assert!(!promised(config(3), ending(Time::ZERO + (BOUND - Duration::from_nanos(1)))));
        assert!(!promised(config(3), ground_without(3, 0)), "one replica is faulty");
        let absent = |nodes: &[usize]| {
            let mut ground_truth = ground_truth(5);
            nodes.iter().for_each(|&node| ground_truth.live_required[node] = false);
            ground_truth
        };
        assert!(promised(config(5), absent(&[3, 4])) && !promised(config(5), absent(&[2, 3, 4])));
        assert!(
            !promised(config(5), GroundTruth { permanent_leader_faults: vec![1], ..absent(&[3, 4]) }),
            "the leader falls as well"
        );
        let voters = vec![NodeId(2), NodeId(3), NodeId(4)];
        let plan = vec![(Duration::ZERO, Change::Members { voters, learners: vec![] })];
        assert!(!promised(Config { plan, ..config(5) }, absent(&[3, 4])), "the new voters are not there");
        let slow = GroundTruth { delay_max: Some(Duration::from_millis(16)), ..ground_truth(3) };
        assert!(!promised(config(3), slow), "messages take too long for the timeouts");
    }
}
