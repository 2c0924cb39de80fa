//! What clients ask of a replicated log, in a scenario file: shared by the protocols that keep one.

use crate::{Path, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_common::{kv, workload};
use synod_services::{Refusal, ServiceParams};
use synod_sim::random::MAX_NODES;
use synod_sim::units::plural;
use synod_sim::units::{Rate, Share, Size, Span};

/// A log of requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// How many in all.
    pub total: u64,
    /// How many clients ask; each has one request outstanding at most.
    #[serde(default = "one")]
    pub clients: u32,
    /// How many nodes host the clients.
    #[serde(default = "one")]
    pub hosts: u32,
    /// When requests arise.
    pub arrival: Arrival,
    /// The payload's size.
    #[serde(default = "default_payload")]
    pub payload: Size,
    /// What is asked of the key-value store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Commands>,
    /// The service that is asked instead of the key-value store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceParams>,
}

/// When requests arise.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// At this rate, whether or not a client is free: an open loop, Poisson.
    Open(Rate),
    /// So long after the reply to the client's last request: a closed loop.
    Closed(Span),
}

/// Commands to a key-value store. What is left out is never asked; the shares make a whole.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// Number of keys, each asked for as often as any other.
    pub keys: u32,
    /// What does a key hold?
    #[serde(default)]
    pub get: Share,
    /// Let it hold one number.
    #[serde(default)]
    pub put: Share,
    /// Let it hold one number if it holds what the client last saw or wrote there.
    #[serde(default)]
    pub cas: Share,
    /// Add a number to what it holds.
    #[serde(default)]
    pub append: Share,
    /// After how many of its commands a client goes on to fresh keys; never, if left out. In long runs whose clients
    /// give operations up, it keeps those few of which nobody knows whether they have taken effect on a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<u32>,
}

fn one() -> u32 {
    1
}

/// Returns the payload of a request that does not say its own.
pub fn default_payload() -> Size {
    Size(64)
}

impl Default for Commands {
    fn default() -> Commands {
        let percent = |share: u32| Share::from_ppb(share * 10_000_000).expect("at most a hundred percent");
        Commands {
            keys: 8,
            get: percent(50),
            put: percent(25),
            cas: percent(10),
            append: percent(15),
            renew: None,
        }
    }
}

impl Requests {
    /// One request of one client: a decision that is asked for from outside, since whoever would propose it might be
    /// struck by a fault.
    pub fn one() -> Requests {
        Requests {
            total: 1,
            clients: 1,
            hosts: 1,
            arrival: Arrival::Closed(Span::default()),
            payload: default_payload(),
            commands: None,
            service: None,
        }
    }

    /// Checks what types cannot say, for `agents` replicas.
    pub fn check(&self, agents: u32) -> Result<(), Problem> {
        let refuse = |field: &str, message: String| Err(Problem::new(at(field), message));
        if self.total == 0 || self.total > u64::from(u32::MAX) {
            return refuse("total", format!("a run has 1 to {} requests", u32::MAX));
        }
        if self.hosts == 0 || self.hosts > MAX_NODES - agents.min(MAX_NODES) {
            return refuse("hosts", format!("agents and hosts together are at most {MAX_NODES}"));
        }
        if self.clients < self.hosts || self.clients > 1 << 24 {
            return refuse("clients", format!("{} to {} clients are possible", self.hosts, 1 << 24));
        }
        self.payload_bytes()?;
        if let Some(service) = &self.service {
            if self.commands.is_some() {
                return refuse(
                    "service",
                    "a log replicates one service: `commands` are those to the store".to_owned(),
                );
            }
            let at = |field: &str| at("service").to(service.name()).to(field);
            service.check().map_err(|Refusal { field, message }| Problem::new(at(field), message))?;
        }
        self.commands.as_ref().map_or(Ok(()), |commands| commands.check(self.total))
    }

    /// Refuses more clients than memory can hold.
    pub fn check_affordable(&self, limit: Size) -> Result<(), Problem> {
        let (hosts, clients) = (u64::from(self.hosts), u64::from(self.clients));
        let asked = Size(hosts * BYTES_PER_HOST + clients * BYTES_PER_CLIENT);
        if asked.0 <= limit.0 {
            return Ok(());
        }
        let message = format!(
            "{} on {} take about {asked}, and `limits.memory` is {limit}",
            plural(clients, "client"),
            plural(hosts, "host")
        );
        Err(Problem::new(at("clients"), message)
            .help("lower `clients` and `hosts`, or raise `limits.memory`"))
    }

    /// Returns the payload's size in bytes.
    pub fn payload_bytes(&self) -> Result<u32, Problem> {
        payload_bytes(self.payload, at)
    }
}

/// What a client host takes, roughly, and a client with its request under way at every replica.
const BYTES_PER_HOST: u64 = 2_048;
const BYTES_PER_CLIENT: u64 = 1_024;

fn at(field: &str) -> Path {
    Path::of(["workload", "requests"]).to(field)
}

/// Returns a payload's size in bytes, where the field `payload` is found by `at`.
pub fn payload_bytes(size: Size, at: impl Fn(&str) -> Path) -> Result<u32, Problem> {
    let most = 1 << 30;
    if size.0 > most {
        return Err(Problem::new(at("payload"), format!("a payload has at most {most} bytes")));
    }
    Ok(size.0 as u32)
}

impl Arrival {
    /// The same, as clients are told.
    pub fn resolved(self) -> workload::Arrival {
        match self {
            Arrival::Open(rate) => workload::Arrival::Open { mean: rate.mean_interval() },
            Arrival::Closed(think) => workload::Arrival::Closed { think: think.0 },
        }
    }
}

impl Commands {
    /// The same, in parts per million.
    pub fn mix(self) -> kv::Mix {
        let ppm = |share: Share| share.ppb() / 1_000;
        let Commands { keys, get, put, cas, append, renew } = self;
        kv::Mix { keys, get: ppm(get), put: ppm(put), cas: ppm(cas), append: ppm(append), renew }
    }

    /// Checks the commands of which `total` are asked.
    fn check(&self, total: u64) -> Result<(), Problem> {
        let at = |field: &str| at("commands").to(field);
        if !(1..=1 << 20).contains(&self.keys) {
            return Err(Problem::new(at("keys"), format!("a store has 1 to {} keys here", 1 << 20)));
        }
        if self.renew == Some(0) {
            return Err(Problem::new(at("renew"), "a client asks for a key once at least"));
        }
        // One client may ask all there is to ask.
        let renewals = self.renew.map_or(0, |renew| total / u64::from(renew));
        if (renewals + 1) * u64::from(self.keys) > u64::from(u32::MAX) {
            let message = format!(
                "renewed up to {}, {} would become more than there are",
                plural(renewals, "time"),
                plural(self.keys.into(), "key")
            );
            return Err(Problem::new(at("renew"), message).help("lower `keys`, or renew them less often"));
        }
        if !self.mix().is_whole() {
            let Commands { get, put, cas, append, .. } = self;
            let message =
                format!("get {get}, put {put}, cas {cas} and append {append} do not add up to 100%");
            return Err(
                Problem::new(self::at("commands"), message).help("whatever is left out is never asked")
            );
        }
        Ok(())
    }
}
