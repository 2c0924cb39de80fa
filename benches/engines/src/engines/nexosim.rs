//! nexosim: actors with mailboxes, on an asynchronous executor.
//!
//! Does less than Synod: it has no network, no digest and no counters. Does more: models are tasks with mailboxes of
//! their own, events can be cancelled, and a simulation can be saved and restored. It runs on one thread, which is
//! several times as fast as two for events as small as these. A model can schedule for others through the global
//! scheduler, which it holds in its environment, as what is no part of the state that is saved.

use crate::workload::{Outcome, Phold, Tally, Voter, Votes};
use nexosim::model::{BuildContext, Context, Model, ProtoModel};
use nexosim::ports::{EventSource, QuerySource};
use nexosim::simulation::{EventId, Mailbox, QueryId, Scheduler, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const START: MonotonicTime = MonotonicTime::EPOCH;

/// What all models of a run share.
struct World<W, T> {
    workload: W,
    /// There is one once the run is built.
    scheduler: OnceLock<Scheduler>,
    /// Where each model receives messages.
    inputs: Vec<EventId<T>>,
}

impl<W, T: Clone + Send + 'static> World<W, T> {
    fn send(&self, to: u32, delay_ns: u64, message: T) {
        let scheduler = self.scheduler.get().expect("the run is built");
        let delay = Duration::from_nanos(delay_ns);
        scheduler.schedule_event(delay, &self.inputs[to as usize], message).expect("time runs forwards");
    }
}

/// Nanoseconds since the start.
fn now_ns<M: Model>(cx: &Context<M>) -> u64 {
    cx.time().duration_since(START).as_nanos() as u64
}

/// Runs PHOLD.
pub fn phold(phold: Phold) -> Outcome {
    let mut bench = SimInit::with_num_threads(1);
    let mailboxes: Vec<Mailbox<Process>> = (0..phold.processes).map(|_| Mailbox::new()).collect();
    let input = |mailbox| EventSource::new().connect(Process::receive, mailbox).register(&mut bench);
    let inputs = mailboxes.iter().map(input).collect();
    let query = |mailbox| QuerySource::new().connect(Process::tally, mailbox).register(&mut bench);
    let tallies: Vec<QueryId<(), Tally>> = mailboxes.iter().map(query).collect();
    let world = Arc::new(World { workload: phold, scheduler: OnceLock::new(), inputs });
    for (me, mailbox) in (0..).zip(mailboxes) {
        bench = bench.add_model(NewProcess { me, world: Arc::clone(&world) }, mailbox, &me.to_string());
    }
    let mut simulation = start(bench, world);
    simulation.step_until(START + Duration::from_nanos(phold.horizon_ns)).expect("no event fails");
    outcome(simulation, &tallies)
}

fn start<W: Send + Sync + 'static, T: 'static>(bench: SimInit, world: Arc<World<W, T>>) -> Simulation {
    let bench = bench.with_post_init(move |simulation| {
        world.scheduler.set(simulation.scheduler()).expect("the run is built once");
        Ok(())
    });
    bench.init(START).expect("no model fails")
}

fn outcome(mut simulation: Simulation, tallies: &[QueryId<(), Tally>]) -> Outcome {
    Outcome::of(tallies.iter().map(|id| simulation.process_query(id, ()).expect("every model answers")))
}

struct NewProcess {
    me: u32,
    world: Arc<World<Phold, ()>>,
}

impl ProtoModel for NewProcess {
    type Model = Process;

    fn build(self, _: &mut BuildContext<'_, Self>) -> (Process, Arc<World<Phold, ()>>) {
        (Process { me: self.me, tally: Tally::default() }, self.world)
    }
}

#[derive(Serialize, Deserialize)]
struct Process {
    me: u32,
    tally: Tally,
}

#[Model(type Env = Arc<World<Phold, ()>>)]
impl Process {
    #[nexosim(init)]
    async fn init(&mut self, _: &Context<Self>, world: &mut Arc<World<Phold, ()>>) {
        self.send_on(world);
    }

    fn receive(&mut self, _: (), cx: &Context<Self>, world: &mut Arc<World<Phold, ()>>) {
        self.tally.receive(now_ns(cx));
        self.send_on(world);
    }

    fn send_on(&self, world: &World<Phold, ()>) {
        let received = self.tally.received;
        world.send(world.workload.receiver(self.me, received), Phold::delay_ns(self.me, received), ());
    }

    async fn tally(&mut self) -> Tally {
        self.tally
    }
}

/// Runs the votes.
pub fn votes(votes: Votes) -> Outcome {
    let mut bench = SimInit::with_num_threads(1);
    let mailboxes: Vec<Mailbox<VotingProcess>> = (0..votes.processes).map(|_| Mailbox::new()).collect();
    let input = |mailbox| EventSource::new().connect(VotingProcess::receive, mailbox).register(&mut bench);
    let inputs = mailboxes.iter().map(input).collect();
    let query = |mailbox| QuerySource::new().connect(VotingProcess::tally, mailbox).register(&mut bench);
    let tallies: Vec<QueryId<(), Tally>> = mailboxes.iter().map(query).collect();
    let world = Arc::new(World { workload: votes, scheduler: OnceLock::new(), inputs });
    for (me, mailbox) in (0..).zip(mailboxes) {
        bench = bench.add_model(NewVotingProcess { me, world: Arc::clone(&world) }, mailbox, &me.to_string());
    }
    let mut simulation = start(bench, world);
    simulation.run().expect("no event fails");
    outcome(simulation, &tallies)
}

struct NewVotingProcess {
    me: u32,
    world: Arc<World<Votes, u64>>,
}

impl ProtoModel for NewVotingProcess {
    type Model = VotingProcess;

    fn build(self, _: &mut BuildContext<'_, Self>) -> (VotingProcess, Arc<World<Votes, u64>>) {
        (VotingProcess { me: self.me, voter: Voter::default() }, self.world)
    }
}

#[derive(Serialize, Deserialize)]
struct VotingProcess {
    me: u32,
    voter: Voter,
}

#[Model(type Env = Arc<World<Votes, u64>>)]
impl VotingProcess {
    #[nexosim(init)]
    async fn init(&mut self, _: &Context<Self>, world: &mut Arc<World<Votes, u64>>) {
        self.broadcast(0, world);
    }

    fn receive(&mut self, round: u64, cx: &Context<Self>, world: &mut Arc<World<Votes, u64>>) {
        if self.voter.receive(round, now_ns(cx), world.workload.processes) {
            self.broadcast(1, world);
        }
    }

    fn broadcast(&self, round: u64, world: &World<Votes, u64>) {
        for to in (0..world.workload.processes).filter(|&to| to != self.me) {
            world.send(to, Votes::delay_ns(self.me, to, round), round);
        }
    }

    async fn tally(&mut self) -> Tally {
        self.voter.tally
    }
}
