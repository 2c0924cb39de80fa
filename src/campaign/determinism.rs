//! The proof of determinism: a run is made twice at once, and compared event by event.

use super::outcome::Outcome;
use super::run::{Play, Stage, conclude, stage};
use crate::scenario::{Harness, Problem};
use crate::sim::{Ending, code};
use std::fmt;

/// The first event at which two runs of one scenario and one seed part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The event's number, from 1.
    pub event: u64,
    /// What happened in the first run, and in the second.
    pub happened: [String; 2],
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.happened;
        write!(
            out,
            "not deterministic: the runs part at event {}\n  first run:  {first}\n  second run: {second}",
            self.event
        )
    }
}

/// Makes a run twice, step by step.
pub(super) fn check<H: Harness>(play: &Play<H>, seed: u64) -> Result<Result<Outcome, Difference>, Problem> {
    let (mut one, mut other) = (stage(play, seed, None)?, stage(play, seed, None)?);
    one.simulation.keep_tape();
    other.simulation.keep_tape();
    loop {
        let ends = (one.simulation.step(), other.simulation.step());
        if let Some(difference) = compare(&mut one, &mut other, ends) {
            return Ok(Err(difference));
        }
        if let (Some(ending), _) = ends {
            let end = one.simulation.end(ending);
            assert_eq!(end.digest, other.simulation.end(ending).digest, "equal events have equal digests");
            return Ok(Ok(conclude(play, seed, one, end)));
        }
    }
}

fn compare<H: Harness>(
    one: &mut Stage<H>,
    other: &mut Stage<H>,
    ends: (Option<Ending>, Option<Ending>),
) -> Option<Difference> {
    let event = one.simulation.events();
    let (tape, second) = (one.simulation.take_tape(), other.simulation.take_tape());
    let place = (0..tape.len().max(second.len())).find(|&place| tape.get(place) != second.get(place));
    let happened = match place {
        Some(place) => [tape.get(place), second.get(place)].map(|words| match words {
            Some(&words) => code::describe(words),
            None => "nothing".to_owned(),
        }),
        None if ends.0 == ends.1 => return None,
        None => [ends.0, ends.1].map(|end| end.map_or_else(|| "goes on".to_owned(), |end| end.to_string())),
    };
    Some(Difference { event, happened })
}
