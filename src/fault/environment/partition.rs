//! Partitions: groups that cannot reach each other.

use crate::fault::arm::Grip;
use crate::fault::kinds::Partition;
use crate::sim::fault::Intervention;
use crate::sim::{Cut, Protocol};

pub(super) fn arm<P: Protocol>(partition: &Partition, grip: &mut Grip<'_, P>) {
    let mut sides = vec![None; grip.terms.nodes];
    for (side, group) in partition.groups.iter().enumerate() {
        group.iter().for_each(|&agent| sides[agent as usize] = Some(side as u32));
    }
    let id = grip.cut_id();
    for (begin, end) in grip.window.spells(grip.terms.horizon) {
        grip.intervene(begin, Intervention::Cut { id, cut: Cut::Sides(sides.clone()) });
        if let Some(end) = end {
            grip.intervene(end, Intervention::Heal { id });
        }
    }
}
