//! Reasons: enums that are known to files and digests by their names.

/// Declares reasons as an enum, each with its name in claims, messages and files. A reason shows and serializes as its
/// name: what it is called in the code changes no digest.
///
/// ```
/// synod_common::reasons! {
///     /// Why nothing was decided.
///     pub enum Undecided {
///         /// The time was up.
///         OutOfTime = "out_of_time",
///     }
/// }
///
/// assert_eq!(Undecided::OutOfTime.name(), "out_of_time");
/// assert_eq!(format!("{:?}", Undecided::OutOfTime), "\"out_of_time\"");
/// ```
#[macro_export]
macro_rules! reasons {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident { $($(#[$help:meta])* $reason:ident = $text:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
        $visible enum $name {
            $($(#[$help])* $reason,)+
        }

        impl $name {
            /// Its name.
            $visible const fn name(self) -> &'static str {
                match self { $($name::$reason => $text,)+ }
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self.name(), out)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}
