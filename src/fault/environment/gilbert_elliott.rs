//! Losses in bursts: the model of Gilbert and Elliott.
//!
//! E. N. Gilbert, *Capacity of a burst-noise channel* (Bell System Technical Journal, 1960); E. O. Elliott, *Estimates
//! of error rates for codes on burst-noise channels* (1963). In the long run a link is bad for enter / (enter + leave)
//! of its copies.

use super::links::{Link, LinkAction, LinkRule};
use crate::kinds::GilbertElliott;
use rand::Rng;
use synod_sim::collections::TreeSet;

pub(super) fn gilbert_elliott(gilbert_elliott: &GilbertElliott) -> LinkRule {
    let GilbertElliott { enter, leave, loss_bad, loss_good, .. } = *gilbert_elliott;
    // Every link is a channel of its own: what passes on one changes nothing on another.
    let mut bad: TreeSet<Link> = TreeSet::new();
    Box::new(move |link, draws| {
        let was_bad = bad.contains(&link);
        let turns = if was_bad { leave } else { enter }.admits(draws.next_u64());
        let is_bad = was_bad != turns;
        if is_bad {
            bad.insert(link)
        } else {
            bad.remove(&link)
        };
        if if is_bad { loss_bad } else { loss_good }.admits(draws.next_u64()) {
            LinkAction::Drop
        } else {
            LinkAction::Pass
        }
    })
}
