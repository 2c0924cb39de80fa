//! Swarms: the seed draws which kinds of fault exist in a run at all, and how strong they are.
//!
//! Many runs with a few strong kinds of fault each test more than runs with all kinds at once, since one kind can mask
//! another. So each kind is enabled by a fair coin (A. Groce et al., *Swarm testing*, ISSTA 2012). The result is a list
//! of ordinary faults, within what the protocol tolerates.

mod generate;

use super::kinds::Fault;
use super::plan::{FaultId, Plan};
use super::resolve::ResolveContext;
use generate::{Dice, FaultGenerator};
use rand::seq::SliceRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use synod_sim::units::Span;
use synod_sim::{Duration, NodeId, Purpose, Stream, Streams};

/// Faults that the seed draws, besides those that the scenario names: each kind is in or out by a fair coin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Swarm {
    /// The kinds of fault that there may be; all kinds, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<String>>,
    /// The attacks that insiders may mount, where their kind is in; all that the protocol knows, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attacks: Option<Vec<String>>,
    /// The most faults at once.
    pub faults: u32,
    /// Number of agents that may be corrupted or crash permanently at most; as many as the protocol tolerates, if left
    /// out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrupted: Option<u32>,
    /// When the first fault begins at the earliest.
    pub from: Span,
    /// When all is over but for corruption and crashes permanently; if left out at `stabilize_at`, or else when half of
    /// the horizon has passed, but no later than twice the `span`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Span>,
    /// How long the scenario takes without any fault: where `until` is left out, no fault begins after twice as long. If
    /// left out it is measured, with seed 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// How often the seed draws anew; once, if left out. Each wave is over halfway to the next, but for what is
    /// corrupted or crashes permanently, which only the first has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Span>,
}

impl Default for Swarm {
    fn default() -> Swarm {
        let from = Span::default();
        let (kinds, attacks, corrupted) = (None, None, None);
        Swarm { kinds, attacks, faults: 8, corrupted, from, until: None, span: None, every: None }
    }
}

/// Faults that are drawn together.
#[derive(Clone)]
struct Wave {
    /// Prefix of its faults' names.
    name: String,
    /// When the first fault begins at the earliest.
    from: Span,
    /// End of everything but Byzantine faults and permanent crashes.
    ends_by: Span,
    /// The corrupted agents.
    corrupted: Vec<u32>,
    /// The agents that crash permanently.
    crashing: Vec<u32>,
    /// The agents with transient faults only.
    well: Vec<u32>,
}

impl Swarm {
    /// Returns the faults of the run whose own faults make up `own`; what the protocol need not tolerate is over at
    /// `ends_by`.
    pub fn draw(&self, own: &Plan, resolve_context: &ResolveContext, ends_by: Span) -> Vec<Fault> {
        let mut dice = Dice(stream(&resolve_context.streams, "swarm"));
        let [corrupted, crashing, well] = self.assign_roles(&mut dice, own, resolve_context);
        let Some(every) = self.every else {
            let wave = Wave { name: "swarm".to_owned(), from: self.from, ends_by, corrupted, crashing, well };
            return self.draw_wave(dice, wave, resolve_context);
        };
        let mut faults = Vec::new();
        let mut wave = Wave { name: String::new(), from: self.from, ends_by, corrupted, crashing, well };
        for number in 1.. {
            wave.name = format!("swarm-{number}");
            wave.ends_by = later(wave.from, Duration::from_nanos(every.0.as_nanos() / 2)).min(ends_by);
            let next = later(wave.from, every.0);
            let dice = Dice(stream(&resolve_context.streams, &wave.name));
            faults.extend(self.draw_wave(dice, wave.clone(), resolve_context));
            // The last wave has as much time as all others.
            if later(next, Duration::from_nanos(every.0.as_nanos() / 2)).0 > ends_by.0 {
                break;
            }
            wave = Wave { from: next, corrupted: Vec::new(), crashing: Vec::new(), ..wave };
        }
        faults
    }

