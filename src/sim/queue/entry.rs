//! A calendar's entries: a place in time within a bucket, and an event reference, packed.

use super::EventRef;
use std::fmt::Debug;

/// An entry of a calendar. The default is any entry, for slots that are not in use.
pub trait Entry: Copy + Default + Debug {
    /// How many low bits of an event reference it holds.
    const EVENT_BITS: u32;

    /// An event in the late heap: ordered by offset, then by order.
    type Late: Copy + Ord;

    /// Packs an offset of at most 24 bits and an event reference.
    fn pack(offset: u64, event: EventRef) -> Self;

    /// Returns the offset within the bucket, in nanoseconds.
    fn offset(self) -> u64;

    /// Returns the event reference.
    fn event(self) -> EventRef;

    /// Packs an event of the late heap.
    fn late(offset: u64, order: u64, event: EventRef) -> Self::Late;

    /// Returns offset and event reference of an event of the late heap.
    fn of_late(late: Self::Late) -> (u64, EventRef);
}

/// Eight bytes: 24 bits of offset, 40 of event reference.
#[derive(Copy, Clone, Default, Debug, PartialEq, Eq)]
pub struct Narrow(u64);

impl Narrow {
    const EVENT_MASK: u64 = (1 << Narrow::EVENT_BITS) - 1;
    const LATE_SHIFT: u32 = 64 + Narrow::EVENT_BITS;
}

impl Entry for Narrow {
    const EVENT_BITS: u32 = 40;

    /// 24 bits of offset, 64 of order, 40 of event reference.
    type Late = u128;

    #[inline]
    fn pack(offset: u64, event: EventRef) -> Narrow {
        Narrow(offset << Narrow::EVENT_BITS | event)
    }

    #[inline]
    fn offset(self) -> u64 {
        self.0 >> Narrow::EVENT_BITS
    }

    #[inline]
    fn event(self) -> EventRef {
        self.0 & Narrow::EVENT_MASK
    }

    fn late(offset: u64, order: u64, event: EventRef) -> u128 {
        u128::from(offset) << Narrow::LATE_SHIFT | u128::from(order) << Narrow::EVENT_BITS | u128::from(event)
    }

    fn of_late(late: u128) -> (u64, EventRef) {
        ((late >> Narrow::LATE_SHIFT) as u64, late as u64 & Narrow::EVENT_MASK)
    }
}

/// Sixteen bytes: offset and event reference, 64 bits each.
#[derive(Copy, Clone, Default, Debug, PartialEq, Eq)]
pub struct Wide {
    event: EventRef,
    offset: u64,
}

impl Entry for Wide {
    const EVENT_BITS: u32 = 64;

    /// Offset, order, event reference.
    type Late = (u64, u64, EventRef);

    #[inline]
    fn pack(offset: u64, event: EventRef) -> Wide {
        Wide { event, offset }
    }

    #[inline]
    fn offset(self) -> u64 {
        self.offset
    }

    #[inline]
    fn event(self) -> EventRef {
        self.event
    }

    fn late(offset: u64, order: u64, event: EventRef) -> (u64, u64, EventRef) {
        (offset, order, event)
    }

    fn of_late((offset, _, event): (u64, u64, EventRef)) -> (u64, EventRef) {
        (offset, event)
    }
}
