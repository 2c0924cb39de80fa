//! What only insiders of a weighted vote can do: voters, or the coordinator, that hold their own keys and no others,
//! share what they know, and hear every message to one of them when it is sent.

mod certificate;
mod coalition;
mod trust;
mod voting;

use super::Weighted;
use crate::sim::fault::Interceptor;
use crate::sim::{Attack, Insiders};
use coalition::Seat;

macro_rules! attacks {
    ($($name:literal $scheme:expr, $about:literal, $strength:literal;)*) => {
        /// The attacks, by their numbers in the catalogue as far as they have one.
        pub(super) const ATTACKS: &[Attack] =
            &[$(Attack { name: $name, about: $about, strength: $strength }),*];

        /// The interceptor of the attack `name`.
        ///
        /// # Panics
        /// If there is no such attack.
        pub(super) fn mount(name: &str, insiders: Insiders<Weighted>) -> Box<dyn Interceptor<Weighted>> {
            match name {
                $($name => Seat::boxed(insiders, $scheme),)*
                _ => panic!("weighted voting knows no attack {name:?}"),
            }
        }
    };
}

attacks! {
    "vote_flip" voting::Flip,
        "Insiders vote, and then vote otherwise.",
        "the part of the votes that are flipped";
    "sybil" voting::Sybil,
        "Insiders vote in the names of voters that they are not.",
        "the part of all voters whose names each uses";
    "farm_and_defect" trust::Defect,
        "Insiders are right until their word weighs much, and then wrong together.",
        "the part of the sessions, the last ones, in which they are wrong";
    "weight_inflation" trust::Inflate,
        "Insiders vote wrong together, each surer than sure.",
        "how much surer: at 100% twice as sure as one can be";
    "last_mover" voting::LastMover,
        "Insiders hold their votes back.",
        "for which part of the deadline";
    "snapshot_race" trust::OldWeights,
        "Insiders vote under other weights than those of the session.",
        "the part of the votes";
    "two_certificates" certificate::Two::new(),
        "A coordinator among the insiders shows some voters the proof of one outcome and others that of another.",
        "the part of the correct voters that are to see the other one";
}
