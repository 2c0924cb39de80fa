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
    fn what_types_cannot_say_is_refused_by_its_field() {
        for (text, field) in [
            (r#"{"lock": {"locks": 0}}"#, "locks"),
            (r#"{"lock": {"lease": "0ns"}}"#, "lease"),
            (r#"{"lock": {"renew": "60%", "forget": "50%"}}"#, "forget"),
            (r#"{"counter": {"counters": 0}}"#, "counters"),
            (r#"{"counter": {"least": 1}}"#, "least"),
            (r#"{"counter": {"most": -1}}"#, "most"),
            (r#"{"counter": {"largest": 0}}"#, "largest"),
            (r#"{"queue": {"queues": 2000000}}"#, "queues"),
            (r#"{"queue": {"lasts": "0ns"}}"#, "lasts"),
            (r#"{"queue": {"push": "60%", "look": "50%"}}"#, "look"),
            (r#"{"queue": {"hand_back": "60%", "forget": "50%"}}"#, "forget"),
        ] {
            let params: ServiceParams = from_str(text).expect("its types are right");
            assert_eq!(params.check().expect_err(text).field, field);
        }
    }
}
