//! Concurrent operations of a violation, as data for drawing.

use super::Time;
use serde::Serialize;
use std::fmt;

/// Concurrent operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interleaving {
    /// What held before, in words.
    pub before: String,
    /// The operations, in the order in which they began.
    pub intervals: Vec<Interval>,
}

/// An operation, from its invocation to its return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// The client.
    pub who: String,
    /// What, in words.
    pub asked: String,
    /// The response, in words; `None` if there was none.
    pub told: Option<String>,
    /// When it began.
    #[serde(rename = "from_ns")]
    pub from: Time,
    /// When it ended, if it did.
    #[serde(rename = "until_ns")]
    pub until: Option<Time>,
    /// The place of its beginning among all beginnings and ends, from 0.
    pub first: u32,
    /// The place of its end among them.
    pub last: Option<u32>,
}

impl Interleaving {
    /// Returns how many beginnings and ends there are.
    pub fn places(&self) -> u32 {
        let ends = self.intervals.iter().map(|interval| interval.last.unwrap_or(interval.first));
        ends.max().map_or(0, |last| last + 1)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { who, asked, told, from, until, .. } = self;
        match (told, until) {
            (Some(told), Some(until)) => write!(out, "{who}, {from} to {until}, {asked}: {told}"),
            _ => write!(out, "{who}, from {from} on, {asked}: it never learnt what came of it"),
        }
    }
}
