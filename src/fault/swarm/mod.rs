//! Swarms: the seed draws which kinds of fault exist in a run at all, and how strong they are.
//!
//! A run in which everything goes wrong a little tests less than many in each of which a few things go wrong a lot:
//! one kind can keep another from ever mattering. So each kind is in or out by a fair coin (A. Groce et al., *Swarm
//! testing*, ISSTA 2012). What comes of it is a list of ordinary faults, within what the protocol bears.

mod hand;

use super::kinds::Fault;
use super::plan::{FaultId, Plan};
use super::resolve::Surroundings;
use hand::{Chips, Hand};
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
    /// How many agents may be corrupted or crash for good at most; as many as the protocol bears, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrupted: Option<u32>,
    /// When the first fault begins at the earliest.
    pub from: Span,
    /// When all is over but for corruption and crashes for good; if left out at `stabilize_at`, or else when half of
    /// the horizon has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Span>,
    /// How often the seed draws anew; once, if left out. Each wave is over halfway to the next, but for what is
    /// corrupted or crashes for good, which only the first has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Span>,
}

impl Default for Swarm {
    fn default() -> Swarm {
        let from = Span::default();
        Swarm { kinds: None, attacks: None, faults: 8, corrupted: None, from, until: None, every: None }
    }
}

/// What the seed draws at once.
#[derive(Clone)]
struct Wave {
    /// What the names of its faults begin with.
    name: String,
    /// When the first fault begins at the earliest.
    from: Span,
    /// When all is over but for corruption and crashes for good.
    calm: Span,
    /// Who is corrupted.
    corrupted: Vec<u32>,
    /// Who crashes for good.
    doomed: Vec<u32>,
    /// Who is well but for a while.
    well: Vec<u32>,
}

impl Swarm {
    /// The faults of the run whose own faults make up `own`; what the protocol need not bear is over at `calm`.
    pub fn draw(&self, own: &Plan, surroundings: &Surroundings, calm: Span) -> Vec<Fault> {
        let mut chips = Chips(stream(&surroundings.streams, "swarm"));
        let [corrupted, doomed, well] = self.deal(&mut chips, own, surroundings);
        let Some(every) = self.every else {
            let wave = Wave { name: "swarm".to_owned(), from: self.from, calm, corrupted, doomed, well };
            return self.draw_wave(chips, wave, surroundings);
        };
        let mut faults = Vec::new();
        let mut wave = Wave { name: String::new(), from: self.from, calm, corrupted, doomed, well };
        for number in 1.. {
            wave.name = format!("swarm-{number}");
            wave.calm = later(wave.from, Duration::from_nanos(every.0.as_nanos() / 2)).min(calm);
            let next = later(wave.from, every.0);
            let chips = Chips(stream(&surroundings.streams, &wave.name));
            faults.extend(self.draw_wave(chips, wave.clone(), surroundings));
            // The last wave has as much time as all others.
            if later(next, Duration::from_nanos(every.0.as_nanos() / 2)).0 > calm.0 {
                break;
            }
            wave = Wave { from: next, corrupted: Vec::new(), doomed: Vec::new(), ..wave };
        }
        faults
    }

    fn draw_wave(&self, mut chips: Chips, wave: Wave, surroundings: &Surroundings) -> Vec<Fault> {
        let Wave { name: swarm, from, calm, corrupted, doomed, well } = wave;
        let agents = surroundings.agents;
        let mut faults = Vec::new();
        for &kind in Fault::KINDS.iter().filter(|kind| self.has(kind)) {
            // Each kind draws from a stream of its own, so that leaving one out shifts no other.
            let name = format!("{swarm}-{}", kind.replace('_', "-"));
            let mut chips = Chips(stream(&surroundings.streams, &name));
            if !chips.coin() {
                continue;
            }
            let attacks = self.attacks.as_deref().unwrap_or_default();
            let mut hand = Hand { chips, agents, attacks, from, calm, name };
            faults.extend(hand.corrupt(kind, &corrupted).or_else(|| hand.disturb(kind, &well)));
            if kind == "crash" && !doomed.is_empty() {
                hand.name = format!("{swarm}-crash-for-good");
                faults.push(hand.doom(&doomed));
            }
        }
        // Of too many, some.
        let mut places: Vec<usize> = (0..faults.len()).collect();
        places.shuffle(&mut chips.0);
        places.truncate(self.faults as usize);
        let mut place = 0..;
        faults.retain(|_| places.contains(&place.next().expect("there is always another number")));
        faults
    }

    /// When all is over but for corruption and crashes for good.
    pub fn calm(&self, stabilize_at: Option<Span>, horizon: Span) -> Span {
        let half = Span(Duration::from_nanos(horizon.0.as_nanos() / 2));
        self.until.or(stabilize_at).unwrap_or(half)
    }

    fn has(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|other| other == kind))
    }

    /// Who is corrupted, who crashes for good, and who is well but for a while. Agents that the scenario's own faults
    /// strike are left alone.
    fn deal(&self, chips: &mut Chips, own: &Plan, surroundings: &Surroundings) -> [Vec<u32>; 3] {
        let mut faulty = own.corrupted();
        faulty.extend(own.broken_for_good());
        let faulty = faulty.len() + own.dooms().len();
        let is_processor = |fault: &&Fault| {
            matches!(fault, Fault::Crash(_) | Fault::Slow(_) | Fault::Clock(_)) || fault.is_byzantine()
        };
        let struck = own.faults.iter().filter(is_processor).flat_map(|fault| fault.agents().named());
        let struck: BTreeSet<NodeId> = struck.chain(own.broken_for_good()).collect();
        let mut order: Vec<u32> =
            (0..surroundings.agents).filter(|&agent| !struck.contains(&NodeId(agent))).collect();
        order.shuffle(&mut chips.0);
        let bearable = self.corrupted.unwrap_or(surroundings.tolerated);
        let faulty = faulty as u64 + u64::from(surroundings.outside());
        let spare = u64::from(bearable).saturating_sub(faulty).min(order.len() as u64);
        let corrupted = chips.between(0, spare.min(surroundings.byzantine.into()));
        let doomed = chips.between(0, spare - corrupted);
        let well = order.split_off((corrupted + doomed) as usize);
        let doomed = order.split_off(corrupted as usize);
        [order, doomed, well]
    }
}

fn later(span: Span, by: Duration) -> Span {
    Span(Duration::from_nanos(span.0.as_nanos().saturating_add(by.as_nanos())))
}

fn stream(streams: &Streams, name: &str) -> Stream {
    // Index 0 is the common order's.
    streams.stream(Purpose::Resolution, FaultId::of(name).stream_index().max(1))
}
