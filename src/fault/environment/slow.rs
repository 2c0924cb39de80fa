//! Slow processors: everything that an agent handles takes longer, so that work queues up.

use crate::builder::FaultBuilder;
use crate::kinds::Slow;
use synod_sim::Duration;
use synod_sim::inject::Intervention;

pub(super) fn install(slow: &Slow, builder: &mut FaultBuilder<'_>) {
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
