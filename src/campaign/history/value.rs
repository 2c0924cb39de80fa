//! What objects hold, in numbers: each value of an object's history has one, and a name to show.

use super::datum::Datum;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// A value.
    One(u32),
    /// Values in the order in which they were appended.
    List(Rc<[u32]>),
    /// All values below a number, which is the smallest there is, but those that are missing. Values are numbered as
    /// they come, so those are few.
    Set { below: u32, missing: Rc<[u32]> },
}

/// The longest list of which all beginnings are looked at.
const LONGEST: usize = 32;

impl Held {
    pub(super) fn list(items: Vec<u32>) -> Held {
        Held::List(items.into())
    }

    /// Returns the set of these.
    pub(super) fn set(mut items: Vec<u32>) -> Held {
        items.sort_unstable();
        let below = items.last().map_or(0, |&last| last + 1);
        let missing = (0..below).filter(|value| items.binary_search(value).is_err()).collect();
        Held::Set { below, missing }
    }

    /// Returns what is held once `value` has been added at the end.
    pub(super) fn with(&self, value: u32) -> Held {
        match self {
            Held::One(_) => Held::One(value),
            Held::List(items) => Held::List(items.iter().copied().chain([value]).collect()),
            Held::Set { below, missing } if value >= *below => Held::Set {
                below: value + 1,
                missing: missing.iter().copied().chain(*below..value).collect(),
            },
            Held::Set { below, missing } => Held::Set {
                below: *below,
                missing: missing.iter().copied().filter(|&other| other != value).collect(),
            },
        }
    }

    /// Returns what may have been held on the way to this by adding at the end; `None` if that is too much to tell.
    pub(super) fn beginnings(&self) -> Option<Vec<Held>> {
        match self {
            Held::One(_) => Some(vec![self.clone()]),
            Held::List(items) if items.len() <= LONGEST => {
                Some((0..=items.len()).map(|length| Held::List(items[..length].into())).collect())
            }
            Held::List(_) | Held::Set { .. } => None,
        }
    }

    /// Returns true if `value` is held.
    pub(super) fn has(&self, value: u32) -> bool {
        match self {
            Held::One(held) => *held == value,
            Held::List(items) => items.contains(&value),
            Held::Set { below, missing } => value < *below && missing.binary_search(&value).is_err(),
        }
    }

    /// Returns the value, or the first one of a list.
    pub(super) fn first(&self) -> Option<u32> {
        match self {
            Held::One(held) => Some(*held),
            Held::List(items) => items.first().copied(),
            Held::Set { .. } => None,
        }
    }

    /// Returns true if it may come from `before` by adding `value` first.
    pub(super) fn follows(&self, before: &Held, value: u32) -> bool {
        match (self, before) {
            (Held::List(items), Held::List(shorter)) => {
                items.get(shorter.len()) == Some(&value) && self.holds(before)
            }
            (Held::Set { .. }, Held::Set { .. }) => {
                self.has(value) && !before.has(value) && self.holds(before)
            }
            _ => false,
        }
    }

    /// Returns true if it may come from `before` by adding at the end, or by nothing at all.
    pub(super) fn holds(&self, before: &Held) -> bool {
        match (self, before) {
            (Held::List(items), Held::List(before)) => items.starts_with(before),
            (Held::Set { below: end, missing }, Held::Set { below, .. }) => {
                below <= end && !missing.iter().take_while(|gone| *gone < below).any(|&gone| before.has(gone))
            }
            _ => self == before,
        }
    }

    /// Returns how much memory it takes beside its own size.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Held::One(_) => 0,
            Held::List(items) | Held::Set { missing: items, .. } => 16 + 4 * items.len(),
        }
    }
}

/// The values of one object's history, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Rc<RefCell<Table>>);

#[derive(Debug, Default)]
struct Table {
    numbers: BTreeMap<Datum, u32>,
    names: Vec<String>,
}

impl Names {
    /// The number of `nil`.
    pub(super) const NIL: u32 = 0;

    /// Returns names of values, `nil` among them.
    pub(super) fn with_nil() -> Names {
        let names = Names::default();
        assert_eq!(names.number(&Datum::Nil), Names::NIL, "it is the first");
        names
    }

    /// Returns the number of a value.
    pub(super) fn number(&self, value: &Datum) -> u32 {
        let table = &mut *self.0.borrow_mut();
        if let Some(&number) = table.numbers.get(value) {
            return number;
        }
        let number = table.names.len() as u32;
        table.names.push(value.to_string());
        table.numbers.insert(value.clone(), number);
        number
    }

    /// Returns how a value is written.
    pub(super) fn of(&self, number: u32) -> String {
        // An object that was never asked holds `nil`.
        self.0.borrow().names.get(number as usize).map_or("nil".to_owned(), String::clone)
    }

    /// Returns how what is held is written.
    pub(super) fn held(&self, held: &Held) -> String {
        let all = |values: &mut dyn Iterator<Item = u32>| {
            values.map(|value| self.of(value)).collect::<Vec<_>>().join(" ")
        };
        match held {
            Held::One(value) => self.of(*value),
            Held::List(items) => format!("[{}]", all(&mut items.iter().copied())),
            Held::Set { below, .. } => {
                format!("#{{{}}}", all(&mut (0..*below).filter(|&value| held.has(value))))
            }
        }
    }
}

/// Something in numbers, with the names that show it. Only the numbers are compared.
#[derive(Clone, Debug)]
pub(super) struct Shown<T> {
    pub(super) what: T,
    pub(super) names: Names,
}

impl<T: PartialEq> PartialEq for Shown<T> {
    fn eq(&self, other: &Shown<T>) -> bool {
        self.what == other.what
    }
}

impl<T: Eq> Eq for Shown<T> {}

impl<T: Ord> PartialOrd for Shown<T> {
    fn partial_cmp(&self, other: &Shown<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Shown<T> {
    fn cmp(&self, other: &Shown<T>) -> Ordering {
        self.what.cmp(&other.what)
    }
}

impl fmt::Display for Shown<Held> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names.held(&self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_what_was_added_in_any_order() {
        let added =
            |values: &[u32]| values.iter().fold(Held::set(Vec::new()), |held, &value| held.with(value));
        assert_eq!(added(&[4, 1, 4]), Held::set(vec![1, 4]));
        assert_eq!(added(&[0, 1, 2]), Held::Set { below: 3, missing: [].into() });
        assert!(added(&[4, 1]).has(1) && !added(&[4, 1]).has(2) && !added(&[4, 1]).has(5));
        let whole = added(&[1, 4, 6]);
        assert!(whole.follows(&added(&[4]), 1) && !whole.follows(&added(&[4]), 4));
        assert!(!whole.follows(&added(&[3]), 1), "3 would have to go");
        assert!(!whole.follows(&added(&[7]), 1), "so would 7");
        assert!(!whole.follows(&added(&[4]), 2));
        assert!(whole.holds(&whole) && whole.holds(&added(&[6])) && whole.holds(&added(&[])));
        assert!(!whole.holds(&added(&[0, 1])) && !whole.holds(&added(&[1, 7])));
    }
}
