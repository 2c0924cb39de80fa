//! Which service a scenario has its log replicate, and what follows from it: the machine, and what clients ask.

use crate::counter::{CounterClient, CounterParams, Counters};
use crate::lock::{LockClient, LockParams, Locks};
use crate::queue::{QueueClient, QueueParams, Queues};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_log::{Machine, Workload};

/// A service with its parameters.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceParams {
    /// Locks with leases and fencing tokens.
    Lock(LockParams),
    /// Counters with bounds.
    Counter(CounterParams),
    /// Queues with acknowledgements.
    Queue(QueueParams),
}

impl ServiceParams {
    /// Returns the service's name.
    pub fn name(&self) -> &'static str {
        match self {
            ServiceParams::Lock(_) => "lock",
            ServiceParams::Counter(_) => "counter",
            ServiceParams::Queue(_) => "queue",
        }
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            ServiceParams::Lock(params) => params.check(),
            ServiceParams::Counter(params) => params.check(),
            ServiceParams::Queue(params) => params.check(),
        }
    }

    /// Returns the machine that the log replicates.
    ///
    /// # Panics
    /// If [`ServiceParams::check`] refuses them.
    pub fn machine(&self) -> Machine {
        match self {
            ServiceParams::Lock(params) => Machine::new(Locks::new(params.bug)),
            ServiceParams::Counter(params) => Machine::new(Counters::new(params.bounds(), params.bug)),
            ServiceParams::Queue(params) => Machine::new(Queues::new(params.bug)),
        }
    }

    /// Returns what the clients ask.
    pub fn workload(&self) -> Workload {
        match *self {
            ServiceParams::Lock(params) => Workload::new(LockClient::new(params)),
            ServiceParams::Counter(params) => Workload::new(CounterClient::new(params)),
            ServiceParams::Queue(params) => Workload::new(QueueClient::new(params)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, to_string};

    #[test]
    fn a_service_reads_back_and_knows_what_it_does_not_know() {
        for service in ["lock", "counter", "queue"] {
            let params: ServiceParams =
                from_str(&format!("{{\"{service}\": {{}}}}")).expect("all has a default");
            assert_eq!((params.name(), params.check()), (service, Ok(())));
            assert_eq!(params.machine().name(), service);
            let written = to_string(&params).expect("it has a form");
            assert_eq!(from_str::<ServiceParams>(&written).ok(), Some(params), "{written}");
            assert!(from_str::<ServiceParams>(&format!("{{\"{service}\": {{\"leader\": 1}}}}")).is_err());
        }
    }

    #[test]
    fn what_types_cannot_say_is_refused_by_its_field_and_the_bound_itself_is_allowed() {
        // What is at the bound, what is one beyond it, and the field that is named then.
        for (allowed, refused, field) in [
            (r#"{"lock": {"locks": 1}}"#, r#"{"lock": {"locks": 0}}"#, "locks"),
            (r#"{"lock": {"locks": 1048576}}"#, r#"{"lock": {"locks": 1048577}}"#, "locks"),
            (r#"{"lock": {"lease": "1ns"}}"#, r#"{"lock": {"lease": "0ns"}}"#, "lease"),
            (
                r#"{"lock": {"renew": "60%", "forget": "40%"}}"#,
                r#"{"lock": {"renew": "60%", "forget": "40.0000001%"}}"#,
                "forget",
            ),
            (r#"{"counter": {"counters": 1}}"#, r#"{"counter": {"counters": 0}}"#, "counters"),
            (r#"{"counter": {"counters": 1048576}}"#, r#"{"counter": {"counters": 1048577}}"#, "counters"),
            (r#"{"counter": {"least": 0}}"#, r#"{"counter": {"least": 1}}"#, "least"),
            (r#"{"counter": {"most": 0}}"#, r#"{"counter": {"most": -1}}"#, "most"),
            (r#"{"counter": {"largest": 1}}"#, r#"{"counter": {"largest": 0}}"#, "largest"),
            (r#"{"queue": {"queues": 1}}"#, r#"{"queue": {"queues": 0}}"#, "queues"),
            (r#"{"queue": {"queues": 1048576}}"#, r#"{"queue": {"queues": 1048577}}"#, "queues"),
            (r#"{"queue": {"lasts": "1ns"}}"#, r#"{"queue": {"lasts": "0ns"}}"#, "lasts"),
            (
                r#"{"queue": {"push": "60%", "look": "40%"}}"#,
                r#"{"queue": {"push": "60%", "look": "40.0000001%"}}"#,
                "look",
            ),
            (
                r#"{"queue": {"hand_back": "60%", "forget": "40%"}}"#,
                r#"{"queue": {"hand_back": "60%", "forget": "40.0000001%"}}"#,
                "forget",
            ),
        ] {
            let check = |text| from_str::<ServiceParams>(text).expect("its types are right").check();
            assert_eq!(check(allowed), Ok(()), "{allowed}");
            assert_eq!(check(refused).expect_err(refused).field, field);
        }
    }

    #[test]
    fn only_writes_that_may_have_taken_effect_are_owed_anything() {
        use crate::{counter, lock, queue};
        use synod_log::{Command, Output};
        use synod_sim::{Duration, Time};
        let of = |text| from_str::<ServiceParams>(text).expect("a service").machine();
        let lease = Duration::from_nanos(5);
        let (held, id) = (lock::LockId(1), queue::QueueId(1));
        let acquire = lock::Command::Acquire { lock: held, owner: lock::Owner(1), lease };
        let until = Time::from_nanos(5);
        let add = counter::Command::Add { counter: counter::CounterId(1), amount: 1 };
        let pull = queue::Command::Pull { queue: id, lasts: lease };
        // A write, what it says where it takes effect, what it says where it does not, and a read with an answer.
        let table = [
            (
                of(r#"{"lock": {}}"#),
                Command::of::<Locks>(&acquire),
                Output::of::<Locks>(&lock::Output::Granted { token: lock::Token(1), until }),
                Output::of::<Locks>(&lock::Output::Refused),
                Command::of::<Locks>(&lock::Command::Holder { lock: held }),
                Output::of::<Locks>(&lock::Output::Free),
            ),
            (
                of(r#"{"counter": {}}"#),
                Command::of::<Counters>(&add),
                Output::of::<Counters>(&counter::Output::Holds(1)),
                Output::of::<Counters>(&counter::Output::OutOfBounds(1)),
                Command::of::<Counters>(&counter::Command::Read { counter: counter::CounterId(1) }),
                Output::of::<Counters>(&counter::Output::Holds(1)),
            ),
            (
                of(r#"{"queue": {}}"#),
                Command::of::<Queues>(&pull),
                Output::of::<Queues>(&queue::Output::Delivered {
                    delivery: queue::DeliveryId(1),
                    item: queue::Item(1),
                    times: 1,
                }),
                Output::of::<Queues>(&queue::Output::Empty),
                Command::of::<Queues>(&queue::Command::Size { queue: id }),
                Output::of::<Queues>(&queue::Output::Holds { ready: 0, delivered: 0 }),
            ),
        ];
        for (machine, write, done, nothing, read, told) in &table {
            for operation in [(read, Some(told)), (write, Some(done)), (write, None)] {
                let owes = |other| machine.owes(operation, other);
                assert!(owes((write, Some(done))) && owes((write, None)), "{write}");
                assert!(
                    !owes((write, Some(nothing))) && !owes((read, Some(told))) && !owes((read, None)),
                    "{write}"
                );
            }
        }
    }
}
