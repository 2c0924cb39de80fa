//! Pauses: agents stand still, and go on when the fault ends or is off.

use crate::builder::FaultBuilder;
use synod_sim::inject::Intervention;

pub(super) fn install(builder: &mut FaultBuilder<'_>) {
    let id = builder.id();
    let intervals = builder.schedule.intervals(builder.params.horizon);
    for node in builder.targets() {
        for &(from, until) in &intervals {
            builder.intervene(from, Intervention::Pause { id, node });
            if let Some(until) = until {
                builder.intervene(until, Intervention::Resume { id, node });
            }
        }
    }
}
