//! Attacks by insiders of a weighted vote: voters, or the coordinator, that hold their own keys and no others, share
//! what they know, and hear every message to one of them when it is sent.

mod certificate;
mod coalition;
mod trust;
mod voting;

use super::Weighted;
use coalition::NeverAsking;
use synod_common::{attacks, coalition::AttackInterceptor};

attacks! { Weighted;
    "vote_flip" NeverAsking(voting::Flip),
        "Insiders vote, and then vote otherwise.",
        "the part of the votes that are flipped";
    "sybil" NeverAsking(voting::Sybil),
        "Insiders vote in the names of voters that they are not.",
        "the part of all voters whose names each uses";
    "farm_and_defect" NeverAsking(trust::Defect),
        "Insiders are right until their word weighs much, and then wrong together.",
        "the part of the sessions, the last ones, in which they are wrong";
    "weight_inflation" NeverAsking(trust::Inflate),
        "Insiders vote wrong together, each surer than sure.",
        "how much surer: at 100% twice as sure as one can be";
    "last_mover" NeverAsking(voting::LastMover),
        "Insiders hold their votes back.",
        "for which part of the deadline";
    "snapshot_race" NeverAsking(trust::OldWeights),
        "Insiders vote under other weights than those of the session.",
        "the part of the votes";
    "two_certificates" NeverAsking(certificate::Two::new()),
        "A coordinator among the insiders shows some voters the proof of one outcome and others that of another.",
        "the part of the correct voters that are to see the other one";
}
