//! Generates the faults of a swarm: agents, schedule and strength.

use crate::kinds::*;
use crate::{AgentSelector, DelaySpec};
use rand::Rng;
use synod_sim::inject::InFlight;
use synod_sim::units::{Share, Span};
use synod_sim::{Duration, Stream};

/// Random draws.
pub(super) struct Dice(pub(super) Stream);

/// Generates one fault.
pub(super) struct FaultGenerator<'a> {
    pub(super) dice: Dice,
    /// Number of agents.
    pub(super) agents: u32,
    /// The attacks that insiders may mount.
    pub(super) attacks: &'a [String],
    /// When the fault begins at the earliest.
    pub(super) from: Span,
    /// When it is over at the latest, if it must end.
    pub(super) ends_by: Span,
    pub(super) name: String,
}

/// A fault of kind `$Kind` with the settings that every kind has, and its own.
macro_rules! fault {
    ($Kind:ident, $common:expr $(, $field:ident: $value:expr)*) => {{
        let Common { name, agents, from, until, duty } = $common;
        Fault::$Kind($Kind { $($field: $value,)* name: Some(name), agents, from, until, duty })
    }};
}

/// The settings that every kind has.
struct Common {
    name: String,
    agents: AgentSelector,
    from: Span,
    until: Option<Span>,
    duty: Option<DutyCycle>,
}

impl Dice {
    /// Returns a number from `least` to `most`, each as likely.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        let numbers = u128::from(most - least) + 1;
        least + ((u128::from(self.0.next_u64()) * numbers) >> 64) as u64
    }

    pub(super) fn coin(&mut self) -> bool {
        self.between(0, 1) == 1
    }

    /// So many percent.
    fn percent(&mut self, least: u32, most: u32) -> Share {
        let percent = self.between(least.into(), most.into()) as u32;
        Share::from_ppb(percent * 10_000_000).expect("at most a hundred percent")
    }

    fn millis(&mut self, least: u64, most: u64) -> Span {
        Span(Duration::from_millis(self.between(least, most)))
    }

    /// Returns a part of the protocol's timer.
    fn of_timer(&mut self, least: u32, most: u32) -> DelaySpec {
        DelaySpec::OfTimer(self.percent(least, most))
    }

    /// Draws what becomes of copies on their way.
    fn in_flight(&mut self) -> InFlight {
        if self.coin() { InFlight::Drop } else { InFlight::Deliver }
    }

    /// Draws the receiving ends of links among `others`: in one of four cases, so that one direction alone is struck.
    fn link_ends(&mut self, others: &[u32]) -> AgentSelector {
        if others.is_empty() || self.between(0, 3) != 0 {
            return AgentSelector::Unspecified;
        }
        AgentSelector::Listed(self.some(others, u64::MAX))
    }

    /// Returns some of `agents`, one at least, in the order in which they come.
    fn some(&mut self, agents: &[u32], most: u64) -> Vec<u32> {
        let count = self.between(1, most.min(agents.len() as u64));
        let (mut picked, mut left) = (Vec::new(), count);
        for (place, &agent) in agents.iter().enumerate() {
            if self.between(1, (agents.len() - place) as u64) <= left {
                picked.push(agent);
                left -= 1;
            }
        }
        picked.sort_unstable();
        picked
    }
}

