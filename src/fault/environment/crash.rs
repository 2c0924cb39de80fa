//! Crashes: agents stop, one after another if they are staggered, and start again when the fault ends or pauses, some
//! later than others if they come back apart. A crash at the very start comes before any agent's own: it joins later.

use crate::builder::FaultBuilder;
use crate::kinds::{Crash, StorageLoss};
use synod_sim::Damage;
use synod_sim::inject::Intervention;

pub(super) fn install(crash: &Crash, builder: &mut FaultBuilder<'_>) {
    let damage = match crash.storage {
        StorageLoss::Kept => Damage::None,
        StorageLoss::Synced => Damage::Unsynced,
        StorageLoss::Torn => Damage::Torn,
        StorageLoss::Lost => Damage::All,
    };
    let in_flight = crash.in_flight;
    let id = builder.id();
    let intervals = builder.schedule.intervals(builder.params.horizon);
    for (place, node) in builder.targets().into_iter().enumerate() {
        let later = crash.stagger.0.saturating_mul(place as u64);
        for &(begin, end) in &intervals {
            builder.intervene(begin + later, Intervention::Crash { id, node, damage, in_flight });
            if let Some(end) = end {
                let longer = crash.apart.0.saturating_mul(place as u64);
                builder.intervene(end + later + longer, Intervention::Restart { id, node });
            }
        }
    }
}
