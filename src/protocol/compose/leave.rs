//! What a protocol must be able to do to be left before it has decided: say what may have been decided in it.

use super::decide::Decide;
use super::decider::{Decider, DeciderConfig, Only};
use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;
use synod_pbft::Pbft;
use synod_sim::{Context, Members, NodeId};
use synod_vote::weighted::leaving::Possible;
use synod_vote::weighted::{self, Weighted};

/// A protocol that can be left undecided, so that another may decide in its place and never otherwise.
pub trait Leave: Decide {
    /// What a member says that leaves and will say nothing more.
    type Testimony: Clone + Debug + Serialize + 'static;

    /// What this member has to say.
    fn testimony(&self) -> Self::Testimony;

    /// True if `testimony` is the word of `witness`, and proves what it says.
    fn is_proven(
        config: &Self::Config,
        ctx: &mut Context<'_, Self>,
        witness: NodeId,
        testimony: &Self::Testimony,
    ) -> bool;

    /// What may have been decided, if all but f members have left with these words; who took no part has none.
    fn bound(config: &Self::Config, words: &[(NodeId, Option<&Self::Testimony>)]) -> Bound;

    /// The same, but nothing can be decided except `value`.
    fn settled_on(config: &Self::Config, value: u64) -> Self::Config;

    /// A testimony's size on the wire, in bytes.
    fn size(testimony: &Self::Testimony) -> usize;
}

/// What may have been decided where some have left.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Bound {
    /// Nothing: whoever goes on is free.
    Free,
    /// This.
    Value(u64),
    /// One of several, or something that nobody can name: more have to leave.
    Unclear,
}

impl Leave for Pbft {
    type Testimony = synod_pbft::leaving::Testimony;

    fn testimony(&self) -> Self::Testimony {
        Pbft::testimony(self)
    }

    fn is_proven(
        config: &synod_pbft::Config,
        ctx: &mut Context<'_, Pbft>,
        _: NodeId,
        testimony: &Self::Testimony,
    ) -> bool {
        testimony.is_proven(config, ctx)
    }

    fn bound(_: &synod_pbft::Config, words: &[(NodeId, Option<&Self::Testimony>)]) -> Bound {
        match Self::Testimony::outcome(words.iter().filter_map(|(_, word)| *word)) {
            None => Bound::Free,
            Some(Some(value)) => Bound::Value(value),
            Some(None) => Bound::Unclear,
        }
    }

    fn settled_on(config: &synod_pbft::Config, value: u64) -> synod_pbft::Config {
        Pbft::starting(config, synod_sim::Time::ZERO, Some(value))
    }

    fn size(testimony: &Self::Testimony) -> usize {
        testimony.size()
    }
}

impl Leave for Weighted {
    type Testimony = weighted::leaving::Testimony;

    fn testimony(&self) -> Self::Testimony {
        Weighted::testimony(self)
    }

    fn is_proven(
        _: &weighted::Config,
        ctx: &mut Context<'_, Weighted>,
        witness: NodeId,
        testimony: &Self::Testimony,
    ) -> bool {
        testimony.is_proven(witness, ctx)
    }

    fn bound(config: &weighted::Config, words: &[(NodeId, Option<&Self::Testimony>)]) -> Bound {
        let silent = Self::Testimony::default();
        let words = words.iter().map(|(witness, word)| (*witness, word.unwrap_or(&silent)));
        match Self::Testimony::possible(config, words) {
            Possible::Nothing => Bound::Free,
            Possible::Only(option) => Bound::Value(option),
            Possible::Several => Bound::Unclear,
        }
    }

    fn settled_on(config: &weighted::Config, value: u64) -> weighted::Config {
        config.settled_on(value)
    }

    fn size(testimony: &Self::Testimony) -> usize {
        testimony.size()
    }
}

/// The testimony of one of Synod's own protocols.
#[derive(Clone, Debug, Serialize)]
pub enum Word {
    /// PBFT's.
    Pbft(synod_pbft::leaving::Testimony),
    /// A vote's.
    Weighted(weighted::leaving::Testimony),
}

impl Word {
    fn pbft(&self) -> Option<&synod_pbft::leaving::Testimony> {
        match self {
            Word::Pbft(word) => Some(word),
            Word::Weighted(_) => None,
        }
    }

    fn weighted(&self) -> Option<&weighted::leaving::Testimony> {
        match self {
            Word::Weighted(word) => Some(word),
            Word::Pbft(_) => None,
        }
    }
}

/// Why some cannot be left: what a refinement's coordinator has selected, or the root of a tree has counted, nobody else
/// can tell.
const NO_RUNG: &str = "refinements and trees are no rungs of a chain";

impl Leave for Decider {
    type Testimony = Word;

    fn testimony(&self) -> Word {
        match self {
            Decider::Pbft(node) => Word::Pbft(node.testimony()),
            Decider::Weighted(node) => Word::Weighted(node.testimony()),
            Decider::Iterative(_) | Decider::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn is_proven(
        config: &DeciderConfig,
        ctx: &mut Context<'_, Decider>,
        witness: NodeId,
        testimony: &Word,
    ) -> bool {
        match (config, testimony) {
            (DeciderConfig::Pbft(config), Word::Pbft(word)) => {
                ctx.narrow(0, Members::All, &mut Only, |ctx: &mut Context<'_, Pbft>| {
                    <Pbft as Leave>::is_proven(config, ctx, witness, word)
                })
            }
            (DeciderConfig::Weighted(config), Word::Weighted(word)) => {
                ctx.narrow(0, Members::All, &mut Only, |ctx: &mut Context<'_, Weighted>| {
                    <Weighted as Leave>::is_proven(config, ctx, witness, word)
                })
            }
            _ => false,
        }
    }

    fn bound(config: &DeciderConfig, words: &[(NodeId, Option<&Word>)]) -> Bound {
        match config {
            DeciderConfig::Pbft(config) => {
                let own = words.iter().map(|&(witness, word)| (witness, word.and_then(Word::pbft)));
                Pbft::bound(config, &own.collect::<Vec<_>>())
            }
            DeciderConfig::Weighted(config) => {
                let own = words.iter().map(|&(witness, word)| (witness, word.and_then(Word::weighted)));
                Weighted::bound(config, &own.collect::<Vec<_>>())
            }
            DeciderConfig::Iterative(_) | DeciderConfig::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn settled_on(config: &DeciderConfig, value: u64) -> DeciderConfig {
        match config {
            DeciderConfig::Pbft(config) => DeciderConfig::Pbft(Rc::new(Pbft::settled_on(config, value))),
            DeciderConfig::Weighted(config) => {
                DeciderConfig::Weighted(Rc::new(<Weighted as Leave>::settled_on(config, value)))
            }
            DeciderConfig::Iterative(_) | DeciderConfig::Hierarchical(_) => unreachable!("{NO_RUNG}"),
        }
    }

    fn size(testimony: &Word) -> usize {
        match testimony {
            Word::Pbft(word) => word.size(),
            Word::Weighted(word) => word.size(),
        }
    }
}
