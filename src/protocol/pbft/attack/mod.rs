//! Attacks by insiders of PBFT: replicas that know the protocol, hold their own keys and no others, share what they
//! know, and hear every message to one of them when it is sent.
//!
//! Every strategy runs beside the correct state machine of its insiders, so that whatever it leaves alone follows the
//! protocol: an adversary that fails at everything is harmless.

mod authenticator;
mod certificate;
mod checkpoint;
mod coalition;
mod equivocation;
mod liveness;
mod new_view;
mod order;
mod proposal;
mod reply;
mod second_history;
mod stall;

use super::Pbft;
use stall::Stalling;
use synod_common::{attacks, coalition::AttackInterceptor};

attacks! { Pbft;
    "pre_prepare_equivocation" equivocation::Equivocation::new(),
        "A primary proposes one batch to some backups and another to the rest, and its accomplices vote for both.",
        "how evenly the correct replicas are divided: at 100% half of them see the other batch";
    "pre_prepare_to_few" proposal::ToFew,
        "A primary proposes only to as many as it takes to decide, and never tells the rest.",
        "the part left out of the n - q that a decision can do without";
    "watermark_jump" proposal::Jump::beyond_the_window(),
        "Proposals and votes name slots beyond the high watermark.",
        "how far beyond: at 100% a whole window";
    "sequence_gap" proposal::Jump::within_the_window(),
        "A primary leaves slots empty, so that nothing after them can execute.",
        "how many: at 100% a whole checkpoint interval";
    "forged_certificate" Stalling::with(certificate::Forged::new()),
        "View changes carry certificates that lack votes, count one vote often, or use other replicas' names.",
        "the part of the view changes that are forged";
    "second_history" second_history::SecondHistory::new(),
        "A primary proposes two batches, and its accomplices vouch for the second with votes that are not there.",
        "how evenly the correct replicas are divided, and the part of the view changes and checkpoints that are forged";
    "omitted_certificate" Stalling::with(certificate::Omitted),
        "View changes leave out what was prepared.",
        "the part of the certificates that is left out, the latest first";
    "wrong_new_view" Stalling::with(new_view::Wrong::new()),
        "A new primary proposes nothing where something was prepared, or something where nothing was.",
        "the part of the proposals that is wrong, one at least";
    "withheld_new_view" Stalling::with(new_view::Withheld::new()),
        "A new primary never starts its view.",
        "the part of the views that never start";
    "new_view_to_some" Stalling::with(new_view::ToSome),
        "A new primary starts its view with only as many as it takes.",
        "the part left out of the n - q that a decision can do without";
    "slow_primary" proposal::Slow,
        "A primary proposes late, but not so late that it is deposed.",
        "how late, as a part of the timeout T";
    "time_ahead" proposal::FalseTime { is_ahead: true },
        "A primary proposes times in the future. It does nothing where the service knows no time.",
        "how far, as a part of 20 times the largest difference of clocks";
    "time_behind" proposal::FalseTime { is_ahead: false },
        "A primary proposes times in the past. It does nothing where the service knows no time.",
        "how far, as a part of 20 times the largest difference of clocks";
    "censorship" order::Censorship,
        "A primary does not take in what some clients ask.",
        "the part of the clients, those with the lowest numbers";
    "front_running" order::FrontRunning,
        "A primary takes the first client's requests at once and all others late, so that the first overtakes them.",
        "how late, as a part of T/2";
    "partial_authenticator" authenticator::Partial,
        "Authenticators are right for some receivers only. It does nothing under other authentication.",
        "the part of the correct replicas but one for which they are wrong";
    "checkpoint_lie" checkpoint::Lie,
        "Insiders vouch for a state that never was.",
        "the part of the correct replicas that hear the lie; the rest hear the truth";
    "bad_snapshot" checkpoint::BadSnapshot::new(),
        "Whoever has fallen behind is served a state that never was.",
        "the part of the states served that is wrong";
    "lying_reply" reply::Lying::new(),
        "Insiders tell clients one and the same wrong result.",
        "the part of the requests whose result is wrong";
    "view_change_spam" liveness::ViewChanges::new(),
        "Insiders give up one view after another.",
        "for how many of the messages that they send a view change goes with it";
    "withheld_commits" liveness::Withheld,
        "Insiders keep commits, and proofs of commitment, from some replicas, so that few know what is decided.",
        "the part of the correct replicas";
}
