//! Declaration of a protocol's known bugs: mutants that validate the oracles.
//!
//! A state machine knows no bugs. It goes by rules, whose true values are the protocol's; a bug gives some of them other
//! values. Without the feature `mutants` there are no other values, and every rule is a constant.

/// Declares `Bug`: for each bug its name in scenarios, the oracle that must catch it, and a description.
#[macro_export]
macro_rules! bugs {
    ($($bug:ident $name:literal, $oracle:literal: $about:literal;)*) => {
        /// A bug that a mutant has.
        #[derive(
            Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Bug {
            $(#[doc = $about] $bug,)*
        }

        impl Bug {
            /// All bugs.
            pub const ALL: &'static [Bug] = &[$(Bug::$bug),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Bug::$bug => $name),* }
            }

            /// The oracle that must catch it.
            pub const fn oracle(self) -> &'static str {
                match self { $(Bug::$bug => $oracle),* }
            }

            /// A description.
            pub const fn about(self) -> &'static str {
                match self { $(Bug::$bug => $about),* }
            }
        }
    };
}

/// Declares `Rules`: for each rule its type, its true value, and what it is for the mutants that break it.
///
/// Whoever uses it has declared its bugs with [`bugs!`](crate::bugs!).
#[macro_export]
macro_rules! rules {
    ($($(#[$about:meta])+ $rule:ident: $type:ty = $truth:expr, $($bug:ident => $broken:expr),+;)*) => {
        /// What the state machine goes by, wherever a mutant goes by something else.
        #[derive(Copy, Clone, Debug, PartialEq, Eq)]
        pub(crate) struct Rules {
            $($(#[$about])+ pub(crate) $rule: $type,)*
        }

        impl Rules {
            /// The protocol's.
            const TRUE: &'static Rules = &Rules::made_for(None);

            /// For each bug those of its mutant.
            #[cfg(feature = "mutants")]
            const OF_MUTANTS: &'static [Rules; Bug::ALL.len()] = &{
                let mut all = [Rules::made_for(None); Bug::ALL.len()];
                let mut place = 0;
                while place < all.len() {
                    all[Bug::ALL[place] as usize] = Rules::made_for(Some(Bug::ALL[place]));
                    place += 1;
                }
                all
            };

            const fn made_for(bug: Option<Bug>) -> Rules {
                Rules {
                    $($rule: match bug { $(Some(Bug::$bug) => $broken,)+ _ => $truth },)*
                }
            }

            /// Those of the protocol, or of the mutant with `bug` where mutants are built in.
            #[inline]
            pub(crate) const fn of(bug: Option<Bug>) -> &'static Rules {
                match bug {
                    #[cfg(feature = "mutants")]
                    Some(bug) => &Rules::OF_MUTANTS[bug as usize],
                    _ => Rules::TRUE,
                }
            }
        }

        #[cfg(test)]
        mod rules_tests {
            use super::{Bug, Rules};

            #[test]
            fn every_bug_breaks_a_rule() {
                assert_eq!(Rules::of(None), &Rules::made_for(None));
                for &bug in Bug::ALL {
                    let broken = Rules::made_for(Some(bug));
                    assert_ne!(&broken, Rules::TRUE, "{}", bug.name());
                    assert_eq!(&broken == Rules::of(Some(bug)), cfg!(feature = "mutants"), "{}", bug.name());
                }
            }
        }
    };
}