impl FaultGenerator<'_> {
    /// Generates a Byzantine fault of `corrupted` agents, if the kind is one and there are any.
    pub(super) fn corrupt(&mut self, kind: &str, corrupted: &[u32]) -> Option<Fault> {
        if corrupted.is_empty()
            || !CORRUPTING.contains(&kind)
            || (kind == "insider" && self.attacks.is_empty())
        {
            return None;
        }
        let common = self.persistent(kind, corrupted);
        let others: Vec<u32> = (0..self.agents).filter(|agent| !corrupted.contains(agent)).collect();
        let dice = &mut self.dice;
        Some(match kind {
            "silent" => fault!(Silent, common),
            "selective_omission" if others.is_empty() => return None,
            "selective_omission" => {
                fault!(SelectiveOmission, common, victims: AgentSelector::Listed(dice.some(&others, u64::MAX)))
            }
            "delay" => fault!(Delay, common, by: dice.of_timer(5, 100), to: dice.percent(10, 100)),
            "reversed_order" => fault!(ReversedOrder, common, window: dice.of_timer(5, 50)),
            "replay" => {
                fault!(Replay, common, chance: dice.percent(5, 100), memory: dice.between(1, 256) as u32)
            }
            "mutate" => {
                let what = if dice.coin() { Rewritten::Header } else { Rewritten::Contents };
                fault!(Mutate, common, chance: dice.percent(5, 100), what: what)
            }
            "bad_signature" => {
                let how = if dice.coin() { SignatureDefect::Signature } else { SignatureDefect::Name };
                fault!(BadSignature, common, chance: dice.percent(5, 100), how: how)
            }
            "amplify" => fault!(Amplify, common, copies: dice.between(1, 10) as u32),
            "flood" => fault!(Flood, common, copies: dice.between(1, 4) as u32),
            "twins" => {
                let sides = if dice.coin() { Sides::Even } else { Sides::All };
                let instances = dice.between(2, 3) as u32;
                fault!(Twins, common, instances: instances, sides: sides, apart: false, rushing: dice.coin(), withhold: Vec::new())
            }
            "adaptive" => {
                let by = match dice.between(0, 2) {
                    0 => AdaptivePolicy::Detection,
                    1 => AdaptivePolicy::Leader,
                    _ => AdaptivePolicy::Trust(dice.percent(10, 60)),
                };
                let choices = self.choices();
                fault!(Adaptive, common, choices: choices, by: by)
            }
            _ => {
                let place = dice.between(0, self.attacks.len() as u64 - 1) as usize;
                let attack = self.attacks[place].clone();
                fault!(Insider, common, attack: attack, strength: dice.percent(10, 100))
            }
        })
    }

    /// Generates a transient fault of correct agents, or of the network.
    pub(super) fn disturb(&mut self, kind: &str, well: &[u32]) -> Option<Fault> {
        let strikes_agents = matches!(kind, "crash" | "pause" | "slow" | "clock" | "one_way");
        let is_cut = matches!(kind, "partition" | "ring" | "isolate" | "one_way");
        if CORRUPTING.contains(&kind) || (strikes_agents && well.is_empty()) || (is_cut && self.agents < 2) {
            return None;
        }
        let common = self.transient(kind, well);
        let others: Vec<u32> = (0..self.agents)
            .filter(|&agent| !common.agents.named().iter().any(|node| node.0 == agent))
            .collect();
        let dice = &mut self.dice;
        Some(match kind {
            "crash" => {
                let storage = match dice.between(0, 2) {
                    0 => StorageLoss::Kept,
                    1 => StorageLoss::Synced,
                    _ => StorageLoss::Torn,
                };
                let (none, in_flight) = (Span::default(), dice.in_flight());
                fault!(Crash, common, storage: storage, stagger: none, apart: none, in_flight: in_flight)
            }
            "pause" => fault!(Pause, common),
            "slow" => fault!(Slow, common, by: dice.of_timer(1, 20)),
            "clock" => {
                let none = (Span::default(), Span::default(), Share::NONE, Share::NONE);
                let (ahead, behind, fast, slow) = match dice.between(0, 3) {
                    0 => (dice.millis(1, 5_000), none.1, none.2, none.3),
                    1 => (none.0, dice.millis(1, 5_000), none.2, none.3),
                    2 => (none.0, none.1, dice.percent(1, 50), none.3),
                    _ => (none.0, none.1, none.2, dice.percent(1, 50)),
                };
                fault!(Clock, common, ahead: ahead, behind: behind, fast: fast, slow: slow)
            }
            "partition" => {
                let parts = dice.between(2, u64::from(self.agents.min(4))) as u32;
                let first = dice.between(1, u64::from(self.agents) - 1) as u32;
                let (sizes, parts) =
                    if dice.coin() { (Vec::new(), Some(parts)) } else { (vec![first], None) };
                let in_flight = dice.in_flight();
                fault!(Partition, common, groups: Vec::new(), sizes: sizes, parts: parts, rest: Rest::Apart, in_flight: in_flight)
            }
            "isolate" => fault!(Isolate, common, in_flight: dice.in_flight()),
            "one_way" if others.is_empty() => return None,
            "one_way" => {
                let to = AgentSelector::Listed(dice.some(&others, u64::MAX));
                fault!(OneWay, common, to: to, in_flight: dice.in_flight())
            }
            "ring" => fault!(Ring, common, reach: None, in_flight: dice.in_flight()),
            "slow_links" => {
                let (by, jitter) = (dice.of_timer(1, 100), dice.millis(0, 100));
                fault!(SlowLinks, common, by: by, jitter: jitter, to: dice.link_ends(&others))
            }
            "loss" => fault!(Loss, common, chance: dice.percent(1, 50), to: dice.link_ends(&others)),
            "gilbert_elliott" => {
                let (enter, leave) = (dice.percent(1, 20), dice.percent(5, 50));
                let loss = dice.percent(50, 100);
                let to = dice.link_ends(&others);
                fault!(GilbertElliott, common, enter: enter, leave: leave, loss_bad: loss, loss_good: Share::NONE, to: to)
            }
            "duplicate" => {
                let (chance, apart) = (dice.percent(1, 100), dice.millis(0, 1_000));
                fault!(Duplicate, common, chance: chance, apart: apart, to: dice.link_ends(&others))
            }
            "reorder" => {
                let (chance, by) = (dice.percent(1, 100), dice.millis(1, 1_000));
                fault!(Reorder, common, chance: chance, by: by, to: dice.link_ends(&others))
            }
            _ => fault!(Corrupt, common, chance: dice.percent(1, 30), to: dice.link_ends(&others)),
        })
    }

    /// Generates a permanent crash.
    pub(super) fn crash_forever(&mut self, crashing: &[u32]) -> Fault {
        let mut crashing = crashing.to_vec();
        crashing.sort_unstable();
        let from = self.window().0;
        let common = Common {
            name: self.name.clone(),
            agents: AgentSelector::Listed(crashing),
            from,
            until: None,
            duty: None,
        };
        let none = Span::default();
        let in_flight = InFlight::Deliver;
        fault!(Crash, common, storage: StorageLoss::Synced, stagger: none, apart: none, in_flight: in_flight)
    }

    /// Draws agents and schedule of a Byzantine fault, which lasts to the end with probability one half.
    fn persistent(&mut self, kind: &str, corrupted: &[u32]) -> Common {
        let (from, until) = self.window();
        let until = self.dice.coin().then_some(until);
        // A coalition is one; otherwise each may do something else.
        let mut agents = corrupted.to_vec();
        if kind != "twins" {
            agents = self.dice.some(corrupted, u64::MAX);
        }
        agents.sort_unstable();
        Common { name: self.name.clone(), agents: AgentSelector::Listed(agents), from, until, duty: None }
    }

    /// Draws agents and schedule of a transient fault, intermittent in one of four cases.
    fn transient(&mut self, kind: &str, well: &[u32]) -> Common {
        let (from, until) = self.window();
        let everybody: Vec<u32> = (0..self.agents).collect();
        let dice = &mut self.dice;
        let agents = match kind {
            "partition" | "ring" => AgentSelector::Unspecified,
            "crash" | "pause" | "isolate" | "slow" if dice.between(0, 3) == 0 => AgentSelector::Leader,
            "crash" | "pause" | "slow" | "clock" | "one_way" => {
                AgentSelector::Listed(dice.some(well, u64::MAX))
            }
            "isolate" => AgentSelector::Listed(dice.some(&everybody, (self.agents / 3).max(1).into())),
            _ if dice.coin() => AgentSelector::Unspecified,
            _ => AgentSelector::Listed(dice.some(&everybody, u64::MAX)),
        };
        let duty = (dice.between(0, 3) == 0)
            .then(|| DutyCycle { on: dice.millis(50, 2_000), off: dice.millis(50, 2_000) });
        Common { name: self.name.clone(), agents, from, until: Some(until), duty }
    }

    /// Returns a beginning and an end, in whole milliseconds.
    fn window(&mut self) -> (Span, Span) {
        let millis = |span: Span| span.0.as_nanos() / 1_000_000;
        let (first, last) = (millis(self.from), millis(self.ends_by));
        let begin = self.dice.between(first, last - 1);
        (Span(Duration::from_millis(begin)), self.dice.millis(begin + 1, last))
    }

    /// Draws the two behaviors of an adaptive adversary.
    fn choices(&mut self) -> Vec<Fault> {
        let first = self.dice.between(0, 3);
        let second = (first + self.dice.between(1, 3)) % 4;
        [first, second].map(|way| self.choice(way)).into()
    }

    fn choice(&mut self, way: u64) -> Fault {
        let name = format!("{}-choice-{way}", self.name);
        let common = Common {
            name,
            agents: AgentSelector::Unspecified,
            from: Span::default(),
            until: None,
            duty: None,
        };
        let dice = &mut self.dice;
        match way {
            0 => fault!(Silent, common),
            1 => fault!(Delay, common, by: dice.of_timer(5, 100), to: dice.percent(10, 100)),
            2 => fault!(Mutate, common, chance: dice.percent(5, 100), what: Rewritten::Header),
            _ => fault!(BadSignature, common, chance: dice.percent(5, 100), how: SignatureDefect::Signature),
        }
    }
}

/// The kinds that corrupt.
const CORRUPTING: &[&str] = &[
    "silent",
    "selective_omission",
    "delay",
    "reversed_order",
    "replay",
    "mutate",
    "bad_signature",
    "amplify",
    "flood",
    "twins",
    "adaptive",
    "insider",
];
