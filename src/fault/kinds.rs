//! The kinds of fault and their settings, as plans and scenario files have them.
//!
//! Every kind has the fields `name`, `agents`, `from`, `until` and `duty` besides its own.

use super::agent_selector::AgentSelector;
use super::delay_spec::DelaySpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::inject::InFlight;
use synod_sim::units::{Share, Span};

/// Duty cycle of an intermittent fault.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyCycle {
    /// Duration of each active phase; the first comes first.
    pub on: Span,
    /// Duration of each inactive phase.
    pub off: Span,
}

/// Declares the kinds: for each a struct of its settings, and a variant of [`Fault`].
macro_rules! kinds {
    ($($(#[$about:meta])* $Kind:ident $key:literal {
        $($(#[$meta:meta])* $field:ident: $type:ty,)*
    })*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $Kind {
                /// The fault's name in reports, which also keys its randomness; the kind and a number by default.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub name: Option<String>,
                /// The agents affected.
                #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
                pub agents: AgentSelector,
                /// When it begins.
                #[serde(default)]
                pub from: Span,
                /// When it ends; never, if left out.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub until: Option<Span>,
                /// Duty cycle; always active if left out.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub duty: Option<DutyCycle>,
                $($(#[$meta])* pub $field: $type,)*
            }
        )*

        /// One fault of a plan, or one entry of `faults:`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Fault {
            $($(#[$about])* $Kind($Kind),)*
        }

        impl Fault {
            /// The names of the kinds.
            pub const KINDS: &'static [&'static str] = &[$($key),*];

            /// Returns the kind's name: the entry's key in a scenario file.
            pub fn kind(&self) -> &'static str {
                match self { $(Fault::$Kind(_) => $key,)* }
            }

            /// Returns the fault's name; empty before it is named.
            pub fn name(&self) -> &str {
                match self { $(Fault::$Kind(fault) => fault.name.as_deref().unwrap_or_default(),)* }
            }

            /// Returns the fault's name, to be set.
            pub fn name_mut(&mut self) -> &mut Option<String> {
                match self { $(Fault::$Kind(fault) => &mut fault.name,)* }
            }

            /// Returns the agents affected.
            pub fn agents(&self) -> &AgentSelector {
                match self { $(Fault::$Kind(fault) => &fault.agents,)* }
            }

            /// Returns the agents affected, to be set.
            pub fn agents_mut(&mut self) -> &mut AgentSelector {
                match self { $(Fault::$Kind(fault) => &mut fault.agents,)* }
            }

            /// Returns when it begins.
            pub fn from(&self) -> Span {
                match self { $(Fault::$Kind(fault) => fault.from,)* }
            }

            /// Returns when it ends, if it does.
            pub fn until(&self) -> Option<Span> {
                match self { $(Fault::$Kind(fault) => fault.until,)* }
            }

            /// Returns when it ends, to be set.
            pub fn until_mut(&mut self) -> &mut Option<Span> {
                match self { $(Fault::$Kind(fault) => &mut fault.until,)* }
            }

            /// Returns the duty cycle.
            pub fn duty(&self) -> Option<DutyCycle> {
                match self { $(Fault::$Kind(fault) => fault.duty,)* }
            }
        }
    };
}

kinds! {
    // ---- Byzantine: what corrupted agents do, on the wire, whatever the protocol ----

    /// Corrupted agents that send nothing, though they receive everything (send omission).
    Silent "silent" {}

    /// Corrupted agents that send nothing to their victims (selective omission).
    SelectiveOmission "selective_omission" {
        /// The victims.
        victims: AgentSelector,
    }

    /// Corrupted agents that delay what they send to some receivers.
    Delay "delay" {
        /// The delay.
        by: DelaySpec,
        /// Share of receivers that are delayed.
        #[serde(default = "half")]
        to: Share,
    }

    /// Corrupted agents that reverse the order of what they send within each window.
    ReversedOrder "reversed_order" {
        /// Length of a window.
        window: DelaySpec,
    }

    /// Corrupted agents that replay messages that they sent or received before.
    Replay "replay" {
        /// Probability, for each copy that they send.
        #[serde(default = "whole")]
        chance: Share,
        /// Number of past messages to choose from.
        #[serde(default = "memory")]
        memory: u32,
    }

    /// Corrupted agents that alter what they send, and sign it properly.
    Mutate "mutate" {
        /// Probability, for each copy.
        #[serde(default = "whole")]
        chance: Share,
        /// The part altered.
        #[serde(default)]
        what: Rewritten,
    }

    /// Corrupted agents whose messages carry invalid signatures.
    BadSignature "bad_signature" {
        /// Probability, for each copy.
        #[serde(default = "whole")]
        chance: Share,
        /// The defect.
        #[serde(default)]
        how: SignatureDefect,
    }

    /// Corrupted agents that send every message many times.
    Amplify "amplify" {
        /// Number of additional copies.
        #[serde(default = "ten")]
        copies: u32,
    }

    /// Corrupted agents that send many forged messages, altered old ones, for each real one.
    Flood "flood" {
        /// Number of forged messages for each real one.
        #[serde(default = "ten")]
        copies: u32,
    }

    /// Twins: corrupted agents with several instances under one identity, each of which talks to one side of the
    /// system.
    Twins "twins" {
        /// Number of instances, and of sides.
        #[serde(default = "two")]
        instances: u32,
        /// Assignment of the other agents to sides.
        #[serde(default)]
        sides: Sides,
        /// True if the sides cannot reach each other: the adversary controls the network, too.
        #[serde(default)]
        apart: bool,
        /// True for a rushing adversary: the coalition receives at once, and so speaks last in every round.
        #[serde(default)]
        rushing: bool,
        /// Kinds of message that the coalition withholds from all others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        withhold: Vec<String>,
    }

    /// Corrupted agents that adapt their behavior to the run.
    Adaptive "adaptive" {
        /// The behaviors to choose from. Agents and schedule are those of this fault.
        choices: Vec<Fault>,
        /// The policy by which they choose.
        by: AdaptivePolicy,
    }

    /// Corrupted agents that mount a protocol-specific attack.
    Insider "insider" {
        /// Name of one of the protocol's attacks.
        attack: String,
        /// Strength of the attack.
        #[serde(default = "whole")]
        strength: Share,
    }

    // ---- Crashes, processors and clocks ----

    /// Agents that crash, and recover from their storage when the fault ends.
    Crash "crash" {
        /// What of their storage survives.
        #[serde(default)]
        storage: StorageLoss,
        /// How much later each agent stops, and starts again, than the one before it.
        #[serde(default)]
        stagger: Span,
        /// How much longer each is away than the one before it. Agents that crash at the start join one after another.
        #[serde(default)]
        apart: Span,
        /// What becomes of copies that are on their way to each when it stops.
        #[serde(default, skip_serializing_if = "InFlight::is_delivered")]
        in_flight: InFlight,
    }

    /// Agents that stand still, as a process does that is stopped or collects garbage: no handler and no timer runs, and
    /// what is due waits in order. Their clocks and storage devices go on.
    Pause "pause" {}

    /// Agents with slow processors: everything that they handle takes longer.
    Slow "slow" {
        /// How much longer.
        by: DelaySpec,
    }

    /// Agents with clock errors.
    Clock "clock" {
        /// How far they are ahead.
        #[serde(default)]
        ahead: Span,
        /// How far they are behind.
        #[serde(default)]
        behind: Span,
        /// How much too fast they run.
        #[serde(default)]
        fast: Share,
        /// How much too slow they run.
        #[serde(default)]
        slow: Share,
    }

    // ---- The network ----

    /// Groups of agents that cannot reach each other. Clients reach everybody.
    Partition "partition" {
        /// The groups, by the numbers of their agents.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        groups: Vec<Vec<u32>>,
        /// Instead, the sizes of groups that the seed draws.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sizes: Vec<u32>,
        /// Instead, into how many groups of nearly the same size the seed splits all agents.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parts: Option<u32>,
        /// What becomes of the agents that are in no group.
        #[serde(default, skip_serializing_if = "Rest::is_bridge")]
        rest: Rest,
        /// What becomes of copies that are on their way when it begins.
        #[serde(default, skip_serializing_if = "InFlight::is_delivered")]
        in_flight: InFlight,
    }

    /// Agents each of which is isolated from all others.
    Isolate "isolate" {
        /// What becomes of copies that are on their way when it begins.
        #[serde(default, skip_serializing_if = "InFlight::is_delivered")]
        in_flight: InFlight,
    }

    /// One-way partition: the agents' messages do not reach some others, though theirs arrive.
    OneWay "one_way" {
        /// The agents that do not receive their messages.
        to: AgentSelector,
        /// What becomes of copies that are on their way when it begins.
        #[serde(default, skip_serializing_if = "InFlight::is_delivered")]
        in_flight: InFlight,
    }

    /// Majorities ring: every agent reaches those near it by number, and no two agents reach the same ones.
    Ring "ring" {
        /// How many agents each reaches on either side; if left out, as few as make up a majority with itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reach: Option<u32>,
        /// What becomes of copies that are on their way when it begins.
        #[serde(default, skip_serializing_if = "InFlight::is_delivered")]
        in_flight: InFlight,
    }

    /// Links to and from these agents, or all links, that are slower.
    SlowLinks "slow_links" {
        /// By how much.
        by: DelaySpec,
        /// Up to how much more, drawn for each copy.
        #[serde(default)]
        jitter: Span,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }

    /// Links to and from these agents, or all links, that lose copies.
    Loss "loss" {
        /// Probability.
        chance: Share,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }

    /// Links to and from these agents, or all links, with burst loss by the Gilbert–Elliott model: each link is in a
    /// good or a bad state, which may change with every copy (Gilbert 1960, Elliott 1963).
    GilbertElliott "gilbert_elliott" {
        /// Probability of a transition from good to bad.
        enter: Share,
        /// Probability of a transition from bad to good.
        leave: Share,
        /// Loss probability in the bad state.
        #[serde(default = "whole")]
        loss_bad: Share,
        /// Loss probability in the good state.
        #[serde(default)]
        loss_good: Share,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }

    /// Links to and from these agents, or all links, that deliver copies twice.
    Duplicate "duplicate" {
        /// Probability.
        chance: Share,
        /// How much later the second arrives.
        #[serde(default)]
        apart: Span,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }

    /// Links to and from these agents, or all links, on which copies overtake each other.
    Reorder "reorder" {
        /// How often a copy is held back.
        chance: Share,
        /// For how long at most.
        by: Span,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }

    /// Links to and from these agents, or all links, that damage copies.
    Corrupt "corrupt" {
        /// Probability.
        chance: Share,
        /// Instead, links from these agents, or from everybody, to those: one direction alone.
        #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
        to: AgentSelector,
    }
}

impl Fault {
    /// Returns the receiving ends of the links that it strikes, if it is a fault of links.
    pub fn link_ends(&self) -> Option<&AgentSelector> {
        Some(match self {
            Fault::SlowLinks(links) => &links.to,
            Fault::Loss(links) => &links.to,
            Fault::GilbertElliott(links) => &links.to,
            Fault::Duplicate(links) => &links.to,
            Fault::Reorder(links) => &links.to,
            Fault::Corrupt(links) => &links.to,
            _ => return None,
        })
    }

    /// Returns the same, to be set.
    pub fn link_ends_mut(&mut self) -> Option<&mut AgentSelector> {
        Some(match self {
            Fault::SlowLinks(links) => &mut links.to,
            Fault::Loss(links) => &mut links.to,
            Fault::GilbertElliott(links) => &mut links.to,
            Fault::Duplicate(links) => &mut links.to,
            Fault::Reorder(links) => &mut links.to,
            Fault::Corrupt(links) => &mut links.to,
            _ => return None,
        })
    }
}

/// What becomes of the agents that are in no group of a partition.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They reach everybody.
    #[default]
    Bridge,
    /// They are a group of their own.
    Apart,
}

impl Rest {
    fn is_bridge(&self) -> bool {
        *self == Rest::Bridge
    }
}

/// The part of a message that is altered.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rewritten {
    /// A header field, by one: a small-scope mutation.
    #[default]
    Header,
    /// The contents: an any-scope mutation.
    Contents,
}

