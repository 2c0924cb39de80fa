//! The kinds of fault and their settings: what a plan is made of, and what a scenario file says.
//!
//! Every kind has the fields `name`, `agents`, `from`, `until` and `duty` besides its own.

use super::agent_selector::AgentSelector;
use super::delay_spec::DelaySpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod_sim::units::{Share, Span};

/// A fault that comes and goes while it lasts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyCycle {
    /// How long it is on each time, first of all.
    pub on: Span,
    /// How long it is off in between.
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
                /// Whom it strikes.
                #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
                pub agents: AgentSelector,
                /// When it begins.
                #[serde(default)]
                pub from: Span,
                /// When it ends; never, if left out.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub until: Option<Span>,
                /// How it comes and goes; if left out it stays.
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

            /// The kind's name: the entry's key in a scenario file.
            pub fn kind(&self) -> &'static str {
                match self { $(Fault::$Kind(_) => $key,)* }
            }

            /// The fault's name; empty before it is named.
            pub fn name(&self) -> &str {
                match self { $(Fault::$Kind(fault) => fault.name.as_deref().unwrap_or_default(),)* }
            }

            /// The fault's name, to be set.
            pub fn name_mut(&mut self) -> &mut Option<String> {
                match self { $(Fault::$Kind(fault) => &mut fault.name,)* }
            }

            /// Whom it strikes.
            pub fn agents(&self) -> &AgentSelector {
                match self { $(Fault::$Kind(fault) => &fault.agents,)* }
            }

            /// Whom it strikes, to be set.
            pub fn agents_mut(&mut self) -> &mut AgentSelector {
                match self { $(Fault::$Kind(fault) => &mut fault.agents,)* }
            }

            /// When it begins.
            pub fn from(&self) -> Span {
                match self { $(Fault::$Kind(fault) => fault.from,)* }
            }

            /// When it ends, if it does.
            pub fn until(&self) -> Option<Span> {
                match self { $(Fault::$Kind(fault) => fault.until,)* }
            }

            /// When it ends, to be set.
            pub fn until_mut(&mut self) -> &mut Option<Span> {
                match self { $(Fault::$Kind(fault) => &mut fault.until,)* }
            }

            /// How it comes and goes.
            pub fn duty(&self) -> Option<DutyCycle> {
                match self { $(Fault::$Kind(fault) => fault.duty,)* }
            }
        }
    };
}

