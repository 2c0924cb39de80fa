#!/usr/bin/env bash
# desque 0.4.0: a simulation that is complete at a time executes one event after that time, however late.
#
# The example of its documentation, `mm1_queue`, ends a day of 540 minutes by `is_complete`, which "checks whether the
# current simulation time is at least the intended end time". Current is the time of the last event, so it is asked too
# early: the first event at or after the end is executed, changes the state and moves the clock.
#
# Guess before the run, from reading the loop: of customers at 10, 100, 9,999 and 10,000 the third still comes, and the
# day ends at 9,999. Seen: so it is.
#
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'END'
[workspace]
[package]
name = "end"
version = "0.0.0"
edition = "2024"
[dependencies]
desque = "=0.4.0"
END
cat >src/main.rs <<'END'
use desque::SimState;
use desque::serial::{OkEvent, Simulation};

#[derive(Debug)]
struct Store {
    end: u64,
    customers: u32,
}

impl SimState<u64> for Store {
    fn is_complete(&self, now: &u64) -> bool {
        *now >= self.end
    }
}

#[derive(Debug)]
struct Customer;

impl OkEvent<Store, u64> for Customer {
    fn execute(&mut self, day: &mut Simulation<Store, u64>) {
        day.state_mut().customers += 1;
    }
}

fn main() {
    let mut day = Simulation::new(Store { end: 540, customers: 0 }, 0);
    for minute in [10, 100, 9_999, 10_000] {
        day.schedule(Customer, minute).unwrap();
    }
    day.run().unwrap();
    println!("{} customers; the day of 540 minutes ended at {}", day.state().customers, day.current_time());
}
END
cargo run --quiet | tee seen
diff - seen <<'END'
3 customers; the day of 540 minutes ended at 9999
END
