//! A list of items of one type whose free places are used again.

use super::collections::reserve_quarter;

/// The list. A place is a number from 0.
#[derive(Debug)]
pub(super) struct Slab<T> {
    items: Vec<Item<T>>,
    /// The first free place, or [`NONE`].
    free: u32,
    live: usize,
}

#[derive(Debug)]
enum Item<T> {
    Free { next: u32 },
    Used(T),
}

const NONE: u32 = u32::MAX;

impl<T> Slab<T> {
    pub(super) const fn new() -> Slab<T> {
        Slab { items: Vec::new(), free: NONE, live: 0 }
    }

    /// Returns true if there is a place for one more among `most`.
    #[inline]
    pub(super) fn has_room(&self, most: usize) -> bool {
        self.free != NONE || self.items.len() < most
    }

    /// The item is written where it stays: messages pass here.
    #[inline]
    pub(super) fn insert(&mut self, item: T) -> u32 {
        self.live += 1;
        if self.free == NONE {
            return self.push(item);
        }
        let place = self.free;
        let free = &mut self.items[place as usize];
        let Item::Free { next } = *free else { unreachable!("the free list holds free places") };
        self.free = next;
        *free = Item::Used(item);
        place
    }

    #[cold]
    fn push(&mut self, item: T) -> u32 {
        reserve_quarter(&mut self.items, 1);
        self.items.push(Item::Used(item));
        self.items.len() as u32 - 1
    }

    /// Drops the item at `place`.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub(super) fn free(&mut self, place: u32) {
        let item = &mut self.items[place as usize];
        assert!(matches!(item, Item::Used(_)), "a place is freed once");
        *item = Item::Free { next: self.free };
        self.free = place;
        self.live -= 1;
    }

    /// Takes the item at `place` out.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn remove(&mut self, place: u32) -> T {
        let item = std::mem::replace(&mut self.items[place as usize], Item::Free { next: self.free });
        let Item::Used(item) = item else { unreachable!("a place is freed once") };
        self.free = place;
        self.live -= 1;
        item
    }

    #[inline]
    pub(super) fn get(&self, place: u32) -> &T {
        match &self.items[place as usize] {
            Item::Used(item) => item,
            Item::Free { .. } => unreachable!("what is pending keeps its place"),
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, place: u32) -> &mut T {
        match &mut self.items[place as usize] {
            Item::Used(item) => item,
            Item::Free { .. } => unreachable!("what is pending keeps its place"),
        }
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.items.capacity() * size_of::<Item<T>>()
    }

    pub(super) fn live(&self) -> usize {
        self.live
    }
}