kinds! {
    // ---- Byzantine: what corrupted agents do, on the wire, whatever the protocol ----

    /// Corrupted agents that send nothing, though they hear everything.
    Silent "silent" {}

    /// Corrupted agents that send nothing to their victims.
    Starve "starve" {
        /// Who gets nothing.
        victims: AgentSelector,
    }

    /// Corrupted agents that send to some receivers at once, and to the rest late.
    Delay "delay" {
        /// How late.
        by: DelaySpec,
        /// Which part of the receivers waits.
        #[serde(default = "half")]
        to: Share,
    }

    /// Corrupted agents that invert the order of what they send: what they say within a window arrives last first.
    Invert "invert" {
        /// How long a window is.
        window: DelaySpec,
    }

    /// Corrupted agents that send again what they sent or heard long ago.
    Replay "replay" {
        /// How often, for each copy that they send.
        #[serde(default = "whole")]
        chance: Share,
        /// How many old messages they choose from.
        #[serde(default = "memory")]
        memory: u32,
    }

    /// Corrupted agents that rewrite what they send, and seal it properly.
    Mutate "mutate" {
        /// How often, for each copy.
        #[serde(default = "whole")]
        chance: Share,
        /// What they rewrite.
        #[serde(default)]
        what: Rewritten,
    }

    /// Corrupted agents whose messages bear invalid signatures.
    Garble "garble" {
        /// How often, for each copy.
        #[serde(default = "whole")]
        chance: Share,
        /// What is wrong with them.
        #[serde(default)]
        how: Garbled,
    }

    /// Corrupted agents that send every message many times.
    Amplify "amplify" {
        /// How many times more.
        #[serde(default = "ten")]
        copies: u32,
    }

    /// Corrupted agents that send many made-up messages for each real one: old ones rewritten.
    Flood "flood" {
        /// How many for each.
        #[serde(default = "ten")]
        copies: u32,
    }

    /// Corrupted agents that lead double lives: each life hears and addresses one side, and the sides are the
    /// coalition's.
    Twins "twins" {
        /// How many lives, and sides.
        #[serde(default = "two")]
        instances: u32,
        /// How the other agents are split into sides.
        #[serde(default)]
        sides: Sides,
        /// True if the sides do not hear each other either: the adversary has the network as well.
        #[serde(default)]
        apart: bool,
        /// True if the coalition hears at once what it is sent, and so speaks last in every round.
        #[serde(default)]
        rushing: bool,
        /// Kinds of messages that the coalition keeps from all others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        withhold: Vec<String>,
    }

    /// Corrupted agents that choose what to do by how the run goes.
    Adaptive "adaptive" {
        /// What they choose from. Agents and windows are those of this fault.
        choices: Vec<Fault>,
        /// What they choose by.
        by: AdaptivePolicy,
    }

    /// Corrupted agents that do what only an insider of the protocol can.
    Insider "insider" {
        /// What they do: one of the protocol's attacks.
        attack: String,
        /// How strongly.
        #[serde(default = "whole")]
        strength: Share,
    }

    // ---- Crashes, processors and clocks ----

    /// Agents that stop, and start again from what their storage holds when the fault ends.
    Crash "crash" {
        /// What their storage still holds then.
        #[serde(default)]
        storage: StorageLoss,
        /// How much later each agent stops, and starts again, than the one before it.
        #[serde(default)]
        stagger: Span,
        /// How much longer each is away than the one before it. Agents that crash at the start join one after another.
        #[serde(default)]
        apart: Span,
    }

    /// Agents whose processors take longer for everything that they handle.
    Slow "slow" {
        /// How much longer.
        by: DelaySpec,
    }

    /// Agents whose clocks are wrong.
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
    }

    /// Agents each of which is cut off from everybody.
    Isolate "isolate" {}

    /// Agents whose messages do not reach some others, though theirs arrive.
    OneWay "one_way" {
        /// Who does not hear them.
        to: AgentSelector,
    }

    /// A ring: every agent reaches those near it by number, and no two agents reach the same ones.
    Ring "ring" {
        /// How many agents each reaches on either side; if left out, as few as make up a majority with itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reach: Option<u32>,
    }

    /// Links to and from these agents, or all links, that are slower.
    SlowLinks "slow_links" {
        /// By how much.
        by: DelaySpec,
        /// Up to how much more, drawn for each copy.
        #[serde(default)]
        jitter: Span,
    }

    /// Links to and from these agents, or all links, that lose copies.
    Loss "loss" {
        /// How often.
        chance: Share,
    }

    /// Links to and from these agents, or all links, that lose copies in bursts: each link is good or bad, and may
    /// change with every copy (Gilbert 1960, Elliott 1963).
    Bursts "bursts" {
        /// How often a good link turns bad.
        enter: Share,
        /// How often a bad link turns good.
        leave: Share,
        /// How often a bad link loses.
        #[serde(default = "whole")]
        loss_bad: Share,
        /// How often a good link loses.
        #[serde(default)]
        loss_good: Share,
    }

    /// Links to and from these agents, or all links, that deliver copies twice.
    Duplicate "duplicate" {
        /// How often.
        chance: Share,
        /// How much later the second arrives.
        #[serde(default)]
        apart: Span,
    }

    /// Links to and from these agents, or all links, on which copies overtake each other.
    Reorder "reorder" {
        /// How often a copy is held back.
        chance: Share,
        /// For how long at most.
        by: Span,
    }

    /// Links to and from these agents, or all links, that damage copies.
    Corrupt "corrupt" {
        /// How often.
        chance: Share,
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

/// What of a message is rewritten.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rewritten {
    /// One number of its header, by one: small in scope.
    #[default]
    Header,
    /// Its contents: of any scope.
    Contents,
}

/// What is wrong with a signature.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Garbled {
    /// Its bits.
    #[default]
    Signature,
    /// Its name: it is another's.
    Name,
}

/// How the other agents are split into the sides of a double life.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Evenly, in an order drawn from the seed. Clients are on all sides.
    #[default]
    Even,
    /// Not at all: every life hears and addresses everybody.
    All,
}

/// What an adaptive adversary chooses by.
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
