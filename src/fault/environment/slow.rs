//! Slow processors: everything that an agent handles takes longer, so that work queues up.

use crate::grip::Grip;
use crate::kinds::Slow;
use synod_sim::fault::Intervention;
use synod_sim::{Duration, Protocol};

pub(super) fn arm<P: Protocol>(slow: &Slow, grip: &mut Grip<'_, P>) {
    let id = grip.id();
    let by = slow.by.resolved();
    let spells = grip.window.spells(grip.terms.horizon);
    for node in grip.targets() {
        for &(from, until) in &spells {
            grip.intervene(from, Intervention::Slow { id, node, by });
            if let Some(until) = until {
                grip.intervene(until, Intervention::Slow { id, node, by: Duration::ZERO });
            }
        }
    }
}
