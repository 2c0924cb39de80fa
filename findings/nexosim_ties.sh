#!/usr/bin/env bash
# nexosim 1.0.0: the order of two events at one time for one model is not that in which they were scheduled, and depends
# on the number of threads.
#
# The documentation of `Scheduler::schedule_event` says: "Events scheduled for the same time and targeting the same
# model are guaranteed to be processed according to the scheduling order." Here a model receives two events at 2 s, one
# scheduled through the global scheduler, one by the model itself.
#
# Guess before the run: the model's event comes first, because the queue is ordered by time and then by a number of
# whoever scheduled, and the global scheduler has the highest. Seen: so it is on two threads; on one thread the
# scheduler's event comes first. In neither case does it matter which was scheduled first.
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
name = "ties"
version = "0.0.0"
edition = "2024"
[dependencies]
nexosim = "=1.0.0"
serde = { version = "1", features = ["derive"] }
END
cat >src/main.rs <<'END'
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSinkReader, EventSource, Output, SinkState, event_queue};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const START: MonotonicTime = MonotonicTime::EPOCH;
const DUE: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
struct Clerk {
    done: Output<String>,
}

#[Model]
impl Clerk {
    #[nexosim(schedulable)]
    async fn perform(&mut self, task: String) {
        self.done.send(task).await;
    }

    fn plan(&mut self, task: String, cx: &Context<Self>) {
        cx.schedule_event(START + DUE, schedulable!(Self::perform), task).unwrap();
    }
}

/// What the clerk performs at 2 s, in this order.
fn performed(threads: usize, scheduler_first: bool) -> Vec<String> {
    let mailbox = Mailbox::new();
    let mut clerk = Clerk { done: Output::default() };
    let (sink, mut done) = event_queue(SinkState::Enabled);
    clerk.done.connect_sink(sink);
    let mut bench = SimInit::with_num_threads(threads);
    let perform = EventSource::new().connect(Clerk::perform, &mailbox).register(&mut bench);
    let plan = EventSource::new().connect(Clerk::plan, &mailbox).register(&mut bench);
    let mut simulation = bench.add_model(clerk, mailbox, "clerk").init(START).unwrap();
    let scheduler = simulation.scheduler();
    if scheduler_first {
        scheduler.schedule_event(START + DUE, &perform, "first, by the scheduler".into()).unwrap();
        simulation.process_event(&plan, "second, by the model".into()).unwrap();
    } else {
        simulation.process_event(&plan, "first, by the model".into()).unwrap();
        scheduler.schedule_event(START + DUE, &perform, "second, by the scheduler".into()).unwrap();
    }
    simulation.step().unwrap();
    std::iter::from_fn(|| done.try_read()).collect()
}

fn main() {
    for threads in [1, 2] {
        for scheduler_first in [true, false] {
            println!("{threads} threads: {}", performed(threads, scheduler_first).join("; "));
        }
    }
}
END
cargo run --quiet | tee seen
diff - seen <<'END'
1 threads: first, by the scheduler; second, by the model
1 threads: second, by the scheduler; first, by the model
2 threads: second, by the model; first, by the scheduler
2 threads: first, by the model; second, by the scheduler
END