/// The defect of a signature.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureDefect {
    /// It is corrupted.
    #[default]
    Signature,
    /// It is another node's: impersonation.
    Name,
}

/// Assignment of the other agents to the twins' sides.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Evenly, in an order drawn from the seed. Clients are on all sides.
    #[default]
    Even,
    /// None: every instance talks to everybody.
    All,
}

/// The policy of an adaptive adversary.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdaptivePolicy {
    /// The next choice whenever one of the coalition is detected, and honesty after the last.
    Detection,
    /// The first choice while one of the coalition leads, or is next by number; the others in turn from epoch to
    /// epoch otherwise.
    Leader,
    /// Honesty until so much of the fault's window, or of the first minute, has passed; then the choices in turn from
    /// epoch to epoch.
    Trust(Share),
}

/// What an agent's storage still holds after a crash.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageLoss {
    /// Everything that was written.
    Kept,
    /// What was synced: the unsynced tail is lost.
    #[default]
    Synced,
    /// Everything that was written, but for the last unsynced write, which is torn.
    Torn,
    /// Nothing. An agent that starts again this way counts as Byzantine.
    Lost,
}

fn half() -> Share {
    Share::from_ppb(500_000_000).expect("it is less than a billion")
}

fn whole() -> Share {
    Share::WHOLE
}

fn memory() -> u32 {
    64
}

fn ten() -> u32 {
    10
}

fn two() -> u32 {
    2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_kinds_are_their_keys() {
        for kind in Fault::KINDS {
            let unknown = serde_json::from_str::<Fault>(&format!("{{{kind:?}: {{\"no_such\": 1}}}}"));
            let message = unknown.expect_err("there is no such field").to_string();
            assert!(message.contains("unknown field `no_such`"), "{kind}: {message}");
        }
    }
}
