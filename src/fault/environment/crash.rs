//! Crashes: agents stop, one after another if they are staggered, and start again when the fault ends or pauses, some
//! later than others if they come back apart. A crash at the very start comes before any agent's own: it joins later.

use crate::grip::Grip;
use crate::kinds::{Crash, StorageLoss};
use synod_sim::fault::Intervention;
use synod_sim::{Damage, Protocol};

pub(super) fn arm<P: Protocol>(crash: &Crash, grip: &mut Grip<'_, P>) {
    let damage = match crash.storage {
        StorageLoss::Kept => Damage::None,
        StorageLoss::Synced => Damage::Unsynced,
        StorageLoss::Torn => Damage::Torn,
        StorageLoss::Lost => Damage::All,
    };
    let id = grip.id();
    let spells = grip.window.spells(grip.terms.horizon);
    for (place, node) in grip.targets().into_iter().enumerate() {
        let later = crash.stagger.0.saturating_mul(place as u64);
        for &(begin, end) in &spells {
            grip.intervene(begin + later, Intervention::Crash { id, node, damage });
            if let Some(end) = end {
                let longer = crash.apart.0.saturating_mul(place as u64);
                grip.intervene(end + later + longer, Intervention::Restart { id, node });
            }
        }
    }
}
