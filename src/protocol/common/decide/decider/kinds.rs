//! The kinds of message of all children of a run.

use std::any::TypeId;
use std::cell::RefCell;
use std::rc::Rc;
use synod_sim::{Kind, Protocol};

/// The kinds of message of all children of a run, protocol by protocol. The configurations of the children share it.
#[derive(Clone, Default)]
pub struct KindTable(Rc<RefCell<Vec<Part>>>);

/// The kinds of one protocol.
struct Part {
    message: TypeId,
    kinds: Vec<Kind>,
    /// Index of the first among those of all.
    first: usize,
}

impl KindTable {
    /// No kinds.
    pub fn new() -> KindTable {
        KindTable::default()
    }

    /// The index of the first kind of `C`, whose kinds are added unless they are there.
    pub(super) fn enter<C: Protocol>(&self, config: &C::Config) -> usize {
        let (message, kinds) = (TypeId::of::<C::Message>(), C::kinds(config));
        let mut parts = self.0.borrow_mut();
        if let Some(part) = parts.iter().find(|part| part.message == message && part.kinds == *kinds) {
            return part.first;
        }
        let first = parts.last().map_or(0, |part| part.first + part.kinds.len());
        parts.push(Part { message, kinds: kinds.into_owned(), first });
        first
    }

    /// All kinds, by their indices.
    pub fn all(&self) -> Vec<Kind> {
        self.0.borrow().iter().flat_map(|part| part.kinds.iter().copied()).collect()
    }
}
