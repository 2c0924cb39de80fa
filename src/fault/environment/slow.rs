//! Slow processors: everything that an agent handles takes longer, so that work queues up.

use crate::builder::FaultBuilder;
use crate::kinds::Slow;
use synod_sim::inject::Intervention;
use synod_sim::{Duration, Protocol};

pub(super) fn install<P: Protocol>(slow: &Slow, builder: &mut FaultBuilder<'_, P>) {
    let id = builder.id();
    let by = slow.by.resolved();
    let intervals = builder.schedule.intervals(builder.params.horizon);
    for node in builder.targets() {
        for &(from, until) in &intervals {
            builder.intervene(from, Intervention::Slow { id, node, by });
            if let Some(until) = until {
                builder.intervene(until, Intervention::Slow { id, node, by: Duration::ZERO });
            }
        }
    }
}
