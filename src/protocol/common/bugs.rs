//! How protocols declare their known bugs: mutants that prove the oracles.
//!
//! Without the feature `mutants` a protocol has no bug, and every test for one is a constant `false`.

/// Declares `Bug`: for each bug its name in scenarios, the oracle that must catch it, and what it does.
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
            /// Every bug there is.
            pub const ALL: &'static [Bug] = &[$(Bug::$bug),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Bug::$bug => $name),* }
            }

            /// The oracle that must catch it.
            pub const fn oracle(self) -> &'static str {
                match self { $(Bug::$bug => $oracle),* }
            }

            /// What it does.
            pub const fn about(self) -> &'static str {
                match self { $(Bug::$bug => $about),* }
            }
        }
    };
}
