//! Coverage marks: events that should sometimes happen. Their counts show what runs have exercised.

use std::cmp::Ordering;
use std::fmt;

/// The declaration of a coverage mark.
///
/// A protocol declares its marks as an enum by [`marks!`](crate::marks). Marks of one name are one, whoever declares
/// them: protocols inside others count together.
#[derive(Copy, Clone)]
pub struct CoverageMark {
    /// Its name in results and scenario files.
    pub name: &'static str,
    /// The event that hits it, in one sentence.
    pub help: &'static str,
}

impl fmt::Debug for CoverageMark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, out)
    }
}

impl PartialEq for CoverageMark {
    fn eq(&self, other: &CoverageMark) -> bool {
        self.name == other.name
    }
}

impl Eq for CoverageMark {}

impl PartialOrd for CoverageMark {
    fn partial_cmp(&self, other: &CoverageMark) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CoverageMark {
    fn cmp(&self, other: &CoverageMark) -> Ordering {
        self.name.cmp(other.name)
    }
}

/// Declares the coverage marks of a protocol as an enum, each with its name in results and its description.
///
/// ```
/// synod_sim::marks! {
///     /// What should sometimes happen.
///     enum Mark {
///         ViewChange = "view_change": "A replica entered a view.",
///         Recovery = "recovery": "A replica went on with what it had made durable.",
///     }
/// }
///
/// assert_eq!(Mark::Recovery.declared().name, "recovery");
/// assert_eq!(Mark::ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! marks {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident { $($mark:ident = $text:literal: $help:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $visible enum $name {
            $(#[doc = $help] $mark,)+
        }

        impl $name {
            /// All declarations, in their order.
            $visible const ALL: &'static [$crate::CoverageMark] =
                &[$($crate::CoverageMark { name: $text, help: $help },)+];

            /// Its declaration.
            $visible const fn declared(self) -> &'static $crate::CoverageMark {
                &$name::ALL[self as usize]
            }
        }
    };
}