    fn draw_wave(&self, mut dice: Dice, wave: Wave, resolve_context: &ResolveContext) -> Vec<Fault> {
        let Wave { name: swarm, from, ends_by, corrupted, crashing, well } = wave;
        let agents = resolve_context.agents;
        let mut faults = Vec::new();
        for &kind in Fault::KINDS.iter().filter(|kind| self.has(kind)) {
            // Each kind draws from a stream of its own, so that leaving one out shifts no other.
            let name = format!("{swarm}-{}", kind.replace('_', "-"));
            let mut dice = Dice(stream(&resolve_context.streams, &name));
            if !dice.coin() {
                continue;
            }
            let attacks = self.attacks.as_deref().unwrap_or_default();
            let mut generator = FaultGenerator { dice, agents, attacks, from, ends_by, name };
            faults.extend(generator.corrupt(kind, &corrupted).or_else(|| generator.disturb(kind, &well)));
            if kind == "crash" && !crashing.is_empty() {
                generator.name = format!("{swarm}-crash-for-good");
                faults.push(generator.crash_forever(&crashing));
            }
        }
        // A random subset, if there are too many.
        let mut places: Vec<usize> = (0..faults.len()).collect();
        places.shuffle(&mut dice.0);
        places.truncate(self.faults as usize);
        let mut place = 0..;
        faults.retain(|_| places.contains(&place.next().expect("there is always another number")));
        faults
    }

    /// End of everything but Byzantine faults and permanent crashes.
    pub fn ends_by(&self, stabilize_at: Option<Span>, horizon: Span) -> Span {
        if let Some(until) = self.until {
            return until;
        }
        let half = Span(Duration::from_nanos(horizon.0.as_nanos() / 2));
        let latest = stabilize_at.unwrap_or(half);
        // A window of a millisecond at least, however short the run.
        let span = self.span.map(|span| span.0.saturating_mul(2).max(self.from.0 + Duration::from_millis(2)));
        Span(span.map_or(latest.0, |span| span.min(latest.0)))
    }

    /// Returns true if the end of its windows depends on how long the scenario takes without faults.
    pub fn needs_span(&self) -> bool {
        self.until.is_none() && self.span.is_none()
    }

    fn has(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|other| other == kind))
    }

    /// Who is corrupted, who crashes permanently, and who is well but for a while. Agents that the scenario's own
    /// faults strike are left alone.
    fn assign_roles(&self, dice: &mut Dice, own: &Plan, resolve_context: &ResolveContext) -> [Vec<u32>; 3] {
        let mut faulty = own.corrupted();
        faulty.extend(own.broken_for_good());
        let faulty = faulty.len() + own.permanent_leader_faults().len();
        let is_processor = |fault: &&Fault| {
            matches!(fault, Fault::Crash(_) | Fault::Pause(_) | Fault::Slow(_) | Fault::Clock(_))
                || fault.is_byzantine()
        };
        let struck = own.faults.iter().filter(is_processor).flat_map(|fault| fault.agents().named());
        let struck: BTreeSet<NodeId> = struck.chain(own.broken_for_good()).collect();
        let mut order: Vec<u32> =
            (0..resolve_context.agents).filter(|&agent| !struck.contains(&NodeId(agent))).collect();
        order.shuffle(&mut dice.0);
        let tolerable = self.corrupted.unwrap_or(resolve_context.tolerated);
        let faulty = faulty as u64 + u64::from(resolve_context.outside());
        let spare = u64::from(tolerable).saturating_sub(faulty).min(order.len() as u64);
        let is_trusted = |agent: &u32| resolve_context.trusted == Some(NodeId(*agent));
        let liable = order.iter().filter(|agent| !is_trusted(agent)).count() as u64;
        let corrupted = dice.between(0, spare.min(resolve_context.byzantine.into()).min(liable));
        if let Some(place) = order[..corrupted as usize].iter().position(is_trusted) {
            order.swap(place, corrupted as usize);
        }
        let crashing = dice.between(0, spare - corrupted);
        let well = order.split_off((corrupted + crashing) as usize);
        let crashing = order.split_off(corrupted as usize);
        [order, crashing, well]
    }
}

fn later(span: Span, by: Duration) -> Span {
    Span(Duration::from_nanos(span.0.as_nanos().saturating_add(by.as_nanos())))
}

fn stream(streams: &Streams, name: &str) -> Stream {
    // Index 0 is the common order's.
    streams.stream(Purpose::Resolution, FaultId::of(name).stream_index().max(1))
}
