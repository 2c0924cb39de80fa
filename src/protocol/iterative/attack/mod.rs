//! Attacks by insiders of a refinement: agents that hold their own keys and no others, share what they know, and hear
//! every message to one of them when it is sent.

mod echo;
mod flood;
mod pull;
mod stall;

use super::Iterative;
use synod_common::{attacks, coalition::AttackInterceptor};

attacks! { Iterative;
    "convergence_stalling" stall::Stall,
        "Insiders propose what is far from everything, and think nothing of what others propose.",
        "the part of their proposals and reviews";
    "oscillation" stall::Oscillate,
        "Insiders propose one extreme and the other by turns, and praise and damn by turns.",
        "the part of their proposals and reviews";
    "feedback_bombing" flood::Bomb,
        "Insiders send many more reviews: other ones, of their own proposals, of ones that they are not to review.",
        "how many more: at 100% sixteen for each";
    "tolerance_drift" pull::Drift::default(),
        "Insiders pull to one side, each time no farther than convergence tolerates; in numeric agreement, some agents to \
         one side and some to the other.",
        "how far, as a part of what is tolerated; in numeric agreement, of the range of the honest numbers beyond it";
    "sycophantic_echo" echo::Echo::default(),
        "Insiders propose what was selected, and praise everything.",
        "the part of their proposals and reviews";
}
