//! Commands, outputs and states, encoded: what logs carry, whatever the machine is.

use super::bytes::Bytes;
use super::codec::{Codec, Decoded, Encoded, Malformed, decode, encode};
use super::service::Service;
use serde::Serialize;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A command.
///
/// It is a handle: clones are cheap, and share the bytes and what they decode to. Equality, order and hash are those of
/// the bytes. In digests and on the wire a command is just the bytes of the typed value; in JSON, traces and
/// explanations, [`fmt::Debug`] and [`fmt::Display`] it is the value itself. Bytes that are no command of the machine,
/// such as a Byzantine client may send, are a command as well: one that machines answer with [`Output::malformed`].
/// Their length is not written: where a command may be malformed, let it be the last field of what a signature covers.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Command(Encoded);

/// A machine's answer to a command: a handle, like [`Command`].
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Output(Encoded);

/// The whole state of a machine, in a snapshot: a handle, like [`Command`]. It is decoded anew for whoever restores it.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Image(Encoded);

/// The codecs of a service.
struct Codecs<S>(PhantomData<S>);

impl<S: Service> Codecs<S> {
    const READ: &'static Codec = &Codec::of::<S::Command>(S::NAME, true);
    const WRITE: &'static Codec = &Codec::of::<S::Command>(S::NAME, false);
    const OUTPUT: &'static Codec = &Codec::of::<S::Output>(S::NAME, false);
    const STATE: &'static Codec = &Codec::of::<S>(S::NAME, false);

    fn of_command(command: &S::Command) -> &'static Codec {
        if S::is_read(command) { Codecs::<S>::READ } else { Codecs::<S>::WRITE }
    }
}

impl Command {
    /// Encodes a command.
    pub fn of<S: Service>(command: &S::Command) -> Command {
        let bytes = encode(command);
        let (size, codec) = Command::size_and_codec::<S>(&bytes, command);
        Command(Encoded::new(bytes, codec, size, Decoded::<S::Command>::new()))
    }

    /// The same, and keeps the command beside its bytes.
    pub(crate) fn holding<S: Service>(command: S::Command) -> Command {
        let bytes = encode(&command);
        let (size, codec) = Command::size_and_codec::<S>(&bytes, &command);
        Command(Encoded::new(bytes, codec, size, Decoded::<S::Command>::from(Ok(command))))
    }

    /// Takes bytes for a command, whatever they are.
    pub fn from_bytes<S: Service>(bytes: &[u8]) -> Command {
        let decoded: Result<S::Command, Malformed> = decode(bytes);
        let (size, codec) = match &decoded {
            Ok(command) => Command::size_and_codec::<S>(bytes, command),
            Err(_) => (bytes.len(), Codecs::<S>::WRITE),
        };
        Command(Encoded::new(bytes.into(), codec, size, Decoded::from(decoded)))
    }

    /// Returns the modelled size of `command`, and its codec.
    fn size_and_codec<S: Service>(bytes: &[u8], command: &S::Command) -> (usize, &'static Codec) {
        (S::command_size(command).unwrap_or(bytes.len()), Codecs::<S>::of_command(command))
    }

    /// Decodes the command.
    ///
    /// # Errors
    /// If its bytes are no command of `S`.
    ///
    /// # Panics
    /// If it is a command to another machine.
    pub fn decode<S: Service>(&self) -> Result<S::Command, Malformed> {
        self.0.decode(S::NAME)
    }

    /// The same, for all holders of the handle at once.
    #[inline]
    pub(crate) fn value<S: Service>(&self) -> Result<&S::Command, Malformed> {
        self.0.value(S::NAME)
    }

    /// Returns true if it changes nothing, so that a log may answer it without an entry. It decodes nothing.
    #[inline]
    pub fn is_read(&self) -> bool {
        self.0.codec().is_read
    }
}

impl Output {
    /// Encodes an output.
    ///
    /// # Panics
    /// If it takes no byte: that would be the answer to a malformed command. Let `Output` be an enum.
    pub fn of<S: Service>(output: &S::Output) -> Output {
        let (bytes, size) = Output::encode::<S>(output);
        Output(Encoded::new(bytes, Codecs::<S>::OUTPUT, size, Decoded::<S::Output>::new()))
    }

