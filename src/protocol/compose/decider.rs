//! A sum type over Synod's deciding protocols, selected by the configuration.

use super::decide::{Decide, Ending};
use super::lift::{Lifted, ParentOf};
use serde::Serialize;
use std::fmt;
use std::rc::Rc;
use synod_hierarchical::Hierarchical;
use synod_iterative::Iterative;
use synod_pbft::Pbft;
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{
    Context, CoverageMark, Durable, GroundTruth, Kind, Lens, Members, Message, Milestone, NodeId,
    Observation, Oracle, Protocol, Time,
};
use synod_vote::weighted::Weighted;

/// Declares [`Decider`] and its message, timer, record and observation types, each with a variant for every protocol.
macro_rules! deciders {
    (@reads_as_its_variant $one:ident; $($protocol:ident),*) => {
        /// The protocol's own form, without the variant.
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

        /// Configuration, the same for every node.
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderConfig {
            $($protocol(Rc<<$protocol as Protocol>::Config>),)*
        }

        /// Messages.
        #[derive(Clone, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderMessage {
            $($protocol(<$protocol as Protocol>::Message),)*
        }

        /// Timers.
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderTimer {
            $($protocol(<$protocol as Protocol>::Timer),)*
        }

        /// Durable records.
        #[derive(Clone, Debug, Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderRecord {
            $($protocol(<$protocol as Protocol>::Record),)*
        }

        /// Observations.
        #[derive(Serialize)]
        #[allow(missing_docs, reason = "each variant is of the protocol of its name")]
        pub enum DeciderObservation {
            $($protocol(<$protocol as Protocol>::Observation),)*
        }

        deciders!(@reads_as_its_variant DeciderMessage; $($protocol),*);
        deciders!(@reads_as_its_variant DeciderTimer; $($protocol),*);
        deciders!(@reads_as_its_variant DeciderObservation; $($protocol),*);

        $(
            impl Lens<$protocol, Decider> for SingleChild {
                fn message(&mut self, message: <$protocol as Protocol>::Message) -> DeciderMessage {
                    DeciderMessage::$protocol(message)
                }
                fn timer(&mut self, timer: <$protocol as Protocol>::Timer) -> DeciderTimer {
                    DeciderTimer::$protocol(timer)
                }
                fn record(&mut self, record: <$protocol as Protocol>::Record) -> DeciderRecord {
                    DeciderRecord::$protocol(record)
                }
                fn observation(&mut self, claim: <$protocol as Protocol>::Observation) -> Option<DeciderObservation> {
                    Some(DeciderObservation::$protocol(claim))
                }
            }

            impl ParentOf<$protocol> for Decider {
                fn message(message: &DeciderMessage) -> Option<(u32, &<$protocol as Protocol>::Message)> {
                    match message {
                        DeciderMessage::$protocol(message) => Some((0, message)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
                fn timer(timer: DeciderTimer) -> Option<(u32, <$protocol as Protocol>::Timer)> {
                    match timer {
                        DeciderTimer::$protocol(timer) => Some((0, timer)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
                fn claim(claim: &DeciderObservation) -> Option<(u32, &<$protocol as Protocol>::Observation)> {
                    match claim {
                        DeciderObservation::$protocol(claim) => Some((0, claim)),
                        #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                        _ => None,
                    }
                }
            }
        )*

        /// Number of message kinds of all protocols.
        const KINDS: usize = 0 $(+ <<$protocol as Protocol>::Message as Message>::KINDS.len())*;

        /// The kinds, protocol by protocol.
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

        impl Message for DeciderMessage {
            const KINDS: &'static [Kind] = &kinds();

            fn kind(&self) -> usize {
                let mut before = 0;
                $(
                    if let DeciderMessage::$protocol(message) = self {
                        return before + message.kind();
                    }
                    before += <<$protocol as Protocol>::Message as Message>::KINDS.len();
                )*
                unreachable!("all {before} kinds are some protocol's")
            }

            fn size(&self) -> usize {
                match self {
                    $(DeciderMessage::$protocol(message) => message.size(),)*
                }
            }

            fn damaged(&self) -> Option<DeciderMessage> {
                Some(match self {
                    $(DeciderMessage::$protocol(message) => DeciderMessage::$protocol(message.damaged()?),)*
                })
            }

            fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<DeciderMessage> {
                Some(match self {
                    $(DeciderMessage::$protocol(message) => DeciderMessage::$protocol(message.altered(alteration, forge)?),)*
                })
            }
        }

        impl Observation for DeciderObservation {
            fn milestone(&self) -> Option<Milestone> {
                match self { $(DeciderObservation::$protocol(claim) => claim.milestone(),)* }
            }
            fn peak(&self) -> Option<(&'static str, u64)> {
                match self { $(DeciderObservation::$protocol(claim) => claim.peak(),)* }
            }
            fn accuses(&self) -> Option<NodeId> {
                match self { $(DeciderObservation::$protocol(claim) => claim.accuses(),)* }
            }
            fn suspects(&self) -> bool {
                match self { $(DeciderObservation::$protocol(claim) => claim.suspects(),)* }
            }
            fn mark(&self) -> Option<&'static CoverageMark> {
                match self { $(DeciderObservation::$protocol(claim) => claim.mark(),)* }
            }
        }

        impl Protocol for Decider {
            type Config = DeciderConfig;
            type Message = DeciderMessage;
            type Timer = DeciderTimer;
            type Record = DeciderRecord;
            type Observation = DeciderObservation;

            fn new(config: &Rc<DeciderConfig>, me: NodeId, nodes: usize, seed: u64, durable: Durable<'_, DeciderRecord>) -> Decider {
                match &**config {
                    $(DeciderConfig::$protocol(config) => {
                        let own = |note: &DeciderRecord| match note {
                            DeciderRecord::$protocol(record) => record.clone(),
                            #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                            _ => unreachable!("a node writes the records of its own protocol"),
                        };
                        let records: Vec<_> = durable.records.iter().map(own).collect();
                        let durable = Durable { records: &records, torn: durable.torn };
                        Decider::$protocol($protocol::new(config, me, nodes, seed, durable))
                    })*
                }
            }

            fn on_start(&mut self, ctx: &mut Context<'_, Decider>) {
                match self {
                    $(Decider::$protocol(node) => {
                        ctx.narrow(0, Members::All, &mut SingleChild, |ctx: &mut Context<'_, $protocol>| node.on_start(ctx))
                    })*
                }
            }

            fn on_message(&mut self, ctx: &mut Context<'_, Decider>, from: NodeId, message: &DeciderMessage) {
                match (self, message) {
                    $((Decider::$protocol(node), DeciderMessage::$protocol(message)) => {
                        ctx.narrow(0, Members::All, &mut SingleChild, |ctx: &mut Context<'_, $protocol>| {
                            node.on_message(ctx, from, message);
                        })
                    })*
                    #[allow(unreachable_patterns, reason = "there may be one protocol alone")]
                    _ => unreachable!("all nodes speak the same protocol"),
                }
            }

            fn on_timer(&mut self, ctx: &mut Context<'_, Decider>, timer: DeciderTimer) {
                match (self, timer) {
                    $((Decider::$protocol(node), DeciderTimer::$protocol(timer)) => {
                        ctx.narrow(0, Members::All, &mut SingleChild, |ctx: &mut Context<'_, $protocol>| {
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
            fn ending(claim: &DeciderObservation) -> Option<Ending> {
                match claim { $(DeciderObservation::$protocol(claim) => $protocol::ending(claim),)* }
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

            fn oracles(config: &Rc<DeciderConfig>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Decider>>> {
                match &**config {
                    $(DeciderConfig::$protocol(config) => {
                        Lifted::one(<$protocol as Decide>::oracles(config, ground_truth))
                    })*
                }
            }
        }
    };
}

/// The lens of an only child.
pub(super) struct SingleChild;

deciders!(Pbft, Weighted, Iterative, Hierarchical);
