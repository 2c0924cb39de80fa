//! desque: an event queue and a loop.
//!
//! Does less than Synod: it has no processes, no network, no digest and no counters. Events are boxed, the queue is a
//! binary heap that grows as it fills, and the state of all processes is one vector. Times are integers, as desque
//! offers them.

use crate::workload::{Outcome, Phold, Tally, Voter, Votes};
use desque::SimState;
use desque::serial::{OkEvent, Simulation};

/// Runs PHOLD.
pub fn phold(phold: Phold) -> Outcome {
    let tallies = vec![Tally::default(); phold.processes as usize];
    let mut simulation = Simulation::new(Jobs { phold, tallies, done: false }, 0);
    // Scheduled before all others, it comes first at its time.
    simulation.schedule(End, phold.horizon_ns + 1).expect("time runs forwards");
    for process in 0..phold.processes {
        send_on(&mut simulation, process);
    }
    simulation.run().expect("no event fails");
    Outcome::of(simulation.state().tallies.iter().copied())
}

#[derive(Debug)]
struct Jobs {
    phold: Phold,
    tallies: Vec<Tally>,
    done: bool,
}

impl SimState<u64> for Jobs {
    fn is_complete(&self, _: &u64) -> bool {
        self.done
    }
}

/// A job arrives.
#[derive(Debug)]
struct Job {
    to: u32,
}

impl OkEvent<Jobs, u64> for Job {
    fn execute(&mut self, simulation: &mut Simulation<Jobs, u64>) {
        let now = *simulation.current_time();
        simulation.state_mut().tallies[self.to as usize].receive(now);
        send_on(simulation, self.to);
    }
}

fn send_on(simulation: &mut Simulation<Jobs, u64>, from: u32) {
    let received = simulation.state().tallies[from as usize].received;
    let to = simulation.state().phold.receiver(from, received);
    let at = simulation.current_time() + Phold::delay_ns(from, received);
    simulation.schedule(Job { to }, at).expect("time runs forwards");
}

#[derive(Debug)]
struct End;

impl OkEvent<Jobs, u64> for End {
    fn execute(&mut self, simulation: &mut Simulation<Jobs, u64>) {
        simulation.state_mut().done = true;
    }
}

/// Runs the votes.
pub fn votes(votes: Votes) -> Outcome {
    let voters = vec![Voter::default(); votes.processes as usize];
    let mut simulation = Simulation::new(Voters(voters), 0);
    for process in 0..votes.processes {
        broadcast(&mut simulation, process, 0);
    }
    simulation.run().expect("no event fails");
    Outcome::of(simulation.state().0.iter().map(|voter| voter.tally))
}

#[derive(Debug)]
struct Voters(Vec<Voter>);

impl SimState<u64> for Voters {}

/// A vote arrives.
#[derive(Debug)]
struct Vote {
    to: u32,
    round: u32,
}

impl OkEvent<Voters, u64> for Vote {
    fn execute(&mut self, simulation: &mut Simulation<Voters, u64>) {
        let now = *simulation.current_time();
        let voters = &mut simulation.state_mut().0;
        let processes = voters.len() as u32;
        if voters[self.to as usize].receive(u64::from(self.round), now, processes) {
            broadcast(simulation, self.to, 1);
        }
    }
}

fn broadcast(simulation: &mut Simulation<Voters, u64>, from: u32, round: u32) {
    let now = *simulation.current_time();
    for to in (0..simulation.state().0.len() as u32).filter(|&to| to != from) {
        let at = now + Votes::delay_ns(from, to, u64::from(round));
        simulation.schedule(Vote { to, round }, at).expect("time runs forwards");
    }
}