    /// The same, and keeps the output beside its bytes.
    pub(crate) fn holding<S: Service>(output: S::Output) -> Output {
        let (bytes, size) = Output::encode::<S>(&output);
        Output(Encoded::new(bytes, Codecs::<S>::OUTPUT, size, Decoded::<S::Output>::from(Ok(output))))
    }

    fn encode<S: Service>(output: &S::Output) -> (Bytes, usize) {
        let bytes = encode(output);
        assert!(!bytes.is_empty(), "an output takes a byte at least");
        let size = S::output_size(output).unwrap_or(bytes.len());
        (bytes, size)
    }

    /// Returns the answer to bytes that are no command: an output without a byte.
    pub fn malformed<S: Service>() -> Output {
        let decoded = Decoded::<S::Output>::new();
        Output(Encoded::new(Bytes::from(&[][..]), Codecs::<S>::OUTPUT, 0, decoded))
    }

    /// Returns true for the answer to bytes that are no command.
    pub fn is_malformed(&self) -> bool {
        self.0.bytes().is_empty()
    }

    /// Decodes the output.
    ///
    /// # Errors
    /// If it is [`Output::malformed`].
    ///
    /// # Panics
    /// If it is an output of another machine.
    pub fn decode<S: Service>(&self) -> Result<S::Output, Malformed> {
        self.0.decode(S::NAME)
    }

    /// The same, for all holders of the handle at once.
    #[inline]
    pub(crate) fn value<S: Service>(&self) -> Result<&S::Output, Malformed> {
        self.0.value(S::NAME)
    }

    /// Returns true if this is `output`.
    #[inline]
    pub(crate) fn is<S: Service>(&self, output: &S::Output) -> bool {
        *self.bytes() == *encode(output)
    }
}

impl Image {
    /// Encodes a state.
    pub fn of<S: Service>(state: &S) -> Image {
        let bytes = encode(state);
        let size = state.size().unwrap_or(bytes.len());
        Image(Encoded::new(bytes, Codecs::<S>::STATE, size, ()))
    }

    /// Takes bytes for a state, whatever they are.
    pub fn from_bytes<S: Service>(bytes: &[u8]) -> Image {
        let size = decode::<S>(bytes).ok().and_then(|state| state.size()).unwrap_or(bytes.len());
        Image(Encoded::new(bytes.into(), Codecs::<S>::STATE, size, ()))
    }

    /// Decodes the state.
    ///
    /// # Errors
    /// If its bytes are no state of `S`.
    ///
    /// # Panics
    /// If it is the state of another machine.
    pub fn decode<S: Service>(&self) -> Result<S, Malformed> {
        self.0.decode(S::NAME)
    }
}

/// What all handles have in common.
macro_rules! handles {
    ($($handle:ident)*) => {$(
        impl $handle {
            /// Returns the encoding.
            #[inline]
            pub fn bytes(&self) -> &[u8] {
                self.0.bytes()
            }

            /// Returns its modelled size, in bytes. It decodes nothing.
            #[inline]
            pub fn size(&self) -> usize {
                self.0.size()
            }
        }

        impl PartialEq for $handle {
            #[inline]
            fn eq(&self, other: &$handle) -> bool {
                self.0.bytes() == other.0.bytes()
            }
        }

        impl Eq for $handle {}

        impl PartialOrd for $handle {
            fn partial_cmp(&self, other: &$handle) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $handle {
            fn cmp(&self, other: &$handle) -> Ordering {
                self.0.bytes().cmp(other.0.bytes())
            }
        }

        impl Hash for $handle {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.bytes().hash(state);
            }
        }

        impl fmt::Debug for $handle {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, out)
            }
        }

        impl fmt::Display for $handle {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, out)
            }
        }
    )*};
}

handles! { Command Output Image }

/// Returns what an operation's handles stand for.
pub(crate) fn values<'a, S: Service>(
    (command, output): (&'a Command, Option<&'a Output>),
) -> Result<(&'a S::Command, Option<&'a S::Output>), Malformed> {
    Ok((command.value::<S>()?, output.map(Output::value::<S>).transpose()?))
}
