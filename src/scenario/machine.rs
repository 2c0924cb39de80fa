//! What an agent runs on: its processor, its storage, its clock and its keys.

use crate::units::{Share, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How messages are authenticated.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Not at all: whoever sends a message is believed to be who it says.
    None,
    /// A keyed tag per signer.
    #[default]
    Mac,
    /// A keyed tag per receiver, which a faulty signer can make valid for some receivers only.
    Authenticator,
    /// Real signatures.
    Ed25519,
}

/// What an agent's processor takes for its work. Zero, by default, is free.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cpu {
    /// To handle a message or a timer.
    pub base: Span,
    /// For every byte of a message.
    pub per_byte: Span,
    /// To sign.
    pub sign: Span,
    /// To verify a signature.
    pub verify: Span,
}

/// What an agent's storage takes for its work.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// To make durable what was written.
    pub sync: Span,
}

/// How wrong the agents' clocks may be. Each agent's offset and drift are drawn from the seed, within these bounds on
/// either side.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// How far a clock is off at the start.
    pub offset: Span,
    /// How much too fast or too slow it runs.
    pub drift: Share,
}
