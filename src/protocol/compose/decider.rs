//! The protocol that is any of Synod's own deciding protocols, as its configuration says.

use super::decide::{Decide, Ending};
use super::lift::{Holds, Lifted};
use serde::Serialize;
use std::fmt;
use std::rc::Rc;
use synod_hierarchical::Hierarchical;
use synod_iterative::Iterative;
use synod_pbft::Pbft;
use synod_sim::auth::Forge;
use synod_sim::fault::Alteration;
use synod_sim::{
    Context, CoverageMark, Durable, Ground, Kind, Lens, Members, Message, Milestone, NodeId, Observation,
    Oracle, Protocol, Time,
};
use synod_vote::weighted::Weighted;

/// Declares [`Decider`] and the types that it speaks in: of each, a variant for every protocol.
macro_rules! deciders {
    (@reads_as_its_variant $one:ident; $($protocol:ident),*) => {
        /// As the protocol itself writes it.
        impl fmt::Debug for $one {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($one::$protocol(inner) => inner.fmt(out),)*
                }
            }
        }
    };
    ($($protocol:ident),*) => {
        /// One of the protocols.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "each variant is the protocol of its name")]
        pub enum Decider {
            $($protocol($protocol),)*
        }

        /// What its nodes are told.
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderConfig {
            $($protocol(Rc<<$protocol as Protocol>::Config>),)*
        }

        /// What its nodes send each other.
        #[derive(Clone, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum Letter {
            $($protocol(<$protocol as Protocol>::Message),)*
        }

        /// What its timers are called.
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum Tick {
            $($protocol(<$protocol as Protocol>::Timer),)*
        }

        /// What its nodes write down.
        #[derive(Clone, Debug, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum Note {
            $($protocol(<$protocol as Protocol>::Record),)*
        }

        /// What its nodes claim.
        #[derive(Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum Claim {
            $($protocol(<$protocol as Protocol>::Observation),)*
        }

        deciders!(@reads_as_its_variant Letter; $($protocol),*);
        deciders!(@reads_as_its_variant Tick; $($protocol),*);
        deciders!(@reads_as_its_variant Claim; $($protocol),*);

        $(
            impl Lens<$protocol, Decider> for Only {
                fn message(&mut self, message: <$protocol as Protocol>::Message) -> Letter {
                    Letter::$protocol(message)
                }
                fn timer(&mut self, timer: <$protocol as Protocol>::Timer) -> Tick {
                    Tick::$protocol(timer)
                }
                fn record(&mut self, record: <$protocol as Protocol>::Record) -> Note {
                    Note::$protocol(record)
                }
                fn observation(&mut self, claim: <$protocol as Protocol>::Observation) -> Option<Claim> {
                    Some(Claim::$protocol(claim))
                }
            }

            impl Holds<$protocol> for Decider {
                fn message(message: &Letter) -> Option<(u32, &<$protocol as Protocol>::Message)> {
                    match message {
                        Letter::$protocol(message) => Some((0, message)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
                fn timer(timer: Tick) -> Option<(u32, <$protocol as Protocol>::Timer)> {
                    match timer {
                        Tick::$protocol(timer) => Some((0, timer)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
                fn claim(claim: &Claim) -> Option<(u32, &<$protocol as Protocol>::Observation)> {
                    match claim {
                        Claim::$protocol(claim) => Some((0, claim)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
            }
        )*

        /// How many kinds of message there are, of all protocols.
        const KINDS: usize = 0 $(+ <<$protocol as Protocol>::Message as Message>::KINDS.len())*;

        /// Those kinds, protocol by protocol.
        const fn kinds() -> [Kind; KINDS] {
            let mut all = [Kind::protocol(""); KINDS];
            let mut place = 0;
            $(
                let of = <<$protocol as Protocol>::Message as Message>::KINDS;
                let mut each = 0;
                while each < of.len() {
                    all[place] = of[each];
                    place += 1;
                    each += 1;
                }
            )*
            assert!(place == KINDS);
            all
        }

        impl Message for Letter {
            const KINDS: &'static [Kind] = &kinds();

            fn kind(&self) -> usize {
                let mut before = 0;
                $(
                    if let Letter::$protocol(message) = self {
                        return before + message.kind();
                    }
                    before += <<$protocol as Protocol>::Message as Message>::KINDS.len();
                )*
                unreachable!("all {before} kinds are some protocol's")
            }

            fn size(&self) -> usize {
                match self {
                    $(Letter::$protocol(message) => message.size(),)*
                }
            }

            fn damaged(&self) -> Option<Letter> {
                Some(match self {
                    $(Letter::$protocol(message) => Letter::$protocol(message.damaged()?),)*
                })
            }

            fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Letter> {
                Some(match self {
                    $(Letter::$protocol(message) => Letter::$protocol(message.altered(alteration, forge)?),)*
                })
            }
        }

        impl Observation for Claim {
            fn milestone(&self) -> Option<Milestone> {
                match self { $(Claim::$protocol(claim) => claim.milestone(),)* }
            }
            fn peak(&self) -> Option<(&'static str, u64)> {
                match self { $(Claim::$protocol(claim) => claim.peak(),)* }
            }
            fn accuses(&self) -> Option<NodeId> {
                match self { $(Claim::$protocol(claim) => claim.accuses(),)* }
            }
            fn suspects(&self) -> bool {
                match self { $(Claim::$protocol(claim) => claim.suspects(),)* }
            }
            fn mark(&self) -> Option<&'static CoverageMark> {
                match self { $(Claim::$protocol(claim) => claim.mark(),)* }
            }
        }

        impl Protocol for Decider {
            type Config = DeciderConfig;
            type Message = Letter;
            type Timer = Tick;
            type Record = Note;
            type Observation = Claim;

            fn new(config: &Rc<DeciderConfig>, me: NodeId, nodes: usize, durable: Durable<'_, Note>) -> Decider {
                match &**config {
                    $(DeciderConfig::$protocol(config) => {
                        let own = |note: &Note| match note {
                            Note::$protocol(record) => record.clone(),
                            #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                            _ => unreachable!("a node writes the records of its own protocol"),
                        };
                        let records: Vec<_> = durable.records.iter().map(own).collect();
                        let durable = Durable { records: &records, torn: durable.torn };
                        Decider::$protocol($protocol::new(config, me, nodes, durable))
                    })*
                }
            }

            fn on_start(&mut self, ctx: &mut Context<'_, Decider>) {
                match self {
                    $(Decider::$protocol(node) => {
                        ctx.narrow(0, Members::All, &mut Only, |ctx: &mut Context<'_, $protocol>| node.on_start(ctx))
                    })*
                }
            }

            fn on_message(&mut self, ctx: &mut Context<'_, Decider>, from: NodeId, message: &Letter) {
                match (self, message) {
                    $((Decider::$protocol(node), Letter::$protocol(message)) => {
                        ctx.narrow(0, Members::All, &mut Only, |ctx: &mut Context<'_, $protocol>| {
                            node.on_message(ctx, from, message);
                        })
                    })*
                    #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                    _ => unreachable!("all nodes speak the same protocol"),
                }
            }

            fn on_timer(&mut self, ctx: &mut Context<'_, Decider>, timer: Tick) {
                match (self, timer) {
                    $((Decider::$protocol(node), Tick::$protocol(timer)) => {
                        ctx.narrow(0, Members::All, &mut Only, |ctx: &mut Context<'_, $protocol>| {
                            node.on_timer(ctx, timer);
                        })
                    })*
                    #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                    _ => unreachable!("a node's timers are its protocol's"),
                }
            }

            fn leader(&self) -> Option<(u64, NodeId)> {
                match self { $(Decider::$protocol(node) => node.leader(),)* }
            }

            fn twin(config: &Rc<DeciderConfig>, life: u32) -> Rc<DeciderConfig> {
                Rc::new(match &**config {
                    $(DeciderConfig::$protocol(config) => DeciderConfig::$protocol($protocol::twin(config, life)),)*
                })
            }

            fn retained_bytes(&self) -> usize {
                match self { $(Decider::$protocol(node) => node.retained_bytes(),)* }
            }
        }

        impl Decide for Decider {
            fn ending(claim: &Claim) -> Option<Ending> {
                match claim { $(Claim::$protocol(claim) => $protocol::ending(claim),)* }
            }

            fn starting(config: &DeciderConfig, now: Time, proposal: Option<u64>) -> DeciderConfig {
                match config {
                    $(DeciderConfig::$protocol(config) => {
                        DeciderConfig::$protocol(Rc::new($protocol::starting(config, now, proposal)))
                    })*
                }
            }

            fn members(config: &DeciderConfig) -> usize {
                match config { $(DeciderConfig::$protocol(config) => $protocol::members(config),)* }
            }

            fn oracles(config: &Rc<DeciderConfig>, ground: &Ground) -> Vec<Box<dyn Oracle<Decider>>> {
                match &**config {
                    $(DeciderConfig::$protocol(config) => {
                        Lifted::one(<$protocol as Decide>::oracles(config, ground))
                    })*
                }
            }
        }
    };
}

/// The lens of the only child.
pub(super) struct Only;

deciders!(Pbft, Weighted, Iterative, Hierarchical);
