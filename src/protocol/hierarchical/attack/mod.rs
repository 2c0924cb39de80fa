//! Attacks by insiders of a hierarchy: agents that hold their own keys and no others, share what they know, and hear
//! every message to one of them when it is sent. Most of it takes a representative among them.

mod capture;
mod eclipse;
mod misreport;

use super::Hierarchical;
use synod_common::{
    attacks,
    coalition::{self, AttackInterceptor},
};

/// What a strategy can access and do at one event.
type AttackContext<'a, 'w> = coalition::AttackContext<'a, 'w, Hierarchical>;

attacks! { Hierarchical;
    "eclipse" eclipse::Eclipse,
        "Representatives keep sessions and results from those under them.",
        "the part of their juniors, the last ones, that hear of nothing";
    "capture" capture::Capture,
        "Insiders in one place vote wrong together, and speak so for the cluster that they lead.",
        "the part of the sessions in which they do";
    "misreport" misreport::Inflate,
        "Representatives report all votes as votes for what is wrong.",
        "the part of the reports";
    "omission" misreport::Omit,
        "Representatives leave votes out of what they report.",
        "the part of the votes, those for what is right first";
}
